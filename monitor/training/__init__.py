"""Trains the classifier: sentences written for the project, and the fit. Not in the wheel."""
