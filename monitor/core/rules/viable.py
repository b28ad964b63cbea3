"""Where in a text a phrase can match at all, worked out for all of its words at once.

Trying a phrase with several gaps at each word of "a a a a ..." costs the square of its gaps at each of them, only to find
that its last word is missing. Here the phrase is read backwards once, on whole sets of words: from which words does its
last part lead to its end, from which the part before to those, and so on (the reversed automaton of Thompson 1968, with
the states of all starts side by side in the bits of one integer: Baeza-Yates & Gonnet 1992). What remains are words from
which the phrase does match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.rules.phrase import Choice, Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from monitor.core.rules.phrase import Part, Parts
    from monitor.core.text.doc import Doc


class Viable:
    """Sets of a text's words as integers. Each word has a place, and each sentence one more behind its last word, so
    that what ends with a sentence is not mistaken for what begins with the next.
    """

    def __init__(self, doc: Doc, lengths: Callable[[Part], Mapping[int, Iterable[int]]]) -> None:
        """`lengths` says at which words a part other than a gap or a choice matches, by how many words it takes."""
        self._reading = doc
        self._lengths = lengths
        self._known: dict[int, tuple[Part, list[tuple[int, int]]]] = {}  # by the part's identity, which is kept
        self._size = len(doc.words) + len(doc.sentences)
        self._all = (1 << self._size) - 1
        self._joined = self._places_joined()

    def starts(self, parts: Parts, words: Iterable[int]) -> list[int]:
        """Those of the words from which the phrase can match, in the order given."""
        possible = self._before(parts, self._all, begins=True)
        bits = possible.to_bytes(self._size // 8 + 1, "little")
        all_words = self._reading.words
        return [at for at in words if bits[(place := at + all_words[at].sentence) >> 3] >> (place & 7) & 1]

    def _before(self, parts: Parts, ends: int, *, begins: bool) -> int:
        """Places from which the parts lead to one of `ends`. `begins`: they are the first of their phrase."""
        for at in range(len(parts) - 1, -1, -1):
            if not ends:
                break
            part, first = parts[at], begins and at == 0
            if isinstance(part, Choice):
                found = 0
                for option in part.options:
                    found |= self._before(option, ends, begins=first)
                ends = found
            elif isinstance(part, Gap):
                ends = self._over(part.words, ends, self._all if first else self._joined)
            else:
                found = 0
                for length, places in self._places_of(part):
                    found |= places & (ends >> length)
                ends = found
        return ends

    @staticmethod
    def _over(most: int, ends: int, joined: int) -> int:
        found = ends = ends & joined
        for _ in range(most):
            ends = (ends >> 1) & joined
            found |= ends
        return found

    def _places_of(self, part: Part) -> list[tuple[int, int]]:
        known = self._known.get(id(part))
        if known is None:
            found = [(length, self._places(words)) for length, words in self._lengths(part).items()]
            known = self._known[id(part)] = (part, found)
        return known[1]

    def _places(self, words: Iterable[int]) -> int:
        places, all_words = bytearray(self._size // 8 + 1), self._reading.words
        for at in words:
            place = at + all_words[at].sentence
            places[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(places, "little")

    def _places_joined(self) -> int:
        """Places that a gap may reach from the one before: behind a word of the same part of the sentence, or its end."""
        words, places = self._reading.words, bytearray(self._size // 8 + 1)
        for sentence in self._reading.sentences:
            for at in range(sentence.first + 1, sentence.last + 1):
                if at == sentence.last or words[at].part == words[at - 1].part:
                    place = at + sentence.index
                    places[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(places, "little")
