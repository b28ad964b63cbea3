"""Drafting a fact sheet: a text of a study becomes a sheet that keeps its numbers, and questions for what it does not say."""
