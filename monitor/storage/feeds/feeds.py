"""Feeds: their addresses, schedule and health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.backlog import FeedCounts
from monitor.core.errors import NotFoundError
from monitor.core.feed import Feed, FeedForPoll, PollRecord, Validators
from monitor.core.model import FeedKind, Outcome, Reason, Work
from monitor.storage.tables import entries, feeds, polls, storable
from monitor.storage.work import claim, crashed_often, is_due, standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.storage.database import Database

#: How often a feed is asked at first; the plan moves it from there.
FIRST_INTERVAL = timedelta(minutes=15)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FeedRows:
    """Store: feeds and the record of their polls."""

    _db: Database

    def add_feed(
        self,
        kind: FeedKind,
        url: str,
        *,
        title: str = "",
        lang: str = "",
        weight: int | None = None,
        now: datetime,
        interval: timedelta | None = None,
    ) -> Feed:
        values = {
            "kind": kind.value,
            "url": url,
            "title": title,
            "lang": lang,
            "weight": weight,
            "interval": (interval or FIRST_INTERVAL) // MICROSECOND,
            "created_at": now,
            "due_at": now,
        }
        with self._db.write() as conn:
            # One that was removed comes back as what is asked for now; one that is there stays as it is.
            added = (
                self._db.insert(feeds)
                .values(values)
                .on_conflict_do_update(
                    index_elements=["kind", "url"],
                    set_={**values, "removed": False, "paused": False, "quarantined": False, "not_before": None},
                    where=feeds.c.removed,
                )
            )
            conn.execute(added)
            feed_id = conn.scalar(sa.select(feeds.c.id).where(feeds.c.kind == kind.value, feeds.c.url == url))
            return _one(conn, feed_id)

    def feed(self, feed_id: int) -> Feed:
        with self._db.read() as conn:
            return _one(conn, feed_id)

    def feeds(self) -> Sequence[Feed]:
        with self._db.read() as conn:
            return tuple(stored_feed(row) for row in conn.execute(_select().order_by(feeds.c.id)).mappings())

    def feed_counts(self) -> FeedCounts:
        f = feeds.c
        state = sa.case(
            (f.paused, "paused"), (f.last_polled_at.is_(None), "new"), (f.failing > 0, "failing"), else_="well"
        )
        chosen = sa.select(state.label("state"), sa.func.count().label("n")).where(~f.removed).group_by(state)
        newest = sa.select(sa.func.max(f.last_success_at, type_=f.last_success_at.type)).where(~f.removed)
        with self._db.read() as conn:
            counts = {row.state: row.n for row in conn.execute(chosen)}
            return FeedCounts(
                **{name: counts.get(name, 0) for name in ("well", "failing", "new", "paused")},
                last_success_at=conn.scalar(newest),
            )

    def set_feed(
        self,
        feed_id: int,
        *,
        paused: bool | None = None,
        due_at: datetime | None = None,
        title: str | None = None,
        lang: str | None = None,
        weight: int | None = None,
    ) -> None:
        given = {"paused": paused, "title": title and storable(title), "lang": lang}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if weight is not None:
            values["weight"] = weight or None
        if due_at is not None:
            values |= {"due_at": due_at, "not_before": None, "quarantined": False, "attempts": 0}
        with self._db.write() as conn:
            _must(conn.execute(_this(feed_id).values(values or {"id": feed_id})), feed_id)

    def remove_feed(self, feed_id: int) -> None:
        with self._db.write() as conn:
            _must(conn.execute(_this(feed_id).values(removed=True, lease_owner=None, lease_until=None)), feed_id)

    def claim_feed(
        self, feed_id: int, owner: str, now: datetime, ttl: timedelta, *, force: bool = False
    ) -> FeedForPoll | None:
        # Asked for by a person, a feed is read though it is not due, paused or quarantined; held is held.
        more = [sa.not_(feeds.c.removed)] if force else [*is_due(feeds, now), *standing(Work.POLL, now)]
        with self._db.write() as conn:
            if not force and crashed_often(conn, feeds, feed_id, now):
                return None
            row = claim(conn, feeds, feed_id, owner, now, ttl, *more)
        return None if row is None else _for_poll(row)

    def neighbours(self, feed_id: int, host: str, *, since: datetime) -> Sequence[int | None]:
        at_host = [feeds.c.url.istartswith(f"{scheme}://{host}/", autoescape=True) for scheme in ("https", "http")]
        statement = sa.select(feeds.c.last_status).where(
            feeds.c.kind == FeedKind.FEED.value,
            sa.not_(feeds.c.removed),
            sa.not_(feeds.c.paused),
            feeds.c.id != feed_id,
            feeds.c.last_polled_at >= since,
            sa.or_(*at_host),
        )
        with self._db.read() as conn:
            return tuple(conn.scalars(statement))

    def daily_entries(self, now: datetime, days: int) -> Mapping[int, Sequence[int]]:
        with self._db.read() as conn:
            return daily_entries(conn, now, days)

    def poll_outcomes(self, feed_id: int, limit: int = 30) -> Sequence[PollRecord]:
        statement = (
            sa.select(polls)
            .where(polls.c.feed_id == feed_id)
            .order_by(polls.c.at.desc(), polls.c.id.desc())
            .limit(limit)
        )
        with self._db.read() as conn:
            if conn.scalar(sa.select(feeds.c.id).where(feeds.c.id == feed_id)) is None:
                raise _unknown(feed_id)
            return tuple(
                PollRecord(
                    at=row["at"],
                    outcome=Outcome(row["outcome"]),
                    sentence=row["sentence"],
                    new=row["new"],
                    changed=row["changed"],
                    same=row["same"],
                    seconds=row["seconds"],
                    reason=_reason(row["reason"]),
                )
                for row in conn.execute(statement).mappings()
            )


def daily_entries(conn: sa.Connection, now: datetime, days: int) -> Mapping[int, Sequence[int]]:
    """Store.daily_entries, for a digest too. The index (feed_id, first_seen) answers it alone."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight - timedelta(days=days - 1)
    moment = entries.c.first_seen
    # Whole microseconds since 1970 divided by those of a day: the number of the UTC day.
    day = (sa.type_coerce(moment, sa.BigInteger) // sa.literal(DAY // MICROSECOND, sa.BigInteger)).label("day")
    statement = (
        sa.select(entries.c.feed_id, day, sa.func.count().label("brought"))
        .where(moment >= begin, moment <= now)
        .group_by(entries.c.feed_id, day)
    )
    first = (begin - EPOCH) // DAY
    found: dict[int, list[int]] = {}
    for row in conn.execute(statement):
        found.setdefault(row.feed_id, [0] * days)[row.day - first] = row.brought
    return found


def _this(feed_id: int) -> sa.Update:
    return sa.update(feeds).where(feeds.c.id == feed_id, sa.not_(feeds.c.removed))


def _must(result: sa.CursorResult[Any], feed_id: int) -> None:
    if result.rowcount == 0:
        raise _unknown(feed_id)


def _unknown(feed_id: int) -> NotFoundError:
    return NotFoundError(f"There is no feed {feed_id}.", command="`hypewatch feeds list` shows them.")


def _select() -> sa.Select[Any]:
    count = sa.select(sa.func.count()).where(entries.c.feed_id == feeds.c.id).scalar_subquery()
    return sa.select(feeds, count.label("entries")).where(sa.not_(feeds.c.removed))


def _one(conn: sa.Connection, feed_id: int | None) -> Feed:
    row = conn.execute(_select().where(feeds.c.id == feed_id)).mappings().one_or_none()
    if row is None:
        raise _unknown(feed_id or 0)
    return stored_feed(row)


def stored_feed(row: Mapping[Any, Any]) -> Feed:
    """A feed from its row with its `entries` counted."""
    return Feed(
        id=row["id"],
        kind=FeedKind(row["kind"]),
        url=row["url"],
        title=row["title"],
        lang=row["lang"],
        weight=row["weight"],
        paused=row["paused"],
        interval=row["interval"] * MICROSECOND,
        failing=row["failing"],
        due_at=row["due_at"],
        not_before=row["not_before"],
        last_polled_at=row["last_polled_at"],
        last_success_at=row["last_success_at"],
        last_outcome=_outcome(row),
        last_status=row["last_status"],
        last_sentence=row["last_sentence"],
        last_reason=_reason(row["last_reason"]),
        entries=row["entries"],
        quarantined=row["quarantined"],
    )


def _for_poll(row: sa.RowMapping) -> FeedForPoll:
    return FeedForPoll(
        id=row["id"],
        kind=FeedKind(row["kind"]),
        url=row["url"],
        title=row["title"],
        lang=row["lang"],
        paused=row["paused"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        body_hash=row["body_hash"],
        polls_since_full=row["polls_since_full"],
        cursor=row["cursor"],
        interval=row["interval"] * MICROSECOND,
        failing=row["failing"],
        due_at=row["due_at"],
        not_before=row["not_before"],
        last_success_at=row["last_success_at"],
        last_outcome=_outcome(row),
        last_sentence=row["last_sentence"],
        weight=row["weight"],
        lease=row["lease_owner"],
    )


#: As rows hold them.
_REASONS: Mapping[str, Reason] = {reason.value: reason for reason in Reason}


def _outcome(row: Mapping[Any, Any]) -> Outcome | None:
    return Outcome(row["last_outcome"]) if row["last_outcome"] else None


def _reason(value: str | None) -> Reason | None:
    """A reason as stored; one of a newer version is none that this one can say anything about."""
    return _REASONS.get(value or "")
