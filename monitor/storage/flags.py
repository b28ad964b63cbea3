"""Flags and their life: raised at a revision, closed as fixed or withdrawn, reviewed by people."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift, Flag, Reference, Severity, Span
from monitor.core.mention import Review, StoredFlag
from monitor.storage import index
from monitor.storage.tables import flags, moved_flags, reviews, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.judgement import Assessment
    from monitor.storage.database import Database


class FlagRows:
    """Store: flags and reviews."""

    _db: Database

    def flag(self, flag_id: int, *, as_of: datetime | None = None) -> StoredFlag:
        with self._db.read() as conn:
            row = _row(conn, flag_id)
            # SQLite gives the number of a deleted row again: what was raised later is another flag.
            if row is None or (as_of is not None and row["raised_at"] > as_of):
                moved = conn.scalar(sa.select(moved_flags.c.flag_id).where(moved_flags.c.old_id == flag_id))
                row = None if moved is None else _row(conn, moved)
        if row is None:
            raise _unknown(flag_id)
        return stored_flag(row)

    def review(self, review: Review) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            mention_id = conn.scalar(sa.select(flags.c.mention_id).where(flags.c.id == review.flag_id))
            if mention_id is None:
                raise _unknown(review.flag_id)
            values = {
                "flag_id": review.flag_id,
                "verdict": review.verdict,
                "by": review.by,
                "at": review.at,
                "why": review.why,
            }
            conn.execute(self._db.insert(reviews).values(values).on_conflict_do_nothing())
            set_newest_review(conn, review.flag_id)
            index.put(self._db, conn, [mention_id])

    def reviews(self, flag_id: int) -> Sequence[Review]:
        statement = (
            sa.select(reviews).where(reviews.c.flag_id == flag_id).order_by(reviews.c.at.desc(), reviews.c.id.desc())
        )
        with self._db.read() as conn:
            if conn.scalar(sa.select(flags.c.id).where(flags.c.id == flag_id)) is None:
                raise _unknown(flag_id)
            return tuple(
                Review(flag_id=row.flag_id, verdict=row.verdict, by=row.by, at=row.at, why=row.why)
                for row in conn.execute(statement)
            )


def _row(conn: sa.Connection, flag_id: int) -> sa.RowMapping | None:
    return conn.execute(sa.select(flags).where(flags.c.id == flag_id)).mappings().one_or_none()


def lead_to(conn: sa.Connection, moved: Mapping[int, int]) -> None:
    """The first of each pair of flags is about to go with its mention; mails hold its number: it leads to the second."""
    for old, new in moved.items():
        conn.execute(sa.update(moved_flags).where(moved_flags.c.flag_id == old).values(flag_id=new))
        conn.execute(sa.delete(moved_flags).where(moved_flags.c.old_id == old))
        conn.execute(sa.insert(moved_flags).values(old_id=old, flag_id=new))


def _unknown(flag_id: int) -> NotFoundError:
    return NotFoundError(f"There is no flag {flag_id}.", "`hypewatch mentions show ID` lists a mention's flags.")


def set_newest_review(conn: sa.Connection, flag_id: int) -> None:
    """Keep the newest verdict beside the flag."""
    newest = (
        sa.select(reviews.c.verdict)
        .where(reviews.c.flag_id == flag_id)
        .order_by(reviews.c.at.desc(), reviews.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    conn.execute(sa.update(flags).where(flags.c.id == flag_id).values(review=newest))


def fingerprint(flag: Flag) -> str:
    """The flag's fingerprint as it is stored."""
    return storable(flag.fingerprint)


def raise_flags(
    conn: sa.Connection, assessed: Iterable[tuple[int, Assessment]], *, now: datetime, revision: int = 1
) -> None:
    """Insert the flags of mentions that have none."""
    rows = [
        _values(flag, mention_id, assessment.ruleset, now, revision)
        for mention_id, assessment in assessed
        for flag in assessment.flags
    ]
    if rows:
        conn.execute(sa.insert(flags), rows)


