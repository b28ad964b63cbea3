"""The digest of a ruleset: whatever decides changes it, and the order of files does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.core.drift.ruleset import RuleSet, ruleset_digest
from monitor.library.load import Library

RULES = Library(Path("/nowhere"), {}).ruleset("keio-ips-sci")
ONE, TWO = (replace(rule, source=f"id: {rule.id}") for rule in RULES.rules[:2])
CLASSES = {"a": ("x", "y"), "b": ("z",)}


def test_order_does_not_count():
    digest = ruleset_digest((ONE, TWO), CLASSES, "sheet")
    assert digest.startswith("sha256:")
    assert digest == ruleset_digest((TWO, ONE), dict(reversed(CLASSES.items())), "sheet")


def test_whatever_decides_counts():
    found = {
        ruleset_digest((ONE, TWO), CLASSES, "sheet"),
        ruleset_digest((ONE,), CLASSES, "sheet"),
        ruleset_digest((replace(ONE, source="id: other"), TWO), CLASSES, "sheet"),
        ruleset_digest((ONE, TWO), {**CLASSES, "a": ("x",)}, "sheet"),
        ruleset_digest((ONE, TWO), {"c": CLASSES["a"], "b": CLASSES["b"]}, "sheet"),
        ruleset_digest((ONE, TWO), CLASSES, "another sheet"),
    }
    assert len(found) == 6


def test_a_rule_is_found_by_its_id():
    ruleset = RuleSet(rules=(ONE, TWO), classes={})
    assert ruleset.rule(TWO.id) is TWO
    assert ruleset.rule("no-such-rule") is None
