"""OPML in and out: the list of feeds that every reader exchanges. XML from outside, so entities and DTDs are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from monitor.core.errors import LibraryError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: An OPML file of ten thousand feeds has about 2 MB.
MOST_BYTES = 10_000_000


def read_opml(path: Path) -> list[tuple[str, str]]:
    """(title, address) of every outline that has an address; raises LibraryError with its place if it is not OPML."""
    from lxml import etree

    raw = path.read_bytes()[: MOST_BYTES + 1]
    if len(raw) > MOST_BYTES:
        raise LibraryError([Problem(str(path), 1, 1, "is larger than 10 MB, which no list of feeds is")])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise LibraryError([Problem(str(path), line or 1, (column or 0) + 1, f"is not OPML: {error.msg}")]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise LibraryError([Problem(str(path), 1, 1, "has a DTD, which OPML does not need; take it out")])
    return [
        (outline.get("title") or outline.get("text") or "", outline.get("xmlUrl", "").strip())
        for outline in root.iter("outline")
        if outline.get("xmlUrl")
    ]


def write_opml(feeds: Sequence[tuple[str, str]]) -> str:
    """OPML 2.0 of (title, address) pairs."""
    lines = [
        f'    <outline type="rss" text={quoteattr(title or url)} xmlUrl={quoteattr(url)}/>' for title, url in feeds
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            "  <head><title>Hypewatch</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
            "",
        ]
    )
