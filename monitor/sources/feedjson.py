"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not know."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from monitor.sources.feedxml import MOST_ENTRIES, MOST_TEXT
from monitor.sources.markup import html_text, one_line, tidy

#: What may stand before the first letter: marks of the encoding, spaces, and the empty halves of letters of UTF-16 and 32.
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def looks_like_json(body: bytes, content_type: str) -> bool:
    """Is it JSON by its first letter? A feed's Content-Type is often wrong; an XML feed never begins with a brace."""
    start = body.lstrip(_BEFORE)[:1]
    return start == b"{" or (start == b"[" and "json" in content_type)


def read_json(body: bytes, content_type: str = "", base: str = "") -> tuple[dict[str, Any] | None, str]:
    """What feedxml.read_xml gives, and ""; or None and why it is no JSON Feed. `base` is where it was read."""
    try:
        # JSON is UTF-8 by its law, and still written in UTF-16, with its mark and without.
        feed = json.loads(body.decode(json.detect_encoding(body), "replace"))
    except (ValueError, RecursionError):
        return None, "It is JSON that is cut off or broken."
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not _says_so(feed, content_type):
        return None, "It is JSON, but not a JSON Feed."
    items = [item for item in items if isinstance(item, dict)]
    base = _joined(base, _string(feed.get("home_page_url")))
    return {
        "format": "json",
        "title": one_line(_string(feed.get("title"))),
        "link": _string(feed.get("home_page_url")),
        "lang": _string(feed.get("language")),
        "total": len(items),
        "broken": False,
        "entries": [_entry(item, base) for item in items[:MOST_ENTRIES]],
    }, ""


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
    text = html_text(markup) if len(markup) > len(plain) else tidy(plain)
    link = (_string(item.get("url")) or _string(item.get("external_url"))).strip()
    return {
        "id": found,
        "title": one_line(_string(item.get("title"))),
        "link": link and _joined(base, link),
        "lang": _string(item.get("language")),
        "dates": [_string(item.get("date_published")), _string(item.get("date_modified"))],
        "text": text[:MOST_TEXT],
        "author": one_line(_author(item)),
        "source_link": "",
        "source_title": "",
    }


def _joined(base: str, link: str) -> str:
    """A link made absolute: the specification wants them so, not every writer does."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link


def _author(item: dict[str, Any]) -> str:
    """1.1 has `authors`, a list; 1.0 had `author`, an object."""
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = [_string(author.get("name")) for author in authors or [] if isinstance(author, dict)]
    return ", ".join(name for name in names if name)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
