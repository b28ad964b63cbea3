"""Phrases in scripts without spaces: found letter by letter, since no word can be told from the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import CJK_GAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.rules.phrase import Substring
    from monitor.core.text.doc import Doc, Sentence


def found_unspaced(doc: Doc, part: Substring, within: Sentence | None) -> Iterator[tuple[int, int, Sentence]]:
    """Every match of the part in the text or one sentence, without overlaps: its offsets and the sentence it lies in."""
    at, last = (0, len(doc.folded)) if within is None else (within.start, within.end)
    while True:
        start = doc.folded.find(part.pieces[0], at, last)
        if start < 0:
            return
        at = start + 1
        index = bisect_right(doc.sentences, start, key=lambda sentence: sentence.start) - 1
        if index < 0:
            continue
        place = doc.sentences[index]
        end = _follow(doc.folded, part.pieces, start, place.end)
        if end is None:
            continue
        at = end
        yield start, end, place


def words_over(doc: Doc, place: Sentence, start: int, end: int) -> tuple[int, int]:
    """The sentence's words that stand at these characters, [first, behind)."""
    first = bisect_right(doc.words, start, place.first, place.last, key=lambda word: word.end)
    if first == place.last:
        first = place.first
    return first, bisect_left(doc.words, end, first, place.last, key=lambda word: word.start)


def _follow(folded: str, pieces: Sequence[str], start: int, last: int) -> int | None:
    """The end of the pieces that follow the first one, each within the gap."""
    end = start + len(pieces[0])
    if end > last:
        return None
    for piece in pieces[1:]:
        found = folded.find(piece, end, min(last, end + CJK_GAP + len(piece)))
        if found < 0:
            return None
        end = found + len(piece)
    return end
