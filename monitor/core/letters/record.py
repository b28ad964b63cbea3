"""What is known of an outlet: how often it goes too far, and what became of what it was asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from monitor.core.letters.letter import LetterState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from monitor.core.letters.letter import Letter
    from monitor.core.mention import Source

#: Months that an outlet's page looks back.
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRecord:
    """An outlet with its mentions, those of them that go too far, and its letters: asked for, corrected, refused."""

    source: Source
    mentions: int
    flagged: int
    asked: int = 0
    corrected: int = 0
    refused: int = 0

    @property
    def share(self) -> float:
        """The share of its mentions that go too far, 0 to 1."""
        return self.flagged / self.mentions if self.mentions else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month (UTC, "2026-03") of an outlet's mentions, by when they were published."""

    month: str
    mentions: int
    flagged: int

    @property
    def words(self) -> str:
        """As a reader says it: March 2026."""
        return f"{date.fromisoformat(f'{self.month}-01'):%B %Y}"


def months(told: Iterable[tuple[datetime, bool]]) -> tuple[Month, ...]:
    """Mentions (published, goes too far) by month, oldest first; the last MONTHS that have any."""
    counts: dict[str, list[int]] = {}
    for published, flagged in told:
        count = counts.setdefault(f"{published:%Y-%m}", [0, 0])
        count[0] += 1
        count[1] += flagged
    return tuple(Month(month=name, mentions=n, flagged=far) for name, (n, far) in sorted(counts.items()))[-MONTHS:]


def time_to_correct(letters: Iterable[Letter]) -> timedelta | None:
    """The median time from asking to the correction; None if nothing was corrected."""
    took = [
        (letter.closed_at - letter.asked_at).total_seconds()
        for letter in letters
        if letter.state is LetterState.CORRECTED and letter.closed_at and letter.asked_at
    ]
    return timedelta(seconds=median(took)) if took else None
