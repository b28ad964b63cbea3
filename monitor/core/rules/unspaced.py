"""Phrases in scripts without spaces: found letter by letter, since no word can be told from the next.

A phrase is a chain of pieces - letters, a choice of letters, a word class, a number - each within its gap of the one before.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import Class, Number
from monitor.core.text.numbers import unspaced_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitor.core.rules.phrase import Piece, Substring
    from monitor.core.text.doc import Doc, Sentence

#: A place in the text, [start, end), and the numbers caught there.
_Place = tuple[int, int, tuple[float, ...]]
_DIGITS = frozenset("0123456789〇一二三四五六七八九十百千万億")


class Unspaced:
    """One text's places of pieces. What is no single run of letters is looked up once and remembered."""

    def __init__(self, doc: Doc, classes: Callable[[str], Iterable[tuple[int, int]]]) -> None:
        """`classes` gives the places of a word class."""
        self._doc, self._class = doc, classes
        self._places: dict[Piece, tuple[Sequence[_Place], Sequence[int]]] = {}

    def find(self, part: Substring, within: Sentence | None) -> Iterator[tuple[int, int, Sentence, tuple[float, ...]]]:
        """Every match in the text or one sentence, leftmost first, without overlaps: its offsets, sentence and numbers."""
        at, last = (0, len(self._doc.folded)) if within is None else (within.start, within.end)
        sentences = self._doc.sentences
        for begin, end, numbers in self._beginning(part.pieces[0], at, last):
            index = bisect_right(sentences, begin, key=lambda sentence: sentence.start) - 1
            if begin < at or index < 0 or end > sentences[index].end:
                continue
            followed = self._follow(part, end, numbers, sentences[index].end)
            if followed is not None:
                at = followed[0]
                yield begin, at, sentences[index], followed[1]

    def _follow(
        self, part: Substring, end: int, numbers: tuple[float, ...], last: int
    ) -> tuple[int, tuple[float, ...]] | None:
        """The nearest end of the pieces behind the first one, each within its gap, and all numbers caught."""
        ends = {end: numbers}
        for piece, gap in zip(part.pieces[1:], part.gaps, strict=True):
            following: dict[int, tuple[float, ...]] = {}
            for behind, caught in ends.items():
                for _, finish, more in self._near(piece, behind, min(last, behind + gap)):
                    if finish <= last:
                        following.setdefault(finish, (*caught, *more))
            if not following:
                return None
            ends = following
        nearest = min(ends)
        return nearest, ends[nearest]

    def _beginning(self, piece: Piece, at: int, last: int) -> Iterator[_Place]:
        if not isinstance(piece, str):
            places, starts = self._of(piece)
            yield from places[bisect_left(starts, at) : bisect_left(starts, last)]
            return
        while (start := self._doc.folded.find(piece, at, last)) >= 0:
            at = start + 1
            if _whole_number(self._doc.folded, start, start + len(piece)):
                yield start, start + len(piece), ()

    def _near(self, piece: Piece, low: int, high: int) -> Iterable[_Place]:
        """The places of a piece that begin from `low` to `high`."""
        if not isinstance(piece, str):
            places, starts = self._of(piece)
            return places[bisect_left(starts, low) : bisect_right(starts, high)]
        start = self._doc.folded.find(piece, low, high + len(piece))
        found = start >= 0 and _whole_number(self._doc.folded, start, start + len(piece))
        return [(start, start + len(piece), ())] if found else ()

    def _of(self, piece: Piece) -> tuple[Sequence[_Place], Sequence[int]]:
        known = self._places.get(piece)
        if known is None:
            places = sorted(self._look_up(piece))
            known = self._places[piece] = (places, [place[0] for place in places])
        return known

    def _look_up(self, piece: Piece) -> Iterator[_Place]:
        if isinstance(piece, Class):
            yield from ((start, end, ()) for start, end in self._class(piece.name))
        elif isinstance(piece, Number):
            yield from ((start, end, (value,)) for start, end, value in unspaced_numbers(self._doc.folded, piece.type))
        else:
            for option in piece:
                yield from self._beginning(option, 0, len(self._doc.folded))


