"""The rules and the classifier, one judgement: what the rules flag and what the classifier thinks of the same sentence.

The classifier cannot see what the rules say. How likely a sentence drifts is worked out from its reading, the rules' hits
and how often each rule was right before (`classifier.Calibration`); that probability decides what is mailed, what counts
and what is for a person to look at. A rule that says so (`ignores: [reader]`) stands by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.core.drift.context import READER
from monitor.core.drift.flags import MOST_CONFIDENT, correction, fill
from monitor.core.judgement import MAILED_CONFIDENCE, Drift, Flag, Severity, Span
from monitor.core.rules.rule import RuleKind
from monitor.core.text.content_words import FUNCTION_WORDS
from monitor.core.text.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.drift.annotation import Annotated
    from monitor.core.drift.classifier import Calibration, Classifier
    from monitor.core.drift.compile import CompiledRules
    from monitor.core.drift.features import Features, Names
    from monitor.core.drift.flags import NearFindings
    from monitor.core.rules.matcher import Matcher
    from monitor.core.rules.rule import Rule
    from monitor.core.text.doc import Doc, Sentence

#: Languages the classifier was trained on. Others are judged by their rules alone.
READ_LANGUAGES = frozenset({"en", "", "und"})
#: Features that every sentence has one of.
LENGTHS = frozenset({"short", "middle", "long"})
#: Shorter sentences are flagged whole; of longer ones the part that speaks loudest, of at least the second.
WHOLE_WORDS, LEAST_QUOTED = 18, 4
#: Marks at which a sentence can be cut and still be read.
PARTING = (",", ";", ":", " - ", "(", ")")
#: A quotation does not end with one of these: what they announce would be missing.
OPEN_ENDS = frozenset(FUNCTION_WORDS["en"]) - {"it", "again", "up", "out", "over", "can", "will", "said", "says"}
#: Sentences with fewer words have too little in them for a judgement by words.
LEAST_WORDS = 4
#: Confidence of what a person is to look at, whatever its probability.
CANDIDATE = 0.45
#: What counts for the order, and is never mailed: style ("a breakthrough", "a miracle"), whoever raises it,
NOT_MAILED = 0.79
#: and wrong facts and numbers that the classifier raises alone: it reads words and compares them with nothing, as rules do.
#: of nine such in ordinary coverage three were right.
ONLY_COMPARED = frozenset({Drift.FACT_ERROR, Drift.NUMBER_ERROR})
#: Severity of what the classifier raises by itself, by type: never high, since no fact is named.
ALONE_SEVERITY: Mapping[Drift, Severity] = {Drift.SENSATIONAL_LANGUAGE: Severity.LOW}


def reads(lang: str) -> bool:
    """Was the classifier trained on this language?"""
    return lang.partition("-")[0].lower() in READ_LANGUAGES


class Silence(StrEnum):
    """Of which sentences the classifier says nothing by itself."""

    SHORT = "short"  # too few words for a judgement by words
    QUESTION = "question"  # it asserts nothing by itself; the rules know those that only pretend to ask
    OWN_WORDS = "own-words"  # what the fact sheet itself says is faithful, however it reads


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule's flag. `quoted`: it stands in quotation marks."""

    flag: Flag
    rule: Rule
    quoted: bool