def judge_anew(
    conn: sa.Connection, mention_id: int, assessment: Assessment, *, now: datetime, revision: int, closed_as: str
) -> None:
    """Bring a mention's flags to what `assessment` holds, matched by fingerprint.

    A flag that still holds stays the same row, with its reviews, at its new place. One that no longer holds is closed
    as `closed_as`. One that was withdrawn and holds again is opened again; one that was fixed and is back is a new row
    with the reviews of the old one: what a person decided about these words stays decided.
    """
    active: dict[str, list[sa.RowMapping]] = defaultdict(list)
    closed: dict[str, list[sa.RowMapping]] = defaultdict(list)
    old = sa.select(flags).where(flags.c.mention_id == mention_id).order_by(flags.c.start, flags.c.id)
    for row in conn.execute(old).mappings():
        (active if row["state"] == "active" else closed)[row["fingerprint"]].append(row)
    for flag in sorted(assessment.flags, key=lambda flag: flag.span.start):
        key = fingerprint(flag)
        values = _values(flag, mention_id, assessment.ruleset, now, revision)
        kept = active[key].pop(0) if active[key] else _withdrawn(closed[key])
        if kept is not None:
            del values["raised_at"], values["raised_in"]
            conn.execute(
                sa.update(flags).where(flags.c.id == kept["id"]).values(values | {"closed_at": None, "closed_in": None})
            )
            continue
        raised = conn.execute(sa.insert(flags).values(values).returning(flags.c.id)).scalar_one()
        if closed[key]:
            _copy_reviews(conn, closed[key][-1]["id"], raised)
    gone = [row["id"] for rows in active.values() for row in rows]
    if gone:
        conn.execute(
            sa.update(flags).where(flags.c.id.in_(gone)).values(state=closed_as, closed_at=now, closed_in=revision)
        )


def _withdrawn(rows: list[sa.RowMapping]) -> sa.RowMapping | None:
    for at, row in enumerate(rows):
        if row["state"] == "withdrawn":
            return rows.pop(at)
    return None


def _copy_reviews(conn: sa.Connection, old: int, new: int) -> None:
    columns = [reviews.c.verdict, reviews.c.by, reviews.c.at, reviews.c.why]
    chosen = sa.select(sa.literal(new), *columns).where(reviews.c.flag_id == old)
    conn.execute(sa.insert(reviews).from_select(["flag_id", *columns], chosen))
    set_newest_review(conn, new)


def _values(flag: Flag, mention_id: int, ruleset: str, now: datetime, revision: int) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "fingerprint": fingerprint(flag),
        "rule": flag.rule,
        "ruleset": ruleset,
        "drift": flag.drift.value,
        "severity": flag.severity.value,
        "confidence": flag.confidence,
        "start": flag.span.start,
        "end": flag.span.end,
        "quote": flag.span.quote,
        "place": flag.span.where,
        "message": flag.message,
        "why": flag.why,
        "finding": flag.finding,
        "found": flag.found,
        "source_title": flag.source.title if flag.source else None,
        "source_url": flag.source.url if flag.source else None,
        "correction": flag.correction,
        "mailed": flag.mailed,
        "state": "active",
        "raised_at": now,
        "raised_in": revision,
    }


def stored_flag(row: sa.RowMapping) -> StoredFlag:
    """A flag from its row."""
    source = None if row["source_title"] is None else Reference(title=row["source_title"], url=row["source_url"])
    return StoredFlag(
        id=row["id"],
        mention_id=row["mention_id"],
        flag=Flag(
            rule=row["rule"],
            drift=Drift(row["drift"]),
            severity=Severity(row["severity"]),
            confidence=row["confidence"],
            span=Span(start=row["start"], end=row["end"], quote=row["quote"], where=row["place"]),
            message=row["message"],
            why=row["why"],
            finding=row["finding"],
            found=row["found"],
            source=source,
            correction=row["correction"],
            mailed=row["mailed"],
        ),
        ruleset=row["ruleset"],
        state=row["state"],
        raised_at=row["raised_at"],
        raised_in=row["raised_in"],
        closed_at=row["closed_at"],
        closed_in=row["closed_in"],
        review=row["review"],
    )
