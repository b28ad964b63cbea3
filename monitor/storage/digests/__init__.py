"""Rows of readers, subscriptions and digests."""
