"""Who changed a rule last."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.core.mention import RuleSetVersion
from monitor.library.rule_history import changed_rules, last_changes


def test_the_last_change_of_each_rule_is_told():
    saves = [
        ("ada", {"our-a.yaml": "one", "our-b.yaml": "one"}),
        (
            "eve",
            {
                "our-a.yaml": "two",
                "our-b.yaml": "one",
                "_changes.yaml": "miracle:\n  status: trial\nbreak:\n  status: trial\n",
            },
        ),
        ("joe", {"our-a.yaml": "two", "_changes.yaml": "miracle:\n  status: retired\nbreak:\n  status: trial\n"}),
    ]
    versions = [
        RuleSetVersion(
            id=at, parent=None, digest="", files=files, author=who, at=datetime(2026, 1, at, tzinfo=UTC), note=""
        )
        for at, (who, files) in enumerate(saves, start=1)
    ]
    found = last_changes(reversed(versions))
    assert {rule: version.author for rule, version in found.items()} == {
        "our-a": "eve",
        "our-b": "joe",
        "miracle": "joe",
        "break": "eve",
    }


def test_only_what_changed_is_told():
    before = {"_changes.yaml": "a:\n  status: trial\nb:\n  severity: low\n", "x.yaml": "1"}
    after = {"_changes.yaml": "a:\n  status: retired\nb:\n  severity: low\n", "x.yaml": "1", "y.yaml": "2"}
    assert changed_rules(before, after) == ("a", "y")
