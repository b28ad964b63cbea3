"""`studies check`: exit 1 for a sheet that fails by its own words, 2 for one that does not load."""

from __future__ import annotations

import io
import json

import click
import pytest

from tests.fakes.studies import SHEET as LEAST

SHEET = f"""\
{LEAST.replace("It worked a little.", "The cells went into the injured cord.")}    not:
      about: place
      drift: mechanism-error
      severity: high
      says: into the brain
"""


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SHEET, encoding="utf-8")
    return path


def test_a_sheet_that_passes_its_own_words_is_all_right(cli, sheet):
    assert cli("studies", "check", sheet).out == "mine: all right.\n"


def test_a_sheet_that_fails_is_told_where_and_judges_all_the_same(cli, sheet):
    sheet.write_text(SHEET + "      unless: brain\n", encoding="utf-8")
    ran = cli("studies", "check", sheet)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines()[0] == (
        f"{sheet}:17:13: finds nothing: “into the brain” is not flagged as mechanism-error"
    )
    home = cli.home / "studies" / sheet.name
    home.parent.mkdir(exist_ok=True)
    home.write_text(sheet.read_text(encoding="utf-8"), encoding="utf-8")
    assert cli("check", "--study", "mine", "--assume-relevant", "-", stdin="The cells are harmless.").code == 1


def test_what_does_not_load_outweighs_what_fails(cli, sheet, tmp_path):
    sheet.write_text(SHEET + "      unless: brain\n", encoding="utf-8")
    (tmp_path / "other.yaml").write_text(SHEET + "knot: 1\n", encoding="utf-8")
    ran = cli("studies", "check", sheet, tmp_path / "other.yaml")
    assert ran.code == 2
    assert "finds nothing" in ran.out
    assert "knot" in ran.told


# --- a new one -------------------------------------------------------------------------------------------------------

TEXT = (
    "Talorin and migraine\nMETHODS: We randomly assigned 240 adults with migraine to receive talorin or placebo for 12 weeks.\n"
    "RESULTS: Attacks fell by 41% with talorin (P<0.001).\nCONCLUSIONS: Talorin reduced attacks of migraine.\n"
)
ANSWERS = {
    "institution": "Aldmoor University",
    "people": ["Berg", "Sund"],
    "published": "in a peer-reviewed journal",
    "treatment": "talorin",
    "condition": "migraine",
    "approval": "no",
    "confirm": True,
}


@pytest.fixture
def abstract(tmp_path):
    path = tmp_path / "abstract.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def answers_in(tmp_path, answers) -> str:
    path = tmp_path / "answers.json"
    path.write_text(answers if isinstance(answers, str) else json.dumps(answers), encoding="utf-8")
    return str(path)


def test_a_draft_with_its_answers_judges_and_passes_its_own_words(cli, abstract, tmp_path):
    ran = cli("studies", "new", "talorin", "--from", abstract, "--answers", answers_in(tmp_path, ANSWERS))
    assert ran.code == 0
    assert "Every question is answered" in ran.out
    assert "4 numbers are kept; 3 of them are checked" in ran.err
    assert cli("studies", "check").out == "talorin: all right.\n"
    wrong = cli(
        "check", "--study", "talorin", "-", stdin="At Aldmoor University, 900 adults took part in a trial of talorin."
    )
    assert "wrong-number" in wrong.out
    right = cli("check", "--study", "talorin", "-", stdin=TEXT)
    assert (right.code, "wrong" in right.out) == (0, False)


