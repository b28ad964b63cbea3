"""Back-tests as rows: begun, gone on with under a lease, stopped, and what each would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.evaluation.backtest import (
    Backtest,
    BacktestState,
    Change,
    ChangeKind,
    Grade,
    Labelled,
    Tally,
)
from monitor.core.judgement import Severity
from monitor.core.mention import Verdict
from monitor.core.model import Work
from monitor.storage.tables import backtest_changes, backtests
from monitor.storage.work import claim, crashed_often, is_due, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.storage.database import Database

_CHANGE = (
    "mention_id",
    "rule",
    "drift",
    "quote",
    "sentence",
    "start",
    "end",
    "source",
)
CRASHED = "Three processes that looked through mentions for it were ended. Begin it again; `hypewatch doctor` looks for the cause."
_COUNTS = (
    "total",
    "seen",
    "judged",
    "cursor",
    "gained",
    "lost",
    "changed",
    "kept",
    "lost_upheld",
    "seconds",
    "sentence",
)


class BacktestRows:
    """Store: add_backtest, backtest, backtests, claim_backtest, save_backtest, stop_backtest."""

    _db: Database

    def add_backtest(self, found: Backtest) -> Backtest:
        values = {
            "study_id": found.study_id,
            "base": found.base,
            "files": dict(found.files),
            "since": found.since,
            "author": found.author,
            "at": found.at,
            "due_at": found.at,
            **_values(found),
        }
        with self._db.write() as conn:
            backtest_id = conn.execute(sa.insert(backtests).values(values).returning(backtests.c.id)).scalar_one()
            _add_changes(conn, backtest_id, 0, found.changes)
            return _load(conn, backtest_id)

    def backtest(self, backtest_id: int) -> Backtest:
        with self._db.read() as conn:
            return _load(conn, backtest_id)

    def backtests(self, limit: int = 20) -> Sequence[Backtest]:
        with self._db.read() as conn:
            ids = conn.scalars(sa.select(backtests.c.id).order_by(backtests.c.id.desc()).limit(limit)).all()
            return tuple(_load(conn, backtest_id) for backtest_id in ids)

    def claim_backtest(self, backtest_id: int, owner: str, now: datetime, ttl: timedelta) -> Backtest | None:
        with self._db.write() as conn:
            if crashed_often(conn, backtests, backtest_id, now):
                failed = {"state": BacktestState.FAILED, "sentence": CRASHED}
                conn.execute(sa.update(backtests).where(backtests.c.id == backtest_id).values(failed))
                return None
            more = [*is_due(backtests, now), *standing(Work.BACKTEST, now)]
            row = claim(conn, backtests, backtest_id, owner, now, ttl, *more)
            return None if row is None else _backtest(row, _changes(conn, backtest_id))

    def save_backtest(self, found: Backtest, more: Sequence[Change], *, now: datetime, until: datetime | None) -> bool:
        b = backtests.c
        work: dict[str, Any] = {"attempts": 0, "due_at": now, "lease_until": until}
        if until is None:
            work["lease_owner"] = None
        mine = sa.update(backtests).where(b.id == found.id, b.lease_owner == found.lease, *standing(Work.BACKTEST, now))
        with self._db.write() as conn:
            if conn.execute(mine.values(_values(found) | work)).rowcount != 1:
                return False
            known = sa.select(sa.func.max(backtest_changes.c.number)).where(backtest_changes.c.backtest_id == found.id)
            last = conn.scalar(known)
            first = 0 if last is None else last + 1
            _add_changes(conn, found.id, first, more)
            return True

    def stop_backtest(self, backtest_id: int) -> Backtest:
        b = backtests.c
        values = {"state": BacktestState.STOPPED, "lease_owner": None, "lease_until": None}
        with self._db.write() as conn:
            conn.execute(
                sa.update(backtests).where(b.id == backtest_id, b.state == BacktestState.RUNNING).values(values)
            )
            return _load(conn, backtest_id)


def _values(found: Backtest) -> dict[str, Any]:
    """What changes while it runs."""
    labelled = [found.labelled_before, found.labelled_after]
    return {name: getattr(found, name) for name in _COUNTS} | {
        "rules": list(found.rules),
        "state": found.state,
        "reviewed": [[tally.right, tally.of] for tally in (found.reviewed_before, found.reviewed_after)],
        "labelled": [None if one is None else [one.right, one.flagged, one.drifting] for one in labelled],
    }


def _add_changes(conn: sa.Connection, backtest_id: int, first: int, more: Sequence[Change]) -> None:
    rows = [
        {name: getattr(change, name) for name in _CHANGE}
        | {
            "backtest_id": backtest_id,
            "number": number,
            "gained": change.kind is ChangeKind.GAINED,
            "severity": change.grade.severity,
            "confidence": change.grade.confidence,
            "mailed": change.grade.mailed,
            "severity_before": change.before and change.before.severity,
            "confidence_before": change.before and change.before.confidence,
            "mailed_before": change.before and change.before.mailed,
            "place": change.where,
            "published": change.published,
            "review": change.review,
        }
        for number, change in enumerate(more, start=first)
    ]
    if rows:
        conn.execute(sa.insert(backtest_changes), rows)


def _load(conn: sa.Connection, backtest_id: int) -> Backtest:
    row = conn.execute(sa.select(backtests).where(backtests.c.id == backtest_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no back-test {backtest_id}.", command="`hypewatch rules backtest` begins one.")
    return _backtest(row, _changes(conn, backtest_id))


def _changes(conn: sa.Connection, backtest_id: int) -> tuple[Change, ...]:
    c = backtest_changes.c
    chosen = sa.select(backtest_changes).where(c.backtest_id == backtest_id).order_by(c.number)
    return tuple(
        Change(
            **{name: row[name] for name in _CHANGE},
            kind=_kind(row),
            grade=Grade(Severity(row["severity"]), row["confidence"], row["mailed"]),
            before=_before(row),
            where=row["place"],
            published=row["published"],
            review=None if row["review"] is None else Verdict(row["review"]),
        )
        for row in conn.execute(chosen).mappings()
    )


def _kind(row: sa.RowMapping) -> ChangeKind:
    if row["severity_before"] is not None:
        return ChangeKind.CHANGED
    return ChangeKind.GAINED if row["gained"] else ChangeKind.LOST


def _before(row: sa.RowMapping) -> Grade | None:
    severity = row["severity_before"]
    return None if severity is None else Grade(Severity(severity), row["confidence_before"], row["mailed_before"])


def _backtest(row: sa.RowMapping, changes: tuple[Change, ...]) -> Backtest:
    before, after = (Tally(*pair) for pair in row["reviewed"])
    labelled_before, labelled_after = (None if one is None else Labelled(*one) for one in row["labelled"])
    return Backtest(
        id=row["id"],
        study_id=row["study_id"],
        base=row["base"],
        files=row["files"],
        since=row["since"],
        author=row["author"],
        at=row["at"],
        rules=tuple(row["rules"]),
        state=BacktestState(row["state"]),
        reviewed_before=before,
        reviewed_after=after,
        labelled_before=labelled_before,
        labelled_after=labelled_after,
        changes=changes,
        lease=row["lease_owner"] or "",
        kept_at=row["due_at"],
        held_until=row["lease_until"],
        **{name: row[name] for name in _COUNTS},
    )
