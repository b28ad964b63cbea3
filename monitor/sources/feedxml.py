"""feedparser behind one typed wall. It runs in the child process (reader.py), never in ours.

What comes out is plain text and raw strings: dates are read by core/dates.py, links checked by core/urls.py.
"""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING, Any

from monitor.sources.markup import html_text, one_line, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Entries read from one answer. The longest real feed of our corpus has 177.
MOST_ENTRIES = 2000
#: Characters kept of one entry's text.
MOST_TEXT = 50_000
#: Bytes of one entry's description before it is parsed; a description is parsed twice, as XML and as HTML.
MOST_RAW_TEXT = 300_000
#: So many of these letters, and a tenth of all that are not ASCII, make a text Japanese.
HIRAGANA = 3
#: What the languages of western Europe write beside plain letters, in cp1252.
WESTERN = "äöüßÄÖÜàâæçéèêëîïôœùûÀÂÇÉÈÊÔñÑáíóúÁÍÓÚãõÃÕåøÅØìòýð¿¡“”„‘’‚«»‹›–—…•·°€£§©®ºª\u00a0\u00ad"
#: So many comments mean a storm: feedparser's loose parser takes quadratic time for them.
MANY_COMMENTS = 200

_ITEM = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_TEXT_START = re.compile(rb"<((?:\w{1,20}:)?(?:description|summary|content|encoded|subtitle|tagline))\b[^<>]{0,500}>")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{4,})|(\d{5,}));?")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")

_ENTITY_DECLARED = re.compile(
    rb"""<!ENTITY\s{1,9}[\w.:-]{1,99}\s{1,9}(?:(SYSTEM|PUBLIC)\b|"([^"]{0,9999})"|'([^']{0,9999})')"""
)
_REFERS = re.compile(rb"&[a-zA-Z_][\w.:-]{0,99};")

_DECLARED = re.compile(rb"<\?xml[^<>]{0,200}\bencoding\s*=", re.IGNORECASE)

FORMATS = {
    "rss20": "rss20", "rss": "rss20", "rss10": "rss10", "rss090": "rss09", "rss091n": "rss09", "rss091u": "rss09",
    "rss092": "rss09", "rss093": "rss09", "rss094": "rss09", "atom10": "atom10", "atom": "atom10", "atom03": "atom03",
    "atom01": "atom03", "atom02": "atom03",
}  # fmt: skip


