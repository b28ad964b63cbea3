"""Which phrases a text can hold at all, told by its words alone, before any of them is looked for.

Each part of a phrase begins with one of certain words ("walk", "walks", "walked"), whatever classes and choices are in it.
Parts that begin alike share a bit; a word has the bits of all parts that can begin with it, a text or sentence those of its
words. What a phrase needs is the bits of its parts: where one of them is missing no match can be. So a text costs what it holds of
a thousand phrases, and not what they are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import Choice, Class, Exact, Gap, Number, OneOf, Prefix, Substring, Tag
from monitor.core.text.numbers import BEGINNINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitor.core.rules.phrase import Part, Parts


@dataclass(frozen=True, slots=True)
class Beginnings:
    """With what a part can begin, through all of its classes and choices. `unspaced`: also within a script without spaces."""

    words: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    unspaced: bool = False

    def __or__(self, other: Beginnings) -> Beginnings:
        return Beginnings(
            self.words | other.words,
            self.prefixes | other.prefixes,
            self.tags | other.tags,
            self.numbers | other.numbers,
            self.unspaced or other.unspaced,
        )


_UNSPACED = Beginnings(unspaced=True)


class Gates:
    """The bits of one Lexicon's phrases and words. Grows with each phrase that is asked for; never forgets one."""

    def __init__(self, options: Callable[[str], Sequence[Parts]]) -> None:
        """`options` gives the alternatives of a word class."""
        self._options = options
        #: How many bits are given out. A text whose bits were put together before knows nothing of later ones.
        self.size = 0
        self._bits: dict[Beginnings, int] = {}
        self._of_word: dict[str, int] = {}
        self._of_prefix: dict[str, list[tuple[str, int]]] = {}  # by their first two letters
        self._of_tag: dict[str, int] = {}
        self._of_digits = self._of_unspaced = 0
        self._classes: dict[str, Beginnings] = {}
        self._lock = threading.RLock()

    def need(self, parts: Parts) -> int:
        """The bits that every text has which holds the phrase; 0 if nothing can be told. Raises PhraseError for a class that
        nobody defines.
        """
        head = parts[0] if parts else None
        if isinstance(head, Substring) or (isinstance(head, Choice) and any(map(_without_spaces, head.options))):
            # Each of its options is looked for by itself, and a word of another script may be one of them.
            only = isinstance(head, Substring) or all(map(_without_spaces, head.options))
            return self._bit(_UNSPACED) if only else 0
        if len(parts) == 1 and isinstance(head, Class):
            return self._bit(self.found(head.name))
        found = 0
        for part in parts:
            if not (isinstance(part, Gap) or (isinstance(part, Choice) and not all(part.options))):
                found |= self._bit(self.beginnings(part))
        return found

    def following(self, part: Part) -> int:
        """The bit of every word at which the part can begin; 0 if nothing can be told."""
        if isinstance(part, Gap) or (isinstance(part, Choice) and _may_be_passed_over(part)):
            return 0
        beginnings = self.beginnings(part)
        return 0 if beginnings.tags else self._bit(beginnings)

    def of_words(self, words: Iterable[str]) -> dict[str, int]:
        """The bits of each of some words."""
        of_word, of_prefix, digits = self._of_word, self._of_prefix, self._of_digits
        found = {}
        for word in words:
            bits = of_word.get(word, 0)
            for prefix, bit in of_prefix.get(word[:2], ()):
                if word.startswith(prefix):
                    bits |= bit
            found[word] = bits | digits if digits and word[0].isdigit() else bits
        return found

    def of_tag(self, tag: str) -> int:
        """The bits of a hashtag."""
        return self._of_tag.get(tag, 0)

    @property
    def unspaced(self) -> int:
        """The bits of what is written in a script without spaces."""
        return self._of_unspaced

    def _bit(self, beginnings: Beginnings) -> int:
        known = self._bits.get(beginnings)
        if known is None:
            with self._lock:
                known = self._bits.get(beginnings)
                if known is None:
                    known = self._bits[beginnings] = self._give(beginnings)
        return known

    def _give(self, beginnings: Beginnings) -> int:
        """A bit of its own, known to all words before it counts."""
        bit = 1 << self.size
        for word in beginnings.words.union(*(BEGINNINGS[kind] for kind in beginnings.numbers)):
            self._of_word[word] = self._of_word.get(word, 0) | bit
        for prefix in beginnings.prefixes:
            self._of_prefix[prefix[:2]] = [*self._of_prefix.get(prefix[:2], ()), (prefix, bit)]
        for tag in beginnings.tags:
            self._of_tag[tag] = self._of_tag.get(tag, 0) | bit
        if beginnings.numbers:
            self._of_digits |= bit
        if beginnings.unspaced:
            self._of_unspaced |= bit
        self.size += 1
        return bit

    def beginnings(self, part: Part) -> Beginnings:  # noqa: PLR0911 - one line for each kind of part
        """With what a part can begin at a word."""
        if isinstance(part, Exact):
            return Beginnings(words=frozenset((part.word,)))
        if isinstance(part, OneOf):
            return Beginnings(words=part.words, prefixes=frozenset(part.prefixes))
        if isinstance(part, Prefix):
            return Beginnings(prefixes=frozenset((part.prefix,)))
        if isinstance(part, Tag):
            return Beginnings(tags=frozenset((part.tag,)))
        if isinstance(part, Number):
            return Beginnings(numbers=frozenset((part.type,)))
        if isinstance(part, Class):
            return self._of_class(part.name)
        if isinstance(part, Choice):
            return _together(self.beginnings(inner) for option in part.options for inner in leading(option))
        return Beginnings()  # what is written without spaces begins at no word

    def _of_class(self, name: str) -> Beginnings:
        known = self._classes.get(name)
        if known is None:
            inner = (self.beginnings(part) for option in self._options(name) for part in leading(option))
            known = self._classes[name] = _together(inner)
        return known

    def found(self, name: str) -> Beginnings:
        """With what a match of a class by itself can begin, be it no word."""
        found = self._of_class(name)
        return found | _UNSPACED if self._holds_unspaced(name) else found

    def _holds_unspaced(self, name: str) -> bool:
        return any(
            _without_spaces(option)
            or (isinstance(option[0], Choice) and any(map(_without_spaces, option[0].options)))
            or (len(option) == 1 and isinstance(option[0], Class) and self._holds_unspaced(option[0].name))
            for option in self._options(name)
        )


def leading(parts: Parts) -> Iterator[Part]:
    """The parts that a match of a phrase may begin with: an empty choice lets it begin with what follows."""
    for part in parts:
        if isinstance(part, Gap):
            continue
        yield part
        if not (isinstance(part, Choice) and not all(part.options)):
            break


def _may_be_passed_over(part: Choice) -> bool:
    """Can words stand before what the part begins with, or none of it stand there?"""
    return any(
        not option or isinstance(option[0], Gap) or (isinstance(option[0], Choice) and _may_be_passed_over(option[0]))
        for option in part.options
    )


def _without_spaces(option: Parts) -> bool:
    return bool(option) and isinstance(option[0], Substring)


def _together(several: Iterable[Beginnings]) -> Beginnings:
    """All of them, gathered in one go: a class has hundreds."""
    words: set[str] = set()
    prefixes: set[str] = set()
    tags: set[str] = set()
    numbers: set[str] = set()
    for one in several:
        words |= one.words
        prefixes |= one.prefixes
        tags |= one.tags
        numbers |= one.numbers
    return Beginnings(frozenset(words), frozenset(prefixes), frozenset(tags), frozenset(numbers))
