"""Subscribers and their subscriptions."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.subscribers import Subscriber, SubscriberState, Subscription, Wishes
from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network, Work
from monitor.storage.tables import subscribers, subscriptions
from monitor.storage.work import CRASHES_MAX, claim, is_due, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.core.digests.schedule import Due
    from monitor.storage.database import Database

#: Said of a subscription whose digest ended its process each time it was composed.
CRASHED = "Composing it ended the process three times, so it is left alone. `hypewatch digest send {id}` tries again."


class PeopleRows:
    """Store: subscribers and subscriptions."""

    _db: Database

    def add_subscriber(
        self, email: str, name: str, *, now: datetime, state: SubscriberState = SubscriberState.PENDING
    ) -> Subscriber:
        """Add one; the same address again returns the stored one. No name keeps theirs."""
        email = email.lower()
        with self._db.write() as conn:
            wish = self._db.insert(subscribers).values(email=email, name=name, state=state, created_at=now)
            conn.execute(wish.on_conflict_do_nothing(index_elements=["email"]))
            if name:
                conn.execute(sa.update(subscribers).where(subscribers.c.email == email).values(name=name))
            row = conn.execute(sa.select(subscribers).where(subscribers.c.email == email)).mappings().one()
            return _subscriber(row)

    def subscriber(self, subscriber_id: int) -> Subscriber:
        with self._db.read() as conn:
            return one_subscriber(conn, subscriber_id)

    def set_subscriber(self, subscriber_id: int, state: SubscriberState) -> None:
        statement = sa.update(subscribers).where(subscribers.c.id == subscriber_id).values(state=state)
        with self._db.write() as conn:
            if conn.execute(statement).rowcount == 0:
                raise no_subscriber(subscriber_id)

    def subscribe(
        self,
        subscriber_id: int,
        study_id: str,
        wishes: Wishes,
        *,
        paused_until: datetime | None = None,
        now: datetime,
        due: Due,
    ) -> Subscription:
        """One per person and study: subscribing again changes the wishes, not what was told already nor that the person left."""
        wished = _wished(wishes) | {"paused_until": paused_until, "due_at": due.at, "due_date": due.date}
        values = {"subscriber_id": subscriber_id, "study_id": study_id, "created_at": now, **wished}
        with self._db.write() as conn:
            if conn.scalar(sa.select(subscribers.c.id).where(subscribers.c.id == subscriber_id)) is None:
                raise no_subscriber(subscriber_id)
            key = conn.execute(
                self._db.insert(subscriptions)
                .values(values)
                .on_conflict_do_update(index_elements=["subscriber_id", "study_id"], set_=wished)
                .returning(subscriptions.c.id)
            ).scalar_one()
            return one_subscription(conn, key)

    def subscription(self, subscription_id: int) -> Subscription:
        with self._db.read() as conn:
            return one_subscription(conn, subscription_id)

    def subscriptions(self, *, suppressed: bool = False) -> Sequence[Subscription]:
        chosen = _joined().where(subscribers.c.suppressed_at.is_not(None) if suppressed else sa.true())
        with self._db.read() as conn:
            return tuple(_subscription(row) for row in conn.execute(chosen.order_by(subscriptions.c.id)).mappings())

    def subscription_of(self, email: str, study_id: str) -> Subscription | None:
        statement = _joined().where(subscribers.c.email == email.lower(), subscriptions.c.study_id == study_id)
        with self._db.read() as conn:
            row = conn.execute(statement).mappings().one_or_none()
            return None if row is None else _subscription(row)

    def set_wishes(self, subscription_id: int, wishes: Wishes, *, due: Due | None = None) -> None:
        """Change what a person asked for; `due` as for `set_subscription`."""
        values = _wished(wishes) | (due_next(due) if due is not None else {})
        with self._db.write() as conn:
            _update(conn, subscription_id, values)

    def end_subscription(self, subscription_id: int, now: datetime) -> bool:
        """The person wants no more of it; False if it had ended before."""
        s = subscriptions.c
        ending = (
            sa.update(subscriptions)
            .where(s.id == subscription_id, s.left_at.is_(None))
            .values(left_at=now, asked_at=None)
        )
        with self._db.write() as conn:
            ended = conn.execute(ending).rowcount == 1
            if not ended:
                one_subscription(conn, subscription_id)
                # Asked to come back, and this is the answer.
                _update(conn, subscription_id, {"asked_at": None})
            return ended

    def begin_subscription(self, subscription_id: int, due: Due) -> None:
        """The person wants it, or wants it again: the address is theirs, what was asked is answered, and a pause of before is over."""
        with self._db.write() as conn:
            was = one_subscription(conn, subscription_id)
            back = {"paused_until": None} if was.left_at is not None else {}
            _update(conn, subscription_id, due_next(due) | {"left_at": None, "asked_at": None} | back)
            person = (
                sa.select(subscriptions.c.subscriber_id).where(subscriptions.c.id == subscription_id).scalar_subquery()
            )
            conn.execute(sa.update(subscribers).where(subscribers.c.id == person).values(state=SubscriberState.ACTIVE))

    def note_asked(self, subscription_id: int, now: datetime) -> None:
        """A mail that asks for the person's consent was handed over."""
        with self._db.write() as conn:
            _update(conn, subscription_id, {"asked_at": now})

    def set_subscription(
        self, subscription_id: int, *, paused_until: datetime | None = None, due: Due | None = None
    ) -> None:
        """None leaves a value as it is; a `paused_until` that is past ends a pause."""
        values: dict[str, Any] = {}
        if paused_until is not None:
            values["paused_until"] = paused_until
        if due is not None:
            values |= due_next(due)
        with self._db.write() as conn:
            _update(conn, subscription_id, values or {"id": subscription_id})

    def claim_subscription(
        self, subscription_id: int, owner: str, now: datetime, ttl: timedelta, *, force: bool = False
    ) -> Subscription | None:
        # Asked for by a person, a digest is composed though it is not due or was left alone; held is held.
        more = standing(Work.COMPOSE, now) if force else [*is_due(subscriptions, now), *standing(Work.COMPOSE, now)]
        with self._db.write() as conn:
            _count_crash(conn, subscription_id, now)
            row = claim(conn, subscriptions, subscription_id, owner, now, ttl, *more)
            return None if row is None else one_subscription(conn, subscription_id)


