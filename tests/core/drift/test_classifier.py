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
from monitor.core.rules.rule import When
from monitor.library.classifier.load import shipped_classifier
from monitor.library.load import Library
from monitor.training.train import CALIBRATION

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
JUDGE = Judge(STUDY, RULES)
DATA = Path(__file__).parents[3] / "monitor" / "training" / "data"


def test_no_name_of_the_study_became_a_weight():
    classifier = shipped_classifier()
    assert classifier is not None
    names = ("keio", "okano", "nakamura", "慶應", "umin000035074")
    assert [name for name in classifier.weights if any(word in name for word in names)] == []


READER = Classifier(
    bias=-1.0,
    weights={"w:wonder": 4.0, "w:calm": -4.0},
    types={"sensational-language": (0.0, {"w:wonder": 2.0}), "safety-overclaim": (0.1, {})},
    digest="test",
    calibration=CALIBRATION,
)


def test_it_says_why():
    assert READER.reasons({"w:wonder": [0], "w:calm": [1]}) == ("wonder",)
    wonder, nothing = READER.type_probabilities({"w:wonder": [0]}), READER.type_probabilities({})
    assert wonder["sensational-language"] > 0.9 > wonder["safety-overclaim"]
    assert nothing["safety-overclaim"] > nothing["sensational-language"] == 0.5


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
        assess(
            "", "The cells are such a wonder.", STUDY, replace(RULES, rules=only, classifier=classifier, digest="")
        ).flags
        for classifier in (READER, stern)
    ]
    assert [len(flags) for flags in raised] == [1, 0]
    assert shipped_classifier().calibration == CALIBRATION


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
