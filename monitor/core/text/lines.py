"""Lines that were broken to a width: a mail's or a press release's, whose sentences go on in the next line.

Told by what lines look like, as they say nothing of it themselves: a line was broken to a width where the first word of the
next one had no room left in it (greedy wrapping: every editor, `fmt`, RFC 2646's senders). Headings, labels, items of lists
and short lines of posts fail that, or begin anew; a page of ours has a paragraph on each line, which is longer than any width.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.text.normalise import Plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Columns of a line that was broken to a width; a Japanese character takes two. Shorter lines are verse, posts and labels,
#: longer ones whole paragraphs.
NARROWEST, WIDEST = 40, 110
#: Columns that a line of a script without spaces may stay short of its width, so that no 「。」 begins a line (JIS X 4051).
_KINSOKU = 6
#: Whoever breaks lines by hand leaves some so much shorter than the longest.
_HAND = 0.5
#: Columns of a first word: nobody leaves more free for a longer one (an address).
_LONGEST_WORD = 20
#: Marks of quoted mail and spaces before the words of a line. Bounded, as it is looked for in each line.
_QUOTED = re.compile(r"[>|\s]{0,40}")
_ENDS = re.compile(r"[.!?…:。！？：][\"'”’»)\]」』）]{0,4}$")
_STOPS = re.compile(r"[.!?…。！？]")
_LABEL = re.compile(r"[^\W\d_a-z][^\s:：]{0,20}(?: [^\s:：]{1,20}){0,3}[:：](?:\s|$)|[^\s:：]{1,12}：")
_ITEM = re.compile(
    r"[-–—*+•‣◦▪·・●○■□◆◇▶※#@|]|https?:|www\.|[(（]?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)）]\s|[①-⑳]|={2}|_{2}"
)
_OPENS = "\"'“”‘’«»([「『（"
_GOES_ON = ",、，;；-–—"


class Wrap(NamedTuple):
    """A line break that no writer made: the characters [start, end) are read as `joint`."""

    start: int
    end: int
    joint: str  # a space, or nothing between characters of a script without spaces


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: where its words begin and end in the text, what stands before them, and how wide it is in columns."""

    words: str
    start: int
    end: int
    depth: int
    width: int

    @property
    def stopped(self) -> bool:
        return bool(_ENDS.search(self.words[-6:]))


class _Break(NamedTuple):
    """The break between two lines. `full`: the next word had no room; `goes_on`: the sentence does, by what follows;
    `proven`: and it comes to a stop, as prose does and items of lists do not.
    """

    line: _Line
    following: _Line
    full: bool
    goes_on: bool
    proven: bool

    @property
    def wrap(self) -> Wrap:
        unspaced = _unspaced(self.line.words[-1]) and _unspaced(self.following.words[0])
        return Wrap(self.line.end, self.following.start, "" if unspaced else " ")


def wraps(text: str) -> tuple[Wrap, ...]:
    """The breaks of a text that only keep it to a width, in order. Linear in its length."""
    if "\n" not in text:
        return ()
    found = [each for block in _blocks(text) for each in _breaks(block)]
    full = [each for each in found if each.full]
    open_ended = [each for each in full if not each.line.stopped]
    goes_on = sum(each.goes_on for each in open_ended)
    # Where sentences go on so often, whatever fills its line was broken to the width; one break proves only itself.
    settled = len(full) > 1 and goes_on > 0 and 2 * goes_on >= len(open_ended)
    return tuple(each.wrap for each in found if (settled and each.full) or each.proven)


def unwrapped(spelt: Plain) -> Plain:
    """The text with its broken lines whole again; offsets still lead into the original."""
    found = wraps(spelt.text)
    if not found:
        return spelt
    starts = range(len(spelt.text)) if spelt.starts is None else spelt.starts
    ends = range(1, len(spelt.text) + 1) if spelt.ends is None else spelt.ends
    pieces: list[str] = []
    begins: list[int] = []
    finishes: list[int] = []
    at = 0
    for wrap in found:
        pieces += (spelt.text[at : wrap.start], wrap.joint)
        begins.extend(starts[at : wrap.start])
        finishes.extend(ends[at : wrap.start])
        if wrap.joint:
            begins.append(starts[wrap.start])
            finishes.append(ends[wrap.end - 1])
        at = wrap.end
    pieces.append(spelt.text[at:])
    begins.extend(starts[at:])
    finishes.extend(ends[at:])
    return Plain("".join(pieces), begins, finishes)


