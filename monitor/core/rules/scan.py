"""Many phrases in many texts: which of them a text may hold is told by its bare words, before anything of it is read.

Of each phrase the part is taken that fewest texts hold, a long word rather than a common one, and looked up among the text's
words; what is found so needs a word of each of its other parts as well. A phrase of nothing but words is then looked for by a pattern
made of it, twice: once with anything between its words, once with spaces and hyphens alone. Where both find the same places, nobody
who reads sentences finds others. Else, and for every other phrase, the text is read, and the phrase looked for as everywhere
(`matcher`). Most texts hold none of five hundred phrases, and cost no more than being split into words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import Choice, Class, Gap, Substring
from monitor.core.text.content_words import STOPWORDS
from monitor.core.text.doc import PERCENT, RUN_OF_LETTERS, fold, is_cjk, read, runs_of_letters, spell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.rules.gates import Beginnings
    from monitor.core.rules.lexicon import Lexicon
    from monitor.core.rules.phrase import Parts

#: A word of fewer letters stands in most texts, as function words do.
SHORT = 4
#: No sentence ends within what stands here between two words, and no word begins.
_BETWEEN = "[ -]+"


class _Sought(NamedTuple):
    """A phrase that a word of a text may belong to, and of what else that text must hold one each."""

    place: int
    groups: tuple[frozenset[str], ...]


class _Patterns(NamedTuple):
    """A phrase of nothing but words, as regular expressions for folded ASCII. Both are linear: no word is a separator."""

    anywhere: re.Pattern[str]  # finds every place of it, and places that are none
    whole: re.Pattern[str]  # finds whole words with nothing between that could part them


class Scanner:
    """Phrases that are looked for together. Immutable once made; can be used from many threads."""

    def __init__(self, phrases: Iterable[Parts], lexicon: Lexicon) -> None:
        """The phrases are resolved ones of the lexicon (`Lexicon.resolve`)."""
        self._lexicon = lexicon
        self._phrases = tuple(phrases)
        self._patterns = tuple(map(self._patterns_of, self._phrases))
        self._by_word: dict[str, list[_Sought]] = {}
        self._by_beginning: dict[str, list[_Sought]] = {}
        self._by_letters: list[tuple[int, tuple[str, ...]]] = []
        self._always: list[int] = []  # those that no letters tell: a number may be written in many ways
        for place, parts in enumerate(self._phrases):
            self._add(place, parts)
        self._words, self._beginnings = frozenset(self._by_word), tuple(self._by_beginning)

    def possible(self, text: str) -> Sequence[int]:
        """Which of the phrases, by their place, the text may hold, in their order. Each that it does hold is among them."""
        spelt = spell(text).text
        return self._possible(spelt, fold(spelt))

    def _possible(self, spelt: str, folded: str) -> Sequence[int]:
        runs = runs_of_letters(spelt, folded)
        found = [*self._always]
        for word in runs & self._words:
            found += [one.place for one in self._by_word[word] if _all_stand(one.groups, runs)]
        if self._beginnings:
            for word in runs:
                if word.startswith(self._beginnings):
                    found += [
                        one.place
                        for begin, several in self._by_beginning.items()
                        if word.startswith(begin)
                        for one in several
                    ]
        if self._by_letters and is_cjk(folded):
            found += [place for place, letters in self._by_letters if all(each in folded for each in letters)]
        return sorted(set(found)) if len(found) > 1 else found

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Every match of every phrase: its place among the phrases and where it stands in the text as it was given, by phrase and in
        reading order.
        """
        spelt = spell(text)
        folded = fold(spelt.text)
        found: list[tuple[int, int, int]] = []
        matcher: Matcher | None = None
        simple = spelt.starts is None and folded.isascii()
        for place in self._possible(spelt.text, folded):
            patterns = self._patterns[place]
            told = _told(patterns, folded) if simple and patterns is not None else None
            if told is None:
                matcher = matcher or Matcher(read(text), self._lexicon)
                matches = matcher.find(self._phrases[place])
                told = [matcher.doc.span(match.start, match.end)[:2] for match in matches]
            found += [(place, *span) for span in told]
        return found

    def _patterns_of(self, parts: Parts) -> _Patterns | None:
        plan = self._lexicon.plan(parts)
        if plan.words is None:
            return None
        head = self._lexicon.gates.beginnings(parts[0])
        words = (head.words, *plan.words)
        if head.prefixes or not all(
            word.isascii() and word.isalpha() and word != PERCENT for each in words for word in each
        ):
            return None
        told = ["(?:" + "|".join(sorted(each, key=lambda word: (-len(word), word))) + ")" for each in words]
        return _Patterns(
            re.compile(r"[\W_]*".join(told)), re.compile(r"(?<![\w'#])" + _BETWEEN.join(told) + r"(?![\w'])")
        )

    def _add(self, place: int, parts: Parts) -> None:
        head = parts[0]
        if isinstance(head, Substring):
            self._by_letters.append((place, tuple(piece for piece in head.pieces if isinstance(piece, str))))
            return
        if isinstance(head, Choice) and self._lexicon.plan(parts).chooses:
            for option in head.options:  # each is looked for by itself
                self._add(place, option)
            return
        if len(parts) == 1 and isinstance(head, Class):
            for option in self._lexicon.options(head.name):
                self._add(place, option)
            return
        needed = [one for one in self._needed(parts) if not one.numbers]
        groups = [keys for one in needed if not one.prefixes and (keys := _keys(one)) is not None]
        beginnings = [keys for one in needed if (keys := _beginnings(one)) is not None]
        if groups:
            best, *others = sorted(groups, key=_rank)
            for word in best:
                self._by_word.setdefault(word, []).append(_Sought(place, tuple(others)))
        elif beginnings:
            for begin in beginnings[0]:
                self._by_beginning.setdefault(begin, []).append(_Sought(place, ()))
        else:
            self._always.append(place)

    def _needed(self, parts: Parts) -> Iterator[Beginnings]:
        """With what each part that a match needs can begin."""
        for part in parts:
            if not (isinstance(part, Gap) or (isinstance(part, Choice) and not all(part.options))):
                yield self._lexicon.gates.beginnings(part)


