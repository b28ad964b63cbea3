"""Hypewatch: what is said about a study, and where it goes beyond what the study found."""

__version__ = "0.1.0"
