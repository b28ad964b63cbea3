"""Rows of mentions: entries, names, flags, stories, pages, withdrawals."""
