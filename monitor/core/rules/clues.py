"""What a text must hold for a phrase to match in it: words, without their order. What the search index can be asked, and a
text in a hundredth of the time that judging takes.

A clue never says less than the phrase: a text that does not hold it holds no match. Where nothing can be told (a number may
be written in many ways) it asks for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import (
    Choice,
    Class,
    Exact,
    Number,
    OneOf,
    Prefix,
    Substring,
    Tag,
)
from monitor.core.text.doc import PERCENT, fold, hashtag_words, spell, words_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.rules.lexicon import Lexicon
    from monitor.core.rules.phrase import Part, Parts, Piece


@dataclass(frozen=True, slots=True)
class Word:
    """A word as `text.doc` folds it; with `begins` whatever begins so. A hashtag begins with its sign."""

    text: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of a script without spaces, wherever they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class AllOf:
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    clues: tuple[Clue, ...]


Clue = Word | Letters | AllOf | AnyOf
ANYTHING = AllOf(())
NOTHING = AnyOf(())


def any_of(clues: Iterable[Clue]) -> Clue:
    """One of them; anything, if one of them is."""
    found: dict[Clue, None] = {}
    for clue in clues:
        if clue == ANYTHING:
            return ANYTHING
        found.update(dict.fromkeys(clue.clues if isinstance(clue, AnyOf) else (clue,)))
    return next(iter(found)) if len(found) == 1 else AnyOf(tuple(found))


def all_of(clues: Iterable[Clue]) -> Clue:
    """Each of them."""
    found: dict[Clue, None] = {}
    for clue in clues:
        found.update(dict.fromkeys(clue.clues if isinstance(clue, AllOf) else (clue,)))
    return next(iter(found)) if len(found) == 1 else AllOf(tuple(found))


@dataclass(slots=True)
class Clues:
    """The clues of phrases under one Lexicon; a word class's are made once."""

    lexicon: Lexicon
    _classes: dict[str, Clue] = field(default_factory=dict)

    def of(self, parts: Parts) -> Clue:
        """What a text must hold for the phrase to match."""
        return all_of(map(self._part, parts))

    def _part(self, part: Part) -> Clue:  # noqa: PLR0911 - one line for each kind of part
        match part:
            case Exact(word):
                return _word(word)
            case Prefix(prefix):
                return Word(prefix, begins=True)
            case Tag(tag):
                return Word(f"#{tag}")
            case OneOf(words, prefixes):
                return any_of([*map(_word, sorted(words)), *(Word(prefix, begins=True) for prefix in prefixes)])
            case Class(name):
                return self._class(name)
            case Choice(options):
                return any_of(self.of(option) for option in options)
            case Substring(pieces):
                return all_of(map(self._piece, pieces))
        return ANYTHING

    def _piece(self, piece: Piece) -> Clue:
        if isinstance(piece, str):
            return Letters(piece)
        if isinstance(piece, tuple):
            return any_of(map(Letters, piece))
        return ANYTHING if isinstance(piece, Number) else self._class(piece.name)

    def _class(self, name: str) -> Clue:
        if name not in self._classes:
            self._classes[name] = any_of(map(self.of, self.lexicon.options(name)))
        return self._classes[name]


def _word(word: str) -> Clue:
    return ANYTHING if word == PERCENT else Word(word)  # it may be written as a sign


class Held:
    """What a text holds, for clues to be asked of it. Letters are looked for before words are, and a text is parted into words only
    where they are there: of most texts no more is read.
    """

    def __init__(self, *texts: str) -> None:
        """Folds the texts, and reads nothing yet."""
        self._spelt = [spell(text).text for text in texts]
        self._folded = [fold(text) for text in self._spelt]

    @cached_property
    def _words(self) -> frozenset[str]:
        """Their words; hashtags count as themselves and as their words."""
        words: set[str] = set()
        for text, folded in zip(self._spelt, self._folded, strict=True):
            words.update(words_in(folded))
            if "#" in folded:
                words.update(hashtag_words(text, folded))
        return frozenset(words)

    def hold(self, clue: Clue) -> bool:
        """Does one of the texts hold it, or all of them together?"""
        match clue:
            case Word(text, begins):
                if not any(text in folded for folded in self._folded):
                    return False
                return any(word.startswith(text) for word in self._words) if begins else text in self._words
            case Letters(text):
                return any(text in folded for folded in self._folded)
            case AllOf(clues):
                return all(map(self.hold, clues))
            case AnyOf(clues):
                return any(map(self.hold, clues))
