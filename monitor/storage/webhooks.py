"""Other programs that are told: who, of what they have not been told yet, and their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.errors import NotFoundError
from monitor.core.model import Work
from monitor.core.outgoing.hook import Call, CallState, Event, Hook, Service, ToldDigest, ToldFlag
from monitor.storage import search_index as index
from monitor.storage.tables import digests, edition_mentions, flags, mentions, subscriptions, webhook_calls, webhooks
from monitor.storage.work import claim, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.core.outgoing.hook import AfterCall, NewCall
    from monitor.storage.database import Database


class WebhookRows:
    """Store: webhooks and their calls."""

    _db: Database

    def add_webhook(
        self, service: Service, url: str, *, secret: str, events: Sequence[Event], study_id: str, now: datetime
    ) -> Hook:
        values = {
            "service": service,
            "url": url,
            "secret": secret,
            "events": [event.value for event in events],
            "study_id": study_id,
            "since": now,
        }
        with self._db.write() as conn:
            return _hook(conn.execute(sa.insert(webhooks).values(values).returning(*webhooks.c)).mappings().one())

    def webhooks(self) -> Sequence[Hook]:
        with self._db.read() as conn:
            return tuple(_hook(row) for row in conn.execute(sa.select(webhooks).order_by(webhooks.c.id)).mappings())

    def remove_webhook(self, hook_id: int) -> None:
        with self._db.write() as conn:
            if conn.execute(sa.delete(webhooks).where(webhooks.c.id == hook_id)).rowcount != 1:
                raise _unknown(hook_id)

    def flags_to_tell(self, hook: Hook, since: datetime) -> Sequence[ToldFlag]:
        """Oldest first."""
        m, f = mentions.c, flags.c
        statement = (
            sa.select(f.id, f.mention_id, m.story_id, m.published)
            .join_from(flags, mentions, m.id == f.mention_id)
            .where(f.raised_at >= max(since, hook.since), index.confirmed())
            .order_by(f.raised_at, f.id)
        )
        if hook.study_id:
            statement = statement.where(m.study_id == hook.study_id)
        with self._db.read() as conn:
            return tuple(
                ToldFlag(row.id, row.mention_id, row.story_id, row.published) for row in conn.execute(statement)
            )

    def digests_to_tell(self, hook: Hook, since: datetime) -> Sequence[ToldDigest]:
        """Oldest first."""
        d, s = digests.c, subscriptions.c
        count = (
            sa.select(sa.func.count())
            .where(edition_mentions.c.edition_id == d.edition_id)
            .correlate(digests)
            .scalar_subquery()
        )
        statement = (
            sa.select(d.id, s.study_id, d.local_date, count.label("mentions"))
            .join_from(digests, subscriptions, s.id == d.subscription_id)
            .where(
                d.created_at >= max(since, hook.since),
                d.state == DigestState.SENT,
                d.kind == DigestKind.DAILY,  # reports and urgent mails tell again what was told
            )
            .order_by(d.created_at, d.id)
        )
        if hook.study_id:
            statement = statement.where(s.study_id == hook.study_id)
        with self._db.read() as conn:
            return tuple(
                ToldDigest(row.id, row.study_id, row.local_date, row.mentions) for row in conn.execute(statement)
            )

    def calls_made(self, hook_id: int, since: datetime) -> Sequence[tuple[str, datetime]]:
        c = webhook_calls.c
        statement = sa.select(c.key, c.created_at).where(c.webhook_id == hook_id, c.created_at >= since)
        with self._db.read() as conn:
            return tuple((row.key, row.created_at) for row in conn.execute(statement))

    def add_calls(self, hook_id: int, calls: Sequence[NewCall], now: datetime) -> int:
        rows = [
            {
                "webhook_id": hook_id,
                "event": call.event,
                "key": call.key,
                "message_id": call.message_id,
                "body": call.body,
                "mention_id": call.mention_id,
                "state": CallState.WAITING,
                "created_at": now,
                "due_at": now,
            }
            for call in calls
        ]
        with self._db.write() as conn:
            there = conn.scalar(sa.select(webhooks.c.id).where(webhooks.c.id == hook_id))
            if there is None:  # removed meanwhile
                return 0
            wish = self._db.insert(webhook_calls).on_conflict_do_nothing().returning(webhook_calls.c.id)
            return sum(conn.execute(wish.values(row)).first() is not None for row in rows)

    def calls(self, state: CallState | None = None, limit: int = 100) -> Sequence[Call]:
        """Newest first."""
        statement = sa.select(webhook_calls).order_by(webhook_calls.c.id.desc()).limit(limit)
        if state is not None:
            statement = statement.where(webhook_calls.c.state == state)
        with self._db.read() as conn:
            return tuple(_call(row) for row in conn.execute(statement).mappings())

    def claim_call(self, call_id: int, owner: str, now: datetime, ttl: timedelta) -> tuple[Hook, Call] | None:
        c = webhook_calls.c
        ready = sa.or_(c.not_before.is_(None), c.not_before <= now)
        with self._db.write() as conn:
            row = claim(conn, webhook_calls, call_id, owner, now, ttl, ready, *standing(Work.CALL, now))
            if row is None:
                return None
            hook = conn.execute(sa.select(webhooks).where(webhooks.c.id == row["webhook_id"])).mappings().one()
            return _hook(hook), _call(row)

    def finish_call(self, call: Call, after: AfterCall, error: str) -> bool:
        c = webhook_calls.c
        waits = after.state is CallState.WAITING
        values = {
            "state": after.state,
            "due_at": c.due_at if waits else None,
            "not_before": after.not_before,
            "last_error": error,
            "lease_owner": None,
            "lease_until": None,
        }
        others = sa.and_(c.webhook_id == call.hook_id, c.state == CallState.WAITING, c.id != call.id)
        with self._db.write() as conn:
            mine = sa.update(webhook_calls).where(c.id == call.id, c.lease_owner == call.lease, c.lease_owner != "")
            if conn.execute(mine.values(values)).rowcount != 1:
                return False
            if waits:  # who does not take one takes no other: they wait with it, and their attempts are not used up
                later = sa.or_(c.not_before.is_(None), c.not_before < after.not_before)
                conn.execute(
                    sa.update(webhook_calls)
                    .where(others, later, c.lease_owner.is_(None))
                    .values(not_before=after.not_before)
                )
            elif after.state is CallState.SENT:  # it takes them again
                conn.execute(sa.update(webhook_calls).where(others, c.attempts == 0).values(not_before=None))
            if after.disabled:
                conn.execute(sa.update(webhooks).where(webhooks.c.id == call.hook_id).values(disabled=after.disabled))
                dead = {"state": CallState.DEAD, "due_at": None, "last_error": after.disabled}
                conn.execute(sa.update(webhook_calls).where(others).values(dead))
            return True

    def call_again(self, call_id: int, now: datetime) -> None:
        c = webhook_calls.c
        values = {"state": CallState.WAITING, "due_at": now, "not_before": None, "attempts": 0}
        with self._db.write() as conn:
            hook_id = conn.scalar(
                sa.update(webhook_calls)
                .where(c.id == call_id, c.state == CallState.DEAD)
                .values(values)
                .returning(c.webhook_id)
            )
            if hook_id is None:
                raise NotFoundError(
                    f"There is no call {call_id} that was given up.", command="`hypewatch webhooks list` shows them."
                )
            conn.execute(sa.update(webhooks).where(webhooks.c.id == hook_id).values(disabled=""))


def _unknown(hook_id: int) -> NotFoundError:
    return NotFoundError(f"There is no webhook {hook_id}.", command="`hypewatch webhooks list` shows those there are.")


def _hook(row: sa.RowMapping) -> Hook:
    return Hook(
        id=row["id"],
        service=Service(row["service"]),
        url=row["url"],
        secret=row["secret"],
        events=tuple(Event(name) for name in row["events"]),
        study_id=row["study_id"],
        since=row["since"],
        disabled=row["disabled"],
    )


def _call(row: sa.RowMapping) -> Call:
    return Call(
        id=row["id"],
        hook_id=row["webhook_id"],
        event=Event(row["event"]),
        key=row["key"],
        message_id=row["message_id"],
        body=bytes(row["body"]),
        state=CallState(row["state"]),
        created_at=row["created_at"],
        attempts=row["attempts"],
        not_before=row["not_before"],
        last_error=row["last_error"],
        lease=row["lease_owner"] or "",
    )
