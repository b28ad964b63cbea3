"""Work is rows: what is due, taking a lease, giving it back. One claim is one UPDATE ... RETURNING, guarded by the lease."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.backlog import Backlog
from monitor.core.digests.subscribers import DigestState, SubscriberState
from monitor.core.evaluation.backtest import BacktestState
from monitor.core.model import Work
from monitor.core.outgoing.hook import CallState
from monitor.storage.tables import backtests, digests, feeds, leases, pages, subscribers, subscriptions, webhook_calls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.storage.database import Database

#: So many unfinished attempts in a row are enough (reliability, rule 8).
CRASHES_MAX = 3
CRASHED = "It ended the process that was reading it three times; it is left alone until you resume it."
TABLES = {
    Work.POLL: feeds,
    Work.PAGE: pages,
    Work.COMPOSE: subscriptions,
    Work.SEND: digests,
    Work.CALL: webhook_calls,
    Work.BACKTEST: backtests,
}


def key_of(table: sa.Table) -> sa.Column[Any]:
    """The column that numbers a piece of work."""
    return pages.c.entry_id if table is pages else table.c.id


def standing(work: Work, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What must hold of a row, besides its time, for its work to be done at all."""
    if work is Work.POLL:
        return [sa.not_(feeds.c.removed), sa.not_(feeds.c.paused)]
    if work is Work.COMPOSE:
        active = sa.select(subscribers.c.id).where(
            subscribers.c.state == SubscriberState.ACTIVE, subscribers.c.suppressed_at.is_(None)
        )
        return [
            subscriptions.c.subscriber_id.in_(active),
            subscriptions.c.left_at.is_(None),
            sa.or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= now),
        ]
    if work is Work.SEND:
        return [digests.c.state.in_([DigestState.READY, DigestState.SENDING])]
    if work is Work.CALL:
        return [webhook_calls.c.state == CallState.WAITING]
    if work is Work.BACKTEST:
        return [backtests.c.state == BacktestState.RUNNING]
    return []


def is_due(table: sa.Table, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Its time has come."""
    return [
        table.c.due_at <= now,
        sa.or_(table.c.not_before.is_(None), table.c.not_before <= now),
        sa.not_(table.c.quarantined),
    ]


def is_free(table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
    """Nobody's lease stands."""
    return sa.or_(table.c.lease_owner.is_(None), table.c.lease_until.is_(None), table.c.lease_until <= now)


def new_lease(owner: str) -> str:
    """A token nobody else has; it begins with the owner's name, for people who look."""
    return f"{owner}/{secrets.token_hex(8)}"


def claim(
    conn: sa.Connection, table: sa.Table, work_id: int, owner: str, now: datetime, ttl: timedelta, *more: Any
) -> sa.RowMapping | None:
    """Take the lease of a row that is free and for which `more` holds: its new values, or None."""
    statement = (
        sa.update(table)
        .where(key_of(table) == work_id, is_free(table, now), *more)
        .values(lease_owner=new_lease(owner), lease_until=now + ttl, attempts=table.c.attempts + 1)
        .returning(*table.c)
    )
    return conn.execute(statement).mappings().one_or_none()


def crashed_often(conn: sa.Connection, table: sa.Table, work_id: int, now: datetime) -> bool:
    """Quarantine a row whose work ended its process CRASHES_MAX times in a row: its lease ran out each time.

    One that poisons whoever reads it must not stop the others; it is shown, and can be made due by hand. When its last lease ran out
    stays written, by which `backlog` tells it from what failed in order.
    """
    statement = (
        sa.update(table)
        .where(
            key_of(table) == work_id,
            table.c.lease_owner.is_not(None),
            table.c.lease_until <= now,
            table.c.attempts >= CRASHES_MAX,
        )
        .values(quarantined=True, lease_owner=None, last_error=CRASHED)
    )
    return conn.execute(statement).rowcount == 1


class WorkRows:
    """Store: due, postpone, release, oldest_due, backlog, lock, held_until."""

    _db: Database

    def due(self, work: Work, now: datetime, limit: int = 500) -> Sequence[int]:
        table = TABLES[work]
        statement = (
            sa.select(key_of(table))
            .where(*is_due(table, now), is_free(table, now), *standing(work, now))
            .order_by(table.c.due_at, key_of(table))
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple(conn.scalars(statement))

    def postpone(
        self, work: Work, work_id: int, lease: str, *, until: datetime, error: str, attempts_max: int | None = None
    ) -> bool:
        table = TABLES[work]
        values: dict[str, Any] = {"not_before": until, "last_error": error, "lease_owner": None, "lease_until": None}
        if table is subscriptions:
            values["crashes"] = 0  # it came to an end, and said why
        if attempts_max is not None:
            values["quarantined"] = table.c.attempts >= attempts_max
        statement = sa.update(table).where(key_of(table) == work_id, table.c.lease_owner == lease).values(values)
        with self._db.write() as conn:
            return conn.execute(statement).rowcount == 1

    def release(self, work: Work, work_id: int, lease: str, *, until: datetime) -> bool:
        table = TABLES[work]
        later = sa.case((table.c.not_before > until, table.c.not_before), else_=sa.literal(until, table.c.due_at.type))
        statement = (
            sa.update(table)
            .where(key_of(table) == work_id, table.c.lease_owner == lease)
            .values(not_before=later, lease_owner=None, lease_until=None, attempts=table.c.attempts - 1)
        )
        with self._db.write() as conn:
            return conn.execute(statement).rowcount == 1

    def oldest_due(self, work: Work, now: datetime) -> timedelta | None:
        table = TABLES[work]
        # Backing off is not being late: the row's time is the later of the two.
        since = sa.case((table.c.not_before > table.c.due_at, table.c.not_before), else_=table.c.due_at)
        statement = sa.select(sa.func.min(since, type_=table.c.due_at.type)).where(
            *is_due(table, now), is_free(table, now), *standing(work, now)
        )
        with self._db.read() as conn:
            oldest = conn.scalar(statement)
        return None if oldest is None else now - oldest

    def backlog(self, work: Work, now: datetime) -> Backlog:
        table = TABLES[work]
        number = sa.select(sa.func.count()).select_from(table)
        due = number.where(*is_due(table, now), is_free(table, now), *standing(work, now))
        left_alone = (
            sa.select(sa.func.count(), sa.func.count(table.c.lease_until))
            .select_from(table)
            .where(table.c.quarantined, *standing(work, now))
        )
        with self._db.read() as conn:
            alone, crashed = conn.execute(left_alone).one()
            return Backlog(due=conn.execute(due).scalar_one(), left_alone=alone, crashed=crashed)

    def lock(self, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
        wish = self._db.insert(leases).values(name=name, owner=owner, until=now + ttl)
        statement = wish.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": now + ttl},
            where=sa.or_(leases.c.until <= now, leases.c.owner == owner),
        ).returning(leases.c.name)
        with self._db.write() as conn:
            return conn.execute(statement).first() is not None

    def held_until(self, name: str) -> datetime | None:
        with self._db.read() as conn:
            return conn.scalar(sa.select(leases.c.until).where(leases.c.name == name))
