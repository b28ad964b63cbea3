"""The rules and the classifier, one judgement: what the rules flag and what the classifier thinks of the same sentence.

A flag that both hold is confirmed. What one reader alone holds is shown with the confidence that it earned when it was
measured, down to "look here"; a rule that says so (`ignores: [reader]`) stands by itself.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Speaker, Subject
from monitor.core.drift.context import READER
from monitor.core.drift.features import WORDY
from monitor.core.drift.flags import correction, fill
from monitor.core.judgement import MAILED_CONFIDENCE, Drift, Flag, Severity, Span
from monitor.core.rules.rule import RuleKind
from monitor.core.text.content_words import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from monitor.core.drift.annotation import Annotated, SentenceContext
    from monitor.core.drift.classifier import Calibration, Classifier, Weighed
    from monitor.core.drift.compile import CompiledRules
    from monitor.core.drift.features import Features
    from monitor.core.drift.flags import NearFindings
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
#: Severity of what the classifier raises by itself, by type: never high, since no fact is named.
ALONE_SEVERITY: Mapping[Drift, Severity] = {Drift.SENSATIONAL_LANGUAGE: Severity.LOW}


def reads(lang: str) -> bool:
    """Was the classifier trained on this language?"""
    return lang.partition("-")[0].lower() in READ_LANGUAGES


class Ensemble:
    """The rules and a classifier, joined for one study."""

    def __init__(self, classifier: Classifier, compiled: CompiledRules, near: NearFindings) -> None:
        """`near` finds what a sentence is compared with that the classifier alone raises."""
        self._classifier, self._near, self._own = classifier, near, compiled.own
        self._rule = compiled.classifier_rule
        self._rules = {rule.rule.id: rule.rule for rule in compiled.rules}

    def join(
        self, text: Annotated, features: Features, flagged: Sequence[Sequence[Flag]], where: str
    ) -> Iterator[Flag]:
        """The flags of a title or text with the confidence that both give them, and those the classifier raises alone.

        `flagged` are the rules' flags by sentence.
        """
        classifier, limits, rule = self._classifier, self._classifier.calibration, self._rule
        sentences = text.doc.sentences

        # Worked out where it is asked for: a text of a thousand words with a stop behind each says nothing a thousand times.
        @cache
        def weighed(at: int) -> Weighed:
            return classifier.weigh(features.of(at))

        for at, sentence in enumerate(sentences):
            flags = flagged[at]
            # A question asserts nothing by itself; the rules know those that only pretend to ask.
            # What the fact sheet itself says is faithful, however the classifier reads it.
            speaks = rule is not None and sentence.last - sentence.first >= LEAST_WORDS and not sentence.question
            speaks = speaks and tuple(word.text for word in text.doc.words_of(sentence)) not in self._own
            if not flags and not speaks:
                continue
            probability = in_context(classifier, weighed, at, len(sentences), flagged=bool(flags))
            if flags:
                together = [
                    replace(flag, confidence=_together(limits, flag, self._rules[flag.rule], probability))
                    for flag in flags
                ]
                yield from _of_likely_types(classifier, features.of(at), together, self._rules)
            elif rule is not None and probability >= max(
                _enough(limits, text.sentence(at)), limits.headline if where == "title" else 0.0
            ):
                yield self._alone(rule, text.doc, sentence, features.of(at), probability, where)

    def _alone(
        self,
        rule: Rule,
        doc: Doc,
        sentence: Sentence,
        seen: Mapping[str, Sequence[int]],
        probability: float,
        where: str,
    ) -> Flag:
        """A flag by the classifier alone; its finding is the nearest of those that rules of that type name."""
        classifier, limits = self._classifier, self._classifier.calibration
        types = classifier.type_probabilities(seen)
        drift = Drift(max(types, key=lambda slug: (types[slug], slug))) if types else rule.drift
        sure = drift is not Drift.SENSATIONAL_LANGUAGE or _has_a_sign(seen)
        start, end, quote = doc.span(*_loudest(classifier, doc, sentence, seen))
        span = Span(start=start, end=end, quote=quote, where=where)
        finding = self._near.near(drift, doc.words[sentence.first : sentence.last])
        return Flag(
            rule=rule.id,
            drift=drift,
            severity=ALONE_SEVERITY.get(drift, Severity.MEDIUM),
            confidence=round(min(limits.share(probability), limits.most_alone if sure else limits.candidate), 2),
            span=span,
            message=fill(rule.message, span.quote, finding),
            why=_why(rule, classifier.reasons(seen)),
            finding=finding.id if finding else None,
            found=finding.sentence if finding else None,
            source=finding.reference if finding else None,
            correction=correction(rule, finding),
        )


def _enough(limits: Calibration, seen: SentenceContext) -> float:
    """How sure the classifier must be to raise a sentence by itself.

    A faithful quotation of the team is no drift, however hopeful; what critics say and what other studies did is none
    either.
    """
    if seen.speaker in {Speaker.TEAM, Speaker.CRITIC} or seen.subject is Subject.OTHER:
        return limits.quoted
    return limits.look_here


def in_context(
    classifier: Classifier, weighed: Callable[[int], Weighed], at: int, count: int, *, flagged: bool
) -> float:
    """The probability of a sentence beside its neighbours: the geometric mean of its own and of the three together.

    `weighed` gives one of the text's `count` sentences. "It's research." says nothing by itself; "Myth: it works for everyone." is taken back by what follows.
    """
    alone = classifier.probability(weighed(at))
    if not flagged and math.sqrt(alone) < classifier.calibration.look_here:
        return alone  # whatever its neighbours say, it is below what is shown
    around = map(weighed, range(max(0, at - 1), min(at + 2, count)))
    return math.sqrt(alone * classifier.probability(reduce(or_, around)))


def _together(limits: Calibration, flag: Flag, rule: Rule, probability: float) -> float:
    """Confidence of a rule's flag, given what the classifier thinks of its sentence."""
    typed = _typed(rule)
    if probability >= limits.agrees:
        base = max(flag.confidence, MAILED_CONFIDENCE)
        return round(min(0.99, base + (1 - base) * (probability - limits.agrees)), 2)
    if READER in rule.ignores:
        return flag.confidence
    if probability >= limits.contradicts:
        return round(max(limits.candidate, limits.share(probability)), 2)
    # Of flags that it contradicts one in eight is right, whatever the rule: candidates for a person to decide.
    return limits.candidate if typed else limits.contradicted


