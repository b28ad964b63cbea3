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


def test_a_sentence_can_be_told_in_another_language():
    once = TEXT.replace(
        '    in:\n      ja: {sentence: "4人とも',
        '    in:\n      de: {sentence: Alle vier.}\n      ja: {sentence: "4人とも',
    )
    node, problems = compose(once, "my.yaml")
    study = read_study(node, "my.yaml", once, list(problems))
    assert study is not None
    assert study.said_in("de", study.findings["timing"].sentence) == "Alle vier."
    assert study.said_in("en", "Anything.") == "Anything."
    assert study.said_in("fr", study.findings["timing"].sentence) is None
    assert (study.name_in("ja"), study.name_in("fr")) == ("慶應義塾大学のiPS細胞による脊髄損傷の研究", study.name)


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ('  en: {name: "Study"}', "`in: en` is no language"),
        ('  english: {name: "Study"}', "`in: english` is no language"),
        ('  fr: {sentence: "Étude"}', "`sentence` is no key of a translation"),
    ],
)
def test_a_translation_that_cannot_be_is_told_at_its_place(section, what):
    text = TEXT.replace("in:\n", f"in:\n{section}\n", 1)
    node, problems = compose(text, "my.yaml")
    problems = list(problems)
    assert read_study(node, "my.yaml", text, problems) is None
    line = text[: text.index(section)].count("\n") + 1
    assert [(problem.line, what in problem.what) for problem in problems] == [(line, True)]
