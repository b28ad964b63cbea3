"""The score 0-100 and its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.score import CANDIDATE_FACTOR, POINTS, score, weight
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


def test_the_score_adds_up_and_grows_with_severity():
    low, high = judged("A breakthrough."), judged("He was cured and walks again.")
    assert 0 < low.score < high.score <= 100
    assert round(sum(high.score_parts.values())) == pytest.approx(high.score, abs=1)


def flag(severity: Severity, confidence: float, drift: Drift = Drift.FACT_ERROR) -> Flag:
    span = Span(start=0, end=1, quote="x")
    return Flag(rule="r", drift=drift, severity=severity, confidence=confidence, span=span, message="")


def test_nothing_flagged_scores_nothing():
    assert score([]) == (0, {})


def test_each_flag_takes_its_share_of_what_is_left():
    high, low = flag(Severity.HIGH, 1.0), flag(Severity.LOW, 1.0, Drift.AVAILABILITY)
    total, parts = score([low, high])
    assert parts == {"availability": 5.5, "fact-error": 45.0}  # 10 % of the 55 that the worse one left
    assert total == 50  # 50.5, to the even number


def test_one_high_outranks_two_medium_and_many_low_stay_low():
    assert score([flag(Severity.HIGH, 1.0)])[0] > score([flag(Severity.MEDIUM, 1.0)] * 2)[0]
    assert score([flag(Severity.LOW, 1.0)] * 3)[0] < score([flag(Severity.HIGH, 1.0)])[0]
    assert score([flag(Severity.HIGH, 1.0)] * 500)[0] == 100


@pytest.mark.parametrize(("confidence", "factor"), [(0.5, 1.0), (0.49, CANDIDATE_FACTOR)])
def test_a_candidate_counts_less_than_its_confidence(confidence: float, factor: float):
    assert weight(flag(Severity.MEDIUM, confidence)) == pytest.approx(POINTS[Severity.MEDIUM] * confidence * factor)
