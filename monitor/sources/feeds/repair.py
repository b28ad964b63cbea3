"""A feed's text made fit for its parser: bounded in every field, and without the slips that lose words or whole feeds.

Pure and linear in the length of the text. What it mends, each seen in real feeds: a bare "&", a CDATA section that was
escaped, letters that XML forbids, names of HTML's letters that nobody declared, captions of pictures written where the
text of the entry is looked for.
"""

from __future__ import annotations

import re
from html.entities import html5

from monitor.core.text.xml import UNWRITABLE

#: Entries read from one answer. The longest real feed of our corpus has 177.
MOST_ENTRIES = 2000
#: Letters of one entry's text before it is parsed; a text is parsed twice, as XML and as HTML.
MOST_RAW_TEXT = 300_000
#: Letters of any other field (title, link, id, author, category): none of them needs a tenth of this.
MOST_RAW_FIELD = 20_000
#: Of an author: looking for an address in it takes feedparser quadratic time.
MOST_RAW_NAME = 1000
#: Tags within one field that are no escaped markup: the longest articles have a tenth of this.
MOST_TAGS = 10_000
#: Fields of one entry that are read, and letters of one tag with its attributes.
MOST_FIELDS = 300
MOST_TAG = 20_000
#: So many comments mean a storm: feedparser's loose parser takes quadratic time for them.
MANY_COMMENTS = 200
#: A text shorter than this has no field that could do harm.
HARMLESS = 20_000
#: The field that captions of pictures are put into.
CAPTION = "hypewatch-caption"

_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_TOKEN = re.compile(
    r"""<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)
    |<(?P<end>/?)(?P<name>[A-Za-z_][\w:.-]{0,60}+)(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""",
    re.DOTALL | re.VERBOSE,
)
#: Elements that hold fields and are none.
_HOLDERS = frozenset({"rss", "rdf", "channel", "feed", "item", "items", "entry", "seq", "li", "image", "textinput"})
_ENTRIES = frozenset({"item", "entry"})
_TEXTS = frozenset({"description", "summary", "content", "encoded", "body", "div", "subtitle", "tagline"})
_NAMES = frozenset({"author", "creator", "contributor", "managingeditor", "webmaster", "publisher", "owner", "editor"})
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_BARE = re.compile(r"&(?!#\d|#[xX][0-9a-fA-F]|[A-Za-z_][\w.-]{0,60};)")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|(\d+));?")
_ESCAPED_CDATA = (
    re.compile(r"&(?:lt|\#60|\#x3c);!\[CDATA\[", re.IGNORECASE),
    re.compile(r"\]\]&(?:gt|\#62|\#x3e);", re.IGNORECASE),
)
_MEDIA = re.compile(r"""\bxmlns:(\w{1,30})\s*=\s*["']https?://search\.yahoo\.com/mrss/?["']""")
_DECLARATION = re.compile(r"<\?xml\b[^<>]{0,400}?\?>", re.IGNORECASE)


def prepared(text: str) -> tuple[str, int]:
    """The text for the parser, without its declaration, and how many entries it has if that is more than are read (else 0)."""
    text, total = first_entries(without_storm(text))
    return _captions_apart(mended(_without_escaped_cdata(bounded(text)))), total


def mended(text: str) -> str:
    """XML without its declaration (its letters are read by now), without letters that it forbids, and with lawful "&"s."""
    text = UNWRITABLE.sub("", text.lstrip("\ufeff \t\r\n"))
    if declared := _DECLARATION.match(text):
        text = text[declared.end() :]
    own_names = "<!ENTITY" in text[:100_000]
    parts = _CDATA.split(text)
    parts[::2] = [_references(part, own_names=own_names) for part in parts[::2]]
    return "".join(parts)


# --- bounds ----------------------------------------------------------------------------------------------------------


def first_entries(text: str) -> tuple[str, int]:
    """The text with at most MOST_ENTRIES entries, and how many it has, if it was cut (else 0)."""
    if text.count("<item") + text.count("<entry") + text.count(":item") + text.count(":entry") <= MOST_ENTRIES:
        return text, 0
    starts = [found.start() for found in _ITEM.finditer(text)]
    if len(starts) <= MOST_ENTRIES:
        return text, 0
    end = max((found.end() for found in _ITEM_END.finditer(text)), default=starts[-1])
    return text[: starts[MOST_ENTRIES]] + text[max(end, starts[MOST_ENTRIES]) :], len(starts)


