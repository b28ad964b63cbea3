"""One spelling for texts that a reader cannot tell apart: composed accents, no invisible letters, ligatures as letters.

"é" may be one character or two (macOS and some scrapers give two), an editor puts soft hyphens into long words, a PDF
has one character for "ffi". All of judging works on the text as it comes out of here; a `Plain` knows for each of its
characters where it stands in the original, so what a person is shown is cut from there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters that are not seen but split a word for the machine (Unicode's default ignorable code points, UAX 44).
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
#: What follows a letter and belongs to it, beside the combining marks: vowels that Unicode does not call so but composes
#: with the letter before, the later parts of a Hangul syllable, and the voiced marks of half-width kana.
_JOINS = "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u0fb5\u0fb7\u102e\u1161-\u11ff\u1b35\uff9e\uff9f\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
#: More accents than this on one letter are no writing (UAX 15 calls texts without them stream-safe), and slow to sort.
_MOST_ACCENTS = 30
_IS_INVISIBLE, _IS_JOINED = re.compile(f"[{_INVISIBLE}]"), re.compile(f"[{_JOINS}]")
#: A letter may become so many: "ﬃ" is three. Some signs stand for whole sentences, and no word holds one.
_MOST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in one spelling. `starts` and `ends` are offsets into the original, one for each character; None: the same."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def in_original(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters [start, end) stand in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        if start == end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> Plain:
    """The text in one spelling. Linear in its length."""
    characters = set() if text.isascii() else set(text)
    if not any(map(_may_differ, characters)):
        return Plain(text)  # as nearly every text is
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _clusters(frozenset(filter(_follows, characters))).finditer(text):
        written = match.group()
        spelt = _spelt(written)
        if spelt == written:
            continue
        begin, end = match.span()
        pieces += (text[at:begin], spelt)
        starts.extend(range(at, begin))
        starts.extend([begin] * len(spelt))
        ends.extend(range(at + 1, begin + 1))
        ends.extend([end] * len(spelt))
        at = end
    pieces.append(text[at:])
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    return Plain("".join(pieces), starts, ends)


@lru_cache(maxsize=4096)
def _may_differ(char: str) -> bool:
    """Can a text that holds this character be spelt otherwise?"""
    return not char.isascii() and (_follows(char) or _spelt(char) != char)


@lru_cache(maxsize=4096)
def _follows(char: str) -> bool:
    """Does it belong to the letter before it?"""
    return (unicodedata.combining(char) != 0 or bool(_IS_JOINED.match(char))) and not _IS_INVISIBLE.match(char)


@lru_cache(maxsize=256)
def _clusters(follows: frozenset[str]) -> re.Pattern[str]:
    """Invisible characters, letters with those of `follows` behind them, and whatever else is not ASCII."""
    others = "|[^\\x00-\\x7f]"
    if not follows:
        return re.compile(f"[{_INVISIBLE}]+{others}")
    behind = re.escape("".join(sorted(follows)))
    return re.compile(f"[{_INVISIBLE}]+|[^{behind}{_INVISIBLE}][{behind}]{{1,{_MOST_ACCENTS}}}{others}")


@lru_cache(maxsize=4096)
def _spelt(written: str) -> str:
    """A letter with what follows it, or some invisible characters, in the one spelling."""
    if _IS_INVISIBLE.match(written):
        return ""
    composed = unicodedata.normalize("NFC", written)
    if written[-1] in "\uff9e\uff9f":  # half-width kana and their marks compose once they are of full width
        composed = unicodedata.normalize("NFKC", written)
    return "".join(map(_letters, composed))


def _letters(char: str) -> str:
    """A ligature as its letters, "ß" as "ss", the Turkish "İ" as "I"; whatever else as it is."""
    if char.isascii() or not char.isalpha():
        return char
    if char == "İ":
        return "I"
    letters = unicodedata.normalize("NFKC", char)
    if char in "ßẞ":
        letters = "ss" if char == "ß" else "SS"
    return letters if 1 < len(letters) <= _MOST_LETTERS and letters.isalpha() else char
