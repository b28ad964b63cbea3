"""Fact sheets as files: the days of a finding, each problem at its place."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest

from monitor.library.study_file import read_study
from monitor.library.yaml_nodes import compose

TEXT = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
LINE = '    source: registry\n    as-of: "2024-12-06"\n'
AT = TEXT[: TEXT.index(LINE)].count("\n") + 3


def read(lines: str):
    text = TEXT.replace(LINE, LINE + lines, 1)
    node, problems = compose(text, "my.yaml")
    problems = list(problems)
    return read_study(node, "my.yaml", text, problems), problems


def test_a_finding_has_the_days_that_its_sheet_gives_it():
    study, problems = read('    since: "2019-03-08"\n    until: "2025-03-21"\n')
    assert not problems
    assert (study.findings["timing"].since, study.findings["timing"].until) == (date(2019, 3, 8), date(2025, 3, 21))
    assert (study.findings["site"].since, study.findings["site"].until) == (None, None)


@pytest.mark.parametrize(
    ("lines", "line", "column", "what"),
    [
        ('    since: "March 2025"\n', AT, 12, "`since: March 2025` is no date; write it as 2026-02-24"),
        ('    until: ""\n', AT, 12, "`until` is empty"),
        (
            '    since: "2025-03-21"\n    until: "2025-03-21"\n',
            AT + 1,
            12,
            "`until: 2025-03-21` must come after `since: 2025-03-21`: it is the first day no longer meant",
        ),
        (
            '    since: "2025-03-21"\n    until: "soon"\n',
            AT + 1,
            12,
            "`until: soon` is no date; write it as 2026-02-24",
        ),
    ],
)
def test_days_that_cannot_be_are_told_at_their_place(lines, line, column, what):
    study, problems = read(lines)
    assert study is None
    assert [(p.line, p.column, p.what) for p in problems] == [(line, column, what)]
