"""Mail that came back, and to whom nothing is sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.bounces import Bounce
from monitor.core.digests.subscribers import DeliveryOutcome
from monitor.storage.digests.subscribers import no_subscriber, one_subscriber
from monitor.storage.tables import bounces, deliveries, digests, subscribers, subscriptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscriber
    from monitor.storage.database import Database


class BounceRows:
    """Store: bounces, and suppressed addresses."""

    _db: Database

    def add_bounce(self, bounce: Bounce) -> bool:
        """The same mail comes back to the same person once; without a Message-ID the same words of one status are the same."""
        b = bounces.c
        same = [b.subscriber_id == bounce.subscriber_id, b.message_id == bounce.message_id]
        if bounce.hard:
            same.append(b.hard)  # what was only late may be told as dead later
        if not bounce.message_id:
            same += [b.status == bounce.status, b.reply == bounce.reply]
        with self._db.write() as conn:
            # The person's row is locked, so that of two who tell of one mail at once the second sees the first.
            person = sa.select(subscribers.c.id).where(subscribers.c.id == bounce.subscriber_id).with_for_update()
            if conn.scalar(person) is None:
                raise no_subscriber(bounce.subscriber_id)
            if conn.scalar(sa.select(b.id).where(*same).limit(1)) is not None:
                return False
            conn.execute(
                sa.insert(bounces).values(
                    subscriber_id=bounce.subscriber_id,
                    at=bounce.at,
                    status=bounce.status,
                    hard=bounce.hard,
                    reply=bounce.reply,
                    message_id=bounce.message_id,
                )
            )
            return True

    def bounces(self, subscriber_id: int | None = None, limit: int = 100) -> Sequence[Bounce]:
        """Newest first."""
        statement = sa.select(bounces).order_by(bounces.c.at.desc(), bounces.c.id.desc()).limit(limit)
        if subscriber_id is not None:
            statement = statement.where(bounces.c.subscriber_id == subscriber_id)
        with self._db.read() as conn:
            return tuple(Bounce(**row) for row in conn.execute(statement).mappings())

    def suppress(self, subscriber_id: int, why: str, now: datetime) -> bool:
        s = subscribers.c
        statement = sa.update(subscribers).where(s.id == subscriber_id, s.suppressed_at.is_(None))
        with self._db.write() as conn:
            one_subscriber(conn, subscriber_id)
            return conn.execute(statement.values(suppressed_at=now, suppressed_why=why)).rowcount == 1

    def lift_suppression(self, subscriber_id: int) -> bool:
        s = subscribers.c
        statement = sa.update(subscribers).where(s.id == subscriber_id, s.suppressed_at.is_not(None))
        with self._db.write() as conn:
            one_subscriber(conn, subscriber_id)
            lifted = conn.execute(statement.values(suppressed_at=None, suppressed_why="")).rowcount == 1
            if lifted:
                past = sa.update(bounces).where(bounces.c.subscriber_id == subscriber_id)
                conn.execute(past.values(answered=True))
            return lifted

    def subscriber_at(self, email: str) -> Subscriber | None:
        with self._db.read() as conn:
            found = conn.scalar(sa.select(subscribers.c.id).where(subscribers.c.email == email.lower()))
            return None if found is None else one_subscriber(conn, found)

    def any_sent(self, since: datetime) -> bool:
        statement = (
            sa.select(deliveries.c.digest_id)
            .where(deliveries.c.started_at >= since, deliveries.c.outcome == DeliveryOutcome.SENT)
            .limit(1)
        )
        with self._db.read() as conn:
            return conn.scalar(statement) is not None

    def was_sent(self, message_id: str, subscriber_id: int) -> bool:
        """`attempts`: only what was handed over can come back."""
        statement = (
            sa.select(digests.c.id)
            .join(subscriptions, subscriptions.c.id == digests.c.subscription_id)
            .where(
                digests.c.message_id == message_id,
                digests.c.attempts > 0,
                subscriptions.c.subscriber_id == subscriber_id,
            )
            .limit(1)
        )
        with self._db.read() as conn:
            return conn.scalar(statement) is not None
