"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not know."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from monitor.core.bounds import (
    MOST_DATE,
    MOST_LANG,
    id_within,
    link_within,
    links_within,
    name_within,
    title_within,
)
from monitor.sources.feeds.repair import MOST_ENTRIES
from monitor.sources.feeds.xml import MOST_READ, MOST_TEXT
from monitor.sources.markup import html_links, html_text, one_line, tidy

#: A whole number with more digits than this is kept as they are written.
MOST_DIGITS = 1000


def read_json(body: bytes, content_type: str = "", base: str = "") -> tuple[dict[str, Any] | None, str]:
    """What feedxml.read_xml gives, and ""; or None and why it is no JSON Feed. `base` is where it was read.

    It runs in the child process, as feedxml does.
    """
    try:
        # JSON is UTF-8 by its law, and still written in UTF-16, with its mark and without.
        feed = json.loads(body.decode(json.detect_encoding(body), "replace"), parse_int=_number)
    except (ValueError, RecursionError):
        return None, "It is JSON that is cut off or broken."
    if not isinstance(feed, dict) or not _says_so(feed, content_type):
        return None, "It is JSON, but not a JSON Feed."
    items = feed.get("items")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    base = _joined(base, _string(feed.get("home_page_url")))
    return {
        "format": "json",
        "title": _title(feed),
        "link": link_within(_string(feed.get("home_page_url"))),
        "lang": _string(feed.get("language"))[:MOST_LANG],
        "total": len(items),
        "broken": False,
        "entries": [_entry(item, base) for item in items[:MOST_ENTRIES]],
    }, ""


def _number(digits: str) -> int | str:
    """Python refuses numbers of thousands of digits, and with them the whole feed."""
    return int(digits) if len(digits) < MOST_DIGITS else digits


def _says_so(feed: dict[str, Any], content_type: str) -> bool:
    """By its version; or, where that is written otherwise ("1.0"), by its type or its own address."""
    version = str(feed.get("version", ""))
    return "jsonfeed.org/version/1" in version or content_type == "application/feed+json" or "feed_url" in feed


def _entry(item: dict[str, Any], base: str) -> dict[str, Any]:
    # The specification wants ids to be strings and asks readers to take numbers too.
    raw_id = item.get("id")
    found = _string(raw_id) or (
        str(raw_id) if isinstance(raw_id, (int, float)) and not isinstance(raw_id, bool) else ""
    )
    markup, plain = _string(item.get("content_html")), _string(item.get("content_text")) or _string(item.get("summary"))
    plain = plain[: 2 * MOST_TEXT]
    text, links = (html_text(markup), html_links(markup)) if len(markup) > len(plain) else (tidy(plain), ())
    link = link_within((_string(item.get("url")) or _string(item.get("external_url"))).strip())
    return {
        "id": id_within(found),
        "title": _title(item),
        "link": link_within(_joined(base, link)) if link else "",
        "lang": _string(item.get("language"))[:MOST_LANG],
        "dates": [_string(item.get(key))[:MOST_DATE] for key in ("date_published", "date_modified")],
        "text": text[:MOST_TEXT],
        "links": [_joined(base, link) for link in links_within(links)],
        "author": name_within(one_line(_author(item))),
        "source_link": "",
        "source_title": "",
    }


def _title(thing: dict[str, Any]) -> str:
    return title_within(one_line(_string(thing.get("title"))[:MOST_READ]))


def _joined(base: str, link: str) -> str:
    """A link made absolute: the specification wants them so, not every writer does."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link


def _author(item: dict[str, Any]) -> str:
    """1.1 has `authors`, a list; 1.0 had `author`, an object."""
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = [_string(author.get("name"))[:MOST_READ] for author in (authors or [])[:20] if isinstance(author, dict)]
    return ", ".join(name for name in names if name)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
