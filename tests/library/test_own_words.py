"""A sheet's failures by its own words stand at their places, and the sheet still judges."""

from __future__ import annotations

import pytest

from monitor.core.errors import LibraryError
from monitor.library.load import Library
from monitor.library.own_words import check_sheet
from tests.fakes.studies import SHEET as LEAST

SHEET = f"""\
{LEAST.replace("It worked a little.", "The six men got a little better.")}    ladder: outcome
    rung: little
    not:
      about: place
      drift: mechanism-error
      severity: high
      says: ["into the brain", "(into|in) the (leg|arm)"]
ladders:
  outcome:
    - rung: little
      says: a little better
    - rung: much
      says: much better
quantities:
  men: {{finding: main, allowed: ["6"], says: <n:number> men}}
"""


def told(tmp_path, text: str) -> list[tuple[int, int, str]]:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    study, failures = check_sheet(path)
    assert study.id == "mine"
    assert {failure.path for failure in failures} <= {str(path)}
    assert next(found.id for found in Library(tmp_path, {}).studies()) == "mine", "it still judges"
    return [(failure.line, failure.column, failure.what.partition(":")[0]) for failure in failures]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("SHEET", "SHEET", []),
        (
            "men got a little better",
            "men got much better",
            [(11, 15, "says what was found, yet above-outcome flags “much better” in it")],
        ),
        (
            '"(into|in) the (leg|arm)"]\n',
            '"(into|in) the (leg|arm)"]\n      unless: leg\n',
            [(19, 32, "finds nothing")],
        ),
        (
            "institution: Us\n",
            "institution: Us\nabstract: Six men were treated. They got much better.\n",
            [(4, 11, "says what was found, yet above-outcome flags “much better” in it")],
        ),
        ("says: much better", "says: much hope", [(25, 13, "finds nothing")]),
        ("says: <n:number> men}", "says: <n:number> men, unless: [men]}", [(27, 46, "finds nothing")]),
    ],
)
def test_what_fails_is_told_at_its_place(tmp_path, old, new, where):
    assert told(tmp_path, SHEET.replace(old, new)) == where


def test_a_sheet_that_does_not_load_has_no_words_to_ask(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SHEET.replace("id: mine", "id: mine\nknot: 1"), encoding="utf-8")
    with pytest.raises(LibraryError, match="knot"):
        check_sheet(path)
