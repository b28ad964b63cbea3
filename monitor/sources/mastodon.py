"""Mastodon's statuses as posts (https://docs.joinmastodon.org/entities/Status/)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.core.dates import read_date
from monitor.core.model import Network, Post
from monitor.core.urls import http_link
from monitor.sources.markup import html_links, html_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_DEEP = 12


def read_posts(document: Any, deep: int = 0) -> Iterator[Post]:
    """Every status in a document, boosted and quoted ones after the one they are in. Never raises."""
    if deep > MOST_DEEP:
        return
    if isinstance(document, list):
        for part in document:
            yield from read_posts(part, deep + 1)
    elif isinstance(document, dict):
        if "content" in document and isinstance(document.get("account"), dict) and document.get("id"):
            yield read_status(document)
        for key, part in document.items():
            if isinstance(part, (dict, list)) and key not in {"account", "card", "application", "media_attachments"}:
                yield from read_posts(part, deep + 1)


def read_status(row: Mapping[str, Any]) -> Post:
    """One Status. Its identity is `uri`, the same on every server; `id` is the answering server's own."""
    account = row["account"]
    markup = str(row.get("content") or "")
    warning = str(row.get("spoiler_text") or "")
    text = html_text(markup)
    mentioned = {str(one.get("url")) for one in _list(row.get("mentions")) if isinstance(one, dict)}
    tags = {str(one.get("url")).lower() for one in _list(row.get("tags")) if isinstance(one, dict)}
    links = [
        link
        for raw in html_links(markup)
        if raw not in mentioned and raw.lower() not in tags and (link := http_link(raw))
    ]
    uri = str(row.get("uri") or "")
    return Post(
        network=Network.MASTODON,
        id=str(row["id"]),
        author=str(account.get("acct") or account.get("username") or ""),
        author_name=str(account.get("display_name") or ""),
        text=f"{warning}\n{text}" if warning else text,
        published=read_date(str(row.get("created_at") or ""), datetime(2100, 1, 1, tzinfo=UTC))[0],
        url=http_link(str(row.get("url") or "")) or http_link(uri),
        links=tuple(dict.fromkeys(links)),
        lang=str(row.get("language") or ""),
        reposts=_number(row.get("reblogs_count")),
        likes=_number(row.get("favourites_count")),
        followers=_number(account.get("followers_count")),
        edit_of=uri or None,
    )


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
