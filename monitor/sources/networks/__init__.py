"""Saved searches and streams of the networks, one file each."""