def read_xml(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Read a feed: {format, title, link, lang, total, broken, comments, trick, entries}. `headers` have lower-case names."""
    import feedparser

    comments, trick = storm(body), entity_trick(body)
    body, total = first_entries(with_short_texts(without_storm(body)))
    body = _REFERENCE.sub(_possible_letter, body)
    headers = _with_encoding(body, headers)
    # Given bytes or a string feedparser would open them as a path or an address.
    parsed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    entries = [_entry(entry) for entry in parsed.entries[:MOST_ENTRIES]]
    return {
        "format": FORMATS.get(parsed.get("version", ""), "unknown"),
        "title": _title(parsed.feed),
        "link": _string(parsed.feed.get("link")),
        "lang": _string(parsed.feed.get("language")),
        "total": max(total, len(parsed.entries)),
        # A Content-Type that does not say XML, or another encoding than the body's, breaks nothing.
        "broken": bool(parsed.bozo) and not isinstance(parsed.get("bozo_exception"), _harmless()),
        "comments": comments,
        "trick": trick,
        "entries": entries,
    }


def _possible_letter(found: re.Match[bytes]) -> bytes:
    """A reference to no letter (`&#xD800;`, `&#x110000;`) as U+FFFD: feedparser raises on one, and the feed is lost."""
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    number = int(digits[:12], base)
    return b"&#xFFFD;" if 0xD800 <= number < 0xE000 or number > 0x10FFFF or len(digits) > 12 else found[0]


def first_entries(body: bytes) -> tuple[bytes, int]:
    """The body with at most MOST_ENTRIES entries, cut before it is parsed; and how many it has, if it was cut (else 0)."""
    if body.count(b"<item") + body.count(b"<entry") + body.count(b":item") + body.count(b":entry") <= MOST_ENTRIES:
        return body, 0
    starts = [found.start() for found in _ITEM.finditer(body)]
    if len(starts) <= MOST_ENTRIES:
        return body, 0
    end = max((found.end() for found in _ITEM_END.finditer(body)), default=starts[-1])
    return body[: starts[MOST_ENTRIES]] + body[max(end, starts[MOST_ENTRIES]) :], len(starts)


def with_short_texts(body: bytes) -> bytes:
    """With descriptions, summaries and contents cut at MOST_RAW_TEXT bytes: a megabyte of them is no news."""
    if len(body) <= MOST_RAW_TEXT:
        return body
    kept, at, unclosed = [], 0, set()
    for found in _TEXT_START.finditer(body):
        name = found[1]
        if found.start() < at or name in unclosed:
            continue
        end = body.find(b"</" + name, found.end())
        if end < 0:
            unclosed.add(name)  # searched once to the end of the body, and never again
            end = len(body)
        if end - found.end() > MOST_RAW_TEXT:
            cut = found.end() + MOST_RAW_TEXT
            # Not in the middle of an entity: "&amp" without its end would make the whole feed ill-formed.
            half = body.rfind(b"&", cut - 12, cut)
            cut = half if half >= 0 else cut
            data = body[found.end() : found.end() + 20].lstrip().startswith(b"<![CDATA[")
            kept += [body[at:cut], b"]]>" if data else b""]
            at = end
    kept.append(body[at:])
    return b"".join(kept)


def storm(body: bytes) -> int:
    """How many comments, if there are very many; else 0."""
    count = body.count(b"<!--") + body.count(b"&lt;!--")
    return count if count > MANY_COMMENTS else 0


def entity_trick(body: bytes) -> str:
    """Which trick the entities play that the feed defines: "external", "nested", or "" for none.

    No file or address is ever put in for one (feedparser has external entities off, expat bounds nested ones): a person
    is told why words are missing. Entities are defined before the root element.
    """
    for found in _ENTITY_DECLARED.finditer(body[:100_000]):
        if found[1]:
            return "external"
        if _REFERS.search(found[2] or found[3] or b""):
            return "nested"
    return ""


def without_storm(body: bytes) -> bytes:
    """Without comments, if there are very many; escaped ones too (a description is read as HTML a second time)."""
    for mark, end in ((b"<!--", b"-->"), (b"&lt;!--", b"--&gt;")):
        if body.count(mark) > MANY_COMMENTS:
            kept, at = [], 0
            while (start := body.find(mark, at)) >= 0:
                kept.append(body[at:start])
                close = body.find(end, start + len(mark))
                if close < 0:
                    kept.append(body[start:].replace(mark, b""))
                    at = len(body)
                    break
                at = close + len(end)
            kept.append(body[at:])
            body = b"".join(kept)
    return body


def _harmless() -> tuple[type[Exception], ...]:
    from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

    return (CharacterEncodingOverride, NonXMLContentType)


def _with_encoding(body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with a guessed charset if nobody names one and the bytes are not UTF-8 (old Japanese sites)."""
    given = dict(headers)
    content_type = given.get("content-type", "")
    if "charset" in content_type.lower() or _DECLARED.search(body[:400]) or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return given
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        guessed = _guessed(body[:200_000])
        if guessed:
            given["content-type"] = f"{content_type or 'application/xml'}; charset={guessed}"
    return given


def _guessed(body: bytes) -> str:
    """The encoding of bytes that are not UTF-8; "" if none fits. Hiragana tells Japanese better than statistics do."""
    found = {}
    for name in ("cp932", "euc_jp"):
        text = body.decode(name, "replace")
        foreign = sum(not letter.isascii() for letter in text)
        hiragana = sum("\u3041" <= letter <= "\u309f" for letter in text)
        # A short headline has few letters; bytes of another language become halves of letters and half-width kana.
        strange = sum(letter == "\ufffd" or "\uff61" <= letter <= "\uff9f" for letter in text)
        if hiragana >= HIRAGANA and hiragana * 10 >= foreign and strange * 10 < foreign:
            found[name] = hiragana
    if found:
        return max(found, key=lambda name: found[name])
    # Western letters stand alone among plain ones; statistics take a French or Spanish headline for Polish or Lithuanian.
    western = body.decode("cp1252", "replace")
    if not re.search(rf"[^\x00-\x7f{WESTERN}]|[^\W\da-zA-Z]{{3}}", western):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    return best.encoding if best is not None else ""


def _entry(entry: Any) -> dict[str, Any]:
    source = entry.get("source") or {}
    return {
        "id": _string(entry.get("id")),
        "title": _title(entry),
        "link": _string(entry.get("link")),
        "dates": [_string(dict.get(entry, key)) for key in ("published", "updated", "created")],
        "text": _text(entry)[:MOST_TEXT],
        "author": one_line(_string(entry.get("author"))),
        "source_link": _string(source.get("href")),
        "source_title": one_line(_string(source.get("title"))),
    }


def _title(thing: Any) -> str:
    title = _string(thing.get("title"))
    kind = _string((thing.get("title_detail") or {}).get("type"))
    if kind in {"text/html", "application/xhtml+xml"}:
        return one_line(html_text(title))
    return one_line(html.unescape(title) if _ENTITY.search(title) else title)


def _text(entry: Any) -> str:
    """The longest of what the feed gives as content and summary, as plain text."""
    found = [(_string(part.get("value")), _string(part.get("type"))) for part in entry.get("content") or []]
    found.append((_string(entry.get("summary")), _string((entry.get("summary_detail") or {}).get("type"))))
    value, kind = max(found, key=lambda pair: len(pair[0]))
    if kind == "text/plain" and not re.search(r"<[a-zA-Z/!]", value):
        return tidy(html.unescape(value) if _ENTITY.search(value) else value)
    return html_text(value)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
