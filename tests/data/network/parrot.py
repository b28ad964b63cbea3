"""Parrot, a network that does not exist, read through its search. The whole of what it takes (test_new_network.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.entry import Post
from monitor.core.feeds.dates import read_date
from monitor.core.model import Network
from monitor.sources.json_api import Api, Page, read_newest_first, rows_of

if TYPE_CHECKING:
    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.sources.connector import Setup


class ParrotSearch:
    """Implements ports.PostSource: `feed.url` is the query. No key."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup = setup

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """At most `rows_left` posts that are newer than the last reading. Never raises."""
        api, address = Api(self._setup.door, self._setup.clock()), self._setup.address

        def page(since: datetime, size: int, more: str | None) -> Page:
            asked = {"q": feed.url, "since": since.isoformat(), "limit": size, "after": more or ""}
            answer = api.ask(f"{address}/search?{urlencode(asked)}")
            posts = [read_post(row, api.now) for row in rows_of(answer, "squawks", urlsplit(address).hostname)]
            return Page(posts, answer.get("next"))

        return read_newest_first(
            Network.PARROT, feed, page, now=api.now, rows_left=rows_left, rewind=timedelta(hours=1)
        )


def read_post(row: dict[str, Any], now: datetime) -> Post:
    """One post as Parrot tells it."""
    return Post(
        network=Network.PARROT,
        id=str(row.get("id")),
        author=str(row.get("bird")),
        text=str(row.get("words")),
        published=read_date(str(row.get("at")), now)[0],
        url=f"https://parrot.example/{row.get('id')}",
    )
