"""Bluesky's views and its event stream as posts (lexicons app.bsky.feed.post, app.bsky.feed.defs; Jetstream events)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.core.dates import read_date
from monitor.core.model import Network, Post
from monitor.core.urls import http_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_DEEP = 16
_POST = "app.bsky.feed.post"


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every post in a document: postViews with their replies, and commits of the stream, deletions too. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        post = _event(document) or _view(document)
        if post:
            yield post
        for key, part in document.items():
            if isinstance(part, (dict, list)) and key not in {"author", "record", "commit", "labels", "viewer"}:
                yield from read_posts(part, deep + 1)


def _view(row: Mapping[str, Any]) -> Post | None:
    record, author = row.get("record"), row.get("author")
    uri = str(row.get("uri") or "")
    if not isinstance(record, dict) or not isinstance(author, dict) or f"/{_POST}/" not in uri:
        return None
    return _post(
        uri, str(author.get("handle") or author.get("did") or ""), record, row, str(author.get("displayName") or "")
    )


def _event(row: Mapping[str, Any]) -> Post | None:
    commit = row.get("commit")
    if not isinstance(commit, dict) or commit.get("collection") != _POST or not row.get("did"):
        return None
    did = str(row["did"])
    uri = f"at://{did}/{_POST}/{commit.get('rkey')}"
    if commit.get("operation") == "delete":
        return Post(network=Network.BLUESKY, id=uri, author=did, text="", published=None, url=_url(uri), deleted=True)
    record = commit.get("record")
    return _post(uri, did, record, {}, "") if isinstance(record, dict) else None


def _post(uri: str, author: str, record: Mapping[str, Any], view: Mapping[str, Any], name: str) -> Post:
    langs = record.get("langs")
    return Post(
        network=Network.BLUESKY,
        id=uri,
        author=author,
        author_name=name,
        text=str(record.get("text") or ""),
        published=read_date(str(record.get("createdAt") or ""), datetime(2100, 1, 1, tzinfo=UTC))[0],
        url=_url(uri),
        links=tuple(dict.fromkeys(_links(record))),
        lang=str(langs[0]) if isinstance(langs, list) and langs else "",
        reposts=_number(view.get("repostCount")),
        likes=_number(view.get("likeCount")),
    )


def _links(record: Mapping[str, Any]) -> Iterator[str]:
    """The links in the words (facets), and the card below them (embed)."""
    for facet in _list(record.get("facets")):
        for feature in _list(facet.get("features")) if isinstance(facet, dict) else []:
            link = http_link(str(feature.get("uri") or "")) if isinstance(feature, dict) else None
            if link:
                yield link
    embed = record.get("embed") if isinstance(record.get("embed"), dict) else {}
    media = embed.get("media") if isinstance(embed, dict) and isinstance(embed.get("media"), dict) else embed
    external = media.get("external") if isinstance(media, dict) else None
    link = http_link(str(external.get("uri") or "")) if isinstance(external, dict) else None
    if link:
        yield link


def _url(uri: str) -> str | None:
    did, _, rest = uri.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}" if did and rest else None


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