def levelled(text: str) -> str:
    """The text, of the same length, with spaces for the breaks that only keep it to a width."""
    pieces: list[str] = []
    at = 0
    for wrap in wraps(text):
        pieces += (text[at : wrap.start], " " * (wrap.end - wrap.start))
        at = wrap.end
    return "".join((*pieces, text[at:]))


def _blocks(text: str) -> Iterator[list[_Line]]:
    """Lines that stand one below the other, none empty, none too long, quoted equally deep; an item begins a block."""
    block: list[_Line] = []
    at = 0
    for raw in text.split("\n"):
        line = _line(raw, at)
        at += len(raw) + 1
        if line is None or (block and (line.depth != block[-1].depth or _begins_anew(raw, line))):
            yield block
            block = []
        if line is not None:
            block.append(line)
    yield block


def _line(raw: str, at: int) -> _Line | None:
    """None: an empty line, or a paragraph of its own."""
    if len(raw) > 2 * WIDEST or not (words := raw[(before := _QUOTED.match(raw)).end() :].rstrip()):  # type: ignore[union-attr]
        return None
    width = sum(map(columns, words)) if not words.isascii() else len(words)
    if width > WIDEST:
        return None
    start = at + before.end()  # type: ignore[union-attr]
    return _Line(words, start, start + len(words), raw.count(">", 0, before.end()), width)  # type: ignore[union-attr]


def _begins_anew(raw: str, line: _Line) -> bool:
    return bool(raw.startswith("\u3000") or _ITEM.match(line.words) or _LABEL.match(line.words))


def _breaks(block: Sequence[_Line]) -> list[_Break]:
    """The breaks of a block that a width may have made."""
    width = max((line.width for line in block), default=0)
    found: list[_Break] = []
    proven = False
    for at in range(len(block) - 2, -1, -1):
        line, following = block[at], block[at + 1]
        goes_on = not line.stopped and _goes_on(block, at, width)
        stops = proven or bool(_STOPS.search(following.words))
        proven = goes_on and stops and line.width >= max(NARROWEST, _HAND * width)
        full = width >= NARROWEST and line.width + min(_first(following), _LONGEST_WORD) > width
        if full or proven:
            found.append(_Break(line, following, full, goes_on, proven))
    return found[::-1]


def _first(line: _Line) -> int:
    """Columns that its first word takes behind another line."""
    if _unspaced(line.words[0]):
        return _KINSOKU
    return 1 + sum(map(columns, line.words.split(maxsplit=1)[0]))


def _goes_on(block: Sequence[_Line], at: int, width: int) -> bool:
    """Does the sentence of this line go on in the next one, by how that begins?"""
    line, following = block[at], block[at + 1]
    word = following.words.lstrip(_OPENS).split(maxsplit=1)[:1]
    if line.words[-1] in _GOES_ON or (word and word[0].islower()):  # not "iPS", with which a heading can begin
        return True
    if (
        not word
        or (first := word[0][0]).isupper()
        or first.isdigit()
        or not first.isalpha()
        or first.lower() != first.upper()
    ):
        return False
    # A script without capitals: two lines of one width, or what no Japanese heading ends or paragraph begins with.
    near = (block[at - 1] if at else None, following)
    even = any(other is not None and abs(other.width - line.width) <= _KINSOKU for other in near)
    return (even and line.width > width - _KINSOKU) or _kana(first) or _kana(line.words[-1])


def _kana(letter: str) -> bool:
    return "\u3041" <= letter <= "\u309f" or letter == "ー"


def _unspaced(letter: str) -> bool:
    return "\u3000" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or "\uff01" <= letter <= "\uff9f"


@lru_cache(maxsize=4096)
def columns(char: str) -> int:
    """How many columns a character takes where Latin letters take one (UAX 11)."""
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
