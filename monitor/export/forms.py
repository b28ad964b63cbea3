"""The forms of a table as a file, each written in pieces: nothing but the row at hand is held, however many there are.

The search that made the file stands inside it: as columns at the end (CSV), as the object around the rows (JSON), with each row
(JSON lines), on a second sheet (XLSX), in the metadata (Parquet). A CSV file has no line of its own for it: programs would take
that for the header.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.core.errors import NotFoundError
from monitor.export import parquet, xlsx
from monitor.export.rows import safe_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitor.export.tables import Table

#: Characters that are gathered before they go out: few enough that the first rows are there at once.
PIECE = 65_536


def _holds_any(_rows: Callable[[], int]) -> None:
    """A form that holds any number of rows refuses none, and has none counted."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a file: its media type, how it is written, and what refuses a table that it cannot hold."""

    media_type: str
    write: Callable[[Table], Iterator[bytes]]
    check: Callable[[Callable[[], int]], None] = _holds_any


def csv_pieces(table: Table) -> Iterator[bytes]:
    """CSV (RFC 4180) that no spreadsheet runs as a formula, with the mark by which spreadsheets know UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    about = {f"export_{name}": safe_cell(value) for name, value in table.about.fields().items()}

    def written(cells: Iterable[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    def lines() -> Iterator[str]:
        yield "\ufeff" + written([*table.columns, *about])
        for row in table.rows:
            yield written([*(safe_cell(row[name]) for name in table.columns), *about.values()])

    return _pieces(lines())


def json_pieces(table: Table) -> Iterator[bytes]:
    """One object: the search, and the rows under the table's name. What is cut off anywhere is no JSON."""

    def lines() -> Iterator[str]:
        yield f"{_json(table.about.fields())[:-1]}, {_json(table.name)}: ["
        between = "\n"
        for row in table.rows:
            yield between + _json(row)
            between = ",\n"
        yield "\n]}\n"

    return _pieces(lines())


def jsonl_pieces(table: Table) -> Iterator[bytes]:
    """A line for each row, with the search under `export`: a line is whole by itself, and can be imported as it is."""
    about = table.about.fields()
    return _pieces(_json({**row, "export": about}) + "\n" for row in table.rows)


def json_list_pieces(table: Table) -> Iterator[bytes]:
    """A list of the rows, each with the search under `export`: what the command writes as JSON."""
    about = table.about.fields()

    def lines() -> Iterator[str]:
        between = "[\n"
        for row in table.rows:
            yield between + _json({**row, "export": about})
            between = ",\n"
        yield "[]\n" if between == "[\n" else "\n]\n"

    return _pieces(lines())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """The first line at once, so that whoever waits sees that it began; then as much as PIECE at a time."""
    gathered: list[str] = []
    size = PIECE
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= PIECE:
            # A lone half of a character, as broken pages have them, is no UTF-8.
            yield "".join(gathered).encode("utf-8", "replace")
            gathered.clear()
            size = 0
    if gathered:
        yield "".join(gathered).encode("utf-8", "replace")


#: What a table can be written as, by the end of the address or the file's name.
FORMS: Mapping[str, Form] = {
    "csv": Form("text/csv; charset=utf-8", csv_pieces),
    "json": Form("application/json", json_pieces),
    "jsonl": Form("application/jsonl", jsonl_pieces),
    "xlsx": Form(xlsx.MEDIA_TYPE, xlsx.pieces, xlsx.check),
    "parquet": Form(parquet.MEDIA_TYPE, parquet.pieces, parquet.check),
}


def form_named(name: str, others: tuple[str, ...] = ()) -> Form:
    """The form of this name; `others` are those that the same address has beside these. Raises NotFoundError."""
    if name not in FORMS:
        *most, last = (*FORMS, *others)
        raise NotFoundError(f"There is no export as {name!r}.", f"There are {', '.join(most)} and {last}.")
    return FORMS[name]
