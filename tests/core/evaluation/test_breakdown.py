"""Where the judge is right and where not, on sets whose answers are known."""

from __future__ import annotations

import pytest

from monitor.core.evaluation.breakdown import DIVISIONS, parts, rule_records, story_measures
from monitor.core.evaluation.metrics import Judged, report
from monitor.core.judgement import Drift, Flag, Severity, Span


def row(*, drift: bool, rules: dict[str, float], page: str = "p", level: str = "", alone: bool = False) -> Judged:
    span = Span(start=0, end=4, quote="cure")
    flags = tuple(
        Flag(
            rule=rule,
            drift=Drift.OVERSTATED_OUTCOME,
            severity=Severity.HIGH,
            confidence=sure,
            span=span,
            message="m",
            mailed=rule != "trial",
        )
        for rule, sure in rules.items()
    )
    return Judged(
        id="x",
        drift=drift,
        hard_negative=False,
        labels=(),
        flags=flags,
        score=0,
        page=page,
        phase="after",
        level=level,
        alone=alone,
        recognised=level != "faithful",
    )


ROWS = [
    row(drift=True, rules={"one": 0.9, "two": 0.4}, alone=True),
    row(drift=True, rules={}),
    row(drift=False, rules={"one": 0.6}),
    row(drift=False, rules={}, page="q"),
    row(drift=False, rules={"trial": 0.9}, page="q"),
]


def test_by_page():
    first, second = parts(ROWS, DIVISIONS["page"])
    assert (first.name, first.sentences, first.drift, first.false_alarms) == ("p", 3, 2 / 3, 1.0)
    assert (first.mailed, first.mailed_precision, first.mailed_recall, first.f1) == (1, 1.0, 0.5, 0.5)
    assert (second.name, second.sentences, second.drift, second.false_alarms) == ("q", 2, 0.0, 0.5)
    assert (second.mailed, second.mailed_precision, second.mailed_recall) == (0, None, None)
    assert parts(ROWS, DIVISIONS["register"]) == [], "what no label divides is not divided"


def test_a_rule_s_record():
    found = {record.rule: record for record in rule_records(ROWS)}
    one = found["one"]
    assert (one.sentences, one.coverage, one.precision, one.with_others, one.with_classifier) == (2, 0.5, 0.5, 0.5, 0.5)
    assert found["trial"].precision == 0.0


def test_the_share_of_drift_stands_first_and_a_rule_on_trial_mails_nothing():
    measures = report(ROWS).measures
    assert list(measures)[:4] == [
        "share of drift",
        "false alarms per faithful sentence",
        "precision of mailed flags",
        "recall of mailed flags",
    ]
    assert [round(measures[name].value, 2) for name in list(measures)[:4]] == [0.4, 0.67, 1.0, 0.5]


def test_whole_stories():
    stories = [
        row(drift=False, rules={"one": 0.9}, level="heavy"),
        row(drift=False, rules={}, level="mild"),
        row(drift=False, rules={"one": 0.9}, level="faithful"),
        row(drift=False, rules={"one": 0.7}, level="debunk"),
    ]
    found = {name: measure.value for name, measure in story_measures(stories).items()}
    assert found == pytest.approx(
        {
            "share of stories that drift": 0.5,
            "precision of mailed stories": 0.5,
            "recall of mailed stories": 0.5,
            "recall of heavy stories": 1.0,
            "stories recognised": 0.75,
        }
    )
    assert story_measures([]) == {}
