"""How work and sources stand, in numbers: what a program that watches the installation is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """One kind of work: rows whose time has come and that nobody does, and rows that are left alone after failures until a person
    resumes them. `crashed`: of these, those that ended the process that worked on them, time after time.
    """

    due: int
    left_alone: int
    crashed: int = 0


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Feeds that are not removed: paused by a person; of the others those whose last poll went well, failed, or never was.
    `last_success_at`: the newest poll that went well, UTC.
    """

    well: int
    failing: int
    new: int
    paused: int
    last_success_at: datetime | None
