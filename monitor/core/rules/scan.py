"""Many phrases in many texts: which of them a text may hold is told by its bare words, before anything of it is read.

Of each phrase the part is taken that fewest texts hold, a long word rather than a common one, and looked up among the text's
words; what is found so needs a word of each of its other parts as well. Only then is the text read, with its sentences and
clauses, and the phrase looked for as everywhere (`matcher`). Most texts hold none of five hundred phrases, and cost no more than
being split into words.

A text is split more finely than it is read ("didn't" at its apostrophe, "1,000" at its comma), and the words of phrases likewise,
so a word of a phrase stands in the text only where all of its pieces do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import Choice, Class, Gap, Substring
from monitor.core.text.content_words import STOPWORDS
from monitor.core.text.doc import bare_words, fold, is_cjk, read, spell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.rules.gates import Beginnings
    from monitor.core.rules.lexicon import Lexicon
    from monitor.core.rules.phrase import Parts

#: A word of fewer letters stands in most texts, as function words do.
SHORT = 4
_PIECES = re.compile(r"[^\W_]+")


class _Sought(NamedTuple):
    """A phrase that a word of a text may belong to, and of what else that text must hold one each."""

    place: int
    groups: tuple[frozenset[str], ...]


class Scanner:
    """Phrases that are looked for together. Immutable once made; can be used from many threads."""

    def __init__(self, phrases: Iterable[Parts], lexicon: Lexicon) -> None:
        """The phrases are resolved ones of the lexicon (`Lexicon.resolve`)."""
        self._lexicon = lexicon
        self._phrases = tuple(phrases)
        self._by_word: dict[str, list[_Sought]] = {}
        self._by_beginning: dict[str, list[_Sought]] = {}
        self._by_letters: list[tuple[int, tuple[str, ...]]] = []
        self._always: list[int] = []  # those that no words tell: a number may be written in many ways
        for place, parts in enumerate(self._phrases):
            self._add(place, parts)
        self._beginnings = tuple(self._by_beginning)

    def possible(self, text: str) -> Sequence[int]:
        """Which of the phrases, by their place, the text may hold, in their order. Each that it does hold is among them."""
        spelt = spell(text).text
        folded = fold(spelt)
        words = bare_words(spelt, folded)
        found = [*self._always]
        if not self._by_word.keys().isdisjoint(words):
            for word in self._by_word.keys() & words:
                found += [one.place for one in self._by_word[word] if _all_stand(one.groups, words)]
        if self._beginnings:
            for word in words:
                if word.startswith(self._beginnings):
                    found += [
                        one.place
                        for begin, several in self._by_beginning.items()
                        if word.startswith(begin)
                        for one in several
                        if _all_stand(one.groups, words)
                    ]
        if self._by_letters and is_cjk(folded):
            found += [place for place, letters in self._by_letters if all(each in folded for each in letters)]
        return sorted(set(found)) if len(found) > 1 else found

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Every match of every phrase: its place among the phrases and where it stands in the text as it was given, by phrase and in
        reading order.
        """
        possible = self.possible(text)
        if not possible:
            return []
        doc = read(text)
        matcher = Matcher(doc, self._lexicon)
        return [
            (place, *doc.span(found.start, found.end)[:2])
            for place in possible
            for found in matcher.find(self._phrases[place])
        ]

    def _add(self, place: int, parts: Parts) -> None:
        head = parts[0]
        if isinstance(head, Substring):
            letters = tuple(piece for piece in head.pieces if isinstance(piece, str))
            self._by_letters.append((place, letters))
            return
        needed = [one for one in self._needed(parts) if not (one.numbers or one.unspaced)]
        groups = sorted((_keys(one) for one in needed if not one.prefixes), key=_rank)
        if groups:
            sought = _Sought(place, tuple(groups[1:]))
            for word in groups[0]:
                self._by_word.setdefault(word, []).append(sought)
        elif needed:
            sought = _Sought(place, ())
            # Of "didn't*" the text is asked for "didn": it may be split where the beginning is.
            for begin in {*(_PIECES.findall(prefix)[0] for prefix in needed[0].prefixes), *_keys(needed[0])}:
                self._by_beginning.setdefault(begin, []).append(sought)
        else:
            self._always.append(place)

    def _needed(self, parts: Parts) -> Iterator[Beginnings]:
        """With what each part that a match needs can begin."""
        gates, head = self._lexicon.gates, parts[0]
        if self._lexicon.plan(parts).chooses:
            return
        if len(parts) == 1 and isinstance(head, Class):
            yield gates.found(head.name)
            return
        for part in parts:
            if not (isinstance(part, Gap) or (isinstance(part, Choice) and not all(part.options))):
                yield gates.beginnings(part)


def _all_stand(groups: Iterable[frozenset[str]], words: set[str]) -> bool:
    return not any(group.isdisjoint(words) for group in groups)


def _keys(beginnings: Beginnings) -> frozenset[str]:
    """What the bare words of a text are asked for: of each word that a part may begin with its longest piece, and its hashtags."""
    pieces = (max(_PIECES.findall(word), key=len, default=word) for word in beginnings.words)
    return frozenset((*pieces, *(f"#{tag}" for tag in beginnings.tags)))


def _rank(words: frozenset[str]) -> tuple[bool, int, int]:
    """Of groups of words first the one of which a text seldom holds any: no common word, few of them, long ones."""
    common = any(len(word) < SHORT or word in STOPWORDS for word in words)
    return common, len(words), -min(map(len, words), default=0)
