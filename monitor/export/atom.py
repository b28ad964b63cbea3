"""Any list of mentions as an Atom feed (RFC 4287), so that a reader can follow a search."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from monitor.core.text.lang import not_judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.mention import Mention

#: XML 1.0 cannot hold these at all, not even escaped.
_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: " ", 0xFFFF: " "}


def mentions_atom(mentions: Sequence[Mention], *, query: str, base_url: str, now: datetime) -> str:
    """The feed of a search. Entry ids are the addresses of our own pages, so they never change."""
    address = f"{base_url}/mentions?q={quote(query)}"
    updated = max((mention.first_seen for mention in mentions), default=now)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <title>{_text('Hypewatch: ' + (query or 'all mentions'))}</title>",
        f"  <id>{_text(address)}</id>",
        f'  <link rel="alternate" href={quoteattr(address)}/>',
        f"  <updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated>",
    ]
    for mention in mentions:
        page = f"{base_url}/mentions/{mention.id}"
        flags = [stored.flag for stored in mention.flags if stored.stands]
        summary = "; ".join(f"{flag.drift.value}: “{flag.span.quote}”" for flag in flags)
        summary = summary or not_judged(mention.lang) or "No drift found."
        lines += [
            "  <entry>",
            f"    <title>{_text(mention.title or mention.text[:80])}</title>",
            f"    <id>{_text(page)}</id>",
            f'    <link rel="alternate" href={quoteattr(page)}/>',
            *([f'    <link rel="via" href={quoteattr(mention.url)}/>'] if mention.url else []),
            f"    <author><name>{_text(mention.author or mention.source.name)}</name></author>",
            f"    <published>{mention.published:%Y-%m-%dT%H:%M:%SZ}</published>",
            f"    <updated>{mention.first_seen:%Y-%m-%dT%H:%M:%SZ}</updated>",
            f"    <summary>{_text(summary)}</summary>",
            "  </entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def _text(text: str) -> str:
    return escape(text.translate(_CONTROLS))
