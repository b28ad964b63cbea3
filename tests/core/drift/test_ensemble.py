"""The rules and the classifier joined: what both hold, what one alone holds, and how sure each is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.core.drift import assess
from monitor.core.drift.ensemble import CANDIDATE, NOT_MAILED, confidence, reads
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.rule import When
from monitor.library.load import Library
from tests.core.drift.test_classifier import CALIBRATION, READER

if TYPE_CHECKING:
    from monitor.core.drift.classifier import Classifier
    from monitor.core.judgement import Flag

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def alone(text: str) -> list[tuple[str, float, str]]:
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    return [(f.rule, f.confidence, f.span.quote) for f in assess("", text, STUDY, ruleset, kind=Kind.POST).flags]


def test_the_reader_alone_is_as_sure_as_it_was_right():
    ((rule, sure, quote),) = alone("The cells are such a wonder.")
    assert (rule, quote) == ("second-reader", "The cells are such a wonder")
    assert 0.5 < sure <= NOT_MAILED, "style alone is never mailed"
    assert alone("The cells are such a calm thing.") == []


def test_praise_of_nobody_knows_what_is_at_most_a_candidate():
    types = {"sensational-language": 0.0, "safety-overclaim": 0.1}
    typed = {"w:splendour": {"sensational-language": 2.0}}
    classifier = replace(READER, weights={"w:splendour": 9.0}, types=types, typed=typed)
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=classifier, digest=""
    )

    def sure(text: str) -> float:
        (flag,) = assess("", text, STUDY, ruleset, kind=Kind.POST).flags
        assert flag.drift is Drift.SENSATIONAL_LANGUAGE
        return flag.confidence

    assert sure("Splendour lay there on top.") == CANDIDATE
    assert sure("Splendour lay there on top!") == NOT_MAILED
    assert sure("Splendour lay on the stem cells.") == NOT_MAILED


def test_a_sentence_that_is_all_quotation_is_at_most_a_candidate_by_the_reading_alone():
    said = "The cells are such a wonder."
    ((_, writers, _),), ((_, quoted, _),), ((_, introduced, _),) = (
        alone(text) for text in (said, f"“{said}”", f"A doctor says: “{said}”")
    )
    assert quoted == CANDIDATE < 0.5 < writers
    assert introduced > 0.5  # what a writer leads in with words of his own is read with them
    assert [sure for _, sure, _ in alone(f"“So it is. {said} And more.”")] == [CANDIDATE]


def test_a_flag_tells_the_words_that_were_heard():
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    (flag,) = assess("", "Such a wonder it is.", STUDY, ruleset, kind=Kind.POST).flags
    assert flag.why.endswith("What spoke for it: “wonder”.")


def test_a_question_and_a_fragment_assert_nothing():
    assert alone("Is it such a wonder?") == []
    assert alone("A wonder.") == []


@pytest.mark.parametrize("mailed", [0.5, 0.7])
def test_the_scale_of_confidence(mailed: float):
    """A probability that is right half of the time counts as drift, and one that is high enough for mail says 0.8."""
    at = [confidence(CALIBRATION, share / 100, mailed) for share in range(101)]
    assert at == sorted(at)
    assert (at[0], at[100]) == (0.0, 0.99)
    assert next(share / 100 for share in range(101) if at[share] >= 0.8) == mailed
    assert next(share / 100 for share in range(101) if at[share] >= 0.5) == 0.5


def test_what_is_quoted_is_a_candidate():
    """Somebody's words, or words that are mentioned and not used; the name of a mechanism is quoted as a term of art."""

    def confidences(text: str) -> dict[str, float]:
        rules = replace(RULES, classifier=replace(READER, bias=5.0, weights={}, types={}, typed={}), digest="")
        return {flag.rule: flag.confidence for flag in assess("", text, STUDY, rules, kind=Kind.POST).flags}

    assert confidences("A paralysed man is walking again.")["above-outcome"] >= 0.8
    assert confidences("“A paralysed man is walking again,” a neighbour said.")["above-outcome"] == CANDIDATE
    assert confidences("So the paralysed man “is walking again”, as they put it.")["above-outcome"] == CANDIDATE
    assert confidences("It was done by “reprogramming” the spinal cord in the man.")["wrong-mechanism"] >= 0.8


