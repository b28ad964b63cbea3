"""Rows of feeds and of their polls."""
