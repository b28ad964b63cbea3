"""Feeds: RSS, Atom, JSON Feed, OPML."""