def _of_likely_types(
    classifier: Classifier, seen: Mapping[str, Sequence[int]], flags: Sequence[Flag], rules: Mapping[str, Rule]
) -> Iterator[Flag]:
    """One fault, several rules: words put into an expert's mouth are not told as certain by the writer as well.

    A contradiction of a fact stands by itself, whatever its type.
    """
    limits = classifier.calibration
    probability = classifier.type_probabilities(seen) if len({flag.drift for flag in flags}) > 1 else {}
    told = any(probability.get(flag.drift.value, 0.0) >= limits.likely for flag in flags)
    for flag in flags:
        rule = rules[flag.rule]
        stands = _typed(rule) or READER in rule.ignores
        unlikely = told and not stands and probability.get(flag.drift.value, 1.0) < limits.unlikely
        yield replace(flag, confidence=min(flag.confidence, limits.candidate)) if unlikely else flag


def _typed(rule: Rule) -> bool:
    """Does the rule compare with a fact, and not with words alone?"""
    return rule.kind in {RuleKind.CLAIM, RuleKind.NUMBER}


def _has_a_sign(seen: Iterable[str]) -> bool:
    """Is anything in the sentence but its words: something of the study's, a claim, a cue, an exclamation? Praise without one
    may be of anything: "Messages of hope came in from all over the world".
    """
    return any("§" in name or not name.startswith(WORDY) for name in seen if name not in LENGTHS)


def _why(rule: Rule, words: Sequence[str]) -> str:
    """The rule's reason, and the words that the classifier heard."""
    heard = ", ".join(f"“{word}”" for word in words)
    return f"{rule.why} What spoke for it: {heard}." if heard else rule.why


def _loudest(
    classifier: Classifier, doc: Doc, sentence: Sentence, seen: Mapping[str, Sequence[int]]
) -> tuple[int, int]:
    """Offsets (into the doc's text) of the part of the sentence that speaks loudest for drift: between commas where they part it, so that a
    person can read it, else the best run of WHOLE_WORDS words.
    """
    words = doc.words
    if sentence.last - sentence.first <= WHOLE_WORDS:
        return words[sentence.first].start, words[sentence.last - 1].end
    heat = classifier.heat(seen)

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