class Ensemble:
    """The rules and a classifier, joined for one study."""

    def __init__(self, classifier: Classifier, compiled: CompiledRules, near: NearFindings) -> None:
        """`near` finds what a sentence is compared with that the classifier alone raises."""
        self._classifier, self._near, self._own = classifier, near, compiled.own
        self._limits = classifier.calibration_for(compiled.study.id)
        self._rule = compiled.classifier_rule

    def join(
        self, text: Annotated, features: Features, flagged: Sequence[Sequence[Ruled]], where: str
    ) -> Iterator[Flag]:
        """The flags of a title or text with the confidence that both give them, and those the classifier raises alone.

        `flagged` are the rules' flags by sentence.
        """
        classifier, limits, rule = self._classifier, self._limits, self._rule
        quotations = Ranges(text.doc.quotations)
        for at, sentence in enumerate(text.doc.sentences):
            flags = flagged[at]
            speaks = rule is not None and self.silence(text.doc, sentence) is None
            if not flags and not speaks:
                continue
            seen = features.names(at)
            reading = classifier.reading(seen)
            if flags:
                yield from _of_likely_types(classifier, limits, seen, list(self._together(reading, flags)))
            elif rule is not None:
                probability = limits.probability(reading, None, several=False)
                if probability >= limits.look_here:
                    flag = self._alone(rule, text.matcher, sentence, features, probability, where)
                    # "Zero patients were cured": the rules know the words, and that they mean nothing of the kind here.
                    # A sentence all in quotation marks is somebody's words: of 19 such in ordinary coverage one drifted.
                    doubtful = text.sentence(at).evidence.denied or quotations.hold(*_extent(text.doc, sentence))
                    yield replace(flag, confidence=min(flag.confidence, CANDIDATE)) if doubtful else flag

    @property
    def look_here(self) -> float:
        """From this probability on a sentence is raised by its reading alone."""
        return self._limits.look_here

    def silence(self, doc: Doc, sentence: Sentence) -> Silence | None:
        """Why the classifier says nothing of this sentence by itself, whatever is in it; None if it may speak."""
        if sentence.last - sentence.first < LEAST_WORDS:
            return Silence.SHORT
        if sentence.question:
            return Silence.QUESTION
        return Silence.OWN_WORDS if tuple(word.text for word in doc.words_of(sentence)) in self._own else None

    def alone(self, seen: Names) -> bool:
        """Would a sentence with these features count as drift by its reading alone?"""
        return self.probability(seen) >= self._limits.drifts

    def probability(self, seen: Names) -> float:
        """How likely a sentence with these features drifts by its reading alone, 0 to 1."""
        return self._limits.probability(self._classifier.reading(seen), None, several=False)

    def _together(self, reading: float, flags: Sequence[Ruled]) -> Iterator[Ruled]:
        """The rules' flags of one sentence with the confidence that they and the reading have together.

        What stands in quotation marks is somebody's words, or mentioned and not used: of such hits one in seven was right
        in ordinary coverage, so each is a candidate for a person to decide.
        """
        limits = self._limits
        several = len({ruled.rule.id for ruled in flags if not ruled.quoted}) > 1
        for ruled in flags:
            if READER in ruled.rule.ignores:
                yield ruled
                continue
            sure = confidence(limits, limits.probability(reading, ruled.rule.id, several=several), limits.mailed)
            if ruled.quoted:
                sure = min(sure, CANDIDATE)
            if ruled.flag.drift is Drift.SENSATIONAL_LANGUAGE:
                sure = min(sure, NOT_MAILED)
            yield Ruled(replace(ruled.flag, confidence=sure), ruled.rule, quoted=ruled.quoted)

    def _alone(
        self,
        rule: Rule,
        matcher: Matcher,
        sentence: Sentence,
        features: Features,
        probability: float,
        where: str,
    ) -> Flag:
        """A flag by the classifier alone; its finding is the nearest of those that rules of that type name."""
        classifier, limits, doc = self._classifier, self._limits, matcher.doc
        seen = features.names(sentence.index)
        types = classifier.type_probabilities(seen)
        drift = Drift(max(types, key=lambda slug: (types[slug], slug))) if types else rule.drift
        sure = confidence(limits, probability, limits.mailed_alone)
        if drift is Drift.SENSATIONAL_LANGUAGE:
            sure = min(sure, NOT_MAILED if _has_a_sign(seen) else CANDIDATE)
        elif drift in ONLY_COMPARED:
            sure = min(sure, NOT_MAILED)
        start, end, quote = doc.span(*_loudest(classifier, doc, sentence, features))
        span = Span(start=start, end=end, quote=quote, where=where)
        finding = self._near.near(drift, sentence, matcher)
        return Flag(
            rule=rule.id,
            drift=drift,
            severity=ALONE_SEVERITY.get(drift, Severity.MEDIUM),
            confidence=sure,
            span=span,
            message=fill(rule.message, span.quote, finding),
            why=_why(rule, classifier.reasons(seen)),
            finding=finding.id if finding else None,
            found=finding.sentence if finding else None,
            source=finding.reference if finding else None,
            correction=correction(rule, finding),
        )


