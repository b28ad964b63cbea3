"""A rule's embedded examples, run as tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.evaluation.examples import failed_examples, unbracket
from monitor.core.rules.rule import Status
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
RULE = replace(
    RULES.rule("miracle"),
    any=("miracle",),
    unless=(),
    flags=("What a [miracle].",),
    passes=("It is not a miracle.",),
)


def failures(rule) -> list[tuple[str, str]]:
    return [(failed.example, failed.what) for failed in failed_examples(rule, RULES.classes, STUDY)]


@pytest.mark.parametrize(
    ("example", "plain", "spans"),
    [
        ("a [b] c", "a b c", [(2, 3)]),
        ("[a][b]", "ab", [(0, 1), (1, 2)]),
        ("none", "none", []),
        ("open [ stays", "open [ stays", []),
    ],
)
def test_brackets_mark_spans(example: str, plain: str, spans: list[tuple[int, int]]):
    assert unbracket(example) == (plain, spans)


def test_examples_that_hold_are_silent():
    assert failures(RULE) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_rules_that_are_not_in_use_are_tested_too(status: Status):
    assert failures(replace(RULE, status=status)) == []
    assert failures(replace(RULE, status=status, flags=("It rained.",)))


def test_each_way_to_fail_is_told():
    wrong = replace(RULE, flags=("It rained.", "[What] a miracle."), passes=("A miracle.",))
    assert failures(wrong) == [
        ("It rained.", "is not flagged, but stands under `flags`"),
        ("[What] a miracle.", "is flagged at “miracle”, not at the brackets"),
        ("A miracle.", "is flagged at “miracle”, but stands under `passes`"),
    ]


def test_an_omission_rule_s_example_need_not_be_long():
    rule = RULES.rule("missing-caveats")
    assert rule is not None
    short = replace(rule, flags=("He can stand again after the transplant.",), passes=())
    assert failures(short) == []