def bounded(text: str) -> str:
    """The text with each field of each entry cut at its bound, and at most MOST_FIELDS of them: the others are whole."""
    return text if len(text) <= HARMLESS else _Bounds(text).cut()


class _Bounds:
    """One pass over the tags: which field are we in, where did it begin, what is open in it?"""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0  # so much of the text was kept or left out
        self._kept: list[str] = []
        self._field = ""  # the element that is a field, while we are in one
        self._most = self._began = self._fields = self._tags = 0
        self._open: list[str] = []  # elements that are open in it

    def cut(self) -> str:
        position = 0
        while found := _TOKEN.search(self._text, position):
            if self._field and self._too_long(found):
                position = self._leave_out(found)
            else:
                position = self._tag(found) if found["name"] else found.end()
        if self._field and len(self._text) > self._most:  # never closed
            self._keep(_whole(self._text, self._began, self._most))
            self._at = len(self._text)
        self._kept.append(self._text[self._at :])
        return "".join(self._kept)

    def _keep(self, end: int) -> None:
        self._kept.append(self._text[self._at : max(self._at, end)])
        self._at = max(self._at, end)

    def _too_long(self, found: re.Match[str]) -> bool:
        """Does the field go beyond its bound? Its own end may stand right behind it."""
        return (found.start() if found["name"] else found.end()) > self._most or self._tags > MOST_TAGS

    def _tag(self, found: re.Match[str]) -> int:
        name, local = found["name"], _local(found["name"])
        if found.end() - found.start() > MOST_TAG:
            self._keep(found.start())
            self._kept.append(f"<{found['end']}{name}{'/' if found[0].endswith('/>') else ''}>")
            self._at = found.end()
        if local in _ENTRIES:
            self._field, self._fields = "", 0
        elif self._field:
            self._inside(found, name)
        elif not found["end"] and local not in _HOLDERS:
            self._fields += 1
            if self._fields > MOST_FIELDS:
                return self._rest_of_entry(found)
            if not found[0].endswith("/>"):
                self._field, self._began, self._open, self._tags = name, found.end(), [], 0
                most = MOST_RAW_TEXT if local in _TEXTS else MOST_RAW_NAME if local in _NAMES else MOST_RAW_FIELD
                self._most = self._began + most
        return found.end()

    def _inside(self, found: re.Match[str], name: str) -> None:
        self._tags += 1
        if found["end"] and name in self._open:
            while self._open.pop() != name:
                pass
        elif found["end"] and name == self._field:
            self._field = ""
        elif not found["end"] and not found[0].endswith("/>"):
            self._open.append(name)

    def _leave_out(self, found: re.Match[str]) -> int:
        """Leave out the rest of a field: it is cut at its bound, and what is open in it is closed."""
        mark = "<![CDATA["
        if found[0].startswith(mark) and found.start() < self._most:
            self._keep(max(found.start() + len(mark), self._most))
            self._kept.append("]]>")
        else:
            self._keep(_whole(self._text, self._began, min(self._most, found.start())))
        self._kept += [f"</{name}>" for name in reversed(self._open)]
        end = _end_of(self._field).search(self._text, found.start() if found["name"] else found.end())
        self._at = end.start() if end else len(self._text)
        self._most, self._open, self._tags = len(self._text), [], 0
        return self._at

    def _rest_of_entry(self, found: re.Match[str]) -> int:
        """Leave out the rest of an entry that has too many fields."""
        self._keep(found.start())
        end = _end_of("item").search(self._text, found.start())
        self._at = end.start() if end else len(self._text)
        self._fields = 0
        return self._at


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _whole(text: str, start: int, end: int) -> int:
    """Where to cut near `end`: not in the middle of a reference, which would make the feed ill-formed."""
    half = text.rfind("&", max(start, end - 12), end)
    return half if half >= 0 and ";" not in text[half:end] else end