def confidence(limits: Calibration, probability: float, mailed: float) -> float:
    """A probability on the scale of Flag.confidence: below 0.5 a candidate, from 0.8 on mailed, 0 to 1.

    `mailed` is the probability from which on such a flag is mailed; between the marks the scale is straight.
    """
    marks = (
        (0.0, 0.0),
        (limits.drifts, 0.5),
        (max(mailed, limits.drifts), MAILED_CONFIDENCE),
        (1.0, MOST_CONFIDENT),
    )
    for (low, under), (high, over) in pairwise(marks):
        if probability < high:
            share = (probability - low) / (high - low)
            return _below(under + share * (over - under))
    return MOST_CONFIDENT


def _below(value: float) -> float:
    """Two places, rounded down: 0.799 is not mailed."""
    return math.floor(value * 100 + 1e-9) / 100


def _of_likely_types(
    classifier: Classifier, limits: Calibration, seen: Names, flags: Sequence[Ruled]
) -> Iterator[Flag]:
    """One fault, several rules: words put into an expert's mouth are not told as certain by the writer as well.

    A contradiction of a fact stands by itself, whatever its type.
    """
    types = {ruled.flag.drift.value for ruled in flags}
    probability = classifier.type_probabilities(seen, types) if len(types) > 1 else {}
    told = any(one >= limits.likely for one in probability.values())
    for ruled in flags:
        stands = _typed(ruled.rule) or READER in ruled.rule.ignores
        unlikely = told and not stands and probability.get(ruled.flag.drift.value, 1.0) < limits.unlikely
        flag = ruled.flag
        yield replace(flag, confidence=min(flag.confidence, CANDIDATE)) if unlikely else flag


def _typed(rule: Rule) -> bool:
    """Does the rule compare with a fact, and not with words alone?"""
    return rule.kind in {RuleKind.CLAIM, RuleKind.NUMBER}


def _has_a_sign(seen: Names) -> bool:
    """Is anything in the sentence but its words: something of the study's, a claim, a cue, an exclamation? Praise without one
    may be of anything: "Messages of hope came in from all over the world".
    """
    return any("§" in name for name in seen.words) or not LENGTHS.issuperset(seen.cues)


def _why(rule: Rule, words: Sequence[str]) -> str:
    """The rule's reason, and the words that the classifier heard."""
    heard = ", ".join(f"“{word}”" for word in words)
    return f"{rule.why} What spoke for it: {heard}." if heard else rule.why


def _extent(doc: Doc, sentence: Sentence) -> tuple[int, int]:
    """Offsets (into the doc's text) of a sentence's words, without the marks around them."""
    return doc.words[sentence.first].start, doc.words[sentence.last - 1].end


def _loudest(classifier: Classifier, doc: Doc, sentence: Sentence, features: Features) -> tuple[int, int]:
    """Offsets (into the doc's text) of the part of the sentence that speaks loudest for drift: between commas where they part it, so that a
    person can read it, else the best run of WHOLE_WORDS words.
    """
    words = doc.words
    if sentence.last - sentence.first <= WHOLE_WORDS:
        return _extent(doc, sentence)
    heat = classifier.heat(features.of(sentence.index))

    def loud(run: tuple[int, int]) -> tuple[float, int]:
        return sum(heat.get(word, 0.0) for word in range(*run)), -run[0]

    runs = _runs(doc, sentence)
    if not runs:
        starts = range(sentence.first, sentence.last - WHOLE_WORDS + 1)
        runs = [(at, at + WHOLE_WORDS) for at in starts if not words[at].text.startswith("'")] or [
            (sentence.first, sentence.first + WHOLE_WORDS)
        ]
    first, last = max(runs, key=loud)
    while last - first > LEAST_QUOTED and words[last - 1].text in OPEN_ENDS:
        last -= 1  # a window of words may end in "why two of the"
    return words[first].start, words[last - 1].end


def _runs(doc: Doc, sentence: Sentence) -> list[tuple[int, int]]:
    """Parts of the sentence between commas, colons and dashes, one or several, of a length that can be quoted."""
    words, folded = doc.words, doc.folded
    cuts = [sentence.first]
    cuts += [
        at
        for at in range(sentence.first + 1, sentence.last)
        if any(mark in folded[words[at - 1].end : words[at].start] for mark in PARTING)
    ]
    cuts.append(sentence.last)
    runs = []
    for i, first in enumerate(cuts):
        near = cuts[i + 1 : i + 1 + WHOLE_WORDS]  # what is cut farther on is longer still
        runs += [(first, last) for last in near if LEAST_QUOTED <= last - first <= WHOLE_WORDS]
    return runs
