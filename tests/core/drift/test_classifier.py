"""The second reader: masked features, readable reasons, and how two readers become one confidence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.drift.classifier import Classifier
from monitor.core.drift.judge import Judge
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.rule import When
from monitor.core.text.doc import read
from monitor.library.classifier.load import shipped_classifier
from monitor.library.load import Library
from monitor.training.train import CALIBRATION

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
JUDGE = Judge(STUDY, RULES)
DATA = Path(__file__).parents[3] / "monitor" / "training" / "data"


def features(text: str) -> set[str]:
    return set(JUDGE.sentence_features(read(text))[0])


def test_the_study_is_masked():
    seen = features("At Keio, 40 mice with spinal cord injury received stem cells.")
    assert {"w:§who", "w:§number", "w:§condition", "w:§treatment"} <= seen
    assert not any(word in name for name in seen for word in ("keio", "40", "spinal", "stem"))


def test_a_right_number_is_told_from_another():
    assert "w:§number-right" in features("Four men were treated.")
    assert "w:§number-wrong" in features("Forty men were treated.")
    assert "w:§number-known" in features("Four words.")
    assert "w:§number" in features("Forty words.")


def test_no_name_of_the_study_became_a_weight():
    reader = shipped_classifier()
    assert reader is not None
    names = ("keio", "okano", "nakamura", "慶應", "umin000035074")
    assert [name for name in reader.weights if any(word in name for word in names)] == []


def test_rules_and_guards_are_features():
    assert {"rule", "rule:overstated-outcome"} <= features("He is walking again.")
    assert {"only-guarded", "guarded:overstated-outcome", "cue:negated"} <= features("He is not walking again.")


READER = Classifier(
    bias=-1.0,
    weights={"w:wonder": 4.0, "w:calm": -4.0},
    types={"sensational-language": (0.0, {"w:wonder": 2.0}), "safety-overclaim": (0.1, {})},
    digest="test",
    calibration=CALIBRATION,
)


def alone(text: str) -> list[tuple[str, float, str]]:
    ruleset = replace(RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), reader=READER, digest="")
    return [(f.rule, f.confidence, f.span.quote) for f in assess("", text, STUDY, ruleset, kind=Kind.POST).flags]


def test_the_reader_alone_is_as_sure_as_it_was_right():
    ((rule, confidence, quote),) = alone("The cells are such a wonder.")
    assert (rule, quote) == ("second-reader", "The cells are such a wonder")
    assert 0.8 < confidence <= READER.calibration.most_alone
    assert alone("The cells are such a calm thing.") == []


def test_praise_of_nobody_knows_what_is_at_most_a_candidate():
    types = {"sensational-language": (0.0, {"w:splendour": 2.0}), "safety-overclaim": (0.1, {})}
    reader = replace(READER, weights={"w:splendour": 9.0}, types=types)
    ruleset = replace(RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), reader=reader, digest="")

    def confidence(text: str) -> float:
        (flag,) = assess("", text, STUDY, ruleset, kind=Kind.POST).flags
        assert flag.drift is Drift.SENSATIONAL_LANGUAGE
        return flag.confidence

    assert confidence("Splendour lay there on top.") < 0.5
    assert confidence("Splendour lay there on top!") >= 0.8
    assert confidence("Splendour lay on the stem cells.") >= 0.8


def test_a_flag_tells_the_words_that_were_heard():
    ruleset = replace(RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), reader=READER, digest="")
    (flag,) = assess("", "Such a wonder it is.", STUDY, ruleset, kind=Kind.POST).flags
    assert flag.why.endswith("What spoke for it: “wonder”.")


def test_a_question_and_a_fragment_assert_nothing():
    assert alone("Is it such a wonder?") == []
    assert alone("A wonder.") == []


def test_neighbours_take_a_sentence_back():
    ((_, by_itself, _),) = alone("Such a wonder it is.")
    beside = alone("Such a wonder it is. So calm and calm and calm.")
    assert not beside or beside[0][1] < by_itself


def test_it_says_why():
    assert READER.reasons({"w:wonder": [0], "w:calm": [1]}) == ("wonder",)
    wonder, nothing = READER.type_probabilities({"w:wonder": [0]}), READER.type_probabilities({})
    assert wonder["sensational-language"] > 0.9 > wonder["safety-overclaim"]
    assert nothing["safety-overclaim"] > nothing["sensational-language"] == 0.5


def test_a_rule_may_stand_whatever_the_second_reader_thinks():
    rule = RULES.rule("miracle")
    assert rule is not None

    def confidence(ignores: tuple[str, ...]) -> float:
        rules = (
            replace(rule, confidence=0.85, ignores=ignores),
            *(r for r in RULES.rules if r.when is When.CLASSIFIER),
        )
        calm = replace(READER, bias=-9.0, weights={})
        (flag,) = assess("", "What a miracle!", STUDY, replace(RULES, rules=rules, reader=calm, digest="")).flags
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
        reader = replace(READER, bias=5.0, weights={}, types=types)
        found = assess("", text, STUDY, replace(RULES, reader=reader, digest=""), kind=Kind.POST).flags
        return {flag.rule: flag.confidence for flag in found}

    likely, unlikely = confidences(3.0), confidences(-5.0)
    assert likely["miracle"] >= 0.8
    assert unlikely["miracle"] < 0.5
    assert unlikely["cause-thanks-to"] >= 0.8
    assert unlikely["above-outcome"] >= 0.8  # it contradicts a fact, whatever its type


@given(st.floats(0, 1))
def test_calibration_tips_where_it_was_measured_to(probability: float):
    share, tips = READER.calibration.share(probability), READER.calibration.tips
    assert 0 <= share <= 1
    assert (share > 0.5) == (probability > tips) or abs(probability - tips) < 1e-9


def test_the_calibration_is_the_artefacts_own():
    """Training writes it beside the weights, so the ruleset's digest tells when either changes."""
    stern = replace(READER, calibration=replace(READER.calibration, look_here=0.99, headline=0.99, quoted=0.99))
    only = tuple(rule for rule in RULES.rules if rule.when is When.CLASSIFIER)
    raised = [
        assess("", "The cells are such a wonder.", STUDY, replace(RULES, rules=only, reader=reader, digest="")).flags
        for reader in (READER, stern)
    ]
    assert [len(flags) for flags in raised] == [1, 0]
    assert shipped_classifier().calibration == CALIBRATION


def test_both_readers_together_are_surer_than_one():
    both = assess("", "A paralysed man is walking again.", STUDY, RULES, kind=Kind.POST).flags
    alone_ = assess(
        "", "A paralysed man is walking again.", STUDY, replace(RULES, reader=None, digest=""), kind=Kind.POST
    )
    surer = {f.rule: f.confidence for f in both}
    assert all(surer[f.rule] >= f.confidence for f in alone_.flags if f.rule in surer)
    assert any(f.confirmed for f in both)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_training_sentences_are_whole(path: Path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["text"].strip()
        assert row["drift"] in {0, 1}
        assert bool(row["types"]) <= bool(row["drift"]), row["id"]


def test_no_test_sentence_was_learned():
    tests = Path(__file__).parents[2] / "data" / "labelled"
    learned = {
        json.loads(line)["text"] for path in DATA.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()
    }
    assert learned
    # The other study's set shares sentences on purpose: the same words are faithful under one fact sheet only.
    for path in set(tests.glob("*.jsonl")) - {tests / "second-study.jsonl"}:
        for line in path.read_text("utf-8").splitlines():
            assert json.loads(line)["text"] not in learned
