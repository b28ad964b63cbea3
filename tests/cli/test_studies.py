"""`studies check`: exit 1 for a sheet that fails by its own words, 2 for one that does not load."""

from __future__ import annotations

import pytest

SHEET = """\
id: mine
name: Mine
institution: Us
as-of: '2026-01-01'
reference: paper
sources:
  paper: {title: A paper}
terms: {must: {who: [Us]}}
findings:
  main:
    sentence: The cells went into the injured cord.
    source: paper
    not:
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
