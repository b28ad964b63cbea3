"""The installation itself: work that is due, who changed what, and what it keeps for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.core.backlog import Backlog
    from monitor.core.changes import Area, Change
    from monitor.core.model import Work


class WorkQueue(Protocol):
    """Work: every kind of it is a row with due_at, lease_until, lease_owner, attempts, last_error, not_before. Laws: see Store."""

    def due(self, work: Work, now: datetime, limit: int = 500) -> Sequence[int]:
        """Ids whose time has come and whose lease is free, oldest first."""
        ...

    def postpone(
        self, work: Work, work_id: int, lease: str, *, until: datetime, error: str, attempts_max: int | None = None
    ) -> bool:
        """Give the lease back after a failure: not before `until`. Reaching `attempts_max` quarantines the row."""
        ...

    def release(self, work: Work, work_id: int, lease: str, *, until: datetime) -> bool:
        """Give the lease back though nothing was tried: no failure and no attempt; due again, not before `until`."""
        ...

    def oldest_due(self, work: Work, now: datetime) -> timedelta | None:
        """How late the oldest due row is; None if nothing is due."""
        ...

    def backlog(self, work: Work, now: datetime) -> Backlog:
        """How many rows wait, and how many are left alone."""
        ...

    def lock(self, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
        """A named lease for ticks: True if it is ours until now + ttl. Two beats cannot hold it together."""
        ...

    def held_until(self, name: str) -> datetime | None:
        """Until when a named lease is held, or was held last; None if nobody had it lately."""
        ...


class Changes(Protocol):
    """Who changed what, where no history of its own tells it. Laws: see Store."""

    def note_change(self, *, by: str, area: Area, did: str, now: datetime, link: str = "") -> None:
        """Keep that `by` did something, as a sentence without its first word: "paused the source Harbour Wire"."""
        ...

    def changes(
        self, *, area: Area | None = None, link: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Change]:
        """Newest first; of an area, or of the page `link`; `before` is the id after which the next page begins."""
        ...


class Installation(Protocol):
    """The meter, what the installation keeps for itself, and keeping it in order. Laws: see Store."""

    def rows_left(self, network: str, now: datetime, *, per_day: int, per_month: int) -> int:
        """How many paid rows may still be read today and this month (UTC)."""
        ...

    def spent(self, network: str, now: datetime) -> tuple[int, int]:
        """Paid rows that were read today and this month (UTC)."""
        ...

    def spend(self, network: str, rows: int, now: datetime) -> None: ...
    def housekeeping(self, now: datetime) -> None:
        """Drop what is only history: outcomes beyond the last 30 of a feed, leases long past, back-tests of 30 days ago; and what has been kept
        for the days that the setting `retain-days:NETWORK` allows.
        """
        ...

    def setting(self, name: str, default: str | None = None) -> str | None:
        """A value the installation keeps for itself (its signing key, the newsroom's epoch)."""
        ...

    def set_setting(self, name: str, value: str, *, only_if_absent: bool = False) -> str:
        """Returns the value that is stored afterwards."""
        ...

    def time(self) -> datetime:
        """What time it is where the data is kept (aware UTC): the one clock that all processes share."""
        ...

    def upgrade(self) -> None:
        """Bring the schema to this version; harmless to repeat, safe when two processes do it at once."""
        ...

    def close(self) -> None: ...
