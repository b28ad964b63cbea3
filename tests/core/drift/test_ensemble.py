"""The rules and the classifier joined: what both hold, what one alone holds, and how sure each is."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.classifier import Classifier, Weighed
from monitor.core.drift.ensemble import in_context, reads
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.rule import When
from monitor.library.load import Library
from monitor.training.train import CALIBRATION

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")

READER = Classifier(
    bias=-1.0,
    weights={"w:wonder": 4.0, "w:calm": -4.0},
    types={"sensational-language": (0.0, {"w:wonder": 2.0}), "safety-overclaim": (0.1, {})},
    digest="test",
    calibration=CALIBRATION,
)


def alone(text: str) -> list[tuple[str, float, str]]:
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    return [(f.rule, f.confidence, f.span.quote) for f in assess("", text, STUDY, ruleset, kind=Kind.POST).flags]


def test_the_reader_alone_is_as_sure_as_it_was_right():
    ((rule, confidence, quote),) = alone("The cells are such a wonder.")
    assert (rule, quote) == ("second-reader", "The cells are such a wonder")
    assert 0.8 < confidence <= READER.calibration.most_alone
    assert alone("The cells are such a calm thing.") == []


def test_praise_of_nobody_knows_what_is_at_most_a_candidate():
    types = {"sensational-language": (0.0, {"w:splendour": 2.0}), "safety-overclaim": (0.1, {})}
    classifier = replace(READER, weights={"w:splendour": 9.0}, types=types)
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=classifier, digest=""
    )

    def confidence(text: str) -> float:
        (flag,) = assess("", text, STUDY, ruleset, kind=Kind.POST).flags
        assert flag.drift is Drift.SENSATIONAL_LANGUAGE
        return flag.confidence

    assert confidence("Splendour lay there on top.") < 0.5
    assert confidence("Splendour lay there on top!") >= 0.8
    assert confidence("Splendour lay on the stem cells.") >= 0.8


def test_a_flag_tells_the_words_that_were_heard():
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    (flag,) = assess("", "Such a wonder it is.", STUDY, ruleset, kind=Kind.POST).flags
    assert flag.why.endswith("What spoke for it: “wonder”.")


def test_a_question_and_a_fragment_assert_nothing():
    assert alone("Is it such a wonder?") == []
    assert alone("A wonder.") == []


def test_neighbours_take_a_sentence_back():
    ((_, by_itself, _),) = alone("Such a wonder it is.")
    beside = alone("Such a wonder it is. So calm and calm and calm.")
    assert not beside or beside[0][1] < by_itself


def test_a_rule_may_stand_whatever_the_second_reader_thinks():
    rule = RULES.rule("miracle")
    assert rule is not None

    def confidence(ignores: tuple[str, ...]) -> float:
        rules = (
            replace(rule, confidence=0.85, ignores=ignores),
            *(r for r in RULES.rules if r.when is When.CLASSIFIER),
        )
        calm = replace(READER, bias=-9.0, weights={})
        (flag,) = assess("", "What a miracle!", STUDY, replace(RULES, rules=rules, classifier=calm, digest="")).flags
        return flag.confidence

    assert confidence(()) == 0.4
    assert confidence(("reader",)) == 0.85


def test_a_phrase_of_an_unlikely_type_is_a_candidate_beside_a_likely_one():
    text = "He is walking again thanks to the stem cells, a miracle."

    def confidences(sensational: float) -> dict[str, float]:
        types = {
            "causal-overclaim": (3.0, {}),
            "sensational-language": (sensational, {}),
            "overstated-outcome": (-5.0, {}),
        }
        classifier = replace(READER, bias=5.0, weights={}, types=types)
        found = assess("", text, STUDY, replace(RULES, classifier=classifier, digest=""), kind=Kind.POST).flags
        return {flag.rule: flag.confidence for flag in found}

    likely, unlikely = confidences(3.0), confidences(-5.0)
    assert likely["miracle"] >= 0.8
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


def weighed(*words: str) -> Weighed:
    return READER.weigh([f"w:{word}" for word in words])


def test_neighbours_pull_a_sentence_to_where_they_are():
    wonder, calm = weighed("wonder"), weighed("calm")
    alone_ = in_context(READER, [wonder].__getitem__, 0, 1, flagged=True)
    among_calm = in_context(READER, [calm, wonder, calm].__getitem__, 1, 3, flagged=True)
    assert among_calm < alone_
    assert alone_ == pytest.approx(READER.probability(wonder))  # its neighbourhood is itself
    together = READER.probability(wonder | calm)
    assert among_calm == pytest.approx(math.sqrt(READER.probability(wonder) * together))


def test_neighbours_of_a_sentence_that_nobody_would_be_shown_are_not_looked_at():
    asked: list[int] = []

    def of(at: int) -> Weighed:
        asked.append(at)
        return weighed("calm")

    in_context(READER, of, 1, 3, flagged=False)
    assert asked == [1]
    in_context(READER, of, 1, 3, flagged=True)
    assert asked == [1, 1, 0, 1, 2]


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", True), ("en-GB", True), ("", True), ("und", True), ("ja", False)]
)
def test_the_languages_that_the_classifier_was_trained_on(lang: str, expected: bool):
    assert reads(lang) is expected


def test_a_headline_must_be_surer_than_a_sentence():
    ruleset = replace(RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), digest="")
    limits = replace(READER.calibration, headline=1.1)  # surer than anything
    classifier = replace(READER, calibration=limits)
    text = "The cells are such a wonder."
    flags = assess(text, text, STUDY, replace(ruleset, classifier=classifier), kind=Kind.POST).flags
    assert [flag.span.where for flag in flags] == ["text"]


def test_the_team_s_own_words_must_be_surer_too():
    ruleset = replace(RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), digest="")
    classifier = replace(READER, calibration=replace(READER.calibration, quoted=1.1))

    def raised(text: str) -> int:
        return len(assess("", text, STUDY, replace(ruleset, classifier=classifier), kind=Kind.POST).flags)

    assert raised("A neighbour said it is a wonder.") == 1
    assert raised("Okano said it is a wonder.") == 0


def test_of_a_long_sentence_the_part_that_speaks_loudest_is_quoted():
    ruleset = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=READER, digest=""
    )
    text = "On the day they came there, and it was raining hard all along, it was such a wonder to see, as the people there told us."
    (flag,) = assess("", text, STUDY, replace(ruleset, classifier=replace(READER, bias=5.0)), kind=Kind.POST).flags
    assert "wonder" in flag.span.quote
    assert len(flag.span.quote.split()) <= 18
