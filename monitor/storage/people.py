"""Subscribers and their subscriptions."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.model import Work
from monitor.core.people import Subscriber, Subscription
from monitor.storage.tables import subscribers, subscriptions
from monitor.storage.work import claim, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.storage.database import Database


class PeopleRows:
    """Store: subscribers and subscriptions."""

    _db: Database

    def add_subscriber(self, email: str, name: str, *, now: datetime, state: str = "pending") -> Subscriber:
        """Add one; the same address again returns the stored one, and asks again if that person had left."""
        email = email.lower()
        with self._db.write() as conn:
            wish = self._db.insert(subscribers).values(email=email, name=name, state=state, created_at=now)
            conn.execute(
                wish.on_conflict_do_update(
                    index_elements=["email"],
                    set_={"state": state, "name": name},
                    where=subscribers.c.state == "removed",
                )
            )
            row = conn.execute(sa.select(subscribers).where(subscribers.c.email == email)).mappings().one()
            return _subscriber(row)

    def subscriber(self, subscriber_id: int) -> Subscriber:
        with self._db.read() as conn:
            row = conn.execute(sa.select(subscribers).where(subscribers.c.id == subscriber_id)).mappings().one_or_none()
        if row is None:
            raise _no_subscriber(subscriber_id)
        return _subscriber(row)

    def subscribers(self) -> Sequence[Subscriber]:
        with self._db.read() as conn:
            rows = conn.execute(sa.select(subscribers).order_by(subscribers.c.id)).mappings()
            return tuple(_subscriber(row) for row in rows)

    def set_subscriber(self, subscriber_id: int, state: str) -> None:
        statement = sa.update(subscribers).where(subscribers.c.id == subscriber_id).values(state=state)
        with self._db.write() as conn:
            if conn.execute(statement).rowcount == 0:
                raise _no_subscriber(subscriber_id)

    def subscribe(
        self,
        subscriber_id: int,
        study_id: str,
        *,
        at: time,
        zone: str,
        weekdays: Sequence[int],
        threshold: str,
        quiet: bool,
        now: datetime,
        due_at: datetime,
    ) -> Subscription:
        """One per person and study: subscribing again changes hour, days and threshold, not what was told already."""
        wishes = {
            "at": at.isoformat(),
            "zone": zone,
            "weekdays": list(weekdays),
            "threshold": threshold,
            "quiet": quiet,
            "due_at": due_at,
        }
        values = {"subscriber_id": subscriber_id, "study_id": study_id, "created_at": now, **wishes}
        with self._db.write() as conn:
            if conn.scalar(sa.select(subscribers.c.id).where(subscribers.c.id == subscriber_id)) is None:
                raise _no_subscriber(subscriber_id)
            key = conn.execute(
                self._db.insert(subscriptions)
                .values(values)
                .on_conflict_do_update(
                    index_elements=["subscriber_id", "study_id"], set_=wishes | {"paused_until": None}
                )
                .returning(subscriptions.c.id)
            ).scalar_one()
            return one_subscription(conn, key)

    def subscription(self, subscription_id: int) -> Subscription:
        with self._db.read() as conn:
            return one_subscription(conn, subscription_id)

    def subscriptions(self) -> Sequence[Subscription]:
        with self._db.read() as conn:
            return tuple(_subscription(row) for row in conn.execute(_joined().order_by(subscriptions.c.id)).mappings())

    def set_subscription(
        self, subscription_id: int, *, paused_until: datetime | None = None, due_at: datetime | None = None
    ) -> None:
        """None leaves a value as it is; a `paused_until` that is past ends a pause."""
        values: dict[str, Any] = {}
        if paused_until is not None:
            values["paused_until"] = paused_until
        if due_at is not None:
            values |= {"due_at": due_at, "not_before": None, "attempts": 0, "quarantined": False}
            # Whoever composes hands the lease back when the next hour is set.
            values |= {"lease_owner": None, "lease_until": None}
        statement = sa.update(subscriptions).where(subscriptions.c.id == subscription_id)
        with self._db.write() as conn:
            if conn.execute(statement.values(values or {"id": subscription_id})).rowcount == 0:
                raise _no_subscription(subscription_id)

    def claim_subscription(
        self, subscription_id: int, owner: str, now: datetime, ttl: timedelta
    ) -> Subscription | None:
        with self._db.write() as conn:
            row = claim(conn, subscriptions, subscription_id, owner, now, ttl, *standing(Work.COMPOSE, now))
            return None if row is None else one_subscription(conn, subscription_id)


def _no_subscriber(subscriber_id: int) -> NotFoundError:
    return NotFoundError(f"There is no subscriber {subscriber_id}.", "`hypewatch subscribers list` shows them.")


def _no_subscription(subscription_id: int) -> NotFoundError:
    return NotFoundError(f"There is no subscription {subscription_id}.", "`hypewatch subscribers list` shows them.")


def _joined() -> sa.Select[Any]:
    person = [column.label(f"person_{column.name}") for column in subscribers.c]
    return sa.select(subscriptions, *person).join_from(
        subscriptions, subscribers, subscribers.c.id == subscriptions.c.subscriber_id
    )


def one_subscription(conn: sa.Connection, subscription_id: int) -> Subscription:
    """A subscription with its person; raises NotFoundError."""
    row = conn.execute(_joined().where(subscriptions.c.id == subscription_id)).mappings().one_or_none()
    if row is None:
        raise _no_subscription(subscription_id)
    return _subscription(row)


def _subscriber(row: sa.RowMapping, prefix: str = "") -> Subscriber:
    return Subscriber(
        id=row[prefix + "id"],
        email=row[prefix + "email"],
        name=row[prefix + "name"],
        state=row[prefix + "state"],
        created_at=row[prefix + "created_at"],
    )


def _subscription(row: sa.RowMapping) -> Subscription:
    return Subscription(
        id=row["id"],
        subscriber=_subscriber(row, "person_"),
        study_id=row["study_id"],
        at=time.fromisoformat(row["at"]),
        zone=row["zone"],
        weekdays=tuple(row["weekdays"]),
        threshold=row["threshold"],
        quiet=row["quiet"],
        paused_until=row["paused_until"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        lease=row["lease_owner"] or "",
    )
