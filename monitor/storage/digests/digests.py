"""Digests: what the next one is composed from, freezing it, sending it once, and the ledger."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.delivery import after_lapse, unseen_words
from monitor.core.digests.subscribers import (
    Delivery,
    DeliveryOutcome,
    DigestKind,
    DigestState,
    FailingDigest,
    FrozenDigest,
)
from monitor.core.errors import NotFoundError, StorageBusyError
from monitor.core.model import Work
from monitor.storage.digests.digest_input import Reading
from monitor.storage.digests.subscribers import due_next, one_subscription
from monitor.storage.editions import edition_of, quoted_in, told_in
from monitor.storage.items.mentions import load
from monitor.storage.tables import (
    deliveries,
    digest_flags,
    digest_proposals,
    digests,
    subscribers,
    subscriptions,
)
from monitor.storage.work import is_free, new_lease, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.digest import DigestInput
    from monitor.core.digests.schedule import Due
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.mention import Mention
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)

#: A digest that was refused for good is shown as failing for so long; after that only the ledger has it.
SHOWN_FOR = timedelta(days=7)
#: What a subscriber or an operator reads where sending stopped for good.
AGAIN = "Somebody asked to send it again."
LEFT = "The subscriber left before it was sent."
SUPPRESSED = "Mail to this address came back before it was sent."


class DigestRows:
    """Store: digests and deliveries."""

    _db: Database

    def reading(self, now: datetime) -> Reading:
        return Reading(self._db, now)

    def digest_input(self, subscription: Subscription, now: datetime) -> DigestInput:
        return self.reading(now).input_of(subscription)

    def freeze_digest(
        self,
        digest: FrozenDigest,
        mention_ids: Sequence[int],
        fixed_flag_ids: Sequence[int],
        *,
        lease: str,
        next_due: Due | None,
        proposal_ids: Sequence[int] = (),
    ) -> FrozenDigest:
        s = subscriptions.c
        done = {"lease_owner": None, "lease_until": None} if next_due is None else due_next(next_due)
        with self._db.write() as conn:
            released = conn.execute(
                sa.update(subscriptions).where(s.id == digest.subscription_id, s.lease_owner == lease).values(done)
            ).rowcount
            present = _for_date(conn, digest.subscription_id, digest.local_date)
            if present is not None:
                return present
            if not released:
                raise StorageBusyError(
                    "Another process has begun to compose this digest.", "It sends it; there is nothing to do."
                )
            values = values_of(digest) | {"edition_id": edition_of(self._db, conn, mention_ids)}
            digest_id = conn.execute(sa.insert(digests).values(values).returning(digests.c.id)).scalar_one()
            for table, column, ids in (
                (digest_flags, "flag_id", fixed_flag_ids),
                (digest_proposals, "proposal_id", proposal_ids),
            ):
                rows = [
                    {"subscription_id": digest.subscription_id, column: key, "digest_id": digest_id}
                    for key in sorted(set(ids))
                ]
                if rows:
                    conn.execute(self._db.insert(table).on_conflict_do_nothing(), rows)
            return _one(conn, digest_id)

    def digest(self, digest_id: int) -> FrozenDigest:
        with self._db.read() as conn:
            return _one(conn, digest_id)

    def digest_for(self, subscription_id: int, local_date: str) -> FrozenDigest | None:
        with self._db.read() as conn:
            return _for_date(conn, subscription_id, local_date)

    def digest_named(self, subscription_id: int, begins: str) -> FrozenDigest | None:
        d = digests.c
        chosen = (d.subscription_id == subscription_id, d.message_id.startswith(begins, autoescape=True))
        statement = sa.select(digests).where(*chosen).order_by(d.id.desc()).limit(1)
        with self._db.read() as conn:
            row = conn.execute(statement).mappings().one_or_none()
        return None if row is None else frozen_digest(row)

    def digests(self, limit: int = 50, *, bodies: bool = True) -> Sequence[FrozenDigest]:
        """Newest first."""
        empty: dict[str, sa.ColumnElement[Any]] = {
            "mime": sa.literal(b""),
            "text": sa.literal(""),
            "html": sa.literal(""),
        }
        columns = [empty[c.name].label(c.name) if c.name in empty and not bodies else c for c in digests.c]
        statement = sa.select(*columns).order_by(digests.c.created_at.desc(), digests.c.id.desc()).limit(limit)
        with self._db.read() as conn:
            return tuple(frozen_digest(row) for row in conn.execute(statement).mappings())

    def withdrawn_digests(self) -> Sequence[FrozenDigest]:
        statement = sa.select(digests).where(digests.c.withdrawn).order_by(digests.c.id)
        with self._db.read() as conn:
            return tuple(frozen_digest(row) for row in conn.execute(statement).mappings())

    def failing_digests(self, now: datetime) -> Sequence[FailingDigest]:
        """Longest waiting first."""
        with self._db.read() as conn:
            found = [*_not_composed(conn, now), *_not_sent(conn, now)]
        return tuple(sorted(found, key=lambda failing: (failing.since, failing.subscription_id)))

    def digest_mentions(self, digest_id: int) -> Sequence[Mention]:
        """Newest first."""
        with self._db.read() as conn:
            _one(conn, digest_id)
            told = {*conn.scalars(told_in(digest_id)), *conn.scalars(quoted_in(digest_id))}
            return tuple(load(conn, sorted(told, reverse=True)))

    def claim_digest(
        self, digest_id: int, owner: str, now: datetime, ttl: timedelta, *, resends: int = 1
    ) -> FrozenDigest | None:
        d = digests.c
        with self._db.write() as conn:
            digest = _one(conn, digest_id)
            if stopped := _not_wanted(conn, digest):
                conn.execute(
                    sa.update(digests)
                    .where(d.id == digest_id, d.state == DigestState.READY)
                    .values(state=DigestState.SKIPPED, due_at=None, sentence=stopped)
                )
                return None
            _note_lapse(conn, digest_id, now, resends)
            statement = (
                sa.update(digests)
                .where(
                    d.id == digest_id,
                    is_free(digests, now),
                    sa.or_(
                        sa.and_(d.state == DigestState.READY, sa.or_(d.not_before.is_(None), d.not_before <= now)),
                        d.state == DigestState.SENDING,
                    ),
                )
                .values(
                    state=DigestState.SENDING,
                    lease_owner=new_lease(owner),
                    lease_until=now + ttl,
                    attempts=d.attempts + 1,
                )
                .returning(*d)
            )
            row = conn.execute(statement).mappings().one_or_none()
            if row is None:
                return None
            conn.execute(
                sa.insert(deliveries).values(
                    digest_id=digest_id,
                    attempt=row["attempts"],
                    started_at=now,
                    outcome=DeliveryOutcome.SENDING,
                    reply="",
                )
            )
            return frozen_digest(row)

    def finish_digest(
        self,
        digest: FrozenDigest,
        *,
        outcome: DeliveryOutcome,
        state: DigestState,
        reply: str,
        now: datetime,
        retry_at: datetime | None,
    ) -> bool:
        d = digests.c
        again = state == DigestState.READY
        values: dict[str, Any] = {
            "state": state,
            "due_at": d.due_at if again else None,
            "not_before": retry_at if again else None,
            "lease_owner": None,
            "lease_until": None,
            "sentence": reply,
            "last_error": "" if state == DigestState.SENT else reply,
            "unknowns": d.unknowns + int(outcome is DeliveryOutcome.UNKNOWN),
        }
        statement = sa.update(digests).where(
            d.id == digest.id, d.state == DigestState.SENDING, d.lease_owner == digest.lease, d.lease_owner != ""
        )
        with self._db.write() as conn:
            if conn.execute(statement.values(values)).rowcount != 1:
                return False
            conn.execute(
                sa.update(deliveries)
                .where(deliveries.c.digest_id == digest.id, deliveries.c.attempt == digest.attempts)
                .values(ended_at=now, outcome=outcome, reply=reply)
            )
            return True

    def send_digest_again(self, digest_id: int, now: datetime) -> bool:
        d = digests.c
        statement = (
            sa.update(digests)
            .where(d.id == digest_id, d.state.in_([DigestState.UNKNOWN, DigestState.FAILED]), sa.not_(d.withdrawn))
            .values(state=DigestState.READY, due_at=now, not_before=None, sentence=AGAIN, last_error="")
        )
        with self._db.write() as conn:
            return conn.execute(statement).rowcount == 1

    def deliveries(self, digest_id: int | None = None, limit: int = 100) -> Sequence[Delivery]:
        """Newest first."""
        statement = sa.select(deliveries).order_by(
            deliveries.c.started_at.desc(), deliveries.c.digest_id.desc(), deliveries.c.attempt.desc()
        )
        if digest_id is not None:
            statement = statement.where(deliveries.c.digest_id == digest_id)
        with self._db.read() as conn:
            return tuple(
                Delivery(
                    digest_id=row.digest_id,
                    attempt=row.attempt,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    outcome=DeliveryOutcome(row.outcome),
                    reply=row.reply,
                )
                for row in conn.execute(statement.limit(limit))
            )


def _not_wanted(conn: sa.Connection, digest: FrozenDigest) -> str:
    """Why a digest that waits is not sent any more, a sentence; "" if it is."""
    subscription = one_subscription(conn, digest.subscription_id)
    if subscription.left_at is not None:
        return LEFT
    return SUPPRESSED if subscription.subscriber.suppressed_at is not None else ""


def _not_composed(conn: sa.Connection, now: datetime) -> list[FailingDigest]:
    """Due, and composing failed: it is tried again, or left alone because it ended its process too often."""
    s = subscriptions.c
    statement = (
        sa.select(subscriptions, subscribers.c.email)
        .join_from(subscriptions, subscribers, subscribers.c.id == s.subscriber_id)
        .where(*standing(Work.COMPOSE, now), s.due_at <= now, s.last_error != "")
    )
    return [
        FailingDigest(
            step=Work.COMPOSE,
            subscription_id=row.id,
            digest_id=None,
            recipient=row.email,
            study_id=row.study_id,
            local_date=row.due_date,
            since=row.due_at,
            attempts=row.attempts,
            next_try=None if row.quarantined else row.not_before,
            sentence=row.last_error,
        )
        for row in conn.execute(statement)
    ]


def _not_sent(conn: sa.Connection, now: datetime) -> list[FailingDigest]:
    """Composed, and not handed over: it is tried again, or was refused for good in the last days."""
    d = digests.c
    for_good = sa.and_(
        d.state.in_([DigestState.FAILED, DigestState.UNKNOWN]), sa.not_(d.withdrawn), d.created_at >= now - SHOWN_FOR
    )
    statement = (
        sa.select(digests, subscriptions.c.study_id)
        .join_from(digests, subscriptions, subscriptions.c.id == d.subscription_id)
        .where(sa.or_(sa.and_(d.state == DigestState.READY, d.last_error != ""), for_good))
    )
    return [
        FailingDigest(
            step=Work.SEND,
            subscription_id=row.subscription_id,
            digest_id=row.id,
            recipient=row.recipient,
            study_id=row.study_id,
            local_date=row.local_date,
            since=row.created_at,
            attempts=row.attempts,
            next_try=row.not_before if row.state == DigestState.READY else None,
            sentence=row.sentence,
        )
        for row in conn.execute(statement)
    ]


def _note_lapse(conn: sa.Connection, digest_id: int, now: datetime, resends: int) -> None:
    """`sending` past its lease: how its attempt ended is unknown; core says whether it may be sent once more."""
    d = digests.c
    lapsed = (d.id == digest_id, d.state == DigestState.SENDING, is_free(digests, now))
    found = conn.execute(sa.select(d.unknowns, d.attempts).where(*lapsed)).one_or_none()
    if found is None:
        return
    state = after_lapse(found.unknowns, resends)
    values: dict[str, Any] = {
        "unknowns": found.unknowns + 1,
        "state": state,
        "lease_owner": None,
        "lease_until": None,
    }
    if state is DigestState.UNKNOWN:
        values |= {"due_at": None, "sentence": unseen_words(found.unknowns + 1)}
    # Two may have seen it lapse: the first of them notes it.
    mine = sa.update(digests).where(*lapsed, d.unknowns == found.unknowns).values(values)
    if conn.execute(mine).rowcount != 1:
        return
    logger.info("Digest %s: nobody saw how attempt %s ended; it is %s now", digest_id, found.attempts, state.value)
    conn.execute(
        sa.update(deliveries)
        .where(deliveries.c.digest_id == digest_id, deliveries.c.attempt == found.attempts)
        .values(outcome=DeliveryOutcome.UNKNOWN, ended_at=now)
    )


def values_of(digest: FrozenDigest) -> dict[str, Any]:
    """The columns of a digest that is frozen now."""
    return {
        "subscription_id": digest.subscription_id,
        "local_date": digest.local_date,
        "through_date": digest.through_date,
        "subject": digest.subject,
        "message_id": digest.message_id,
        "recipient": digest.recipient,
        "mime": digest.mime,
        "text": digest.text,
        "html": digest.html,
        "state": digest.state,
        "kind": digest.kind,
        "about": digest.about,
        "sentence": digest.sentence,
        "created_at": digest.created_at,
        "due_at": digest.created_at if digest.state == DigestState.READY else None,
    }


def _one(conn: sa.Connection, digest_id: int) -> FrozenDigest:
    row = conn.execute(sa.select(digests).where(digests.c.id == digest_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no digest {digest_id}.", command="`hypewatch digest status` lists them.")
    return frozen_digest(row)


def _for_date(conn: sa.Connection, subscription_id: int, local_date: str) -> FrozenDigest | None:
    """The digest that speaks for this date: its own, or a catch-up of several."""
    d = digests.c
    statement = (
        sa.select(digests)
        .where(
            d.subscription_id == subscription_id,
            d.kind == DigestKind.DAILY,
            d.local_date <= local_date,
            d.through_date >= local_date,
        )
        .order_by(d.local_date.desc())
        .limit(1)
    )
    row = conn.execute(statement).mappings().one_or_none()
    return None if row is None else frozen_digest(row)


def frozen_digest(row: sa.RowMapping) -> FrozenDigest:
    """A digest as its row tells it."""
    return FrozenDigest(
        id=row["id"],
        subscription_id=row["subscription_id"],
        local_date=row["local_date"],
        through_date=row["through_date"],
        subject=row["subject"],
        message_id=row["message_id"],
        recipient=row["recipient"],
        mime=bytes(row["mime"]),
        text=row["text"],
        html=row["html"],
        state=DigestState(row["state"]),
        created_at=row["created_at"],
        kind=DigestKind(row["kind"]),
        about=row["about"],
        attempts=row["attempts"],
        unknowns=row["unknowns"],
        not_before=row["not_before"],
        sentence=row["sentence"],
        withdrawn=row["withdrawn"],
        lease=row["lease_owner"] or "",
    )
