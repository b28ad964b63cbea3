"""The query language, and the words that searching compares."""
