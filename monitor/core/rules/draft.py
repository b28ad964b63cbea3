"""From a text to phrases: an exception proposed from the words around a flag, and words for a rule of one's own."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import unmatched_signs
from monitor.core.text.doc import PERCENT, is_cjk, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.text.doc import Doc, Sentence, Word

#: So many words before and behind a match are proposed, and characters in scripts without spaces.
AROUND, AROUND_CJK = 3, 6
#: Of a longer match only so many of its first words.
MOST_WORDS = 8
#: Letters of an id that is made of words.
MOST_ID = 40


def sentence_around(text: str, start: int, end: int) -> str:
    """The whole sentence of a text that the characters [start, end) stand in, as it is written."""
    doc = read(text)
    inside = _sentences(doc, start, end)
    if not inside:
        return text[start:end]
    return doc.span(inside[0].start, inside[-1].end)[2]


def exception_around(text: str, start: int, end: int) -> str:
    """A phrase for "but not when the sentence also says", proposed from the words around a match at [start, end): it finds
    that very place. To be edited by whoever knows what was meant; "" if nothing stands around it.
    """
    doc = read(text)
    inside = _sentences(doc, start, end)
    if not inside:
        return ""
    words = doc.words_of(inside[0])
    hit = [at for at, word in enumerate(words) if _overlaps(doc, word, start, end)]
    if not hit:
        return ""
    first, last = _back(words, hit[0]), _forth(words, min(hit[-1], hit[0] + MOST_WORDS - 1))
    if any(is_cjk(word.text) for word in words[first : last + 1]):
        sentence = inside[0]
        low, high = max(sentence.start, _at(doc, start) - AROUND_CJK), min(sentence.end, _at(doc, end) + AROUND_CJK)
        for word in words:  # letters and digits with words of their own are not cut in the middle
            if not is_cjk(word.text):
                low = word.start if word.start < low < word.end else low
                high = word.end if word.start < high < word.end else high
        return max(re.split(r"[^\w]+", doc.folded[low:high]), key=len, default="")
    return "" if (first, last) == (hit[0], hit[-1]) else phrase_of(words[first : last + 1])


def _back(words: Sequence[Word], first: int) -> int:
    """So many words before, but none beyond a colon or a dash: no phrase reaches over one."""
    at = first
    while at > 0 and first - at < AROUND and words[at - 1].part == words[first].part:
        at -= 1
    return at


def _forth(words: Sequence[Word], last: int) -> int:
    at = last
    while at + 1 < len(words) and at - last < AROUND and words[at + 1].part == words[last].part:
        at += 1
    return at


def phrase_of(words: Sequence[Word]) -> str:
    """A phrase that finds these words, one behind the other."""
    return " ".join("%" if word.text == PERCENT else word.text for word in words)


def phrase_from(marked: str) -> str:
    """A phrase that finds a marked piece of a text; "" if it holds no word. It reaches over no end of a sentence: then the
    longest of its sentences is taken.
    """
    doc = read(marked)
    if is_cjk(marked):
        return max(re.split(r"[^\w]+", doc.folded), key=len, default="")
    longest = max(doc.sentences, key=lambda sentence: sentence.last - sentence.first, default=None)
    return "" if longest is None else phrase_of(doc.words_of(longest))


def signs_of_words(marked: str) -> str:
    """Signs at the words of a piece that make other words of them, and that no phrase asks a text for: "C++", "$5". What a
    writer may leave or put ("!", an emoji beside a word) makes none.
    """
    found = (unmatched_signs(word) for word in marked.split() if any(char.isalnum() for char in word))
    return "".join(sign for signs in found for sign in signs if unicodedata.category(sign) in {"Sm", "Sc"})


def id_from(words: str, taken: Sequence[str] = ()) -> str:
    """An id for a rule made of these words, that no other rule has: "our-walks-again"; "our-rule" where no letter is ASCII."""
    slug = "-".join(re.findall(r"[a-z0-9]+", words.casefold()))[:MOST_ID].strip("-")
    name = f"our-{slug}" if slug else "our-rule"
    number, found = 2, name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def _sentences(doc: Doc, start: int, end: int) -> list[Sentence]:
    return [
        sentence
        for sentence in doc.sentences
        if doc.span(sentence.start, sentence.end)[0] < end and start < doc.span(sentence.start, sentence.end)[1]
    ]


def _overlaps(doc: Doc, word: Word, start: int, end: int) -> bool:
    low, high, _ = doc.span(word.start, word.end)
    return low < end and start < high


def _at(doc: Doc, place: int) -> int:
    """Where a character of the original stands in the text that is read."""
    if doc.plain.starts is None:
        return place
    return sum(start < place for start in doc.plain.starts)