def test_a_rule_may_stand_whatever_the_second_reader_thinks():
    rule = RULES.rule("miracle")
    assert rule is not None

    def sure(ignores: tuple[str, ...]) -> float:
        rules = (
            replace(rule, confidence=0.85, ignores=ignores),
            *(r for r in RULES.rules if r.when is When.CLASSIFIER),
        )
        calm = replace(READER, bias=-9.0, weights={})
        (flag,) = assess("", "What a miracle!", STUDY, replace(RULES, rules=rules, classifier=calm, digest="")).flags
        return flag.confidence

    assert sure(()) < 0.1, "what the reading denies is not shown"
    assert sure(("reader",)) == 0.85


def test_a_phrase_of_an_unlikely_type_is_a_candidate_beside_a_likely_one():
    text = "He is walking again thanks to the stem cells, a miracle."

    def confidences(sensational: float) -> dict[str, float]:
        types = {
            "causal-overclaim": 3.0,
            "sensational-language": sensational,
            "overstated-outcome": -5.0,
        }
        classifier = replace(READER, bias=5.0, weights={}, types=types, typed={})
        found = assess("", text, STUDY, replace(RULES, classifier=classifier, digest=""), kind=Kind.POST).flags
        return {flag.rule: flag.confidence for flag in found}

    likely, unlikely = confidences(3.0), confidences(-5.0)
    assert likely["miracle"] == NOT_MAILED
    assert unlikely["miracle"] < 0.5
    assert unlikely["cause-thanks-to"] >= 0.8
    assert unlikely["above-outcome"] >= 0.8  # it contradicts a fact, whatever its type


def test_both_readers_together_are_surer_than_one():
    both = assess("", "A paralysed man is walking again.", STUDY, RULES, kind=Kind.POST).flags
    alone_ = assess(
        "", "A paralysed man is walking again.", STUDY, replace(RULES, classifier=None, digest=""), kind=Kind.POST
    )
    surer = {f.rule: f.confidence for f in both}
    assert all(surer[f.rule] >= f.confidence for f in alone_.flags if f.rule in surer)
    assert any(f.confirmed for f in both)


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", True), ("en-GB", True), ("", True), ("und", True), ("ja", False)]
)
def test_the_languages_that_the_classifier_was_trained_on(lang: str, expected: bool):
    assert reads(lang) is expected


def test_words_of_significance_are_never_mailed_alone():
    rules = replace(RULES, classifier=replace(READER, bias=9.0, weights={}, types={}, typed={}), digest="")
    found = assess("", "The result is a breakthrough for the cord.", STUDY, rules, kind=Kind.POST).flags
    assert [(flag.rule, flag.confidence) for flag in found] == [("breakthrough", NOT_MAILED)]


@pytest.mark.parametrize(
    ("slug", "mailed"),
    [
        ("mechanism-error", True),
        ("safety-overclaim", True),
        ("fact-error", False),
        ("number-error", False),
        ("sensational-language", False),
    ],
)
def test_alone_it_is_mailed_for_claims_and_for_nothing_that_only_a_comparison_can_tell(slug: str, mailed: bool):
    sure = replace(READER, bias=9.0, weights={}, types={slug: 0.0}, typed={})
    (flag,) = _alone(sure)
    assert (flag.drift.value, flag.is_drift, flag.confirmed) == (slug, True, mailed)


def test_about_a_study_that_it_never_learned_from_it_is_never_mailed_alone():
    elsewhere = RULES.classifier
    assert elsewhere is not None
    sure = replace(elsewhere, bias=30.0, weights={}, types={"mechanism-error": 0.0}, typed={})
    (learned,) = _alone(sure)
    (unlearned,) = _alone(replace(sure, studies=frozenset()))
    assert learned.confirmed
    assert unlearned.is_drift
    assert not unlearned.confirmed


def _alone(classifier: Classifier) -> tuple[Flag, ...]:
    own = tuple(rule for rule in RULES.rules if rule.when is When.CLASSIFIER)
    ruleset = replace(RULES, rules=own, classifier=classifier, digest="")
    return assess("", "The cells are such a wonder.", STUDY, ruleset, kind=Kind.POST).flags


def test_of_a_long_sentence_the_part_that_speaks_loudest_is_quoted():
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    text = "On the day they came there, and it was raining hard all along, it was such a wonder to see, as the people there told us."
    (flag,) = assess("", text, STUDY, replace(ruleset, classifier=replace(READER, bias=5.0)), kind=Kind.POST).flags
    assert "wonder" in flag.span.quote
    assert len(flag.span.quote.split()) <= 18