def due_next(due: Due) -> dict[str, Any]:
    """The values of a subscription whose digest was composed: whoever did it hands the lease back with the next hour."""
    return {
        "due_at": due.at,
        "due_date": due.date,
        "not_before": None,
        "lease_owner": None,
        "lease_until": None,
        "attempts": 0,
        "crashes": 0,
        "last_error": "",
        "quarantined": False,
    }


def _count_crash(conn: sa.Connection, subscription_id: int, now: datetime) -> None:
    """A lease that ran out: whoever composed ended without a word. The third time in a row it is left alone, and shown."""
    s = subscriptions.c
    again = s.crashes + 1 < CRASHES_MAX
    conn.execute(
        sa.update(subscriptions)
        .where(s.id == subscription_id, s.lease_owner.is_not(None), s.lease_until <= now)
        .values(
            crashes=s.crashes + 1,
            lease_owner=None,
            lease_until=sa.case((again, sa.null()), else_=s.lease_until),  # as of all that is left alone for it
            quarantined=sa.case((again, s.quarantined), else_=sa.true()),
            last_error=sa.case((again, s.last_error), else_=CRASHED.format(id=subscription_id)),
        )
    )


def _update(conn: sa.Connection, subscription_id: int, values: dict[str, Any]) -> None:
    if conn.execute(sa.update(subscriptions).where(subscriptions.c.id == subscription_id).values(values)).rowcount == 0:
        raise _no_subscription(subscription_id)


def no_subscriber(subscriber_id: int) -> NotFoundError:
    """There is no such person."""
    return NotFoundError(f"There is no subscriber {subscriber_id}.", command="`hypewatch subscribers list` shows them.")


