"""Is work being done? Health is the age of the oldest due row, not a process that stands. `/healthz` and the heartbeat ask here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.model import LATE, Work
from monitor.pipeline.rejudge import abandoned
from monitor.pipeline.reports import due_reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitor.ports import Deps


#: What waits besides the kinds of work that are rows: stored mentions for the rules in use, and reports that are due.
JUDGING, REPORTS = "judging", "reports"


@dataclass(frozen=True, slots=True)
class Health:
    """`waiting`: kinds of work whose oldest row waits too long, in seconds. `not_composed`: digests that are due and failed."""

    waiting: Mapping[str, int]
    not_composed: int

    @property
    def good(self) -> bool:
        return not self.waiting and not self.not_composed


class HealthCheck:
    """Looks, and keeps between two looks what no row says: since when stored mentions wait for other rules and nobody judges
    them, and since when a report is due that nobody composes. After an upgrade or a new fact sheet nobody can have begun yet.
    """

    def __init__(self) -> None:
        self._judging_waits: datetime | None = None
        self._reports_wait: datetime | None = None

    def look(self, deps: Deps) -> Health:
        """How work stands now. Raises StorageError."""
        now = deps.clock()
        waiting = {}
        for work in Work:
            late = deps.store.oldest_due(work, now)
            if late is not None and late > LATE:
                waiting[work.value] = round(late.total_seconds())
        self._judging_waits = (self._judging_waits or now) if abandoned(deps) else None
        if self._judging_waits is not None and now - self._judging_waits > LATE:
            waiting[JUDGING] = round((now - self._judging_waits).total_seconds())
        self._reports_wait = (self._reports_wait or now) if due_reports(deps, now) else None
        if self._reports_wait is not None and now - self._reports_wait > LATE:
            waiting[REPORTS] = round((now - self._reports_wait).total_seconds())
        failing = [one for one in deps.store.failing_digests(now) if one.step is Work.COMPOSE]
        return Health(waiting, len(failing))
