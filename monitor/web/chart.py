"""Days as bars: where they stand in the drawing. The template draws them, with the numbers as a table behind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Day

#: The drawing in its own units: where the axes stand.
LEFT, RIGHT, TOP, BOTTOM = 26.0, 298.0, 14.5, 134.5
#: Where a chart ends that has a column to itself.
WIDE = 398.0
#: How wide a digit of the axis is; wide charts make room for theirs.
DIGIT = 6.5
#: Fewer days with anything in them are a number, not a chart.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One day; `flagged_top` is None where nothing goes too far."""

    day: Day
    x: float
    width: float
    top: float
    flagged_top: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """`grid` are (height, number) of the lines above the axis, which is at BOTTOM."""

    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    bottom: float = BOTTOM
    left: float = LEFT
    right: float = RIGHT


def chart(days: Sequence[Day], *, right: float = RIGHT) -> Chart | None:
    """The chart of some days or weeks, oldest first; None if there is too little to draw. `right` is where it ends: wide ones are WIDE."""
    if sum(day.all > 0 for day in days) < LEAST:
        return None
    step = _step(max(day.all for day in days))
    most = step * 3
    left = max(LEFT, DIGIT * len(f"{most:,}") + 8) if right > RIGHT else LEFT
    unit, slot = (BOTTOM - TOP) / most, (right - left) / len(days)
    gap = min(1.0, slot / 6)  # many bars stand closer
    bars = tuple(
        Bar(
            day=day,
            x=round(left + at * slot + gap, 1),
            width=round(slot - 2 * gap, 1),
            top=round(BOTTOM - day.all * unit, 1),
            flagged_top=round(BOTTOM - day.flagged * unit, 1) if day.flagged else None,
        )
        for at, day in enumerate(days)
    )
    grid = tuple((round(BOTTOM - step * line * unit, 1), step * line) for line in (1, 2, 3))
    return Chart(bars, grid, left=left, right=right)


def _step(most: int) -> int:
    """A third of the axis: the smallest of 1, 2, 5, 10, 20, 50 ... that three of hold the tallest day."""
    scale: int = 10 ** max(0, int(math.log10(most)) - 1)
    return next(
        step * scale * power for power in (1, 10, 100) for step in (1, 2, 5) if step * scale * power * 3 >= most
    )
