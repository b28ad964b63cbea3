"""The regression gate: what the judge reached on labelled texts by people who had not seen the rules, it keeps.

The bars stand a little below what was measured (monitor/docs/accuracy.md); a change that lowers a measure through a bar
has to say why. They are floors against accidents, not targets.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli.accuracy import judged_rows
from monitor.core.accuracy import Judged, Label, report
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.library.load import Library

DATA = Path(__file__).parent / "data" / "labelled"
LIBRARY = Library(Path("/nowhere"), {})


def measured(name: str, *, gate: bool = False, langs: tuple[str, ...] = ()):
    study = LIBRARY.study("keio-ips-sci")
    rows = judged_rows(DATA / name, study, LIBRARY.ruleset(study.id), contested=False, assume_relevant=not gate)
    chosen = [row for row in rows if not langs or row.lang in langs]
    return {key: value.value for key, value in report(chosen).measures.items()}


def test_english_sentences():
    found = measured("sentences.jsonl", langs=("en",))
    assert found["f1"] >= 0.72
    assert found["false alarms on hard negatives"] <= 0.12
    assert found["precision of high-severity flags"] >= 0.88
    assert found["precision of mailed flags"] >= 0.90
    assert found["recall of mailed flags"] >= 0.40
    assert found["type right"] >= 0.68
    assert found["span overlaps"] >= 0.90


def test_the_second_batch():
    found = measured("sentences-2.jsonl")
    assert found["f1"] >= 0.76
    assert found["false alarms on hard negatives"] <= 0.11
    assert found["precision of mailed flags"] >= 0.90
    assert found["recall of mailed flags"] >= 0.48
    assert found["type right"] >= 0.68


def test_the_third_batch():
    found = measured("sentences-3.jsonl")
    assert found["f1"] >= 0.80
    assert found["false alarms on hard negatives"] <= 0.11
    assert found["precision of high-severity flags"] >= 0.88
    assert found["precision of mailed flags"] >= 0.92
    assert found["recall of mailed flags"] >= 0.55
    assert found["type right"] >= 0.75


def test_the_fifth_batch():
    found = measured("sentences-5.jsonl")
    assert found["f1"] >= 0.85
    assert found["false alarms on hard negatives"] <= 0.10
    assert found["precision of high-severity flags"] >= 0.90
    assert found["precision of mailed flags"] >= 0.94
    assert found["recall of mailed flags"] >= 0.70
    assert found["type right"] >= 0.76


def test_the_hard_sixth_batch():
    found = measured("sentences-6.jsonl")
    assert found["f1"] >= 0.80
    assert found["false alarms on hard negatives"] <= 0.10
    assert found["precision of high-severity flags"] >= 0.86
    assert found["precision of mailed flags"] >= 0.92
    assert found["recall of mailed flags"] >= 0.60
    assert found["type right"] >= 0.72


@pytest.mark.parametrize("name", ["sentences-7.jsonl", "sentences-8.jsonl"])
def test_the_newest_batches(name: str):
    found = measured(name)
    assert found["f1"] >= 0.85
    assert found["false alarms on hard negatives"] <= 0.08
    assert found["precision of high-severity flags"] >= 0.92
    assert found["precision of mailed flags"] >= 0.95
    assert found["recall of mailed flags"] >= 0.68
    assert found["type right"] >= 0.76


def test_two_labellers_agree():
    assert measured("sentences.jsonl")["two labellers agree (kappa)"] >= 0.85


@pytest.mark.parametrize(("lang", "bar"), [("ja", 0.55), ("es", 0.55)])
def test_sentences_in_other_languages(lang: str, bar: float):
    assert measured("sentences.jsonl", langs=(lang,))["f1"] >= bar


def test_texts_about_other_things_raise_nothing():
    assert measured("unrelated.jsonl", gate=True)["false alarms on hard negatives"] <= 0.02


@pytest.mark.parametrize("name", ["documents.jsonl", "documents-2.jsonl"])
def test_documents(name: str):
    found = measured(name)
    assert found["AUC heavy against faithful"] >= 0.97
    assert found["AUC mild against faithful"] >= 0.88
    assert found["debunks outside the top third"] == 1.0
    assert found["caveats found (F1)"] >= 0.88
    assert found["documents recognised"] >= 0.97


def test_a_study_of_another_field():
    study = Library.single(DATA / "second-study.yaml")
    ruleset = Library(DATA, {}).ruleset(study.id)
    rows = list(judged_rows(DATA / "second-study.jsonl", study, ruleset, contested=False, assume_relevant=True))
    assert report(rows).measures["f1"].value >= 0.72


def test_every_labelled_span_stands_in_its_text():
    for path in DATA.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for label in row["labels"]:
                assert label["type"] in set(Drift)
                assert row["text"][label["start"] : label["end"]] == label.get("span", ""), row["id"]


def row(*, drift: bool, confidence: float | None, hard: bool = False, kind: str = "", score: int = 0) -> Judged:
    span = Span(start=0, end=4, quote="cure")
    flags = () if confidence is None else (
        Flag(rule="r", drift=Drift.OVERSTATED_OUTCOME, severity=Severity.HIGH, confidence=confidence, span=span, message="m"),
    )  # fmt: skip
    return Judged(
        id="x",
        drift=drift,
        hard_negative=hard,
        labels=(Label(type="overstated-outcome", start=2, end=8),) if drift else (),
        flags=flags,
        score=score,
        kind=kind,
    )


def test_measures_of_a_known_set():
    rows = [
        row(drift=True, confidence=0.9),
        row(drift=True, confidence=0.6),
        row(drift=True, confidence=None),
        row(drift=False, confidence=0.9, hard=True),
        row(drift=False, confidence=0.4, hard=True),
    ]
    found = report(rows)
    values = {name: round(value.value, 3) for name, value in found.measures.items() if value.value is not None}
    assert values["precision"] == 0.667
    assert values["recall"] == 0.667
    assert values["f1"] == 0.667
    assert values["false alarms on hard negatives"] == 0.5
    assert values["precision of mailed flags"] == 0.5
    assert values["recall of mailed flags"] == 0.333
    assert values["type right"] == 1.0
    assert values["span overlaps"] == 1.0
    assert found.types["overstated-outcome"] == {"texts": 3, "caught": 2 / 3, "typed": 2 / 3, "precision": 2 / 3}
    assert found.measures["f1"].low <= found.measures["f1"].value <= found.measures["f1"].high


def test_ranking_of_documents():
    rows = [row(drift=d, confidence=None, kind=k, score=s) for d, k, s in
            [(True, "heavy", 90), (True, "heavy", 80), (True, "mild", 10), (False, "faithful", 10), (False, "debunk", 20), (False, "faithful", 0)]]  # fmt: skip
    found = report(rows).measures
    assert found["AUC heavy against faithful"].value == 1.0
    assert found["AUC mild against faithful"].value == 0.75
    assert found["debunks outside the top third"].value == 1.0
