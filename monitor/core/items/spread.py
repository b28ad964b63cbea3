"""How a story spread over time: tellings counted by the hour, day, week or four weeks, whichever shows its whole life at a glance. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from monitor.core.mention import Day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

#: More steps than this are no longer seen apart on a phone.
STEPS_MOST = 60


class Unit(Enum):
    """How long a step is; its value is what it is called."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    FOUR_WEEKS = "four weeks"
    YEAR = "year"

    @property
    def length(self) -> timedelta:
        return _LENGTHS[self]


_LENGTHS = {
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
    Unit.FOUR_WEEKS: timedelta(weeks=4),
    Unit.YEAR: timedelta(days=365),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Day):
    """Tellings from `begins` (in the reader's zone) until the next step."""

    begins: datetime


@dataclass(frozen=True, slots=True)
class Spread:
    """`steps` are without a gap, oldest first, from the first telling to the last; empty if there is none."""

    unit: Unit
    steps: tuple[Step, ...]


def spread(told: Sequence[tuple[datetime, bool]], zone: tzinfo = UTC) -> Spread:
    """Count tellings, each a moment and whether it goes too far. Days begin at midnight in `zone`."""
    if not told:
        return Spread(Unit.DAY, ())
    moments = [moment for moment, _ in told]
    first, last = min(moments), max(moments)
    unit = next((unit for unit in Unit if (last - first) / unit.length < STEPS_MOST - 1), Unit.YEAR)
    begins = _floor(first.astimezone(zone), unit)
    # Whole steps are added to the local clock: a day stays a day where clocks change.
    edges = [begins]
    while (edge := edges[-1] + unit.length) <= last.astimezone(zone):
        edges.append(edge)
    counts = [[0, 0] for _ in edges]
    for moment, flagged in told:
        at = min(
            int((moment.astimezone(zone).replace(tzinfo=None) - begins.replace(tzinfo=None)) / unit.length),
            len(edges) - 1,
        )
        counts[at][0] += 1
        counts[at][1] += flagged
    return Spread(
        unit,
        tuple(
            Step(date=edge.date(), all=every, flagged=flagged, begins=edge)
            for edge, (every, flagged) in zip(edges, counts, strict=True)
        ),
    )


def _floor(moment: datetime, unit: Unit) -> datetime:
    if unit is Unit.HOUR:
        return moment.replace(minute=0, second=0, microsecond=0)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
