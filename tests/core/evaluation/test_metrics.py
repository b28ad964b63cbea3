"""Measures of sets whose answers are known."""

from __future__ import annotations

from monitor.core.evaluation.metrics import Judged, Label, report
from monitor.core.judgement import Drift, Flag, Severity, Span


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
