"""A table as a mail tells it: one topic, a heading for each column and each row. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is about, and its cells. `lang` is the language of the words in it, "" where it is the mail's."""

    label: str
    cells: tuple[str, ...]
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`head` names the columns, that of the rows' labels first; `caption` says what all of it is."""

    caption: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)
