"""Context: what turns a claim into something else - a denial, a hope, a question, somebody else's study.

A guard is scoped by clause where its meaning is ("not", "may"), by sentence where it speaks about the whole
("misleading headlines say ..."), and by speaker where somebody's words are told (`attribution`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Speaker, Subject
from monitor.core.drift.cues import SCOPES, UNSPACED_REACH
from monitor.core.judgement import Drift
from monitor.core.text.doc import is_cjk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.drift.attribution import Attribution
    from monitor.core.drift.cues import Cue, Cues
    from monitor.core.rules.matcher import Match, Matcher

_NEGATED, _DENIED = SCOPES["negated"], SCOPES["denied"]
#: A label goes on for so many words behind what is claimed in it: "Walking again (after a year): nobody".
LABEL_REACH = 4
_LABELS = re.compile(r"[:=|]|\s-+\s")
_SENTENCE_GOES_ON = re.compile(r"[.,;!?\n]")
_VALUE_ENDS = re.compile(r"[^\s'\"]|\n")
ASKED_WORDS = 4
#: Signs that strike out what they stand beside, in any language, and those that say that it holds; how far behind the
#: sentence's last stop one may stand.
CROSSES, TICKS, MARK_REACH = "❌✗✘❎🚫✖", "✅✔☑✓", 4
#: A relative clause that a negation belongs to begins at most so many words before it.
RELATIVE_REACH = 4
#: A cue with fewer words behind it between the commas is no apposition: "not, as was said, walking".
LEAST_APPOSED = 2
#: A sentence that begins with somebody else's study is about it until ours is named, unless it only compares the two.
MOST_BEFORE_A_NAME = 2
#: With more words than this in capitals a sentence is a headline, and no name can be told by them.
MOST_PROPER = 0.6

_EVERY = ("negated", "refuted", "elsewhere")
#: Which guards each drift type heeds unless its rule says otherwise.
HEEDED: Mapping[Drift, tuple[str, ...]] = {
    Drift.OVERSTATED_OUTCOME: (*_EVERY, "hedged", "aim", "question", "before", "name"),
    Drift.CAUSAL_OVERCLAIM: (*_EVERY, "hedged", "aim", "question"),
    Drift.INFLATED_CERTAINTY: (*_EVERY, "hedged", "aim", "question"),
    Drift.POPULATION_GENERALISATION: (*_EVERY, "aim", "condition"),
    Drift.AVAILABILITY: (*_EVERY, "aim", "condition", "question"),
    Drift.SAFETY_OVERCLAIM: (*_EVERY, "hedged", "aim", "question"),
    Drift.MECHANISM_ERROR: (*_EVERY, "hedged", "aim", "question"),
    Drift.NUMBER_ERROR: (*_EVERY, "before"),
    Drift.STATUS_ERROR: (*_EVERY, "hedged", "aim", "question", "condition"),
    Drift.MISSING_CAVEAT: (),
    Drift.SENSATIONAL_LANGUAGE: (*_EVERY, "condition", "team", "asked", "name"),
    Drift.ATTRIBUTION_DISTORTION: (*_EVERY,),
    Drift.CHERRY_PICKING: (*_EVERY, "question", "aim", "condition"),
    Drift.FACT_ERROR: (*_EVERY,),
}
#: What a rule ignores that stands whatever the classifier thinks of the sentence (see `ensemble`).
READER = "reader"


class Context:
    """What the context of a match in one text makes of it.

    The algorithm is NegEx (Chapman et al., J Biomed Inform 2001;34:301-310): cues within a number of words before or
    behind a finding negate it. As in ConText (Harkema et al., J Biomed Inform 2009;42:839-851) cues of other kinds make
    it hypothetical ("aim", "hedged", "condition", "question"), historical ("before") or somebody else's ("elsewhere"),
    and words that end a clause end a cue's scope. "refuted" and "team" go by who speaks, "name" and "asked" by form.
    """

    def __init__(self, matcher: Matcher, cues: Cues, attribution: Attribution) -> None:
        """Reads nothing yet."""
        self._matcher, self._cues, self._attribution = matcher, cues, attribution
        self._possible: dict[tuple[str, ...], tuple[str, ...]] = {}

    def possible(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the guards that can hold anywhere in the text, in their order: the others have no cue in it. Told once a text,
        where each match would ask for each of them.
        """
        known = self._possible.get(names)
        if known is None:
            known = self._possible[names] = tuple(filter(self._can_hold, names))
        return known

    def _can_hold(self, name: str) -> bool:
        kinds = _NEEDED.get(name)
        if kinds is None or self._matcher.words.holds_unspaced:
            return True
        if name == "elsewhere" and self._matcher.class_found("sheet-other"):
            return True
        return any(self._cues.of(kind).sentences for kind in kinds)

    def hold(self, name: str, found: Match) -> bool:
        """Does this guard turn the match into something else?"""
        if name in UNSPACED_REACH and self._without_spaces(found):
            return self._reached_unspaced(name, found)
        return self._reached(name, found) if name in _BY_SCOPE else _HOLDS[name](self, found)

    def _without_spaces(self, found: Match) -> bool:
        return is_cjk(self._matcher.doc.folded[found.start : found.end])

    def _reached_unspaced(self, kind: str, found: Match) -> bool:
        """Does a cue reach the match in a script without spaces, where clauses are long and verbs stand last?"""
        if kind == "elsewhere" and self._attribution.subject(found.sentence) is Subject.OTHER:
            return True
        reach, cues = UNSPACED_REACH[kind], self._cues.of(kind)
        if reach is None:
            return bool(cues.of(found.sentence))
        if kind == "negated" and self._none_of_it(found):
            return True
        if kind == "aim" and self._cues.of("supposed").begin(found.sentence, 0, found.start):
            return True
        ends = self._cues.of("clause-end").begin(found.sentence, found.end - 1, found.end + reach)
        last = min([found.end + reach, *(end.start for end in ends)])
        return bool(cues.begin(found.sentence, found.start + 1, last + 1))

    def _negated(self, found: Match) -> bool:
        reach = _NEGATED.forward or 0
        for cue in self._cues.of("negated").over(found.sentence, found.first - reach - 1, found.last):
            inside = found.first < cue.first and cue.last <= found.last
            before = (
                cue.clause == found.clause
                and cue.last <= found.first <= cue.last + reach
                and not self._relative_ended(cue, found)
                and not self._apposition_ended(cue, found)
                and not self._clause_ended(cue, found)
            )
            if before or inside:
                return True
        return self._none_of_it(found) or any(
            found.last <= cue.first and cue.clause == found.clause and self._same_subject(found, cue)
            for cue in self._cues.of("denied").over(
                found.sentence, found.last, found.last + (_DENIED.backward or 0) + 1
            )
        )

    def _none_of_it(self, found: Match) -> bool:
        """In a fact box a label's value says that there is none of it: "Walking again: nobody", "Cured: 0/4", "Cure - none"."""
        doc = self._matcher.doc
        last = doc.sentences[found.sentence].last
        for at in range(found.last, min(found.last + LABEL_REACH + 1, last)):
            between = doc.folded[doc.words[at - 1].end : doc.words[at].start]
            if _LABELS.search(between):
                # The value must be all that is said: "Cured: no one had dared to hope for it" says nothing of the kind.
                return any(
                    value.first == at
                    and (
                        value.last == last
                        or _VALUE_ENDS.search(doc.folded[doc.words[value.last - 1].end : doc.words[value.last].start])
                    )
                    for value in self._cues.at("none", found.sentence)
                )
            if _SENTENCE_GOES_ON.search(between):
                return False
        return False

    def _same_subject(self, found: Match, cue: Cue) -> bool:
        """A denial behind a comma is of something else ("own cells, rejection was never ..."), unless a pronoun points back."""
        words = self._matcher.doc.words
        between = self._matcher.doc.folded[found.end : words[cue.first].start]
        return "," not in between or bool(self._cues.of("points-back").over(found.sentence, found.last, found.last + 1))

    def _relative_ended(self, cue: Cue, found: Match) -> bool:
        """In `a man who could not move is walking` the negation belongs to the relative clause, which has ended."""
        if not self._cues.of("relative").over(cue.sentence, cue.first - RELATIVE_REACH, cue.first):
            return False
        return bool(self._cues.of("main-verb").over(cue.sentence, cue.last + 1, found.first + 1))

    def _apposition_ended(self, cue: Cue, found: Match) -> bool:
        """In "one of them, once unable to lift a finger, now walks" the negation belongs to what stands between the commas."""
        doc = self._matcher.doc
        begin, end = doc.words[cue.first].start, doc.words[cue.last - 1].end
        comma = doc.folded.find(",", end, found.start)
        if comma < 0:
            return False
        first = max(doc.sentences[cue.sentence].first, cue.first - RELATIVE_REACH)
        behind = bisect_left(doc.words, comma, cue.last, found.first, key=lambda word: word.start)
        return behind - cue.last >= LEAST_APPOSED and "," in doc.folded[doc.words[first].start : begin]

    def _clause_ended(self, cue: Cue, found: Match) -> bool:
        """Does a word that ends a clause stand between? ("no anda, pero se tiene en pie")"""
        return bool(self._cues.of("clause-end").begin(found.sentence, cue.end, found.start))

    def _refuted(self, found: Match) -> bool:
        return (
            any(
                not self._overlap(cue, found) or self._around(cue, found)
                for cue in self._cues.at("refuted", found.sentence)
            )
            or self._doubted(found)
            or self._taken_back(found)
            or self._crossed_out(found)
        )

    def _crossed_out(self, found: Match) -> bool:
        """Its sentence begins or ends with a cross, as lists of what is wrong have it: "❌ He walks again"."""
        doc = self._matcher.doc
        sentence = doc.sentences[found.sentence]
        begin, end = doc.words[sentence.first].start, doc.words[sentence.last - 1].end
        around = doc.text[sentence.start : begin] + doc.text[end : sentence.end + MARK_REACH]
        return any(cross in around for cross in CROSSES) and not any(tick in around for tick in TICKS)

    def _doubted(self, found: Match) -> bool:
        """Somebody doubts it: in the clause ("they doubt that he was cured"), or as a critic quoting it to mock it."""
        if self._reached("doubts", found):
            return True
        return (
            self._cues.quotations.hold(found.start, found.end)
            and self._attribution.speaker(found.sentence) is Speaker.CRITIC
        )

    def _taken_back(self, found: Match) -> bool:
        """The next sentence begins by taking it back: He walks again, posts say. That is not true."""
        sentences = self._matcher.doc.sentences
        if found.sentence + 1 >= len(sentences):
            return False
        following = sentences[found.sentence + 1]
        first = following.first
        if following.last - first == 1 and self._matcher.doc.words[first].text == "no":
            return True  # "No." by itself; "No robots." is drama
        if sentences[found.sentence].question and _begins_before(self._cues.at("negated", following.index), first + 1):
            return True  # asked, and answered: "Does it work for children? Nobody under eighteen took part."
        return _begins_before(self._cues.at("taken-back", found.sentence + 1), first + 2)

    def _elsewhere(self, found: Match) -> bool:
        """Somebody else's study, or animals: those of this study too, where the match itself names them."""
        if self._attribution.subject(found.sentence) is Subject.OTHER or self._of_the_first_named(found):
            return True
        # The tightest match may end before the animals that it is of: "let injured [mice] move".
        near = self._cues.of("elsewhere").over(found.sentence, found.first, found.last + 1)
        return any(found.first <= cue.first for cue in near)

    def _of_the_first_named(self, found: Match) -> bool:
        """In "Sapporo uses the patient's own cells, Keio a donor's" what stands before "Keio" is Sapporo's."""
        first = self._matcher.doc.sentences[found.sentence].first
        ours = self._cues.at("ours", found.sentence)
        if ours and found.first >= ours[0].first:
            return False
        others = self._others.get(found.sentence, ())
        compared = self._cues.of("compared")
        return any(
            not compared.over(found.sentence, first, other) and (not ours or other < found.first) for other in others
        )

    @cached_property
    def _others(self) -> Mapping[int, Sequence[int]]:
        """Where a sentence begins with the name of another study: sentence -> words."""
        others: dict[int, list[int]] = {}
        for other in self._matcher.class_found("sheet-other"):
            if other.first <= self._matcher.doc.sentences[other.sentence].first + MOST_BEFORE_A_NAME:
                others.setdefault(other.sentence, []).append(other.first)
        return others

    def _reached(self, kind: str, found: Match) -> bool:
        """Does a cue of the kind reach the match by its scope alone?"""
        scope, cues = SCOPES[kind], self._cues.of(kind)
        last = self._matcher.doc.sentences[found.sentence].last
        behind = last if scope.backward is None else found.last + scope.backward
        if scope.forward is None:
            within = cues.in_clause(found.clause) if scope.clause else cues.of(found.sentence)
            # Of those that begin before it the last one stands nearest: if a clause ends behind that, so it does for all.
            at = bisect_left(within, behind, key=lambda cue: cue.first)
            return at > 0 and not (scope.clause and self._clause_ended(within[at - 1], found))
        near = cues.over(found.sentence, found.first - scope.forward - 1, behind)
        return any(
            (cue.clause == found.clause or not scope.clause)
            and found.first - cue.last <= scope.forward
            and not self._clause_ended(cue, found)
            for cue in near
        )

    def _question(self, found: Match) -> bool:
        return self._matcher.doc.sentences[found.sentence].question

    def _asked(self, found: Match) -> bool:
        """A question of a word or two ("Breakthrough?") asks; a longer one ("Could this be the dawn ...?") suggests."""
        sentence = self._matcher.doc.sentences[found.sentence]
        return sentence.question and sentence.last - sentence.first <= ASKED_WORDS

    def _team(self, found: Match) -> bool:
        """Words of the team, faithfully attributed: a name of theirs and a verb of saying beside them."""
        return self._attribution.speaker(found.sentence) is Speaker.TEAM

    def _name(self, found: Match) -> bool:
        """Part of a proper name: "Miracle Foundation", "the Walk Again Fund". In a headline every word is written so."""
        sentence = self._matcher.doc.sentences[found.sentence]
        if self._proper_in(sentence.first, sentence.last) > MOST_PROPER * (sentence.last - sentence.first):
            return False
        beside = (found.first > sentence.first + 1 and self._proper_in(found.first - 1, found.first) > 0) or (
            found.last < sentence.last and self._proper_in(found.last, found.last + 1) > 0
        )
        return beside and self._proper_in(found.first, found.last) == found.last - found.first

    def _proper_in(self, first: int, last: int) -> int:
        """How many of the words [first, last) are written as names are."""
        return self._proper_before[last] - self._proper_before[first]

    @cached_property
    def _proper_before(self) -> Sequence[int]:
        """For each word, how many before it are written as names are."""
        return list(accumulate((self._proper(at) for at in range(len(self._matcher.doc.words))), initial=0))

    def _proper(self, at: int) -> bool:
        word = self._matcher.doc.words[at]
        written = self._matcher.doc.text[word.start : word.end]
        return written[:1].isupper() and written[1:].islower() and not word.tag

    @staticmethod
    def _around(cue: Cue, found: Match) -> bool:
        return cue.start < found.start and found.end < cue.end

    @staticmethod
    def _overlap(cue: Cue, found: Match) -> bool:
        return cue.start < found.end and found.start < cue.end


def _begins_before(cues: Sequence[Cue], word: int) -> bool:
    """Does one of the cues, which stand in reading order, begin before the word?"""
    return bool(cues) and cues[0].first < word


_HOLDS: Mapping[str, Callable[[Context, Match], bool]] = {
    "negated": Context._negated,  # noqa: SLF001
    "refuted": Context._refuted,  # noqa: SLF001
    "elsewhere": Context._elsewhere,  # noqa: SLF001
    "question": Context._question,  # noqa: SLF001
    "team": Context._team,  # noqa: SLF001
    "asked": Context._asked,  # noqa: SLF001
    "name": Context._name,  # noqa: SLF001
}
#: The kinds of cues without which a guard holds nowhere, outside of scripts without spaces; the others go by form as well.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "negated": ("negated", "denied", "none"),
    "elsewhere": ("elsewhere", "apart"),
    "team": ("team",),
    "hedged": ("hedged",),
    "aim": ("aim",),
    "before": ("before",),
    "condition": ("condition",),
}
#: The guards that hold where a cue of their kind reaches.
_BY_SCOPE = ("hedged", "aim", "before", "condition")
#: The guards that a rule may ignore.
NAMES = (*_HOLDS, *_BY_SCOPE)
