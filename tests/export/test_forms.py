"""Exports opened again by readers that know nothing of us: csv, json, openpyxl, pyarrow."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime

import openpyxl
import pyarrow.parquet as pq
import pytest

from monitor.core.errors import NotFoundError, UsageError
from monitor.export import xlsx
from monitor.export.forms import FORMS, PIECE, form_named, json_list_pieces
from monitor.export.provenance import Provenance
from monitor.export.rows import CELL_MAX
from monitor.export.tables import COLUMNS, Rows, Table

AT = datetime(2026, 3, 3, 12, 0, 5, tzinfo=UTC)
ABOUT = Provenance(query='"=cmd" 慶応', at=AT, found=7, held=2, rulesets={"keio": "sha256:abc"})
#: What breaks files: formulas, links, control characters, halves of characters, codes of Excel, tags, long and large.
NASTY = '=HYPERLINK("http://evil.example")\r\n@x;+1 <b>&amp;</b> 慶応 \x00\x0b\ud800 _x000D_ ]]> \ufffe'


def row(number: int = 0, **changes):
    """A row of the table of mentions."""
    values = dict.fromkeys(COLUMNS[Rows.MENTIONS], "x") | {
        "id": (1 << 53) - 1 - number,
        "score": 80,
        "story": None,
        "revision": 1,
        "judged": True,
        "published": "2026-03-03T07:00:00Z",
        "first_seen": "2026-03-03T08:00:00Z",
        "availability_since": None,
        "because": ["Keio", "iPS"],
        "drift": ["overstated-outcome"],
        "caveats": {"present": [], "missing": ["small"]},
        "flags": [{"quote": "is walking again"}],
    }
    return values | changes


def written(form: str, rows, about=ABOUT, name=Rows.MENTIONS) -> bytes:
    return b"".join(FORMS[form].write(Table(name=name, rows=iter(rows), about=about)))


def test_csv_begins_with_its_mark_and_each_row_tells_the_search():
    text = written("csv", [row(title=NASTY), row(1)]).decode("utf-8")
    assert text.startswith("\ufeffid,study,kind,")
    first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert list(first)[: len(COLUMNS[Rows.MENTIONS])] == list(COLUMNS[Rows.MENTIONS])
    assert first["title"].startswith("'=HYPERLINK")
    assert second["export_at"] == "2026-03-03T12:00:05Z"
    assert (second["export_query"], second["export_found"], second["export_held"]) == ('\'"=cmd" 慶応', "7", "2")
    assert second["export_ruleset"] == "sha256:abc"
    assert json.loads(first["flags"]) == [{"quote": "is walking again"}]


def test_json_is_one_object_and_what_is_cut_off_is_none():
    whole = written("json", [row(title=NASTY), row(1)])
    read = json.loads(whole)
    assert {name: read[name] for name in ("query", "at", "found", "held", "ruleset")} == {
        "query": ABOUT.query,
        "at": "2026-03-03T12:00:05Z",
        "found": 7,
        "held": 2,
        "ruleset": "sha256:abc",
    }
    assert [one["id"] for one in read["mentions"]] == [(1 << 53) - 1, (1 << 53) - 2]
    for end in range(1, len(whole) - 1, 97):
        with pytest.raises(json.JSONDecodeError):
            json.loads(whole[:end].decode("utf-8", "ignore"))
    assert json.loads(written("json", []))["mentions"] == []


def test_json_lines_are_whole_by_themselves():
    first, second = map(json.loads, written("jsonl", [row(), row(1)]).decode().splitlines())
    assert first["export"] == second["export"] == ABOUT.fields()
    assert first["id"] == second["id"] + 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_list_of_the_command_is_json(count):
    table = Table(name=Rows.MENTIONS, rows=[row(n) for n in range(count)], about=ABOUT)
    assert len(json.loads(b"".join(json_list_pieces(table)))) == count


def opened(raw: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(raw))


def test_a_workbook_holds_text_as_it_was_said_numbers_and_a_sheet_of_the_search():
    book = opened(written("xlsx", [row(title=NASTY, text="長" * 50_000), row(1, confidence=0.5)]))
    assert book.sheetnames == ["mentions", "About"]
    head, first, second = book["mentions"].iter_rows()
    assert tuple(cell.value for cell in head) == COLUMNS[Rows.MENTIONS]
    cells = dict(zip(COLUMNS[Rows.MENTIONS], first, strict=True))
    assert cells["title"].data_type == "s", "no formula"
    assert cells["title"].hyperlink is None
    # Excel reads _x005F_ as the underscore that it stands for; openpyxl does so in shared strings alone.
    said = cells["title"].value.replace("_x005F_", "_")
    assert said == '=HYPERLINK("http://evil.example")\r\n@x;+1 <b>&amp;</b> 慶応     _x000D_ ]]>  '
    assert len(cells["text"].value) == CELL_MAX
    assert cells["id"].value == str((1 << 53) - 1), "Excel keeps fifteen digits of a number"
    assert (cells["score"].value, cells["story"].value) == (80, None)
    assert json.loads(cells["caveats"].value) == {"present": [], "missing": ["small"]}
    assert second[0].value == str((1 << 53) - 2)
    assert dict(book["About"].iter_rows(values_only=True)) == {
        "query": ABOUT.query,
        "at": "2026-03-03T12:00:05Z",
        "found": "7",
        "held": "2",
        "ruleset": "sha256:abc",
        "made by": "Hypewatch",
    }


def test_a_workbook_without_rows_opens():
    assert opened(written("xlsx", []))["mentions"].max_row == 1


def test_a_sheet_that_is_full_says_so(monkeypatch):
    with pytest.raises(UsageError, match="1,048,576 rows"):
        FORMS["xlsx"].check(lambda: 1_048_576)
    FORMS["xlsx"].check(lambda: 1_048_575)
    monkeypatch.setattr(xlsx, "ROWS_MAX", 3)
    assert opened(written("xlsx", [row(), row(1)]))["mentions"].max_row == 3
    with pytest.raises(UsageError, match="full after 2 rows"):
        written("xlsx", [row(), row(1), row(2)])
    monkeypatch.setattr(xlsx, "BYTES_MAX", 5_000)
    with pytest.raises(UsageError, match="full after 1 rows"):
        written("xlsx", [row(), row(1, text="x" * 5_000)])


def test_parquet_has_types_and_tells_the_search():
    read = pq.read_table(io.BytesIO(written("parquet", [row(title="a\ud800b"), *(row(n) for n in range(1, 4_100))])))
    assert read.num_rows == 4_100
    assert tuple(read.column_names) == COLUMNS[Rows.MENTIONS]
    types = {
        name: str(read.schema.field(name).type) for name in ("id", "published", "drift", "judged", "flags", "story")
    }
    assert types == {
        "id": "int64",
        "published": "timestamp[ms, tz=UTC]",
        "drift": "list<element: string>",
        "judged": "bool",
        "flags": "string",
        "story": "int64",
    }
    first = read.slice(0, 1).to_pylist()[0]
    assert first["published"] == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert (first["id"], first["title"], first["story"]) == ((1 << 53) - 1, "a?b", None)
    told = {name.decode(): value.decode() for name, value in read.schema.metadata.items()}
    assert json.loads(told["hypewatch"]) == ABOUT.fields()
    assert told["query"] == ABOUT.query
    assert pq.read_table(io.BytesIO(written("parquet", []))).num_rows == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_row_is_asked_for_only_when_it_is_written(form):
    """Nothing holds what comes later, however much that is."""
    made = []

    def rows():
        for number in range(20_000):
            made.append(number)
            yield row(number, text="some words " * 30)

    pieces = FORMS[form].write(Table(name=Rows.MENTIONS, rows=rows(), about=ABOUT))
    first = next(pieces)
    assert len(made) <= 2_500
    assert len(first) <= 4 * PIECE
    pieces.close()
    assert len(made) <= 2_500, "what nobody takes is not made"


@pytest.mark.parametrize(
    ("form", "module", "extra"), [("xlsx", "xlsxwriter", "xlsx"), ("parquet", "pyarrow", "parquet")]
)
def test_without_its_extra_a_form_says_what_to_install(monkeypatch, form, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as told:
        FORMS[form].check(lambda: 1)
    assert f"pip install 'hypewatch[{extra}]'" in told.value.hint


def test_an_unknown_form_says_which_there_are():
    with pytest.raises(NotFoundError, match="exe") as told:
        form_named("exe", others=("atom",))
    assert told.value.hint == "There are csv, json, jsonl, xlsx, parquet and atom."


def test_of_several_studies_each_ruleset_stands_behind_its_name():
    both = Provenance(query="", at=AT, found=0, held=0, rulesets={"b": "sha256:2", "a": "sha256:1"})
    assert both.ruleset == "a sha256:1, b sha256:2"
    assert Provenance(query="", at=AT, found=0, held=0, rulesets={}).ruleset == ""
