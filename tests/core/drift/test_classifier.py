"""The second reader: masked features, readable reasons, and how two readers become one confidence."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift import assess
from monitor.core.drift.classifier import WORD_FACTOR, Calibration, Classifier
from monitor.core.drift.features import Names
from monitor.core.drift.judge import Judge
from monitor.core.model import Kind
from monitor.core.rules.rule import When
from monitor.core.text.doc import read
from monitor.library.classifier.load import WEIGHTS, shipped_classifier
from monitor.library.load import Library
from monitor.training.train import DECISIONS, DECISIONS_ELSEWHERE, POSTS, example, packed

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
JUDGE = Judge(STUDY, RULES)
DATA = Path(__file__).parents[3] / "monitor" / "training" / "data"
PIECES = DATA.with_name("pieces")


def test_no_name_of_the_study_became_a_weight():
    classifier = shipped_classifier()
    assert classifier is not None
    names = ("keio", "okano", "nakamura", "慶應", "umin000035074")
    assert [name for name in classifier.weights if any(word in name for word in names)] == []


CALIBRATION = Calibration(
    intercept=-1.0,
    reading=1.0,
    ruled=1.0,
    record=1.0,
    several=1.0,
    records={"good": (96, 96), "poor": (0, 12)},
    share=0.14,
    drifts=0.5,
    mailed=0.5,
    mailed_alone=0.7,
    look_here=0.3,
    unlikely=0.1,
    likely=0.4,
)
READER = Classifier(
    bias=-1.0,
    weights={"w:wonder": 4.0, "w:calm": -4.0, "exclamation": 0.5},
    types={"sensational-language": 0.0, "safety-overclaim": 0.1},
    typed={"w:wonder": {"sensational-language": 2.0}},
    digest="test",
    calibration=CALIBRATION,
    calibration_elsewhere=replace(CALIBRATION, drifts=0.4, mailed=0.4, mailed_alone=0.6),
    studies=frozenset({"keio-ips-sci"}),
)


def test_it_says_why():
    assert READER.reasons(Names.of(["w:wonder", "w:calm"])) == ("wonder",)
    wonder, nothing = READER.type_probabilities(Names.of(["w:wonder"])), READER.type_probabilities(Names.of([]))
    assert wonder["sensational-language"] > 0.9 > wonder["safety-overclaim"]
    assert nothing["safety-overclaim"] > nothing["sensational-language"] == 0.5


def test_words_weigh_less_in_a_long_sentence_and_cues_do_not():
    assert READER.reading(Names.of(["w:wonder"])) == pytest.approx(-1 + 4 * WORD_FACTOR)
    assert READER.reading(Names.of(["w:wonder", "w:of", "w:all", "begin:wonder"])) == pytest.approx(
        -1 + 4 * WORD_FACTOR / 2
    )
    assert READER.reading(Names.of(["exclamation", "w:of", "w:all"])) == pytest.approx(-0.5)


def test_runs_of_letters_weigh_by_how_many_there_are_and_leave_words_their_weight():
    reader = replace(READER, weights=READER.weights | {"r:wond": 2.0})
    assert reader.reading(Names.of(["r:wond", "r:onde", "r:nder", "r:der "])) == pytest.approx(-1 + 2 * WORD_FACTOR / 2)
    assert reader.reading(Names.of(["w:wonder", "r:wond"])) == pytest.approx(-1 + (4 + 2) * WORD_FACTOR)


def test_training_and_judging_weigh_a_sentence_alike():
    """What the weights were fitted to is what the judge sums."""
    classifier = shipped_classifier()
    text = "The cells are a wonder, and nobody who was given them is asking for anything more!"
    learned = example(Judge(STUDY, RULES), {"text": text, "drift": 1})
    summed = sum(classifier.weights.get(name, 0.0) * value for name, value in learned.features.items())
    ((seen, _),) = JUDGE.seen(read(text))
    assert any(name.startswith("r:") and name in classifier.weights for name in seen)
    assert classifier.reading(Names.of(seen)) == pytest.approx(classifier.bias + summed)


def test_the_shipped_weights_are_those_that_were_fitted():
    """The file is laid out as it is used; its digest, which stands on flags, is that of what was fitted."""
    classifier = shipped_classifier()
    held = json.loads(gzip.decompress(files("monitor.library.classifier").joinpath(WEIGHTS).read_bytes()))
    types = {slug: {"bias": bias, "weights": {}} for slug, bias in classifier.types.items()}
    for name, of_types in classifier.typed.items():
        for slug, weight in of_types.items():
            types[slug]["weights"][name] = weight
    fitted = {key: held[key] for key in ("bias", "sentences", "calibration", "elsewhere", "studies")}
    fitted |= {"types": types, "weights": dict(classifier.weights)}
    assert packed(fitted) == held
    assert packed(fitted | {"bias": 0.5})["digest"] != held["digest"] == classifier.digest


def test_a_word_is_as_loud_as_its_runs_of_letters_make_it():
    reader = replace(READER, weights={"w:wonder": 1.0, "r:calm": 3.0})
    assert reader.heat({"w:wonder": [0], "w:calm": [1], "r:calm": [1]}) == {
        0: pytest.approx(1 / 2**0.5),
        1: pytest.approx(3.0),
    }


@given(st.floats(-20, 20), st.booleans())
def test_a_rule_s_word_counts_as_much_as_it_was_right(reading: float, several: bool):
    """By its record in ordinary coverage; one that nobody has seen there counts as rules do on average."""

    def of(rule: str | None) -> float:
        return CALIBRATION.probability(reading, rule, several=several)

    assert 0 <= of("poor") <= of("unheard of") <= of("good") <= 1
    assert CALIBRATION.probability(reading, None, several=True) == of(None)
    assert CALIBRATION.probability(reading, "good", several=True) >= CALIBRATION.probability(
        reading, "good", several=False
    )


def test_the_calibration_is_the_artefacts_own():
    """Training writes it beside the weights, so the ruleset's digest tells when either changes."""
    stern = replace(READER, calibration=replace(CALIBRATION, look_here=1.01))
    only = tuple(rule for rule in RULES.rules if rule.when is When.CLASSIFIER)
    raised = [
        assess(
            "", "The cells are such a wonder.", STUDY, replace(RULES, rules=only, classifier=classifier, digest="")
        ).flags
        for classifier in (READER, stern)
    ]
    assert [len(flags) for flags in raised] == [1, 0]
    shipped = shipped_classifier().calibration
    assert {name: getattr(shipped, name) for name in DECISIONS} == DECISIONS
    elsewhere = shipped_classifier().calibration_elsewhere
    assert elsewhere == replace(shipped, **DECISIONS_ELSEWHERE)
    assert 0.08 < shipped.share < 0.25, "fitted where drift is as frequent as in coverage"
    assert set(shipped.records) <= {rule.id for rule in RULES.rules}


