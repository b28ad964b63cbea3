"""The Lexicon: word classes compiled once, and with what words a phrase can begin."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.rules.phrase import (
    CJK_GAP,
    CJK_SHORT_GAP,
    LONG_GAP,
    Choice,
    Class,
    Exact,
    Gap,
    Number,
    OneOf,
    PhraseError,
    Prefix,
    Substring,
    Tag,
    parse,
    substring,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.rules.phrase import Part, Parts, Piece


@dataclass(frozen=True, slots=True)
class First:
    """What a part can begin with: looked up in a text at once, however deep its choices are."""

    words: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __or__(self, other: First) -> First:
        return First(
            self.words | other.words,
            self.prefixes | other.prefixes,
            self.classes | other.classes,
            self.tags | other.tags,
            self.numbers | other.numbers,
        )


@dataclass(slots=True)
class Lexicon:
    """Word classes, compiled once: name -> alternatives. A class may name others; a circle is refused."""

    classes: Mapping[str, Sequence[str]]
    _parsed: dict[str, tuple[Parts, ...]] = field(default_factory=dict)
    _resolving: list[str] = field(default_factory=list)
    _parts: dict[Part, Part] = field(default_factory=dict, repr=False, compare=False)
    _phrases: dict[Parts, Parts] = field(default_factory=dict, repr=False, compare=False)
    # By the phrase's identity; the phrase is kept, so that its id stays its own.
    _gates: dict[int, tuple[Parts, frozenset[str] | None]] = field(default_factory=dict, repr=False, compare=False)
    _by_word: dict[str, tuple[Mapping[str, Sequence[int]], Sequence[int]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    # By the part's identity; the part is kept, so that its id stays its own.
    _firsts: dict[int, tuple[Part, First]] = field(default_factory=dict, repr=False, compare=False)
    # Workers judge in threads: without it one sees the other's half-way classes as a circle.
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def options(self, name: str) -> tuple[Parts, ...]:
        """The alternatives of a class, inner classes replaced; raises PhraseError if there is none or it is circular."""
        if name not in self._parsed:
            with self._lock:
                self._parse(name)
        return self._parsed[name]

    def options_among(self, name: str, vocabulary: frozenset[str]) -> Iterator[Parts]:
        """The alternatives of a class that may begin in a text of these words, in their order: those that begin with certain words
        are looked up by these, so that a class of a hundred costs a text what it holds of them.
        """
        known = self._by_word.get(name)
        if known is None:
            known = self._by_word[name] = self._words_of(name)
        by_word, others = known
        places = {*others}
        for word in by_word.keys() & vocabulary:
            places.update(by_word[word])
        options = self._parsed[name]
        return (options[at] for at in sorted(places))

    def gate(self, parts: Parts) -> frozenset[str] | None:
        """The words of which a text must hold one for the phrase to begin in it; None if it may begin with something else."""
        known = self._gates.get(id(parts))
        if known is None:
            firsts = [self.first(part) for part in leading(parts)]
            open_ = not firsts or any(one.prefixes or one.classes or one.tags or one.numbers for one in firsts)
            words = None if open_ else frozenset().union(*(one.words for one in firsts))
            known = self._gates[id(parts)] = (parts, words or None)  # a phrase without spaces begins with no word
        return known[1]

    def _words_of(self, name: str) -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
        """First word -> places of the alternatives that may begin with it; and those that may begin with something else."""
        by_word: dict[str, list[int]] = {}
        others: list[int] = []
        for at, option in enumerate(self.options(name)):
            words = self.gate(option)
            if words is None:
                others.append(at)
            else:
                for word in words:
                    by_word.setdefault(word, []).append(at)
        return by_word, others

    def _parse(self, name: str) -> None:
        if name in self._parsed:
            return
        if name not in self.classes:
            raise PhraseError(f"names the word class <{name}>, which nobody defines", 0)
        if name in self._resolving:
            raise PhraseError(f"has a word class <{name}> that holds itself", 0)
        self._resolving.append(name)
        try:
            self._parsed[name] = tuple(self.resolve(parse(phrase)) for phrase in self.classes[name])
        finally:
            self._resolving.pop()

    def resolve(self, parts: Parts) -> Parts:
        """Check that every class named is known; classes stay names, they are matched once per text.

        Equal parts of different phrases become one object, and so do equal phrases: where a text holds them is then looked
        up once.
        """
        for part in parts:
            if isinstance(part, Class):
                self.options(part.name)
            elif isinstance(part, Choice):
                for option in part.options:
                    self.resolve(option)
            elif isinstance(part, Substring):
                for piece in part.pieces:
                    if isinstance(piece, Class):
                        self.options(piece.name)
        resolved = tuple(self._parts.setdefault(part, part) for part in self._joined(parts))
        return self._phrases.setdefault(resolved, resolved)

    def _joined(self, parts: Parts) -> Parts:
        """A phrase of classes alone is one in a script without spaces where its first class is: its letters tell nothing."""
        first = parts[0] if len(parts) > 1 else None
        if not isinstance(first, Class) or not self.unspaced(first):
            return parts
        pieces: list[Piece] = []
        gaps: list[int] = []
        gap = 0
        for part in parts:
            if isinstance(part, Gap):
                gap = CJK_GAP if part.words == LONG_GAP else CJK_SHORT_GAP
            elif isinstance(part, Class | Number):
                if pieces:
                    gaps.append(gap)
                pieces.append(part)
                gap = 0
            else:
                raise PhraseError(
                    f"joins the word class <{first.name}>, in a script without spaces, with other words", 0
                )
        return (substring(pieces, gaps),)

    def unspaced(self, part: Class) -> bool:
        """Are all of the class's phrases written without spaces?"""
        options = self.options(part.name)
        return bool(options) and all(self._written_unspaced(option[0]) for option in options)

    def _written_unspaced(self, head: Part) -> bool:
        if isinstance(head, Choice):
            return all(option and self._written_unspaced(option[0]) for option in head.options)
        return isinstance(head, Substring) or (isinstance(head, Class) and self.unspaced(head))

    def first(self, part: Part) -> First:
        """What the part can begin with; worked out once."""
        known = self._firsts.get(id(part))
        if known is None:
            known = self._firsts[id(part)] = (part, self._first(part))
        return known[1]

    def _first(self, part: Part) -> First:  # noqa: PLR0911 - one line for each kind of part
        if isinstance(part, Exact):
            return First(words=frozenset({part.word}))
        if isinstance(part, OneOf):
            return First(words=part.words, prefixes=frozenset(part.prefixes))
        if isinstance(part, Prefix):
            return First(prefixes=frozenset({part.prefix}))
        if isinstance(part, Class):
            return First(classes=frozenset({part.name}))
        if isinstance(part, Tag):
            return First(tags=frozenset({part.tag}))
        if isinstance(part, Number):
            return First(numbers=frozenset({part.type}))
        found = First()  # a gap and a Substring begin at no word
        if isinstance(part, Choice):
            for option in part.options:
                for inner in leading(option):
                    found |= self.first(inner)
        return found


def leading(parts: Parts) -> Iterator[Part]:
    """The parts that a match of a phrase may begin with: an empty choice lets it begin with what follows."""
    for part in parts:
        if isinstance(part, Gap):
            continue
        yield part
        if not (isinstance(part, Choice) and any(not option for option in part.options)):
            break
