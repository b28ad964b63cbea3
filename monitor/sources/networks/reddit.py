"""Reddit's listings as posts: t1 is a comment, t3 a submission. Its texts are markdown with HTML entities in it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from monitor.core.entry import Post
from monitor.core.items.urls import http_link
from monitor.core.model import Network
from monitor.sources.networks.hackernews import unix_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_DEEP = 200  # four levels of JSON for each reply to a reply
#: An address in a text; brackets belong to it in pairs, as on Wikipedia: the others are markdown's.
_LINK = re.compile(r"https?://(?:[^\s<>()\[\]\"']|\([^\s<>()\[\]\"']*\))+")
_GONE = {"[deleted]", "[removed]"}


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every submission and comment in a document, replies after what they reply to. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        data = document.get("data")
        if document.get("kind") in ("t1", "t3") and isinstance(data, dict):
            yield _post(document["kind"], data)
        for part in document.values():
            if isinstance(part, (dict, list)):
                yield from read_posts(part, deep + 1)


def _post(kind: str, row: Mapping[str, Any]) -> Post:
    name = str(row.get("name") or f"{kind}_{row.get('id')}")
    body = html.unescape(str((row.get("body") if kind == "t1" else row.get("selftext")) or ""))
    title = html.unescape(str(row.get("title") or "")) if kind == "t3" else ""
    author = str(row.get("author") or "")
    gone = body in _GONE or (author in _GONE and not body)
    place = str(row.get("permalink") or "")
    linked = str(row.get("url") or "") if kind == "t3" and not row.get("is_self") else ""
    found = [urljoin("https://www.reddit.com/", linked) if linked else "", *_LINK.findall(body)]
    score = row.get("score")
    return Post(
        network=Network.REDDIT,
        id=name,
        author=author,
        text="" if gone else "\n".join(part for part in (title.strip(), body.strip()) if part),
        published=unix_time(row.get("created_utc")),
        url=http_link(f"https://www.reddit.com{place}") if place.startswith("/") else None,
        links=tuple(dict.fromkeys(link for raw in found if (link := http_link(raw.rstrip(".,;:!?"))))),
        likes=score if isinstance(score, int) else None,
        deleted=gone,
    )
