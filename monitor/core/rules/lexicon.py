"""The Lexicon: word classes compiled once, and with what words a phrase can begin."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.rules.gates import Gates, leading
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
    from collections.abc import Mapping, Sequence

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


class Plan(NamedTuple):
    """How a phrase is looked for."""

    parts: Parts
    need: int  # the bits that every text has which holds it (`gates`)
    following: int  # the bit of the word behind its first one; 0 if that may be any
    rest: Parts | None  # the parts behind its first, where that is one word wherever it begins
    words: (
        tuple[frozenset[str], ...] | None
    )  # what the words behind the first one may be, where each is a word of certain ones
    tight: tuple[frozenset[str], ...] | None  # those words with all gaps between them left empty, where some are gaps
    chooses: bool  # is it a choice of phrases in a script without spaces?


class Heads(NamedTuple):
    """The options of a choice by the words that they begin with, each list in the order of the options."""

    part: Choice
    by_word: Mapping[str, Sequence[Parts]]  # word -> the options that may begin with it
    others: Sequence[Parts]  # those that may begin with any other word, or none


@dataclass(frozen=True, slots=True)
class ClassIndex:
    """The alternatives of a word class, so that a text pays for those that it may hold, be they one of hundreds."""

    plans: tuple[Plan, ...]
    by_word: Mapping[str, Sequence[int]]  # first word -> places of the alternatives that may begin with it
    others: tuple[int, ...]  # places of those that may begin with something else
    unspaced: tuple[Plan, ...]  # those that a script without spaces may hold
    need: int  # the bit that every text has which holds a match of the class
    size: int  # how many bits were given out when this was made


@dataclass(slots=True)
class Lexicon:
    """Word classes, compiled once: name -> alternatives. A class may name others; a circle is refused."""

    classes: Mapping[str, Sequence[str]]
    _parsed: dict[str, tuple[Parts, ...]] = field(default_factory=dict)
    _resolving: list[str] = field(default_factory=list)
    _parts: dict[Part, Part] = field(default_factory=dict, repr=False, compare=False)
    _phrases: dict[Parts, Parts] = field(default_factory=dict, repr=False, compare=False)
    # By the phrase's identity; the phrase is kept, so that its id stays its own.
    _plans: dict[int, Plan] = field(default_factory=dict, repr=False, compare=False)
    _heads: dict[int, Heads] = field(default_factory=dict, repr=False, compare=False)
    _indexed: dict[str, ClassIndex] = field(default_factory=dict, repr=False, compare=False)
    _gates: Gates | None = field(default=None, repr=False, compare=False)
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

    @property
    def gates(self) -> Gates:
        """Which of the phrases a text can hold at all."""
        if self._gates is None:
            with self._lock:
                self._gates = self._gates or Gates(self.options)
        return self._gates

    def plan(self, parts: Parts) -> Plan:
        """How to look for a phrase; worked out once."""
        known = self._plans.get(id(parts))
        if known is None:
            known = self._plans[id(parts)] = self._plan(parts)
        return known

    def _plan(self, parts: Parts) -> Plan:
        head = parts[0]
        one_word = isinstance(head, Exact | OneOf | Prefix)
        return Plan(
            parts,
            need=self.gates.need(parts),
            following=self.gates.following(parts[1]) if one_word and len(parts) > 1 else 0,
            rest=parts[1:] if one_word else None,
            words=_words(parts[1:]) if one_word else None,
            tight=_words([part for part in parts[1:] if not isinstance(part, Gap)])
            if one_word and any(isinstance(part, Gap) for part in parts)
            else None,
            chooses=isinstance(head, Choice)
            and any(option and isinstance(option[0], Substring) for option in head.options),
        )

    def heads(self, part: Choice) -> Heads:
        """The options of a choice by their first words; made once."""
        known = self._heads.get(id(part))
        if known is None:
            known = self._heads[id(part)] = _heads(part)
        return known

    def index(self, name: str) -> ClassIndex:
        """The alternatives of a class by what they need and begin with; made once."""
        known = self._indexed.get(name)
        if known is None:
            known = self._indexed[name] = self._index(name)
        return known

    def _index(self, name: str) -> ClassIndex:
        plans = tuple(self.plan(each) for option in self.options(name) for each in _apart(option))
        by_word: dict[str, list[int]] = {}
        others: list[int] = []
        for at, plan in enumerate(plans):
            firsts = [self.first(part) for part in leading(plan.parts)]
            words = frozenset[str]().union(*(one.words for one in firsts))
            if not words or any(one.prefixes or one.classes or one.tags or one.numbers for one in firsts):
                others.append(at)
            else:
                for word in words:
                    by_word.setdefault(word, []).append(at)
        unspaced = tuple(
            plan
            for plan in plans
            if plan.chooses
            or isinstance(plan.parts[0], Substring)
            or (len(plan.parts) == 1 and isinstance(plan.parts[0], Class))
        )
        need = self.gates.need((Class(name),))
        return ClassIndex(plans, by_word, tuple(others), unspaced, need, self.gates.size)

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
        self._check(parts)
        resolved = tuple(self._parts.setdefault(part, part) for part in self._joined(parts))
        return self._phrases.setdefault(resolved, resolved)

    def _check(self, parts: Parts) -> None:
        """Raise PhraseError if a class in them is not known, or stands where it cannot."""
        for part in parts:
            if isinstance(part, Class):
                self.options(part.name)
            elif isinstance(part, Choice):
                for option in part.options:
                    self._check(option)
                    self._joined(option)
            elif isinstance(part, Substring):
                for piece in part.pieces:
                    if isinstance(piece, Class):
                        self.options(piece.name)

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


def _words(parts: Sequence[Part]) -> tuple[frozenset[str], ...] | None:
    found = tuple(map(_words_of, parts))
    return None if None in found else tuple(each for each in found if each is not None)


def _heads(part: Choice) -> Heads:
    words = [_head_words(option) for option in part.options]
    others = [option for option, begins in zip(part.options, words, strict=True) if begins is None]
    every = frozenset[str]().union(*filter(None, words))
    by_word = {
        word: [option for option, begins in zip(part.options, words, strict=True) if begins is None or word in begins]
        for word in every
    }
    return Heads(part, by_word, others)


def _head_words(option: Parts) -> frozenset[str] | None:
    """The words that an option begins with; None if it may begin otherwise."""
    return _words_of(option[0]) if option else None


def _words_of(part: Part) -> frozenset[str] | None:
    """The words that a part is one of; None if it may be something else."""
    if isinstance(part, Exact):
        return frozenset((part.word,))
    return part.words if isinstance(part, OneOf) and not part.prefixes else None


def _apart(option: Parts) -> Sequence[Parts]:
    """The phrases that an alternative of a class is, if it begins with a choice: each has a first word of its own to be looked up by.
    All of them together match what it does.
    """
    head = option[0]
    if not isinstance(head, Choice) or any(each and isinstance(each[0], Substring) for each in head.options):
        return (option,)
    several = [(*each, *option[1:]) for each in head.options]
    if not all(several) or any(isinstance(each[0], Gap) for each in several):
        return (option,)  # from a gap a match may begin at a word that none of the others begins with
    return [one for each in several for one in _apart(each)]
