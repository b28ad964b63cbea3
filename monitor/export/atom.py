"""Lists as Atom feeds (RFC 4287), so that a reader can follow them: any search, and any list of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape as in_html
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from monitor.core.text.lang import not_judged
from monitor.core.text.xml import for_xml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention, StoredFlag
    from monitor.export.provenance import Provenance

#: Entries of a feed, the newest first: a reader comes again before there are more.
FEED_ENTRIES = 50
#: Entries of one that a command writes: a feed is made as a whole, because it begins with when its newest entry changed.
COMMAND_ENTRIES = 1_000
#: Letters of the text around marked words, on each side, and flags in one entry; the page has all.
AROUND, MOST_FLAGS = 120, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a list. `page` is the address where it can be seen, and its id unless `id` says another: it never changes. `updated` is UTC; `content` is
    HTML that was made safe, `via` where somebody else said it.
    """

    page: str
    title: str
    updated: datetime
    summary: str
    lang: str = ""
    author: str = "Hypewatch"
    published: datetime | None = None
    via: str | None = None
    content: str = ""
    id: str = ""  # where its page shows several


def feed(title: str, entries: Sequence[Entry], *, page: str, address: str, now: datetime, subtitle: str = "") -> str:
    """A feed. `page` shows the same to people, `address` is the feed's own; it was updated when its newest entry was."""
    updated = max((entry.updated for entry in entries), default=now)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <title>{_text(title)}</title>",
        *([f"  <subtitle>{_text(subtitle)}</subtitle>"] if subtitle else []),
        f"  <id>{_text(page)}</id>",
        f'  <link rel="self" href={quoteattr(address)}/>',
        f'  <link rel="alternate" href={quoteattr(page)}/>',
        f"  <updated>{_time(updated)}</updated>",
    ]
    for entry in entries:
        lines += _entry(entry)
    return "\n".join([*lines, "</feed>", ""])


def _entry(entry: Entry) -> list[str]:
    return [
        "  <entry>",
        f"    <title{_lang(entry.lang)}>{_text(entry.title)}</title>",
        f"    <id>{_text(entry.id or entry.page)}</id>",
        f'    <link rel="alternate" href={quoteattr(entry.page)}/>',
        *([f'    <link rel="via" href={quoteattr(entry.via)}/>'] if entry.via else []),
        f"    <author><name>{_text(entry.author)}</name></author>",
        *([f"    <published>{_time(entry.published)}</published>"] if entry.published else []),
        f"    <updated>{_time(entry.updated)}</updated>",
        f"    <summary>{_text(entry.summary)}</summary>",
        *([f'    <content type="html">{_text(entry.content)}</content>'] if entry.content else []),
        "  </entry>",
    ]


def mentions_atom(mentions: Sequence[Mention], about: Provenance, *, base_url: str) -> str:
    """The feed of a search. Entry ids are the addresses of our own pages, so they never change; an entry is updated when what is
    flagged in it changes.
    """
    asked = quote(about.query)
    return feed(
        f"Hypewatch: {about.query or 'all mentions'}",
        [_mention(one, base_url) for one in mentions],
        page=f"{base_url}/mentions?q={asked}",
        address=f"{base_url}/mentions.atom?q={asked}",
        now=about.at,
        subtitle=f"The newest {about.held:,} of {about.found:,} mentions that the search “{about.query}” found at {_time(about.at)}. Rules in use: {about.ruleset or 'not known'}.",
    )


def _mention(mention: Mention, base_url: str) -> Entry:
    flags = [stored.flag for stored in mention.flags if stored.stands]
    said = "; ".join(f"{flag.drift.words}: “{flag.span.quote}”" for flag in flags)
    return Entry(
        page=f"{base_url}/mentions/{mention.id}",
        title=mention.title or mention.text[:80],
        lang=mention.lang,
        author=mention.author or mention.source.name,
        published=mention.published,
        updated=_changed(mention),
        summary=said or not_judged(mention.lang) or "Nothing goes too far.",
        via=mention.url,
        content=_content(mention, flags) if flags else "",
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _text(text: str) -> str:
    return escape(for_xml(text))


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
        f"<q{_lang(mention.lang, 'lang')}>{'…' if begin else ''}{in_html(before)}<mark>{in_html(flag.span.quote)}</mark>"
        f"{in_html(after)}{'…' if end < len(text) else ''}</q>"
    )


def _lang(lang: str, name: str = "xml:lang") -> str:
    return f" {name}={quoteattr(lang)}" if lang else ""