def test_less_is_asked_of_a_study_that_was_never_learned_from():
    """The same sentence about the same facts: under a sheet of another name the reading has less to go by."""
    stern = replace(CALIBRATION, drifts=0.999, mailed=0.999, mailed_alone=0.999)
    reader = replace(READER, calibration=stern, calibration_elsewhere=CALIBRATION)
    rules = replace(
        RULES, rules=tuple(r for r in RULES.rules if r.when is When.CLASSIFIER), classifier=reader, digest=""
    )
    ours, another = (
        assess("", "The cells are such a wonder.", study, rules, kind=Kind.POST, lang="en").flags[0]
        for study in (STUDY, replace(STUDY, id="another"))
    )
    assert not ours.is_drift
    assert another.is_drift


@pytest.mark.parametrize(
    "path", [*sorted(DATA.glob("*.jsonl")), *sorted(PIECES.glob("*.jsonl"))], ids=lambda path: path.stem
)
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
        row["text"]
        for path in (*DATA.glob("*.jsonl"), *PIECES.glob("*.jsonl"))
        for row in map(json.loads, path.read_text("utf-8").splitlines())
        if not row.get("contested")
    }
    assert learned
    # The other study's set shares sentences on purpose: the same words are faithful under one fact sheet only.
    for path in set(tests.glob("*.jsonl")) - {tests / "second-study.jsonl"}:
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            assert row.get("contested") or row["text"] not in learned


def test_the_pieces_are_whole_varied_and_ordinary():
    """At least 250 whole pieces by four writers, none of them over a third, about the study and twelve others."""
    rows = [json.loads(line) for path in PIECES.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    kept = (DATA.parents[2] / "tests/data/labelled/pieces.jsonl").read_text("utf-8").splitlines()
    coverage = [row for row in (*rows, *map(json.loads, kept)) if row["writer"] != POSTS]
    by_writer = Counter(row["writer"] for row in {row["piece"]: row for row in coverage}.values())
    assert sum(by_writer.values()) >= 250
    assert len(coverage) >= 2500
    assert len(by_writer) >= 4
    assert max(by_writer.values()) <= sum(by_writer.values()) / 3
    assert len({row["study"] for row in coverage}) >= 13
    assert 0.10 <= sum(row["drift"] for row in coverage) / len(coverage) <= 0.25
    places = Counter((row["piece"], row["at"]) for row in coverage)
    assert max(places.values()) == 1
