"""Hits by day, coverage and overlaps of rules, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.judgement import Drift
from monitor.core.rules.statistics import RuleHits


def test_hits_by_day_coverage_and_overlaps(newsroom, make, store):
    text = "He is walking again, a miracle."
    two = make.draft(1, text, "walking again", hours=1)
    other = make.flag(text, "again, a miracle", rule="miracle", drift=Drift.SENSATIONAL_LANGUAGE)
    two = replace(two, assessment=make.assessed(*two.assessment.flags, other))
    old = make.draft(2, text, "walking again", hours=49)
    out = make.draft(3, text, "walking again", hours=24 * 40)
    none = make.draft(4, "Two of four improved.", hours=2)
    newsroom.poll(two, old, out, none)
    found = store.rule_hits(make.NOW, days=3)
    assert found == {
        "miracle": RuleHits(rule="miracle", days=(0, 0, 1), mentions=1, of=3, overlaps={"walking-again": 1}),
        "walking-again": RuleHits(rule="walking-again", days=(1, 0, 1), mentions=2, of=3, overlaps={"miracle": 1}),
    }
    assert found["walking-again"].total == 2
    assert found["miracle"].coverage == 1 / 3
    assert store.rule_hits(make.NOW, study_id=make.STUDY, days=3) == found
    assert store.rule_hits(make.NOW, study_id="another") == {}
    for rule, its in found.items():
        assert store.rule_hits(make.NOW, rule=rule, days=3) == {rule: replace(its, overlaps={})}
    assert store.rule_hits(make.NOW + timedelta(days=60)) == {}