def _end_of(field: str) -> re.Pattern[str]:
    """Where a field ends, or the entry that it is in; CDATA and comments are passed over by what stands before."""
    return re.compile(
        rf"</{re.escape(field)}\s*>|</?(?:\w{{1,20}}:)?(?:item|entry)[\s>/]|</(?:\w{{1,20}}:)?(?:channel|feed|rss|rdf)\s*>",
        re.IGNORECASE,
    )


def storm(text: str) -> int:
    """How many comments, if there are very many; else 0."""
    count = text.count("<!--") + text.count("&lt;!--")
    return count if count > MANY_COMMENTS else 0


def without_storm(text: str) -> str:
    """Without comments, if there are very many; escaped ones too (a description is read as HTML a second time)."""
    for mark, end in (("<!--", "-->"), ("&lt;!--", "--&gt;")):
        if text.count(mark) > MANY_COMMENTS:
            kept, at = [], 0
            while (start := text.find(mark, at)) >= 0:
                kept.append(text[at:start])
                close = text.find(end, start + len(mark))
                if close < 0:
                    kept.append(text[start:].replace(mark, ""))
                    at = len(text)
                    break
                at = close + len(end)
            kept.append(text[at:])
            text = "".join(kept)
    return text


# --- slips -----------------------------------------------------------------------------------------------------------


def _references(text: str, *, own_names: bool) -> str:
    """Every "&" of a text outside CDATA as XML wants it: a bare one is a letter; HTML's names become numbers."""
    if "&" not in text:
        return text
    text = _REFERENCE.sub(_possible_letter, _BARE.sub("&amp;", text))
    return text if own_names else _NAMED.sub(_named_letter, text)


def _possible_letter(found: re.Match[str]) -> str:
    """A reference to no letter (`&#xD800;`, `&#x110000;`) as U+FFFD: feedparser raises on one, and the feed is lost.

    One to a control that XML forbids is nothing.
    """
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    number = int(digits[:12], base)
    if 0xD800 <= number < 0xE000 or number > 0x10FFFF or len(digits) > 12:
        return "&#xFFFD;"
    return "" if number < 0x20 and number not in {9, 10, 13} else f"&#{number};"


def _named_letter(found: re.Match[str]) -> str:
    name = found[1]
    if name in _XML_NAMES:
        return found[0]
    letter = html5.get(f"{name};")
    return "".join(f"&#{ord(part)};" for part in letter) if letter else f"&amp;{name};"


def _without_escaped_cdata(text: str) -> str:
    """A CDATA section that was escaped once more is its words: without the marks, where both of them stand."""
    begin, end = _ESCAPED_CDATA
    kept, at = [], 0
    while start := begin.search(text, at):
        close = end.search(text, start.end())
        if close is None:
            break
        kept += [text[at : start.start()], text[start.end() : close.start()]]
        at = close.end()
    return "".join([*kept, text[at:]]) if kept else text


def _captions_apart(text: str) -> str:
    """Media RSS describes pictures and films: its descriptions are put where they are not taken for the entry's text."""
    found = _MEDIA.search(text[:20_000])
    if found is None:
        return text
    # Its attributes go: feedparser would keep them in place of the words.
    return re.sub(rf"(</?){found[1]}:description\b[^<>]*?(/?>)", rf"\1{found[1]}:{CAPTION}\2", text)


def entity_trick(text: str) -> str:
    """Which trick the entities play that the feed defines: "external", "nested", or "" for none.

    No file or address is ever put in for one (feedparser has external entities off, expat bounds nested ones): a person
    is told why words are missing. Entities are defined before the root element.
    """
    for found in _ENTITY_DECLARED.finditer(text[:100_000]):
        if found[1]:
            return "external"
        if _REFERS.search(found[2] or found[3] or ""):
            return "nested"
    return ""


_ENTITY_DECLARED = re.compile(
    r"""<!ENTITY\s{1,9}[\w.:-]{1,99}\s{1,9}(?:(SYSTEM|PUBLIC)\b|"([^"]{0,9999})"|'([^']{0,9999})')"""
)
_REFERS = re.compile(r"&[a-zA-Z_][\w.:-]{0,99};")
