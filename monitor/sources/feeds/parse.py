"""From an answer to a ParsedFeed. `parse_feed` is the only way to feedparser; it never raises.

Limits: the bytes are parsed in a child process (child.py); at most 2,000 entries; text is stored as text, and links
only if they are http(s).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from monitor.core.bounds import MOST_BODY
from monitor.core.entry import Entry
from monitor.core.feed import Fetched, ParsedFeed
from monitor.core.feeds.dates import read_date
from monitor.core.items.identity import is_google_news, without_publisher
from monitor.core.items.urls import domain_of, http_link, linked
from monitor.core.model import DateConfidence, Kind, Network, Outcome, Reason
from monitor.sources.feeds.repair import MOST_ENTRIES
from monitor.sources.http.decoders import BrokenError, TooLargeError, decoder
from monitor.sources.markup import well_formed
from monitor.sources.sandbox import CHILD, ReadingFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A first look for what a body is; everything that tells is in its first lines.
HEAD = 4096

#: What may stand before the first letter: marks of the encoding, spaces, and the empty halves of letters of UTF-16 and 32.
_BEFORE_JSON = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"

_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_TRICKS = {
    "external": "It wants a file or another address put into its text (an external entity); that is never done.",
    "nested": "It defines words that are made of each other (nested entities) and can grow without end; they were left out.",
}
_PASSWORD = re.compile(rb"""<input\b[^<>]{0,300}\btype\s*=\s*["']?password""", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]{1,30})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_BASE = re.compile(r"""<base\b[^<>]{0,500}\bhref\s*=\s*["']([^"'<>]+)""", re.IGNORECASE)


def looks_like_json(body: bytes, content_type: str) -> bool:
    """Is it JSON by its first letter? A feed's Content-Type is often wrong; an XML feed never begins with a brace."""
    start = body[:HEAD].lstrip(_BEFORE_JSON)[:1]
    return start == b"{" or (start == b"[" and "json" in content_type)


def parse_feed(fetched: Fetched, *, now: datetime, feed_lang: str = "") -> ParsedFeed:
    """What a fetched feed says. Implements ports.FeedReader; `now` bounds dates, `feed_lang` stands in for its language."""
    body, problem = _unpacked(fetched.body)
    if problem:
        return _no_feed("unknown", problem)
    headers = _headers_for_parser(fetched)
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body.strip():
        return _no_feed("unknown", "The answer is empty.")
    try:
        if looks_like_json(body, content_type):
            answer = CHILD.read("json-feed", {"content_type": content_type, "base": headers["content-location"]}, body)
            if answer["read"] is None:
                return _no_feed("unknown", answer["problem"])
            read = answer["read"]
        else:
            read = CHILD.read("feed", {"headers": headers}, body)
    except ReadingFailedError as error:
        return _no_feed("unknown", f"It {error}")
    if read["format"] == "unknown" and not read["entries"]:
        return _what_else(body, fetched.final_url)
    return _parsed(_clean(read), fetched, now, feed_lang)


def _unpacked(body: bytes) -> tuple[bytes, str]:
    """A feed that is a gzip file (feed.xml.gz) is unpacked under the same cap as one that was sent packed."""
    if body[:2] != b"\x1f\x8b":
        return body, ""
    try:
        return decoder("gzip").feed(body, MOST_BODY), ""
    except TooLargeError:
        return b"", "It unpacks to more than 9 MB, which no feed has; whoever runs it can let it hold less."
    except BrokenError:
        return b"", "It is a gzip file that cannot be unpacked."


def _headers_for_parser(fetched: Fetched) -> dict[str, str]:
    """What feedparser reads of the headers: type and base. The rest (and its opinion on compression) is ours."""
    kept = {name: fetched.headers[name] for name in ("content-type", "content-language") if name in fetched.headers}
    base = fetched.headers.get("content-location", "")
    kept["content-location"] = urljoin(fetched.final_url, base) if base else fetched.final_url
    return kept


def _no_feed(
    form: str, problem: str, discovered: tuple[str, ...] = (), *, reason: Reason = Reason.UNREADABLE
) -> ParsedFeed:
    return ParsedFeed(
        format=form,
        title="",
        entries=(),
        outcome=Outcome.SOFT,
        problem=problem,
        discovered=discovered,
        reason=reason,
    )


