"""The installation itself: work that is due, sessions, and what it keeps for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.core.model import Work
    from monitor.core.session import Role, Session


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

    def lock(self, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
        """A named lease for ticks: True if it is ours until now + ttl. Two beats cannot hold it together."""
        ...

    def held_until(self, name: str) -> datetime | None:
        """Until when a named lease is held, or was held last; None if nobody had it lately."""
        ...


class Sessions(Protocol):
    """Browsers that are signed in. Secrets come as hashes. Laws: see Store."""

    def offer_session(self, link: str, *, role: Role, name: str, now: datetime, expires_at: datetime) -> None:
        """Keep a sign-in link until it is used or `expires_at`: for whom, and what that person may do."""
        ...

    def session_offered(self, link: str, now: datetime) -> bool: ...
    def open_session(self, link: str, cookie: str, *, now: datetime, expires_at: datetime, browser: str) -> bool:
        """Use a link up: from now on `cookie` is what the session is known by. False if it was used, ended or is too old."""
        ...

    def session(self, cookie: str, now: datetime) -> Session | None: ...
    def sessions(self, now: datetime) -> Sequence[Session]:
        """Those that are open or offered, newest first."""
        ...

    def end_session(self, session_id: int) -> None: ...


class Installation(Protocol):
    """The meter, what the installation keeps for itself, and keeping it in order. Laws: see Store."""

    def rows_left(self, network: str, now: datetime, *, per_day: int, per_month: int) -> int:
        """How many paid rows may still be read today and this month (UTC)."""
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

    def upgrade(self) -> None:
        """Bring the schema to this version; harmless to repeat, safe when two processes do it at once."""
        ...

    def close(self) -> None: ...
