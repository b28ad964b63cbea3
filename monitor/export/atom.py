"""Any list of mentions as an Atom feed (RFC 4287), so that a reader can follow a search."""

from __future__ import annotations

from html import escape as in_html
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from monitor.core.text.lang import not_judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention, StoredFlag

#: Letters of the text around marked words, on each side, and flags in one entry; the page has all.
AROUND, MOST_FLAGS = 120, 10
#: XML 1.0 cannot hold these at all, not even escaped.
_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: " ", 0xFFFF: " "}


def mentions_atom(mentions: Sequence[Mention], *, query: str, base_url: str, now: datetime) -> str:
    """The feed of a search. Entry ids are the addresses of our own pages, so they never change; an entry is updated when what is
    flagged in it changes.
    """
    address = f"{base_url}/mentions?q={quote(query)}"
    updated = max((_changed(mention) for mention in mentions), default=now)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <title>{_text('Hypewatch: ' + (query or 'all mentions'))}</title>",
        f"  <id>{_text(address)}</id>",
        f'  <link rel="self" href={quoteattr(f"{base_url}/mentions.atom?q={quote(query)}")}/>',
        f'  <link rel="alternate" href={quoteattr(address)}/>',
        f"  <updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated>",
    ]
    for mention in mentions:
        page = f"{base_url}/mentions/{mention.id}"
        flags = [stored.flag for stored in mention.flags if stored.stands]
        summary = "; ".join(f"{flag.drift.words}: “{flag.span.quote}”" for flag in flags)
        summary = summary or not_judged(mention.lang) or "Nothing goes too far."
        lines += [
            "  <entry>",
            f"    <title{_lang(mention)}>{_text(mention.title or mention.text[:80])}</title>",
            f"    <id>{_text(page)}</id>",
            f'    <link rel="alternate" href={quoteattr(page)}/>',
            *([f'    <link rel="via" href={quoteattr(mention.url)}/>'] if mention.url else []),
            f"    <author><name>{_text(mention.author or mention.source.name)}</name></author>",
            f"    <published>{mention.published:%Y-%m-%dT%H:%M:%SZ}</published>",
            f"    <updated>{_changed(mention):%Y-%m-%dT%H:%M:%SZ}</updated>",
            f"    <summary>{_text(summary)}</summary>",
            *([f'    <content type="html">{_text(_content(mention, flags))}</content>'] if flags else []),
            "  </entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def _text(text: str) -> str:
    return escape(text.translate(_CONTROLS))


def _changed(mention: Mention) -> datetime:
    """When it came, or what is flagged in it changed last."""
    return max([mention.first_seen, *(moment for stored in mention.flags for moment in _life(stored))])


def _life(stored: StoredFlag) -> Sequence[datetime]:
    return [moment for moment in (stored.raised_at, stored.closed_at) if moment is not None]


def _content(mention: Mention, flags: Sequence[Flag]) -> str:
    """What goes too far, marked where it stands; what the study found and one could say is told once for each finding."""
    lines, told = [], set()
    for flag in sorted(flags, key=lambda flag: -flag.confidence)[:MOST_FLAGS]:
        lines.append(f"<p><strong>{in_html(flag.drift.words.capitalize())}</strong>: {_marked(mention, flag)}</p>")
        if flag.found and (flag.finding, flag.correction) not in told:
            told.add((flag.finding, flag.correction))
            source = in_html(flag.source.title) if flag.source else ""
            lines.append(f"<p>The study found: {in_html(flag.found)}{f' ({source})' if source else ''}</p>")
            if flag.correction:
                lines.append(f"<p>You could say: {in_html(flag.correction)}</p>")
    return "".join(lines)


def _marked(mention: Mention, flag: Flag) -> str:
    """The words in what stands around them, marked."""
    text = mention.title if flag.span.where == "title" else mention.text
    begin, end = max(0, flag.span.start - AROUND), min(len(text), flag.span.end + AROUND)
    before, after = text[begin : flag.span.start], text[flag.span.end : end]
    return (
        f"<q{_lang(mention, 'lang')}>{'…' if begin else ''}{in_html(before)}<mark>{in_html(flag.span.quote)}</mark>"
        f"{in_html(after)}{'…' if end < len(text) else ''}</q>"
    )


def _lang(mention: Mention, name: str = "xml:lang") -> str:
    return f" {name}={quoteattr(mention.lang)}" if mention.lang else ""
