"""What a network must be given before it can be searched, and who is asked for money. Pure data.

The classes that read the networks refuse by themselves; here stands the same for who chooses one, in words for a page.
tests/pipeline/test_sources.py holds the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.model import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Networks that charge for what is read.
CHARGES = frozenset({"x"})


def lacking(kind: FeedKind, query: str, own: Callable[[str], Mapping[str, str]]) -> str:
    """What is missing to search there, as the end of "... is missing"; "" if nothing is. `own` gives a network's settings."""
    given = own(kind.slug)
    if kind is FeedKind.X_SEARCH and not given.get("bearer_token"):
        return "the key of an X developer account"
    if kind is FeedKind.BLUESKY_SEARCH and not (given.get("handle") and given.get("password")):
        return "the app password of a Bluesky account"
    if kind is FeedKind.MASTODON_SEARCH:
        if not given.get("servers"):
            return "a list of Mastodon servers to ask"
        if not query.strip().startswith("#") and not given.get("token"):
            return "the key of a Mastodon account, which searching words takes there; a #hashtag needs none"
    return ""
