"""feedparser behind one typed wall. It runs in the child process (reader.py), never in ours.

What comes out is plain text and raw strings: dates are read by core/dates.py, links checked by core/urls.py.
"""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING, Any

from monitor.core.bounds import (
    MOST_DATE,
    MOST_LANG,
    id_within,
    link_within,
    links_within,
    name_within,
    title_within,
)
from monitor.sources.encoding import decoded
from monitor.sources.feeds.repair import CAPTION, MOST_ENTRIES, entity_trick, prepared, storm
from monitor.sources.markup import html_links, html_text, one_line, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Characters kept of one entry's text.
MOST_TEXT = 50_000
#: Letters that are read of a title or a name before it is cut: markup may stand among its words.
MOST_READ = 5000

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")

FORMATS = {
    "rss20": "rss20", "rss": "rss20", "rss10": "rss10", "rss090": "rss09", "rss091n": "rss09", "rss091u": "rss09",
    "rss092": "rss09", "rss093": "rss09", "rss094": "rss09", "atom10": "atom10", "atom": "atom10", "atom03": "atom03",
    "atom01": "atom03", "atom02": "atom03",
}  # fmt: skip


def read_xml(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Read a feed: {format, title, link, lang, total, broken, comments, trick, entries}. `headers` have lower-case names."""
    import feedparser

    text = decoded(body, headers.get("content-type", ""))
    comments, trick = storm(text), entity_trick(text)
    text, total = prepared(text)
    # Given bytes or a string feedparser would open them as a path or an address. The letters are ours by now.
    parsed = feedparser.parse(
        io.BytesIO(f"<?xml version='1.0' encoding='utf-8'?>{text}".encode("utf-8", "replace")),
        response_headers={**headers, "content-type": "application/xml; charset=utf-8"},
    )
    return {
        "format": FORMATS.get(parsed.get("version", ""), "unknown"),
        "title": _title(parsed.feed),
        "link": link_within(_string(parsed.feed.get("link"))),
        "lang": _string(parsed.feed.get("language"))[:MOST_LANG],
        "total": max(total, len(parsed.entries)),
        "broken": bool(parsed.bozo),
        "comments": comments,
        "trick": trick,
        "entries": [_entry(entry) for entry in parsed.entries[:MOST_ENTRIES]],
    }


def _entry(entry: Any) -> dict[str, Any]:
    source = entry.get("source") or {}
    text, links = _text(entry)
    return {
        "id": id_within(_string(entry.get("id"))),
        "title": _title(entry),
        "link": link_within(_link(entry)),
        "dates": [_string(dict.get(entry, key))[:MOST_DATE] for key in ("published", "updated", "created")],
        "text": text[:MOST_TEXT],
        "links": links_within(links),
        "author": _name(entry.get("author")),
        "source_link": link_within(_string(source.get("href"))),
        "source_title": _name(source.get("title")),
    }


def _title(thing: Any) -> str:
    title = _string(thing.get("title"))[:MOST_READ]
    kind = _string((thing.get("title_detail") or {}).get("type"))
    if kind in {"text/html", "application/xhtml+xml"}:
        return title_within(one_line(html_text(title)))
    return title_within(one_line(_unescaped(title)))


def _name(value: Any) -> str:
    return name_within(one_line(_string(value)[:MOST_READ]))


def _link(entry: Any) -> str:
    """The entry's page. feedparser also takes the words of a link without `href` for it, whatever they lead to."""
    link = _string(entry.get("link"))
    pages = [_string(one.get("href")) for one in entry.get("links") or [] if one.get("rel", "alternate") == "alternate"]
    pages = [page for page in pages if page]
    return pages[0] if pages and link not in pages else link


def _text(entry: Any) -> tuple[str, tuple[str, ...]]:
    """The longest of what the feed gives as content and summary, as plain text, and where its links lead (feedparser has made them
    absolute); else what it writes below a picture.
    """
    found = [(_string(part.get("value")), _string(part.get("type"))) for part in entry.get("content") or []]
    found.append((_string(entry.get("summary")), _string((entry.get("summary_detail") or {}).get("type"))))
    value, kind = max(found, key=lambda pair: len(pair[0]))
    if not value.strip():  # a film's description is all that YouTube's feeds say of it
        value, kind = _string(entry.get(f"media_{CAPTION}")), "text/plain"
    if kind == "text/plain" and not re.search(r"<[a-zA-Z/!]", value):
        return tidy(_unescaped(value)), ()
    return html_text(value), html_links(value)


def _unescaped(text: str) -> str:
    """Escaped once more than it should be: its references as letters, and nothing that only begins like one."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