def _told(patterns: _Patterns, folded: str) -> list[tuple[int, int]] | None:
    """Where a phrase stands in folded ASCII text; None if it must be read to tell."""
    told = []
    for found in patterns.anywhere.finditer(folded):
        whole = patterns.whole.match(folded, found.start())
        if whole is None or whole.end() != found.end():
            return None
        told.append(found.span())
    return told


def _all_stand(groups: Iterable[frozenset[str]], runs: set[str]) -> bool:
    return not any(group.isdisjoint(runs) for group in groups)


def _keys(beginnings: Beginnings) -> frozenset[str] | None:
    """What the runs of letters of a text are asked for: of each word that a part may begin with the longest, and its hashtags. None if a
    word has no letters.
    """
    longest = [max(RUN_OF_LETTERS.findall(word), key=len, default="") for word in beginnings.words]
    return frozenset((*longest, *(f"#{tag}" for tag in beginnings.tags))) if all(longest) else None


def _beginnings(beginnings: Beginnings) -> frozenset[str] | None:
    """With what one of the runs of letters of a text begins; None if one of the beginnings has no letters."""
    words, first = _keys(beginnings), [RUN_OF_LETTERS.match(prefix) for prefix in beginnings.prefixes]
    # Of "didn't*" the text is asked for "didn".
    return None if words is None or not all(first) else words.union(found.group() for found in first if found)


def _rank(words: frozenset[str]) -> tuple[bool, int, int]:
    """Of groups of words first the one of which a text seldom holds any: no common word, few of them, long ones."""
    common = any(len(word) < SHORT or word in STOPWORDS for word in words)
    return common, len(words), -min(map(len, words), default=0)
