"""Hacker News: Algolia's hits (hn.algolia.com/api) and Firebase's items (github.com/HackerNews/API) as posts, and a search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.entry import Post
from monitor.core.items.urls import http_link
from monitor.core.model import Network
from monitor.sources.json_api import Api, Page, read_newest_first, rows_of
from monitor.sources.markup import html_links, html_text, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.sources.connector import Setup

MOST_DEEP = 12
#: An author may edit for two hours.
REWIND = timedelta(hours=2)


class HackerNewsSearch:
    """Implements ports.PostSource for FeedKind.HACKERNEWS_SEARCH: `feed.url` is the query. Stories and comments, no key."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup = setup

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """At most `rows_left` posts that are newer than the last reading. Never raises."""
        api = Api(self._setup.door, self._setup.clock())

        def page(since: datetime, size: int, more: str | None) -> Page:
            number = int(more or 0)
            asked = {
                "query": feed.url,
                "tags": "(story,comment)",
                "numericFilters": f"created_at_i>{int(since.timestamp())}",
                "hitsPerPage": size,
                "page": number,
            }
            answer = api.ask(f"{self._setup.address}/api/v1/search_by_date?{urlencode(asked)}")
            hits = rows_of(answer, "hits", urlsplit(self._setup.address).hostname)
            pages = answer.get("nbPages")
            last = not isinstance(pages, int) or number + 1 >= pages
            return Page(list(read_posts(hits)), None if last else str(number + 1))

        return read_newest_first(Network.HACKERNEWS, feed, page, now=api.now, rows_left=rows_left, rewind=REWIND)


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every story, comment, poll and job in a document. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        if document.get("objectID") and ("author" in document or "created_at_i" in document):
            yield _hit(document)
        elif isinstance(document.get("id"), int) and document.get("type") in ("story", "comment", "poll", "job"):
            yield _item(document)
        for key, part in document.items():
            if isinstance(part, (dict, list)) and key != "_highlightResult":
                yield from read_posts(part, deep + 1)


def _hit(row: Mapping[str, Any]) -> Post:
    return _post(
        str(row["objectID"]),
        row.get("author"),
        row.get("title"),
        row.get("story_text") or row.get("comment_text"),
        row.get("created_at_i"),
        row.get("url"),
        row.get("points"),
    )


def _item(row: Mapping[str, Any]) -> Post:
    gone = bool(row.get("deleted") or row.get("dead"))
    return _post(
        str(row["id"]),
        row.get("by"),
        None if gone else row.get("title"),
        None if gone else row.get("text"),
        row.get("time"),
        row.get("url"),
        row.get("score"),
        deleted=gone,
    )


def _post(
    post_id: str, author: Any, title: Any, markup: Any, seconds: Any, url: Any, points: Any, *, deleted: bool = False
) -> Post:
    body = str(markup or "")
    words = [one_line(html_text(str(title or ""))), html_text(body)]
    links = [http_link(str(link)) for link in (url, *html_links(body)) if link]
    return Post(
        network=Network.HACKERNEWS,
        id=post_id,
        author=str(author or ""),
        text="\n".join(part for part in words if part),
        published=unix_time(seconds),
        url=f"https://news.ycombinator.com/item?id={post_id}",
        links=tuple(dict.fromkeys(link for link in links if link)),
        likes=points if isinstance(points, int) else None,
        deleted=deleted,
    )


def unix_time(seconds: Any) -> datetime | None:
    """Seconds since 1970, whole or with a fraction, as aware UTC; None for anything that is no time."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 4e9:
        return None
    return datetime.fromtimestamp(int(seconds), tz=UTC)