def _no_subscription(subscription_id: int) -> NotFoundError:
    return NotFoundError(
        f"There is no subscription {subscription_id}.", command="`hypewatch subscribers list` shows them."
    )


def _joined() -> sa.Select[Any]:
    person = [column.label(f"person_{column.name}") for column in subscribers.c]
    return sa.select(subscriptions, *person).join_from(
        subscriptions, subscribers, subscribers.c.id == subscriptions.c.subscriber_id
    )


def one_subscriber(conn: sa.Connection, subscriber_id: int) -> Subscriber:
    """A person; raises NotFoundError."""
    row = conn.execute(sa.select(subscribers).where(subscribers.c.id == subscriber_id)).mappings().one_or_none()
    if row is None:
        raise no_subscriber(subscriber_id)
    return _subscriber(row)


def one_subscription(conn: sa.Connection, subscription_id: int) -> Subscription:
    """A subscription with its person; raises NotFoundError."""
    row = conn.execute(_joined().where(subscriptions.c.id == subscription_id)).mappings().one_or_none()
    if row is None:
        raise _no_subscription(subscription_id)
    return _subscription(row)


def subscriptions_where(conn: sa.Connection, *where: sa.ColumnElement[bool]) -> tuple[Subscription, ...]:
    """Some subscriptions with their persons, by number."""
    chosen = _joined().where(*where).order_by(subscriptions.c.id)
    return tuple(_subscription(row) for row in conn.execute(chosen).mappings())


def _subscriber(row: sa.RowMapping, prefix: str = "") -> Subscriber:
    return Subscriber(
        id=row[prefix + "id"],
        email=row[prefix + "email"],
        name=row[prefix + "name"],
        state=SubscriberState(row[prefix + "state"]),
        created_at=row[prefix + "created_at"],
        suppressed_at=row[prefix + "suppressed_at"],
        suppressed_why=row[prefix + "suppressed_why"],
    )


def _subscription(row: sa.RowMapping) -> Subscription:
    return Subscription(
        id=row["id"],
        subscriber=_subscriber(row, "person_"),
        study_id=row["study_id"],
        wishes=_wishes(row),
        paused_until=row["paused_until"],
        left_at=row["left_at"],
        asked_at=row["asked_at"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        due_date=row["due_date"],
        attempts=row["attempts"],
        lease=row["lease_owner"] or "",
    )


def _wishes(row: sa.RowMapping) -> Wishes:
    return Wishes(
        at=time.fromisoformat(row["at"]),
        zone=row["zone"],
        weekdays=tuple(row["weekdays"]),
        threshold=Severity(row["threshold"]),
        quiet=row["quiet"],
        language=row["language"],
        drifts=tuple(Drift(drift) for drift in row["drifts"]),
        networks=tuple(Network(network) for network in row["networks"]),
        languages=tuple(row["languages"]),
        weekly=row["weekly"],
        monthly=row["monthly"],
        urgent_from=row["urgent_from"],
        urgent_most=row["urgent_most"],
        hush_from=time.fromisoformat(row["hush_from"]),
        hush_until=time.fromisoformat(row["hush_until"]),
    )


def _wished(wishes: Wishes) -> dict[str, Any]:
    """The columns of what a person asked for."""
    return {
        "at": wishes.at.isoformat(),
        "zone": wishes.zone,
        "weekdays": list(wishes.weekdays),
        "threshold": wishes.threshold,
        "quiet": wishes.quiet,
        "language": wishes.language,
        "drifts": [drift.value for drift in wishes.drifts],
        "networks": [network.value for network in wishes.networks],
        "languages": list(wishes.languages),
        "weekly": wishes.weekly,
        "monthly": wishes.monthly,
        "urgent_from": wishes.urgent_from,
        "urgent_most": wishes.urgent_most,
        "hush_from": wishes.hush_from.isoformat(),
        "hush_until": wishes.hush_until.isoformat(),
    }
