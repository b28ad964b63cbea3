"""The phrase language: what a communications officer writes in a rule, and how it finds words in a text.

    walking again          whole words in any case; curly or straight quotes, hyphen or space make no difference
    walk|walks|walked      one of these words
    (able to|can) walk     one of these groups; an empty choice makes it optional: (fully|) recovered
    reprogram*             words that begin so
    made ... walk          up to six words between, never past the sentence
    made .. walk           up to two words between
    <n:number>             a number in digits or words
    <patients>             a word class: a list of phrases that the packs or the fact sheet name
    #MedicalMiracle        a hashtag
    奇跡                    Japanese and Chinese match as parts of a sentence, with ... for up to thirty characters

There is no repetition, so matching is linear in the text for any phrase. Raw spans of an engine are never shown: a
match is a range of words of the original.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.numbers import number_at
from monitor.core.text import fold, is_cjk, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitor.core.text import Reading, Sentence

#: Words that `...` and `..` may stand for, and characters that `...` may in scripts without spaces.
LONG_GAP, SHORT_GAP, CJK_GAP = 6, 2, 30
#: Longer than anything a person writes, short enough that no phrase can be a program.
MOST_CHARACTERS = 2_000


class PhraseError(ValueError):
    """A phrase that cannot be read; `at` is the character (from 0) where it goes wrong."""

    def __init__(self, what: str, at: int) -> None:
        """`what` says what is wrong, to follow the place."""
        super().__init__(what)
        self.at = at


# --- the parts of a phrase -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exact:
    word: str


@dataclass(frozen=True, slots=True)
class Begins:
    prefix: str


@dataclass(frozen=True, slots=True)
class Tag:
    tag: str


@dataclass(frozen=True, slots=True)
class Number:
    name: str


@dataclass(frozen=True, slots=True)
class Class:
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    words: int


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Substring:
    """A phrase in a script without spaces: pieces that follow each other within CJK_GAP characters."""

    pieces: tuple[str, ...]


Part = Exact | Begins | Tag | Number | Class | Gap | Choice | Substring
Parts = tuple[Part, ...]

_TOKEN = re.compile(
    r"(?P<gap>\.\.\.|…|\.\.)|(?P<open>\()|(?P<close>\))|(?P<bar>\|)|<(?P<angle>[^<>]*)>|(?P<tag>#\w+)"
    r"|(?P<word>[^\s()|<>#…]+?\*?(?=\.\.|[\s()|<>#…]|$))|(?P<space>\s+)|(?P<bad>.)"
)


def parse(phrase: str) -> Parts:
    """Read one phrase; raises PhraseError with the place."""
    if len(phrase) > MOST_CHARACTERS:
        raise PhraseError(f"is longer than {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    if is_cjk(phrase) and not re.search(r"[<(]", phrase):
        return _substrings(phrase)
    tokens = [(m.lastgroup or "", m.group(m.lastgroup or 0), m.start()) for m in _TOKEN.finditer(phrase)]
    options, at = _options(tokens, 0, depth=0)
    if at < len(tokens):
        raise PhraseError("has a ) without a (", tokens[at][2])
    parts = options[0] if len(options) == 1 else (Choice(tuple(options)),)
    if not parts or all(isinstance(part, Gap) for part in parts):
        raise PhraseError("holds no word", 0)
    if isinstance(parts[0], Gap) or isinstance(parts[-1], Gap):
        raise PhraseError("begins or ends with a gap (...), which matches nothing by itself", 0)
    return parts


def _substrings(phrase: str) -> Parts:
    """Japanese and Chinese: `a|b` are alternatives of the whole, `...` a gap."""
    options = []
    for option in phrase.split("|"):
        pieces = tuple(fold(piece.strip()) for piece in re.split(r"\.\.\.?|…", option) if piece.strip())
        if not pieces:
            raise PhraseError("holds no word", 0)
        options.append((Substring(pieces),))
    return options[0] if len(options) == 1 else (Choice(tuple(options)),)


def _options(tokens: Sequence[tuple[str, str, int]], at: int, depth: int) -> tuple[list[Parts], int]:
    """Sequences between bars up to a closing parenthesis or the end. A bar between single words binds those words only."""
    if depth > 4:
        raise PhraseError("has parentheses more than four deep", tokens[at - 1][2])
    spaced = depth == 0
    options: list[list[Part]] = [[]]
    pending_bar = False
    while at < len(tokens):
        kind, value, place = tokens[at]
        if kind == "close":
            if depth == 0:
                break
            return [tuple(option) for option in options], at
        at += 1
        if kind == "space":
            continue
        if kind == "bar":
            if not spaced:
                options.append([])
                continue
            if pending_bar or not options[-1]:
                raise PhraseError("has a | without a word before it", place)
            pending_bar = True
            continue
        part, at = _part(kind, value, place, tokens, at, depth)
        if pending_bar:
            before = options[-1].pop()
            known = before.options if isinstance(before, Choice) else ((before,),)
            part, pending_bar = (Choice((*known, *part_options(part))),), False
        options[-1].extend(part)
    if depth:
        raise PhraseError("has a ( without a )", 0)
    if pending_bar:
        raise PhraseError("ends with a |", len(tokens))
    return [tuple(option) for option in options], at


def part_options(parts: Parts) -> tuple[Parts, ...]:
    """The alternatives that a bar joins."""
    return parts[0].options if len(parts) == 1 and isinstance(parts[0], Choice) else (parts,)


def _part(
    kind: str, value: str, place: int, tokens: Sequence[tuple[str, str, int]], at: int, depth: int
) -> tuple[Parts, int]:
    if kind == "gap":
        return (Gap(SHORT_GAP if value == ".." else LONG_GAP),), at
    if kind == "open":
        options, at = _options(tokens, at, depth + 1)
        return (Choice(tuple(options)),), at + 1
    if kind == "angle":
        name, _, what = value.partition(":")
        if what == "number" or name == "number":
            return (Number(name or "n"),), at
        if what or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise PhraseError(f"has <{value}>; a word class is written <like-this>, a number <n:number>", place)
        return (Class(name),), at
    if kind == "tag":
        return (Tag(fold(value[1:])),), at
    if kind == "word":
        return _word(value, place), at
    raise PhraseError(f"has {value!r}, which the phrase language does not know", place)


def _word(value: str, place: int) -> Parts:
    begins = value.endswith("*")
    bare = value.rstrip("*")
    if "*" in bare or (begins and len(bare) < 2):
        raise PhraseError("has a * that is not at the end of a beginning of two letters or more", place)
    texts = [word.text for word in read(bare).words]
    if not texts:
        # Punctuation by itself stands in no word; "C++" still finds "c".
        return ()
    parts: list[Part] = [Exact(text) for text in texts]
    if begins:
        parts[-1] = Begins(texts[-1])
    return tuple(parts)


# --- matching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """One match: words [first, last) of the reading, offsets in the original, and the numbers that it caught."""

    start: int
    end: int
    sentence: int
    clause: int
    first: int
    last: int
    numbers: tuple[float, ...] = ()


@dataclass(slots=True)
class Lexicon:
    """Word classes, compiled once: name -> alternatives. A class may name others; a circle is refused."""

    classes: Mapping[str, Sequence[str]]
    _parsed: dict[str, tuple[Parts, ...]] = field(default_factory=dict)
    _resolving: list[str] = field(default_factory=list)
    # Workers judge in threads: without it one sees the other's half-way classes as a circle.
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def options(self, name: str) -> tuple[Parts, ...]:
        """The alternatives of a class, inner classes replaced; raises PhraseError if there is none or it is circular."""
        if name not in self._parsed:
            with self._lock:
                self._parse(name)
        return self._parsed[name]

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
        """Check that every class named is known; classes stay names, they are matched once per text."""
        for part in parts:
            if isinstance(part, Class):
                self.options(part.name)
            elif isinstance(part, Choice):
                for option in part.options:
                    self.resolve(option)
        return parts


#: State of a match under way: index of the next word -> (words skipped by gaps, numbers caught).
_States = dict[int, tuple[int, tuple[float, ...]]]


class Scan:
    """One text under one Lexicon. Class matches are found once and remembered: phrases share them."""

    def __init__(self, reading: Reading, lexicon: Lexicon) -> None:
        """Nothing is matched yet."""
        self.reading = reading
        self._lexicon = lexicon
        self._texts = [word.text for word in reading.words]
        self._classes: dict[tuple[str, int], tuple[int, ...]] = {}
        self._starts: dict[str, frozenset[int] | None] = {}
        self._positions: dict[str, list[int]] = defaultdict(list)
        self._by_two: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(self._texts):
            self._positions[text].append(at)
            self._by_two[text[:2]].append(at)

    @property
    def known(self) -> Mapping[str, Sequence[str]]:
        """The word classes there are."""
        return self._lexicon.classes

    def find(self, parts: Parts, sentence: Sentence | None = None) -> Iterator[Found]:
        """Every match of a phrase, leftmost first, the tightest at each word; matches do not overlap."""
        if isinstance(parts[0], Substring):
            yield from self._substring(parts[0], sentence)
            return
        if isinstance(parts[0], Choice) and any(o and isinstance(o[0], Substring) for o in parts[0].options):
            for option in parts[0].options:
                yield from self.find(option, sentence)
            return
        sentences, words, behind = self.reading.sentences, self.reading.words, -1
        for at in sorted(self.starts(parts)):
            if at < behind or (sentence is not None and not sentence.first <= at < sentence.last):
                continue
            last = sentences[words[at].sentence].last
            ends = self._run(parts, at, last)
            if not ends:
                continue
            end = min(ends, key=lambda e: (ends[e][0], -e))
            if end <= at:
                continue
            behind = end
            first = words[at]
            yield Found(first.start, words[end - 1].end, first.sentence, first.clause, at, end, ends[end][1])

    def class_at(self, name: str, at: int) -> tuple[int, ...]:
        """Ends of the class's matches that begin at word `at`."""
        key = (name, at)
        if key not in self._classes:
            ends: set[int] = set()
            starts = self.class_starts(name)
            if at in starts:
                last = self.reading.sentences[self.reading.words[at].sentence].last
                for option in self._lexicon.options(name):
                    if not isinstance(option[0], Substring):
                        ends.update(self._run(option, at, last))
            self._classes[key] = tuple(sorted(end for end in ends if end > at))
        return self._classes[key]

    def class_starts(self, name: str) -> frozenset[int]:
        """Words at which a match of the class may begin."""
        known = self._starts.get(name)
        if known is None:
            known = frozenset().union(*(self.starts(option) for option in self._lexicon.options(name)))
            self._starts[name] = known
        return known

    def class_found(self, name: str) -> Iterator[Found]:
        """Every match of a class, the longest at each word, without overlaps."""
        behind = -1
        words = self.reading.words
        for at in sorted(self.class_starts(name)):
            if at < behind:
                continue
            ends = self.class_at(name, at)
            if ends:
                behind = ends[-1]
                first = words[at]
                yield Found(first.start, words[behind - 1].end, first.sentence, first.clause, at, behind)
        for option in self._lexicon.options(name):
            if isinstance(option[0], Substring):
                yield from self._substring(option[0], None)

    def starts(self, parts: Parts) -> set[int]:
        """Words at which a match may begin, by the phrase's first words."""
        found: set[int] = set()
        for part in parts:
            if isinstance(part, Exact):
                found.update(self._positions.get(part.word, ()))
            elif isinstance(part, Begins):
                found.update(
                    at for at in self._by_two.get(part.prefix[:2], ()) if self._texts[at].startswith(part.prefix)
                )
            elif isinstance(part, Tag):
                found.update(at for at, word in enumerate(self.reading.words) if word.tag)
            elif isinstance(part, Class):
                found.update(self.class_starts(part.name))
            elif isinstance(part, Number):
                found.update(at for at, text in enumerate(self._texts) if number_at(self._texts, at, at + 1))
            elif isinstance(part, Choice):
                for option in part.options:
                    if option:
                        found.update(self.starts(option))
                if any(not option for option in part.options):
                    continue
            elif isinstance(part, Gap):
                continue
            return found
        return found

    def _run(self, parts: Parts, at: int, last: int) -> _States:
        states: _States = {at: (0, ())}
        for part in parts:
            states = self._step(part, states, last)
            if not states:
                return states
        return states

    def _step(self, part: Part, states: _States, last: int) -> _States:
        texts, out = self._texts, {}
        if isinstance(part, Choice):
            for option in part.options:
                found = states
                for inner in option:
                    found = self._step(inner, found, last)
                _merge(out, found)
            return out
        for at, (skipped, numbers) in states.items():
            if isinstance(part, Gap):
                words, here = self.reading.words, self.reading.words[at - 1].part
                for more in range(min(part.words, last - at) + 1):
                    if at + more < last and words[at + more].part != here:
                        break
                    _merge(out, {at + more: (skipped + more, numbers)})
                continue
            if at >= last:
                continue
            if isinstance(part, Exact):
                if texts[at] == part.word:
                    _merge(out, {at + 1: (skipped, numbers)})
            elif isinstance(part, Begins):
                if texts[at].startswith(part.prefix):
                    _merge(out, {at + 1: (skipped, numbers)})
            elif isinstance(part, Class):
                for end in self.class_at(part.name, at):
                    _merge(out, {end: (skipped, numbers)})
            elif isinstance(part, Number):
                number = number_at(texts, at, last)
                if number:
                    _merge(out, {number[1]: (skipped, (*numbers, number[0]))})
            elif isinstance(part, Tag):
                word = self.reading.words[at]
                if word.tag == part.tag:
                    _merge(out, {at + word.tag_words: (skipped, numbers)})
        return out

    def _substring(self, part: Substring, sentence: Sentence | None) -> Iterator[Found]:
        folded = self.reading.folded
        for place in self.reading.sentences if sentence is None else (sentence,):
            at = place.start
            while True:
                start = folded.find(part.pieces[0], at, place.end)
                if start < 0:
                    break
                end = _follow(folded, part.pieces, start, place.end)
                at = start + 1
                if end is None:
                    continue
                at = end
                first = next((w for w in range(place.first, place.last) if self.reading.words[w].end > start), place.first)
                last = next((w for w in range(first, place.last) if self.reading.words[w].start >= end), place.last)
                clause = self.reading.words[first].clause if place.last > place.first else place.index * 1000
                yield Found(start, end, place.index, clause, first, max(last, first + 1))


def _follow(folded: str, pieces: Sequence[str], start: int, last: int) -> int | None:
    """The end of the pieces that follow the first one, each within the gap."""
    end = start + len(pieces[0])
    for piece in pieces[1:]:
        found = folded.find(piece, end, min(last, end + CJK_GAP + len(piece)))
        if found < 0:
            return None
        end = found + len(piece)
    return end


def _merge(into: _States, new: _States) -> None:
    for at, state in new.items():
        known = into.get(at)
        if known is None or state[0] < known[0]:
            into[at] = state


def literals(parts: Parts) -> Iterable[str]:
    """The plain words of a phrase, for lint and search."""
    for part in parts:
        if isinstance(part, Exact):
            yield part.word
        elif isinstance(part, Begins):
            yield part.prefix
        elif isinstance(part, Choice):
            for option in part.options:
                yield from literals(option)