def test_a_draft_with_open_questions_judges_nothing(cli, abstract, tmp_path):
    few = {key: answer for key, answer in ANSWERS.items() if key != "confirm"}
    ran = cli("studies", "new", "talorin", "--from", abstract, "--answers", answers_in(tmp_path, few))
    assert "1 question of it is open" in ran.out
    assert '"state": "draft"' in cli("studies", "list", "--format", "json").out
    checked = cli("studies", "check")
    assert checked.code == 2
    path = cli.home / "studies" / "talorin.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    (told,) = checked.told.splitlines()
    assert told == f"{path}:{lines.index('    answer: YOUR ANSWER') + 1}:13: is still to be filled in: YOUR ANSWER"
    assert "Have you read every line of the sheet" in "".join(lines[-6:])


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("{", "holds no answers"),
        ("[1]", "holds no answers"),
        ('{"institution": 3}', "holds no answers"),
        ('{"institution": ["a", {}]}', "holds no answers"),
        ({"colour": "blue"}, "Nothing is asked by the name 'colour'"),
        ({"published": "in the pub"}, "Answer with one of"),
        ({"institution": "x" * 1_000_000}, "That is too long"),
    ],
)
def test_answers_that_cannot_be_write_nothing(cli, abstract, tmp_path, answers, said):
    ran = cli("studies", "new", "talorin", "--from", abstract, "--answers", answers_in(tmp_path, answers))
    assert ran.code == 2
    assert said in ran.told
    assert not (cli.home / "studies" / "talorin.yaml").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(cli, monkeypatch, *typed: str, more: tuple = ()):
    """The questions asked on a terminal, with what is typed to them."""
    given = iter(typed)
    monkeypatch.setattr(click, "prompt", lambda _text, default, **_: next(given, "") or default)
    args = ("studies", "new", "talorin", *more)
    original = io.TextIOWrapper
    monkeypatch.setattr(io, "TextIOWrapper", lambda *_, **__: Terminal())
    try:
        return cli(*args)
    finally:
        monkeypatch.setattr(io, "TextIOWrapper", original)


def test_a_terminal_is_asked_and_a_bad_answer_again(cli, monkeypatch, abstract):
    typed = ("Aldmoor University", "?", "9", "1", "", "", "no", "", "", "", "yes")
    ran = on_a_terminal(cli, monkeypatch, *typed, more=("--from", str(abstract)))
    assert ran.code == 0, ran.err
    assert "Answer with one of: in a peer-reviewed journal" in ran.out
    assert "Every question is answered" in ran.out
    text = (cli.home / "studies" / "talorin.yaml").read_text(encoding="utf-8")
    assert "institution: Aldmoor University" in text
    assert "rung: in-trial" in text
    assert "who led the study" in text.lower(), "what was left open stays, and is no reason for a draft"


def test_a_terminal_is_not_asked_with_no_input(cli, monkeypatch, abstract):
    ran = on_a_terminal(cli, monkeypatch, "must not be asked", more=("--from", str(abstract), "--no-input"))
    assert ran.code == 0
    assert "questions of it are open" in ran.out


def test_one_text_is_enough(cli, abstract):
    ran = cli("studies", "new", "talorin", "--from", abstract, "--doi", "10.1234/x")
    assert (ran.code, ran.told.startswith("Error: A fact sheet is drafted from one text.")) == (2, True) or (
        "drafted from one text" in ran.told
    )


def test_a_doi_that_is_none_and_an_address_that_is_none_are_told(cli):
    assert "is no DOI" in cli("studies", "new", "talorin", "--doi", "eleven").told
    assert "is no address of a page" in cli("studies", "new", "talorin", "--url", "eleven").told
    assert not (cli.home / "studies" / "talorin.yaml").exists()


def test_whoever_breaks_off_keeps_what_was_answered(cli, monkeypatch, abstract):
    original = io.TextIOWrapper
    monkeypatch.setattr(io, "TextIOWrapper", lambda *_, **__: Terminal())
    asked = iter(["Aldmoor University", "Berg", "2"])
    monkeypatch.setattr(click, "prompt", lambda _text, default, **_: _next(asked))
    try:
        ran = cli("studies", "new", "talorin", "--from", str(abstract))
    finally:
        monkeypatch.setattr(io, "TextIOWrapper", original)
    assert ran.code == 0
    assert "The others stay open." in ran.out
    assert "institution: Aldmoor University" in (cli.home / "studies" / "talorin.yaml").read_text(encoding="utf-8")


def _next(answers) -> str:
    try:
        return next(answers)
    except StopIteration:
        raise click.Abort from None
