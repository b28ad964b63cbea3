"""The words that rule files are written with: they stand in people's files, so they stay."""

from __future__ import annotations

from monitor.core.rules.rule import RuleKind, Status, When


def test_the_words_of_rule_files_stay():
    assert {status.value for status in Status} == {"draft", "trial", "active", "retired"}
    assert {kind.value for kind in RuleKind} == {"phrase", "number", "omission", "claim"}
    assert {when.value for when in When} == {"above-ladder", "differs", "on-not-list", "wider-than", "unguarded"}
