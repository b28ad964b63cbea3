"""Lines and tables that people hand in: CSV as every spreadsheet writes it. Pure, and streaming.

A line that cannot be read is a Problem with its place, and the next line is read; nothing is passed over in silence.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from typing import IO

#: A longer line, or a cell whose quote is opened and not closed for so long, is no row: memory stays bounded.
MOST_CHARACTERS = 1_000_000
#: "sep=;" tells Excel with what the cells below it are separated.
SEPARATOR = re.compile(r"""["']?sep=(?P<mark>[^\r\n])["']?""", re.IGNORECASE)


def pieces(stream: IO[str]) -> Iterator[str]:
    """The lines of a file; one longer than MOST_CHARACTERS comes in parts of MOST_CHARACTERS + 1."""
    while piece := stream.readline(MOST_CHARACTERS + 1):
        yield piece


def whole_lines(given: Iterable[str]) -> Iterator[str]:
    """The lines of some pieces; of one that is too long only its first part, which tells so by its length."""
    inside = False
    for piece in given:
        if not inside:
            yield piece
        inside = len(piece) > MOST_CHARACTERS and not piece.endswith("\n")


def fault_in(line: str, number: int, name: str) -> Problem | None:
    """What is wrong with a line before its shape matters."""
    if len(line) > MOST_CHARACTERS:
        return Problem(name, number, 1, f"has more than {MOST_CHARACTERS:,} characters, which no row has")
    found = re.search("[\udc80-\udcff]", line)  # what surrogateescape makes of bytes that are not in the encoding
    if found:
        return Problem(name, number, found.start() + 1, "is not in the file's encoding; name it with --encoding")
    if "\0" in line:
        what = "has two bytes for each letter: it is UTF-16; import it with --encoding utf-16-le"
        return Problem(name, number, line.index("\0") + 1, what)
    return None


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of a row, the line that it begins on, and as it was written."""

    line: int
    cells: Sequence[str]
    raw: str

    def fitted(self, header: Sequence[str], name: str) -> Sequence[str] | Problem:
        """As many cells as the first line names, or what is wrong with the row."""
        if fault := fault_in(self.raw, self.line, name):
            return fault
        cells = list(self.cells)
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()  # a spreadsheet ends its rows as wide as the widest
        if len(cells) != len(header):
            return Problem(name, self.line, 1, f"has {len(cells)} cells where the first line names {len(header)}")
        return cells


class Table:
    """Lines that can be given back: a quote that is never closed must not swallow the rows below it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: list[str] = []
        self.taken: list[str] = []
        self.size = self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.size > MOST_CHARACTERS:
            raise csv.Error("opens a quote that is not closed within a million characters")
        line = self._back.pop() if self._back else next(self._lines)
        self.size += len(line)
        self.taken.append(line)
        self.number += 1
        return line

    def begin(self) -> None:
        """A new row begins."""
        self.taken, self.size = [], 0

    def give_back(self) -> None:
        """Read all but the first line of this row again."""
        self._back.extend(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def open_table(lines: Iterable[str], known: Container[str]) -> tuple[Table, list[str], str]:
    """A CSV without its first line; what that names, `folded`; and what stands between its cells.

    `known`: names of columns that tell which sign that is.
    """
    table = Table(lines)
    table.begin()
    head = next(table, "")
    if said := SEPARATOR.fullmatch(head.strip("\ufeff \r\n")):
        table.begin()
        head = next(table, "")
    head = head.lstrip("\ufeff")
    delimiter = said["mark"] if said else delimiter_of(head, known)
    return table, [folded(cell) for cell in cells_of(head, delimiter)], delimiter


def table_rows(table: Table, delimiter: str, name: str) -> Iterator[TableRow | Problem]:
    """The rows below the first line that are not empty."""
    csv.field_size_limit(MOST_CHARACTERS)
    reader = csv.reader(table, delimiter=delimiter, strict=True)
    while True:
        table.begin()
        start = table.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            table.give_back()
            yield Problem(name, start, 1, f"is no CSV row: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield TableRow(start, cells, "".join(table.taken))


def delimiter_of(head: str, known: Container[str]) -> str:
    """The one that makes most known columns of the first line; a comma if none does."""
    return max(",;\t", key=lambda mark: sum(folded(cell) in known for cell in cells_of(head, mark)))


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line."""
    return next(csv.reader([line], delimiter=delimiter), []) if line else []


def folded(name: str) -> str:
    """The name of a column, whatever its case, spaces and dashes."""
    return re.sub(r"[\s-]+", "_", name.strip().strip("\ufeff").casefold())
