"""From a file with people to rows to import: what `subscribers export` writes, a table from a spreadsheet, a list of addresses.

A line that cannot be read is a Problem with its place, and the next one is read. What the fields mean is read later
(`pipeline.subscriber_list`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from monitor.core.digests.wish_fields import ALL, WISHES
from monitor.core.errors import Problem, UsageError
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.mention import Row
from monitor.sources.files.json_stream import JsonList
from monitor.sources.files.rows import peek, refuse_packed
from monitor.sources.files.tables import (
    MOST_CHARACTERS,
    SEPARATOR,
    cells_of,
    delimiter_of,
    fault_in,
    folded,
    open_table,
    table_rows,
    whole_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

FIELDS = ("email", "name", "state", "study", *WISHES, "paused_until")
#: What an export tells besides, and an import does not need.
_TOLD = frozenset({"id", "subscriber", "next", "created_at", "left_at", "suppressed_at", "suppressed_why"})
_OTHERS = {
    "email": ("e_mail", "mail", "address", "email_address", "e_mail_address"),
    "name": ("full_name",),
    "zone": ("time_zone", "timezone"),
    "at": ("hour", "time"),
    "coverage_languages": ("languages",),
}
_MEANS = {field: field for field in FIELDS} | {name: field for field, names in _OTHERS.items() for name in names}


def read_people(
    given: Iterable[str], name: str, *, tell: Callable[[str], None], plain: Callable[[str], str]
) -> Iterator[Row | Problem]:
    """The rows of a file, from its `pieces`; the values of their fields are texts. `tell` hears once of columns that mean nothing
    here; `plain` takes out of a cell what an export put in for spreadsheets.

    Raises UsageError for a file that holds no list of people.
    """
    first, lines = peek(given)
    refuse_packed(first, name)
    first = first.strip()
    if first.startswith("["):
        return _json_list(lines, name)
    if first.startswith("{"):
        return _json_lines(lines, name)
    head = {folded(cell) for cell in cells_of(first, delimiter_of(first, _MEANS))}
    if SEPARATOR.fullmatch(first) or any(_MEANS.get(cell) == "email" for cell in head):
        return _csv(lines, name, tell, plain)
    if "@" in first:
        return _addresses(lines, name)
    raise UsageError(
        f"{name} begins with neither a table with the column email, nor an object of JSON, nor an address.",
        "Call the column with the addresses email, or write one address on each line.",
    )


def _addresses(lines: Iterable[str], name: str) -> Iterator[Row | Problem]:
    """One on each line; # begins a note."""
    for number, line in enumerate(whole_lines(lines), start=1):
        text = line.strip("\ufeff \t\r\n")
        if text and not text.startswith("#"):
            yield fault_in(line, number, name) or Row(number, {"email": text}, {"email": 1})


def _csv(
    lines: Iterable[str], name: str, tell: Callable[[str], None], plain: Callable[[str], str]
) -> Iterator[Row | Problem]:
    table, header, delimiter = open_table(whole_lines(lines), _MEANS)
    columns: dict[str, int] = {}
    for at, cell in enumerate(header, start=1):
        if cell in _MEANS:
            columns.setdefault(_MEANS[cell], at)
    if "email" not in columns:
        raise UsageError(f"{name}: no column is called email.", f"There are: {', '.join(header)[:300]}.")
    if unread := [cell for cell in header if cell and cell not in _MEANS and cell not in _TOLD]:
        tell(f"{name}: not read, since they mean nothing here: {', '.join(unread)[:300]}.")
    for row in table_rows(table, delimiter, name):
        if isinstance(row, Problem):
            yield row
            continue
        cells = row.fitted(header, name)
        if isinstance(cells, Problem):
            yield cells
            continue
        yield Row(row.line, {field: _cell(plain(cells[at - 1])) for field, at in columns.items()}, columns)


def _cell(written: str) -> str:
    """A cell as text; a list of JSON, as an export writes it, as its parts."""
    text = written.strip()
    if text.startswith("["):
        try:
            return _text(json.loads(text))
        except (ValueError, RecursionError):
            return text
    return text


def _json_lines(lines: Iterable[str], name: str) -> Iterator[Row | Problem]:
    for number, line in enumerate(whole_lines(lines), start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        if fault := fault_in(line, number, name):
            yield fault
            continue
        try:
            row = read_object(line.lstrip("\ufeff"))
        except NoObjectError as error:
            yield Problem(name, number, error.column, error.what)
            continue
        columns: dict[str, int] = {}
        for found in re.finditer(r'"(\w{1,40})"\s*:', line):
            columns.setdefault(found[1], found.start() + 1)
        yield _json_row(row, number, name, columns)


def _json_list(lines: Iterable[str], name: str) -> Iterator[Row | Problem]:
    rows = JsonList(lines, most=MOST_CHARACTERS)
    rows.skip("\ufeff \t\r\n")
    rows.take(1)
    while (letter := rows.skip(" \t\r\n,")) not in {"", "]"}:
        line, column = rows.line, rows.column
        try:
            row, text = rows.value()
        except json.JSONDecodeError as error:
            yield Problem(name, line, column, f"is no JSON: {error.msg}")
        except RecursionError:
            yield Problem(name, line, column, "is nested too deeply")
        else:
            if fault := fault_in(text, line, name):
                yield fault
            elif not isinstance(row, dict):
                yield Problem(name, line, column, "is no JSON object")
            else:
                yield _json_row(row, line, name, dict.fromkeys(row, column))
    if not letter:
        yield Problem(name, rows.line, rows.column, "ends before its list is closed; what stood behind is missing")


def _json_row(row: Mapping[str, Any], number: int, name: str, columns: Mapping[str, int]) -> Row | Problem:
    fields, places = {}, {}
    for key, value in row.items():
        field = _MEANS.get(folded(key))
        if field is None and key not in _TOLD:
            what = f"has a field {key[:40]!r} that is not known; known are {', '.join(FIELDS)}"
            return Problem(name, number, columns.get(key, 1), what)
        if field is not None:
            fields[field], places[field] = _text(value), columns.get(key, 1)
    return Row(number, fields, places)


def _text(value: object) -> str:
    """A value of JSON as it is written in a cell; an empty list is no limit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _joined(value)
    return json.dumps(value) if isinstance(value, dict) else str(value).strip()


def _joined(values: Sequence[object]) -> str:
    return ",".join(str(value) for value in values) or ALL
