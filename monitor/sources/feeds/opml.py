"""OPML in and out: the list of feeds that every reader exchanges. XML from outside, so entities and DTDs are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from monitor.core.errors import LibraryError, Problem
from monitor.sources.encoding import decoded
from monitor.sources.feeds.repair import mended

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: An OPML file of ten thousand feeds has about 2 MB.
MOST_BYTES = 10_000_000
_CAREFUL: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def read_opml(path: Path) -> tuple[list[tuple[str, str]], Problem | None]:
    """(title, address) of every outline that has an address; and where the file is ill-formed, if not all could be read.

    Slips that exporters make, such as a bare "&" in an address, are mended. Raises LibraryError with its place if nothing
    can be read as OPML.
    """
    raw = path.read_bytes()[: MOST_BYTES + 1]
    if len(raw) > MOST_BYTES:
        raise LibraryError([Problem(str(path), 1, 1, "is larger than 10 MB, which no list of feeds is")])
    text = mended(decoded(raw)).encode()
    root, error = _parsed(text)
    if root is not None and root.getroottree().docinfo.internalDTD is not None:
        raise LibraryError([Problem(str(path), 1, 1, "has a DTD, which OPML does not need; take it out")])
    if error is None:
        return _outlines(root), None
    line, column = error.position
    place = (str(path), line or 1, (column or 0) + 1)
    if root is None or not _outlines(root):
        raise LibraryError([Problem(*place, f"is not OPML: {error.msg}")])
    what = f"is ill-formed ({error.msg}); what could be read is taken, an outline near this place may be missing"
    return _outlines(root), Problem(*place, what)


def _parsed(text: bytes) -> tuple[Any, Any]:
    """The root, and what is wrong with the file: then the root holds what could be read, or is None."""
    from lxml import etree

    try:
        return etree.fromstring(text, etree.XMLParser(recover=False, **_CAREFUL)), None
    except etree.XMLSyntaxError as error:
        return (etree.fromstring(text, etree.XMLParser(recover=True, **_CAREFUL)) if text.strip() else None), error


def _outlines(root: Any) -> list[tuple[str, str]]:
    """Names of elements and attributes are written in any case: some exporters write xmlurl."""
    found = []
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.lower() == "outline":
            given = {str(name).lower(): value for name, value in element.attrib.items()}
            if given.get("xmlurl", "").strip():
                found.append((given.get("title") or given.get("text") or "", given["xmlurl"].strip()))
    return found


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
