"""Finding phrases in a text: word classes are matched once and shared, and every match is a range of the text's words."""

from __future__ import annotations

from bisect import bisect_left
from operator import contains
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.rules.gaps import keep, over, over_all
from monitor.core.rules.gates import leading
from monitor.core.rules.phrase import (
    Choice,
    Class,
    Exact,
    Gap,
    Number,
    OneOf,
    Prefix,
    Substring,
    Tag,
)
from monitor.core.rules.text_words import TextWords
from monitor.core.rules.unspaced import Unspaced, words_over
from monitor.core.rules.viable import Viable
from monitor.core.text.doc import is_cjk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from monitor.core.rules.gaps import States
    from monitor.core.rules.lexicon import ClassIndex, Lexicon, Plan
    from monitor.core.rules.phrase import Part, Parts, Piece
    from monitor.core.text.doc import Doc, Sentence


#: With more words to begin at than this a phrase is first read backwards over all of them.
MANY = 48
#: With more ways under way than this, a gap is taken behind all of them together.
FEW = 8


class Match(NamedTuple):
    """One match: words [first, last) of the reading, offsets in the original, and the numbers that it caught."""

    start: int
    end: int
    sentence: int
    clause: int
    first: int
    last: int
    numbers: tuple[float, ...] = ()


class Matcher:
    """One text under one Lexicon. Class matches are found once and remembered: phrases share them.

    Every question about one sentence costs what that sentence costs, however long the text is, and is answered once:
    what a match asks for (is there an exception in its sentence?) a thousand other matches may ask for as well.
    """

    def __init__(self, doc: Doc, lexicon: Lexicon) -> None:
        """Nothing is matched yet."""
        self.doc = doc
        self._lexicon = lexicon
        self.words = words = TextWords(doc, lexicon.gates)
        self._texts, self._positions = words.texts, words.positions
        self._ends_of: dict[str, dict[int, tuple[int, ...]]] = {}  # of each class, by the word its matches begin at
        self._starts: dict[str, frozenset[int]] = {}
        self._options: dict[str, dict[int, list[Plan]]] = {}  # of each class, what may begin at which word
        self._holding: dict[str, frozenset[int]] = {}
        self._places: dict[int, tuple[Part, set[int]]] = {}
        self._class_found: dict[str, tuple[Match, ...]] = {}
        self._class_in: dict[str, dict[int, list[Match]]] = {}
        # By the phrase's identity; the phrase is kept, so that its id stays its own.
        self._orders: dict[int, tuple[Parts, list[int]]] = {}
        self._in_sentence: dict[tuple[int, int], tuple[Parts, tuple[Match, ...]]] = {}
        self._in_text: dict[int, tuple[Parts, bool]] = {}
        self._viable: Viable | None = None
        self._unspaced: Unspaced | None = None

    @property
    def known(self) -> Mapping[str, Sequence[str]]:
        """The word classes there are."""
        return self._lexicon.classes

    def find(self, parts: Parts, sentence: Sentence | None = None) -> Iterator[Match]:
        """Every match of a phrase, leftmost first, the tightest at each word; matches do not overlap."""
        plan = self._lexicon.plan(parts)
        if not self.words.may_hold(plan.need) or (
            sentence is not None and plan.need & self.words.lacks_of[sentence.index]
        ):
            return
        if isinstance(parts[0], Substring):
            yield from self._substring(parts[0], sentence)
            return
        if len(parts) == 1 and isinstance(parts[0], Class):
            # A class may hold phrases in scripts without spaces, which begin at no word.
            yield from (
                self.class_found(parts[0].name) if sentence is None else self.class_in(parts[0].name, sentence.index)
            )
            return
        if plan.chooses and isinstance(parts[0], Choice):
            for option in parts[0].options:
                if self.words.holds_unspaced or not isinstance(option[0], Substring):
                    yield from self.find(option, sentence)
            return
        yield from self._find_words(plan, sentence)

    def _find_words(self, plan: Plan, sentence: Sentence | None) -> Iterator[Match]:
        parts, rest, tight = plan.parts, plan.rest, plan.tight
        sentences, words, behind = self.doc.sentences, self.doc.words, -1
        for at in self._order(plan, sentence):
            if at < behind:
                continue
            last = sentences[words[at].sentence].last
            if tight is not None and self._stands_tight(tight, at, last):
                # None is tighter, and no other way leads as far without leaving out a word.
                behind = at + 1 + len(tight)
                first = words[at]
                yield Match(first.start, words[behind - 1].end, first.sentence, first.clause, at, behind)
                continue
            ends = self._run(parts, at, last) if rest is None else self._run(rest, at + 1, last)
            if not ends:
                continue
            end = min(ends, key=lambda e: (ends[e][0], -e)) if len(ends) > 1 else next(iter(ends))
            if end <= at:
                continue
            behind = end
            first = words[at]
            yield Match(first.start, words[end - 1].end, first.sentence, first.clause, at, end, ends[end][1])

    def _stands_tight(self, tight: Sequence[frozenset[str]], at: int, last: int) -> bool:
        """Do these words stand right behind the word at `at`, with no colon or dash between, which no gap crosses?"""
        words, end = self.doc.words, at + 1 + len(tight)
        return (
            end <= last
            and words[at].part == words[end - 1].part
            and all(map(contains, tight, self._texts[at + 1 : end]))
        )

    def _order(self, plan: Plan, sentence: Sentence | None) -> Sequence[int]:
        """Words at which a match may begin, in reading order; of one sentence, or of all."""
        parts = plan.parts
        known = self._orders.get(id(parts))
        if known is None:
            known = self._orders[id(parts)] = (parts, sorted(self._likely(plan, self.starts(parts))))
        order = known[1]
        if sentence is None:
            return order
        return order[bisect_left(order, sentence.first) : bisect_left(order, sentence.last)]

    def _likely(self, plan: Plan, starts: Collection[int]) -> Collection[int]:
        """Those of the words at which a phrase begins behind which, and in whose sentence, stands what it needs. Of many only those
        from which it matches: a few are tried as quickly.
        """
        need, following = plan.need, plan.following
        words, lacks_of, bits_behind = self.doc.words, self.words.lacks_of, self.words.bits_behind
        if following:
            starts = [at for at in starts if following & bits_behind[at] and not need & lacks_of[words[at].sentence]]
        elif need:
            starts = [at for at in starts if not need & lacks_of[words[at].sentence]]
        if len(plan.parts) == 1 or len(starts) < MANY:
            return starts
        if self._viable is None:
            self._viable = Viable(self.doc, self._lengths)
        return self._viable.starts(plan.parts, starts)

    def _lengths(self, part: Part) -> Mapping[int, Iterable[int]]:
        """Words at which the part matches, by how many words it takes."""
        if isinstance(part, Number):
            ends = ((at, end) for at, (_, end) in self.words.numbers_of(part.type).items())
        elif isinstance(part, Class):
            ends = ((at, end) for at in self.class_starts(part.name) for end in self.class_at(part.name, at))
        elif isinstance(part, Tag):
            ends = ((at, at + self.doc.words[at].tag_words) for at in self._starts_of(part))
        else:
            return {1: self._begins(part)}
        lengths: dict[int, list[int]] = {}
        for at, end in ends:
            lengths.setdefault(end - at, []).append(at)
        return lengths

    def found_in(self, parts: Parts, sentence: Sentence) -> tuple[Match, ...]:
        """Every match of a phrase in one sentence, in reading order; looked up once."""
        if not self.words.may_hold(self._lexicon.plan(parts).need):
            return ()
        key = (id(parts), sentence.index)
        known = self._in_sentence.get(key)
        if known is None:
            known = self._in_sentence[key] = (
                parts,
                tuple(sorted(self.find(parts, sentence), key=lambda found: (found.first, found.last))),
            )
        return known[1]

    def holds(self, parts: Parts) -> bool:
        """Does the text hold the phrase anywhere? Looked up once."""
        if not self.words.may_hold(self._lexicon.plan(parts).need):
            return False
        known = self._in_text.get(id(parts))
        if known is None:
            known = self._in_text[id(parts)] = (parts, next(self.find(parts), None) is not None)
        return known[1]

    def sentences_with(self, name: str) -> frozenset[int]:
        """Indices of the sentences that hold a match of the class."""
        if name not in self._holding:
            self._holding[name] = frozenset([found.sentence for found in self.class_found(name)])
        return self._holding[name]

    def class_at(self, name: str, at: int) -> tuple[int, ...]:
        """Ends of the class's matches that begin at word `at`."""
        plans = self._options_of(name).get(at)
        if plans is None:
            return ()
        ends = self._ends_of[name]
        known = ends.get(at)
        if known is None:
            known = ends[at] = self._ends_at(plans, at)
        return known

    def _options_of(self, name: str) -> Mapping[int, list[Plan]]:
        """The alternatives of a class that may begin at each word."""
        options = self._options.get(name)
        if options is None:
            self.class_starts(name)
            options = self._options[name]
        return options

    def _ends_at(self, plans: Sequence[Plan], at: int) -> tuple[int, ...]:
        if len(plans) == 1 and plans[0].words == ():
            return (at + 1,)  # one word, as most are
        last = self.doc.sentences[self.doc.words[at].sentence].last
        ends: set[int] = set()
        for plan in plans:
            if plan.words is not None:
                end = at + 1 + len(plan.words)
                if end <= last and all(map(contains, plan.words, self._texts[at + 1 : end])):
                    ends.add(end)
            elif plan.rest is not None:
                ends.update(self._run(plan.rest, at + 1, last))
            else:
                ends.update(end for end in self._run(plan.parts, at, last) if end > at)
        return tuple(sorted(ends)) if len(ends) > 1 else tuple(ends)

    def class_starts(self, name: str) -> frozenset[int]:
        """Words at which a match of the class may begin."""
        known = self._starts.get(name)
        if known is None:
            options: dict[int, list[Plan]] = {}
            for plan, starts in self._options_among(self._lexicon.index(name)):
                for at in self._likely(plan, starts):
                    options.setdefault(at, []).append(plan)
            self._options[name], self._ends_of[name] = options, {}
            known = self._starts[name] = frozenset(options)
        return known

    def _options_among(self, index: ClassIndex) -> Iterable[tuple[Plan, Collection[int]]]:
        """The alternatives of a class that the text may hold, each with the words at which it may begin."""
        lacks, plans = self.words.lacks_among(index.size), index.plans
        if index.need & lacks:
            return ()
        found: dict[int, Collection[int]] = {}
        for word in index.by_word.keys() & self.words.vocabulary:
            for place in index.by_word[word]:
                if not plans[place].need & lacks:
                    others = found.get(place)
                    found[place] = [*others, *self._positions[word]] if others else self._positions[word]
        for place in index.others:
            if not plans[place].need & lacks:
                found[place] = self.starts(plans[place].parts)
        return [(plans[place], starts) for place, starts in found.items()]

    def class_found(self, name: str) -> tuple[Match, ...]:
        """Every match of a class, the longest at each word, without overlaps; found once a text."""
        known = self._class_found.get(name)
        if known is None:
            index = self._lexicon.index(name)
            held = self.words.may_hold(index.need)
            known = self._class_found[name] = tuple(self._find_class(name, index)) if held else ()
        return known

    def class_in(self, name: str, sentence: int) -> Sequence[Match]:
        """The matches of a class in the sentence of this index."""
        known = self._class_in.get(name)
        if known is None:
            known = self._class_in[name] = {}
            for found in self.class_found(name):
                known.setdefault(found.sentence, []).append(found)
        return known.get(sentence, ())

    def _find_class(self, name: str, index: ClassIndex) -> Iterator[Match]:
        behind = -1
        words = self.doc.words
        for at in sorted(self.class_starts(name)):
            if at < behind:
                continue
            ends = self.class_at(name, at)
            if ends:
                behind = ends[-1]
                first = words[at]
                yield Match(first.start, words[behind - 1].end, first.sentence, first.clause, at, behind)
        for plan in index.unspaced:
            head = plan.parts[0]
            if plan.chooses:
                yield from self.find(plan.parts)
            elif isinstance(head, Substring):
                yield from self._substring(head, None)
            elif isinstance(head, Class) and self.words.holds_unspaced:
                # Of a class within the class its words were found above, what is written without spaces was not.
                inner = self.class_found(head.name)
                yield from (found for found in inner if is_cjk(self.doc.folded[found.start : found.end]))

    def sentences_of(self, part: Part) -> set[int]:
        """Sentences in which a part of a phrase may begin; one in a script without spaces: in which all its pieces stand."""
        if not isinstance(part, Substring):
            return {self.doc.words[at].sentence for at in self._begins(part)}
        return {
            sentence.index
            for sentence in self.doc.sentences
            if all(self._stands(piece, sentence) for piece in part.pieces)
        }

    def lacking(self, part: Substring, sentence: Sentence) -> tuple[Piece, ...]:
        """The pieces of a phrase in a script without spaces that do not stand in the sentence."""
        return tuple(piece for piece in part.pieces if not self._stands(piece, sentence))

    def _stands(self, piece: Piece, sentence: Sentence) -> bool:
        return next(self._substring(Substring((piece,)), sentence), None) is not None

    def starts(self, parts: Parts) -> set[int]:
        """Words at which a match may begin, by the phrase's first words."""
        found = [self._begins(part) for part in leading(parts)]
        return found[0] if len(found) == 1 else set().union(*found)

    def _begins(self, part: Part) -> set[int]:
        """Words at which the part may begin; looked up once a text."""
        known = self._places.get(id(part))
        if known is None:
            # The part itself is kept, so that its id stays its own.
            known = self._places[id(part)] = (part, self._starts_of(part))
        return known[1]

    def _starts_of(self, part: Part) -> set[int]:
        first, positions = self._lexicon.first(part), self._positions
        found = set[int]().union(*[positions[word] for word in first.words & self.words.vocabulary])
        for prefix in first.prefixes:
            for word in self.words.beginning(prefix):
                found.update(positions[word])
        for name in first.classes:
            found |= self.class_starts(name)
        for tag in first.tags:
            found.update(self.words.tagged.get(tag, ()))
        for kind in first.numbers:
            found.update(self.words.numbers_of(kind))
        return found

    def _run(self, parts: Parts, at: int, last: int) -> States:
        states: States = {at: (0, ())}
        for part in parts:
            states = self._step(part, states, last)
            if not states:
                break
        return states

    def _step(  # noqa: C901, PLR0912 - one branch for each kind of part: calls would cost a fifth of all judging
        self, part: Part, states: States, last: int
    ) -> States:
        """Where a match may stand after one more part."""
        out: States = {}
        # type() is quicker than isinstance(), and no part has subclasses.
        if type(part) is OneOf:
            texts, words, prefixes = self._texts, part.words, part.prefixes
            for at, state in states.items():
                if at < last and (texts[at] in words or (prefixes and texts[at].startswith(prefixes))):
                    out[at + 1] = state
        elif type(part) is Exact:
            texts, word = self._texts, part.word
            for at, state in states.items():
                if at < last and texts[at] == word:
                    out[at + 1] = state
        elif type(part) is Class:
            name, begins = part.name, self._options_of(part.name)
            for at, state in states.items():
                if at in begins and at < last:
                    for end in self.class_at(name, at):
                        known_state = out.get(end)
                        if known_state is None or state[0] < known_state[0]:
                            out[end] = state
        elif type(part) is Choice:
            texts, heads = self._texts, self._lexicon.heads(part)
            options = heads.others
            if len(states) == 1:
                (at,) = states
                if at < last:
                    options = heads.by_word.get(texts[at], options)
            else:
                here = {texts[at] for at in states if at < last}
                if not here.isdisjoint(heads.by_word):
                    options = part.options if len(here) > 1 else heads.by_word[here.pop()]
            for option in options:
                found = states
                for inner in option:
                    found = self._step(inner, found, last)
                    if not found:
                        break
                for at, state in found.items():
                    known_state = out.get(at)
                    if known_state is None or state[0] < known_state[0]:
                        out[at] = state
        elif type(part) is Gap:
            if len(states) > FEW:
                return over_all(self.doc.words, part.words, states, last)
            for at, (skipped, numbers) in states.items():
                for end in over(self.doc.words, part.words, at, last):
                    keep(out, end, (skipped + end - at, numbers))
        elif type(part) is Number:
            typed = self.words.numbers_of(part.type)
            for at, (skipped, numbers) in states.items():
                number = typed.get(at)
                if number and at < last:
                    keep(out, number[1], (skipped, (*numbers, number[0])))
        else:
            for at, state in states.items():
                if at < last:
                    for end in self._ends(part, at):
                        keep(out, end, state)
        return out

    def _ends(self, part: Part, at: int) -> tuple[int, ...]:
        """Ends of a beginning of a word or a hashtag at word `at`."""
        if isinstance(part, Tag):
            word = self.doc.words[at]
            return (at + word.tag_words,) if word.tag == part.tag else ()
        return (at + 1,) if isinstance(part, Prefix) and self._texts[at].startswith(part.prefix) else ()

    def _substring(self, part: Substring, sentence: Sentence | None) -> Iterator[Match]:
        """Every match of a phrase in a script without spaces; it lies within one sentence."""
        if not self.words.holds_unspaced:
            return
        if self._unspaced is None:
            self._unspaced = Unspaced(self.doc, self._places_of_class)
        for start, end, place, numbers in self._unspaced.find(part, sentence):
            first, behind = words_over(self.doc, place, start, end)
            clause = self.doc.words[first].clause if place.last > place.first else -1 - place.index
            yield Match(start, end, place.index, clause, first, max(behind, first + 1), numbers)

    def _places_of_class(self, name: str) -> Iterator[tuple[int, int]]:
        return ((found.start, found.end) for found in self.class_found(name))
