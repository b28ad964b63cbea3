"""CSV that a spreadsheet opens: letters, rows and cells as they are, and nothing that runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.rows import CELL_MAX, plain_cell, safe_cell, to_csv


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
@pytest.mark.parametrize("before", ["", " ", "'", '"', "\u3000", "\u200b", "\ufeff \u00a0", "\u2060\u202e", "\x00"])
def test_a_formula_is_text(sign, before):
    """At the beginning of a cell, whatever stands before it that nobody sees."""
    assert safe_cell(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("parting", [";", "\t", "\n", "\r", "; ", ";\u3000", '\n"'])
def test_a_formula_behind_what_parts_cells_elsewhere_is_text(parting):
    """Where cells are parted by semicolons or tabs, the middle of our cell is the beginning of one."""
    cell = safe_cell(f"a{parting}=cmd()")
    read = [part.lstrip("'\" \u3000") for row in cell.splitlines() for part in row.replace("\t", ";").split(";")]
    assert "=cmd()" in read
    assert all("'" in part for row in cell.splitlines() for part in row.replace("\t", ";").split(";") if "=" in part)


@pytest.mark.parametrize("text", ["a = b", "5 - 3", "x@example.org", "言った: =", "", "50 % ; 40 %"])
def test_ordinary_words_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_numbers_stay_numbers():
    assert (safe_cell(-5), safe_cell(0.5), safe_cell(None)) == ("-5", "0.5", "")


def test_a_file_has_the_mark_one_row_for_each_and_cells_that_fit():
    rows = [{"id": 1, "text": '慶応\n二行目, "quoted"'}, {"id": 2, "text": "長" * 50_000}]
    text = to_csv(rows)
    assert text.startswith("\ufeff")
    first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert first == {"id": "1", "text": '慶応\n二行目, "quoted"'}
    assert len(second["text"]) == CELL_MAX
    assert second["text"].endswith("(cut: the whole is in the JSON export)")
    assert to_csv([]) == ""


@given(
    st.text(alphabet="a'=+-@;\t\n\r ＝\"\u200b", max_size=12).filter(lambda text: text[:1] not in {"\t", "\r", "\n"})
)
def test_a_cell_is_read_back_as_the_text_that_it_was(text):
    assert plain_cell(safe_cell(text)) == text


def test_a_cell_that_nobody_made_safe_stays_as_it_is():
    for text in ("", "'tis", "O'Hara", "'quoted'", "a;'b"):
        assert plain_cell(text) == text
