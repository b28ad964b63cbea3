"""OPML in and out: the list of feeds that every reader exchanges, read as leniently as readers write it.

XML from outside, so entities and DTDs are refused. What other readers have no word for (saved searches, hashtags, live
posts, watches, reach, a pause) travels in attributes of a namespace of our own, which they skip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from monitor.core.errors import LibraryError, Problem
from monitor.core.feeds.listed import Listed
from monitor.core.model import FeedKind
from monitor.core.text.xml import UNWRITABLE
from monitor.sources.encoding import decoded
from monitor.sources.feeds.repair import mended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: An OPML file of ten thousand feeds has about 2 MB.
MOST_BYTES = 10_000_000
#: The namespace of our own attributes; their prefix in what we write.
NAMESPACE, PREFIX = "urn:hypewatch:opml:1", "hypewatch"
_CAREFUL: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_START = re.compile(r"<(?:\w{1,20}:)?outline\b", re.IGNORECASE)
_TAG = re.compile(r"""<(?:\w{1,20}:)?outline\b((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w:.-]{0,60})\s*=\s*(?:"([^"<]*+)"|'([^'<]*+)'|([^\s"'<>]+))""")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlRead:
    """What a list held. `mended` are the lines of slips that were put right; `problem` where it is ill-formed, if it is."""

    listed: tuple[Listed, ...]
    mended: tuple[int, ...] = ()
    problem: Problem | None = None


def read_opml(raw: bytes, name: str) -> OpmlRead:
    """Every source of a file; `name` is what a problem calls it.

    Slips that exporters make, such as a bare "&" in an address or a name that HTML knows and XML does not, are mended; of a
    list that is ill-formed, such as one without its end, all outlines are taken that are whole. Raises LibraryError with
    its place if nothing can be read as OPML.
    """
    if len(raw) > MOST_BYTES:
        raise LibraryError([Problem(name, 1, 1, "is larger than 10 MB, which no list of feeds is")])
    written = decoded(raw)
    text = mended(written)
    root, error = _parsed(text.encode())
    if "<!DOCTYPE" in text[:2000].upper():
        raise LibraryError([Problem(name, 1, 1, "has a DTD, which OPML does not need; take it out")])
    before = written.count("\n") - text.count("\n")  # lines of the declaration, and empty ones before it
    if error is None:
        return OpmlRead(listed=_outlines(root, before), mended=_mended_lines(written))
    line, column = error.position
    listed, unread = _scanned(text, 1 + before)
    place = (name, unread[0] if unread else (line or 1) + before, (column or 0) + 1)
    if not listed:
        raise LibraryError([Problem(*place, f"is not OPML: {error.msg}")])
    what = f"is ill-formed ({error.msg}); what could be read is taken, an outline near this place may be missing"
    return OpmlRead(listed=listed, mended=_mended_lines(written), problem=Problem(*place, what))


def _parsed(text: bytes) -> tuple[Any, Any]:
    """The root, or what is wrong with the file."""
    from lxml import etree

    try:
        return etree.fromstring(text, etree.XMLParser(recover=False, **_CAREFUL)), None
    except etree.XMLSyntaxError as error:
        return None, error


def _mended_lines(written: str) -> tuple[int, ...]:
    """Lines of the file in which something was put right; its declaration is no slip."""
    found = []
    for number, line in enumerate(written.split("\n"), start=1):
        if "&" not in line and not UNWRITABLE.search(line):
            continue
        kept = line.lstrip("\ufeff \t\r")
        if "<?xml" not in kept and mended(kept) != kept:
            found.append(number)
    return tuple(found)


def _outlines(root: Any, before: int) -> tuple[Listed, ...]:
    """The sources of a well-formed list."""
    found = []
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2].lower() == "outline":
            given = {
                str(name).replace(f"{{{NAMESPACE}}}", f"{PREFIX}:"): value for name, value in element.attrib.items()
            }
            if one := _listed(given, (element.sourceline or 1) + before):
                found.append(one)
    return tuple(found)


def _scanned(text: str, line: int) -> tuple[tuple[Listed, ...], list[int]]:
    """The sources of an ill-formed list, by its tags alone, and the lines of those that could not be read; `line` is the first."""
    text = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found, unread, at = [], [], 0
    for start in _START.finditer(text):
        line += text.count("\n", at, start.start())
        at = start.start()
        tag = _TAG.match(text, at)
        if tag is None:
            unread.append(line)
            continue
        given = {name: unescape(one or two or three) for name, one, two, three in _ATTRIBUTE.findall(tag[1])}
        if listed := _listed(given, line):
            found.append(listed)
    return tuple(found), unread


def _listed(attributes: Mapping[str, str], line: int) -> Listed | None:
    """The source that an outline is, None for a folder. Names are written in any case: some exporters write xmlurl."""
    given = {name.lower(): value.strip() for name, value in attributes.items()}
    own = {name: given.get(f"{PREFIX}:{name}", "") for name in ("kind", "query", "lang", "reach", "paused")}
    url = own["query"] or given.get("xmlurl", "")
    if not url:
        return None
    return Listed(
        kind=own["kind"] or FeedKind.FEED.value,
        url=url,
        title=given.get("title") or given.get("text") or "",
        lang=own["lang"] or given.get("language", ""),
        weight=int(own["reach"]) if own["reach"] in {"1", "2", "3", "4", "5"} else None,
        paused=own["paused"] == "yes",
        line=line,
    )


def write_opml(sources: Sequence[Listed]) -> str:
    """OPML 2.0 of sources, every one with all that can be set of it."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<opml version="2.0" xmlns:{PREFIX}="{NAMESPACE}">',
            "  <head><title>Hypewatch</title></head>",
            "  <body>",
            *map(_outline, sources),
            "  </body>",
            "</opml>",
            "",
        ]
    )


def _outline(source: Listed) -> str:
    feed = source.kind == FeedKind.FEED
    attributes = {
        "type": "rss" if feed else PREFIX,
        "text": source.title or source.url,
        "title": source.title,
        "xmlUrl": source.url if feed else "",
        "language": source.lang,
        f"{PREFIX}:kind": "" if feed else source.kind,
        f"{PREFIX}:query": "" if feed else source.url,
        f"{PREFIX}:reach": str(source.weight or ""),
        f"{PREFIX}:paused": "yes" if source.paused else "",
    }
    written = (f"{name}={quoteattr(UNWRITABLE.sub('', value))}" for name, value in attributes.items() if value)
    return f"    <outline {' '.join(written)}/>"
