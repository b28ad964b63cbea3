"""Tables of a mail's text part: columns that line up in any script, as far as 72 columns."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from monitor.core.text.excerpt import width
from monitor.mail.folding import TEXT_COLUMNS, folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.digests.tables import Table

#: Between two columns, and what the widest of words and of numbers take at most.
GAP, WORDS_MOST, NUMBERS_MOST = 2, 24, 14


def columns(table: Table) -> str:
    """Caption, headings, a rule, and a line for each row; what is too wide goes on below."""
    rows = [table.head, *((line.label, *line.cells) for line in table.lines)]
    last = len(table.head) - 1
    sizes = [
        min(max(width(row[at]) for row in rows), WORDS_MOST if table.words and at == last else NUMBERS_MOST)
        for at in range(1, last + 1)
    ]
    room = TEXT_COLUMNS - sum(sizes) - GAP * last
    sizes.insert(0, min(room, max(width(row[0]) for row in rows)))
    left = {0, last} if table.words else {0}
    head, *lines = (_row(row, sizes, left) for row in rows)
    rule = "-" * (sum(sizes) + GAP * last)
    return "\n".join([*folded(table.caption, TEXT_COLUMNS), head, rule, *lines])


def _row(cells: Sequence[str], sizes: Sequence[int], left: set[int]) -> str:
    """The cells beside each other, those that need several lines under themselves."""
    stacks = [list(folded(cell, size)) for cell, size in zip(cells, sizes, strict=True)]
    return "\n".join(
        (" " * GAP)
        .join(_padded(cell or "", size, at in left) for at, (cell, size) in enumerate(zip(line, sizes, strict=True)))
        .rstrip()
        for line in zip_longest(*stacks)
    )


def _padded(cell: str, size: int, left: bool) -> str:
    space = " " * max(0, size - width(cell))
    return cell + space if left else space + cell
