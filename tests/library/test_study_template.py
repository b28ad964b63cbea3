"""A study written as a file is the same study when it is read: drafts, answered drafts, and every sheet that ships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.core.drafting.answers import answer
from monitor.core.drafting.draft import draft_sheet
from monitor.core.errors import LibraryError, UsageError
from monitor.library.draft_file import read_draft
from monitor.library.load import Library
from monitor.library.study_file import read_study
from monitor.library.study_template import draft_study, sheet_text, write_study
from monitor.library.yaml_nodes import compose

if TYPE_CHECKING:
    from monitor.core.study import Study

HERE = Path(__file__).parents[2]
ABSTRACTS = sorted((HERE / "tests/data/abstracts").glob("*.txt"))
SHEETS = [*sorted(HERE.glob("monitor/library/studies/*.yaml")), *sorted(HERE.glob("monitor/training/studies/*.yaml"))]
TODAY = date(2026, 11, 29)


def reread(text: str) -> Study:
    node, wrong = compose(text, "my.yaml")
    problems = list(wrong)
    study = read_study(node, "my.yaml", text, problems) if node else None
    assert [str(problem) for problem in problems] == []
    assert study is not None
    # Papers are known in no order of importance.
    return replace(study, digest="", watch=replace(study.watch, dois=tuple(sorted(study.watch.dois))))


@pytest.mark.parametrize("path", ABSTRACTS, ids=lambda path: path.stem)
def test_a_draft_is_the_same_when_it_is_read_again(path):
    draft = draft_sheet("drafted", path.read_text(encoding="utf-8"), today=TODAY)
    assert reread(sheet_text(draft)) == draft.study
    again = read_draft(sheet_text(draft), "my.yaml")
    assert again.numbers >= draft.numbers
    assert "not checked: " in sheet_text(again) or not draft.kept
    answers = {"institution": "Tarn University", "treatment": "music", "interest": 'He said: "no" # not'}
    asked = {question.id for question in draft.study.questions}
    given = {key: given for key, given in answers.items() if key in asked}
    assert reread(sheet_text(answer(again, given))) == answer(draft, given).study


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_every_sheet_is_the_same_when_it_is_written(path):
    study = reread(path.read_text(encoding="utf-8"))
    assert reread(write_study(study)) == study


HOSTILE = {
    "yaml": "title: &x\n- !!python/object *x\n{a: b}: 'The study found: 3% # of \"men\"' \\n | > ---\n...\n",
    "control": "A\x00B\x07 study\x85 found\u2028 that\u202e 12 men\ud800 died\x7f.\ufffe\tIt\x1b[31m was so.",
    "japanese": "この研究では120人の患者を調べた。重篤な有害事象はなかった。",
    "nothing": "   \n\t\n",
    "no sentences": "1 2 3 4 5 6 7 8 9 " * 300,
    "markup": "<script>alert('x')</script> The study found <b>12%</b> of men & women died; it reduced <n:number> (a|b.",
    "one word": "x" * 30_000,
    "brackets": "((((((((((((([[[[{{{{ 12% |||| <<<>>> The trial found 12% of ((((" * 20,
    "emoji": "The study 🎉 found that 12% of 40 patients 👩‍🔬 improved.",
    "long lines": "The study found that 30% of 40 men improved by 3 mg " * 400,
    "directives": "%YAML 9\n---\n? complex\n: The trial enrolled 30 patients.\n<<: *a",
    "names": "no\nyes null ~ 0x10 1:30 The study found 12 men on off.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_makes_a_sheet_that_loads(name):
    draft = draft_sheet("drafted", HOSTILE[name], today=TODAY)
    assert reread(sheet_text(draft)) == draft.study
    assert draft.study.draft


def test_a_megabyte_is_refused_with_a_sentence():
    with pytest.raises(UsageError, match="no abstract and no press release"):
        draft_sheet("drafted", "word " * 200_000, today=TODAY)


def test_a_draft_judges_nothing_and_tells_where_its_questions_stand(tmp_path):
    path = tmp_path / "drafted.yaml"
    text = draft_study("drafted", ABSTRACTS[0].read_text(encoding="utf-8"), today=TODAY)
    path.write_text(text, encoding="utf-8")
    library = Library(tmp_path, {})
    assert [study.id for study in library.drafts()] == ["drafted"]
    assert library.default().id != "drafted"
    with pytest.raises(LibraryError) as refused:
        Library.single(path)
    lines = text.splitlines()
    for problem in refused.value.problems:
        asked = problem.what.partition(": ")[2]
        assert asked in lines[problem.line - 1]
    assert sum("YOUR ANSWER" in problem.what for problem in refused.value.problems) >= 4


def test_a_question_that_is_not_required_makes_no_draft(tmp_path):
    study = reread((HERE / "monitor/training/studies/orvalin-mice.yaml").read_text(encoding="utf-8"))
    asked = draft_sheet("drafted", "", today=TODAY).study.questions
    optional = tuple(question for question in asked if not question.required)
    assert optional
    assert not reread(write_study(replace(study, questions=optional))).draft
    assert reread(write_study(replace(study, questions=asked))).draft


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("kind: yes-no", "kind: maybe", "`kind: maybe` is not known"),
        ("    why:", "    wy:", "`wy` is no key of a question"),
        ("answer: YOUR ANSWER", "answer: yes", "`answer` is read by nobody here"),
    ],
)
def test_a_question_that_cannot_be_is_told(old, new, what):
    text = draft_study("drafted", "The study found 3% of men ill.", today=TODAY).replace(old, new)
    with pytest.raises(LibraryError, match=what):
        read_draft(text, "my.yaml")


def test_a_question_without_a_line_for_its_answer_is_open_all_the_same(tmp_path):
    study = reread((HERE / "monitor/training/studies/orvalin-mice.yaml").read_text(encoding="utf-8"))
    asked = draft_sheet("drafted", "", today=TODAY).study.questions
    path = tmp_path / "mine.yaml"
    text = write_study(replace(study, questions=asked)).replace("    answer: YOUR ANSWER\n", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LibraryError, match="still asks a question"):
        Library.single(path)
