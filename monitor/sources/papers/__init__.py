"""Indexes of papers, registries and archives of news."""