def _whole_number(folded: str, start: int, end: int) -> bool:
    """Letters that begin or end with a digit hold all of the number: "5人" is not in "15人"."""
    cut = start > 0 and folded[start] in _DIGITS and folded[start - 1] in _DIGITS
    return not cut and not (end < len(folded) and folded[end - 1] in _DIGITS and folded[end] in _DIGITS)


def words_over(doc: Doc, place: Sentence, start: int, end: int) -> tuple[int, int]:
    """The sentence's words that stand at these characters, [first, behind)."""
    first = bisect_right(doc.words, start, place.first, place.last, key=lambda word: word.end)
    if first == place.last:
        first = place.first
    return first, bisect_left(doc.words, end, first, place.last, key=lambda word: word.start)


# --- where a Japanese word ends --------------------------------------------------------------------------------------

_HIRAGANA = re.compile(r"[\u3041-\u3096]")
_KANJI = re.compile(r"[\u3400-\u9fff々]")
#: What shows that a word written in kanji is the stem of a verb and goes on in kana. A noun is followed by a particle.
_STEM_GOES_ON = re.compile(
    r"[かがさたなばまらわ](?=せ|れ|な[いかく]|ず|んで)|[きぎしちびみり](?=ま[すしせ]|た[いく。]|な[いが])"
    r"|[えけげせてねべめれ](?=[るたてば]|ま[すしせ]|な[いかく]|ら)|[っい](?=[たて])|ん(?=[だで])|し(?=[たてまな、])"
    r"|で(?=き[るたてまなず])|さ(?=れ|せ)|す(?=る)|[うくぐすつぬぶむる](?!\w)"
)
#: A word may end with one of these: it goes on only with an auxiliary.
_MAY_END = frozenset("るただてでいうくぐすつぬぶむずんばよね")
_AUXILIARY = re.compile(
    r"(?<=[てで]い)(?:る|た|て|ない|なかった|ます|ました|ません)|(?<=[てで])(?:い(?:る|た|て|ない|なかった|ます|ました|ません)|お(?=[かきくけ])|しま(?=[いうっ])|くれ|くださ|もら(?=[いうえっ])"
    r"|いただ|き(?=[たてま]))|(?<=[るうくぐすつぬぶむ])ようにな(?=[っりるろれ])|(?<=る)ことがで(?=き)|(?<=で)き(?=[るたてまなず])"
    r"|(?<=て)(?:[るた]|な(?=[いか])|ま(?=[すしせ])|られ)|(?<=い)[たてだで]|(?<=く)な(?=[っりるい])|(?<=ん)[だで]|(?<=す)る|(?<=う)て"
    r"|(?<=[きぎしちびみりえけげせてねべめれ]た)(?:い|か(?=った)|く(?=な))"
)
#: Particles, and what begins another word behind a stem: before one of these a word has ended.
_PARTICLES = frozenset("をはへがのともやに")
_ANOTHER_WORD = re.compile(r"ながら|そう|やす|にく|つつ|か(?![っなせれさしずん])|な(?![いくかけっりるろれさ])")
#: More syllables than any ending has.
MOST_SYLLABLES = 16


def word_end(folded: str, start: int, end: int) -> int:
    """Where the word ends that [start, end) stops in: "歩けるようになっ" goes on to "歩けるようになった".

    Japanese conjugates behind the stem, so a phrase often stops where the forms still agree. Only endings of verbs and
    adjectives are taken in: a noun ends where its kanji do, and what is written in other scripts where the phrase did.
    """
    if end <= start or not _HIRAGANA.match(folded, end):
        return end
    at = end
    if _KANJI.match(folded, end - 1):
        stem = _STEM_GOES_ON.match(folded, end)
        if stem is None:
            return end
        at = stem.end()
    elif not _HIRAGANA.match(folded, end - 1):
        return end
    while at < end + MOST_SYLLABLES and _HIRAGANA.match(folded, at):
        last = folded[at - 1]
        if last in _PARTICLES:
            break
        if last in _MAY_END:
            auxiliary = _AUXILIARY.match(folded, at)
            if auxiliary is None:
                break
            at = auxiliary.end()
        elif folded[at] in _PARTICLES or _ANOTHER_WORD.match(folded, at):
            break
        else:
            at += 1
    return at
