"""A table as a mail tells it: one topic, a heading for each column and each row. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is about, and its cells."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`head` names the columns, that of the rows' labels first; `caption` says what all of it is. The last column holds words, not
    numbers, if `words`.
    """

    caption: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    words: bool = False

    def __bool__(self) -> bool:
        return bool(self.lines)