def _what_else(body: bytes, url: str) -> ParsedFeed:
    """An answer that is no feed: which kind of thing is it, and does it lead to one?"""
    head = body.lstrip()[:HEAD]
    if re.search(rb"<opml[\s>]", head, re.IGNORECASE):
        said = "It is a list of feeds (OPML), not a feed: `hypewatch feeds import` takes it."
        return _no_feed("unknown", said, reason=Reason.LIST)
    if _HTML.search(head):
        return _web_page(body, url)
    if head[:1] == b"<":
        return _no_feed("unknown", "It is XML, but no feed that we know.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _no_feed("unknown", "It is no text: it has bytes that no letter is made of.")
    return _no_feed("unknown", "It is no feed.")


def _web_page(body: bytes, url: str) -> ParsedFeed:
    if _PASSWORD.search(body):
        return _no_feed("html", "It is a web page that wants a login, not a feed.", reason=Reason.LOGIN)
    found = discover(body, url)
    if found:
        said = f"It is a web page, not a feed. It offers one: {found[0]}"
        return _no_feed("html", said, found, reason=Reason.LEADS_ON)
    return _no_feed("html", "It is a web page, not a feed, and it offers none.", reason=Reason.PAGE)


def discover(body: bytes, url: str) -> tuple[str, ...]:
    """The feeds that a web page offers in its <link rel="alternate">, absolute, http(s) only, in its order."""
    page = body[:500_000].decode("utf-8", "replace")
    base = _BASE.search(page)
    url = urljoin(url, base[1]) if base else url
    found = []
    for tag in _LINK.findall(page):
        attributes = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        kinds = attributes.get("rel", "").lower().split()
        offered = {"alternate", "feed"} & set(kinds) and attributes.get("type", "").lower().strip() in _FEED_TYPES
        if offered and (link := linked(url, attributes.get("href", ""))):
            found.append(link)
    return tuple(dict.fromkeys(found))


def _clean(value: Any) -> Any:
    """What a reader gave, with all its strings such that they can be stored."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return {key: _clean(part) for key, part in value.items()} if isinstance(value, dict) else value


def _parsed(read: Mapping[str, Any], fetched: Fetched, now: datetime, feed_lang: str) -> ParsedFeed:
    total = read["total"]
    problem = None
    if total > MOST_ENTRIES:
        problem = f"It has {total:,} entries; the first {MOST_ENTRIES:,} were read."
    elif read.get("trick"):
        problem = _TRICKS[read["trick"]]
    elif not read["entries"] and read.get("comments"):
        problem = f"It has {read['comments']:,} comments and no entry, which is no honest feed."
    elif not read["entries"]:
        problem = "It is a feed without entries." if not read["broken"] else "It is a broken feed without entries."
    lang = read["lang"] or feed_lang
    publisher = domain_of(read["link"]) or domain_of(fetched.final_url) or "unknown"
    return ParsedFeed(
        format=read["format"],
        title=read["title"],
        link=http_link(read["link"]),
        lang=lang,
        problem=problem,
        entries=tuple(_entry(row, publisher, read["title"], row.get("lang") or lang, now) for row in read["entries"]),
    )


def _entry(row: Mapping[str, Any], publisher: str, feed_title: str, lang: str, now: datetime) -> Entry:
    link = http_link(row["link"])
    published, confidence, raw = _date(row["dates"], now)
    source, name = domain_of(link) or publisher, feed_title
    title, text = row["title"], row["text"]
    if is_google_news(link) and row["source_title"]:
        # The publisher speaks, not Google; and the description only repeats the headline as a link.
        source = domain_of(row["source_link"]) or row["source_title"]
        name = row["source_title"]
        title = without_publisher(title, name)
        text = "" if text.startswith(title[:60]) else text
    entry = Entry(
        guid=row["id"] or None,
        url=link,
        title=title,
        text=text,
        source=source,
        source_name=name,
        author=row["author"],
        published=published,
        date_confidence=confidence,
        raw_date=raw,
        lang=lang,
        links=tuple(dict.fromkeys(inner for one in row["links"] if (inner := http_link(one)))),
    )
    return _on_network(entry)


def _on_network(entry: Entry) -> Entry:
    """Feeds of networks: a Reddit thread is a post by its author; a video is an item of its own network."""
    host = urlsplit(entry.url or "").hostname or ""
    if host in {"www.youtube.com", "youtube.com"}:
        return replace(entry, network=Network.YOUTUBE)
    # feedparser takes an Atom id for an address and makes it absolute.
    thing = re.search(r"(?:^|/)(t[13]_\w{1,20})$", entry.guid or "")
    if host in {"www.reddit.com", "old.reddit.com"} and thing:
        author = entry.author.removeprefix("/u/")
        text = f"{entry.title}\n{entry.text}".strip()
        return replace(
            entry,
            network=Network.REDDIT,
            kind=Kind.POST,
            guid=f"reddit:{thing[1]}",
            title="",
            text=text,
            source=f"@{author}" if author else "reddit.com",
        )
    return entry


def _date(raws: list[str], now: datetime) -> tuple[datetime | None, DateConfidence, str]:
    """The first of an entry's dates that can be believed, and its raw string; else none, and the first raw string."""
    for raw in raws:
        published, confidence = read_date(raw, now)
        if published:
            return published, confidence, raw[:200]
    return None, DateConfidence.NONE, next((raw[:200] for raw in raws if raw), "")


# --- files -----------------------------------------------------------------------------------------------------------


def feeds_parse_file(
    path: str, *, url: str | None = None, content_type: str | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read a feed file: one row of `hypewatch feeds parse --format jsonl` (interfaces.md). Raises OSError.

    `url` is the base for relative links, `headers` what the server sent with it (names in lower case).
    """
    file = Path(path)
    size = file.stat().st_size
    given = {**(headers or {})}
    if content_type:
        given["content-type"] = content_type
    base = url or "https://file.invalid/"
    fetched = Fetched(
        url=base,
        final_url=base,
        outcome=Outcome.FETCHED,
        status=200,
        headers=given,
        body=file.read_bytes() if size <= MOST_BODY else b"",
        sentence="",
    )
    if size > MOST_BODY:
        parsed = _no_feed("unknown", "It has more than 9 MB, which no feed has; whoever runs it can let it hold less.")
    else:
        parsed = parse_feed(fetched, now=datetime.now(UTC))
    return {
        "file": path,
        "format": parsed.format,
        "title": parsed.title,
        "entries": len(parsed.entries),
        "problem": parsed.problem,
        "items": [_row(entry) for entry in parsed.entries],
    }


def _row(entry: Entry) -> dict[str, Any]:
    # A row shows what the feed wrote: Google News writes the publisher behind the title.
    publisher = entry.source_name if is_google_news(entry.url) and entry.source != "news.google.com" else ""
    title = f"{entry.title} - {publisher}" if publisher else entry.title
    return {
        "id": entry.guid,
        "title": title,
        "link": entry.url,
        "published": entry.published.strftime("%Y-%m-%dT%H:%M:%SZ") if entry.published else None,
        "date_confidence": entry.date_confidence.value,
        "summary": entry.text,
    }
