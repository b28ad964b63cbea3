"""Mentions that a change of the rules can reach: found by the search index, newest first; all others only take its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.items.mention_id import first_id
from monitor.core.mention import DISMISSED, FlagState, Mention, StoredText, Verdict
from monitor.core.search import nodes as q
from monitor.storage.database import CHUNK
from monitor.storage.items.mentions import load
from monitor.storage.search import Search
from monitor.storage.tables import flags, mentions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.drift.difference import NearChange
    from monitor.core.evaluation.candidates import Candidates
    from monitor.storage.database import Database


class CandidateRows:
    """Store: candidates, count_candidates, texts_of, mentions_of, stamp_others, stamp, judged_by, standing_of."""

    _db: Database

    def candidates(
        self, wanted: Candidates, *, since: datetime | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[StoredText]:
        with self._db.read() as conn:
            ids = self._newest(conn, wanted, since, before, limit)
            return _texts(conn, ids, wanted.near)

    def _newest(
        self, conn: sa.Connection, wanted: Candidates, since: datetime | None, before: int | None, limit: int
    ) -> Sequence[int]:
        """Their numbers, newest first. Texts are read afterwards: a sort would carry them along."""
        if wanted.found is not None and wanted.near is None:
            # Inside the index the newest come first, and no more than are asked for are looked at.
            moment = () if since is None else (q.Since(since),)
            asked = q.Query("", q.And((q.Field("study", wanted.study_id), wanted.found, *moment)))
            return Search(self._db, conn, asked).newest(limit, before=before)
        key = mentions.c.id
        chosen = sa.select(key).where(mentions.c.study_id == wanted.study_id, *self._reached(conn, wanted, since))
        if before is not None:
            chosen = chosen.where(key < before)
        return conn.scalars(chosen.order_by(key.desc()).limit(limit)).all()

    def count_candidates(self, wanted: Candidates, *, since: datetime | None = None) -> int:
        chosen = sa.select(sa.func.count()).select_from(mentions).where(mentions.c.study_id == wanted.study_id)
        with self._db.read() as conn:
            return int(conn.scalar(chosen.where(*self._reached(conn, wanted, since))) or 0)

    def texts_of(self, ids: Sequence[int], near: NearChange | None = None) -> Sequence[StoredText]:
        with self._db.read() as conn:
            return _texts(conn, ids, near)

    def mentions_of(self, ids: Sequence[int]) -> Sequence[Mention]:
        with self._db.read() as conn:
            return tuple(load(conn, ids, closed=True))

    def stamp_others(self, wanted: Candidates, *, old: str, new: str) -> int:
        m = mentions.c
        with self._db.write() as conn:
            self._db.one_writer(conn)
            reached = self._reached(conn, wanted, None)
            if not reached:
                return 0  # every mention can be judged differently
            alike = sa.update(mentions).where(m.study_id == wanted.study_id, m.ruleset == old)
            stamped = conn.execute(alike.where(sa.not_(reached[0])).values(ruleset=new)).rowcount
            mine = sa.select(m.id).where(m.study_id == wanted.study_id, m.ruleset == new)
            held = sa.update(flags).where(flags.c.ruleset == old, flags.c.state == FlagState.ACTIVE)
            conn.execute(held.where(flags.c.mention_id.in_(mine)).values(ruleset=new))
            return stamped

    def stamp(self, ids: Collection[int], *, old: str, new: str) -> None:
        chosen = sorted(ids)
        with self._db.write() as conn:
            self._db.one_writer(conn)
            for at in range(0, len(chosen), CHUNK):
                chunk = chosen[at : at + CHUNK]
                # Its text may have changed since it was looked at: then it was judged by the newest rules.
                alike = sa.select(mentions.c.id).where(mentions.c.id.in_(chunk), mentions.c.ruleset == old)
                held = sa.update(flags).where(flags.c.mention_id.in_(alike), flags.c.state == FlagState.ACTIVE)
                conn.execute(held.values(ruleset=new))
                conn.execute(sa.update(mentions).where(mentions.c.id.in_(alike)).values(ruleset=new))

    def judged_by(self, study_id: str) -> Mapping[str, int]:
        m = mentions.c
        chosen = sa.select(m.ruleset, sa.func.count().label("n")).where(m.study_id == study_id).group_by(m.ruleset)
        with self._db.read() as conn:
            return {row.ruleset: row.n for row in conn.execute(chosen)}

    def standing_of(self, study_id: str, rules: Collection[str], since: datetime | None) -> tuple[int, int, int]:
        m, f = mentions.c, flags.c
        each = (
            sa.select(f.mention_id, f.fingerprint, sa.func.max(f.review).label("review"))
            .join_from(flags, mentions, m.id == f.mention_id)
            .where(m.study_id == study_id, f.state == FlagState.ACTIVE, f.rule.in_(sorted(rules)), *_since(since))
            .group_by(f.mention_id, f.fingerprint)
            .subquery()
        )
        verdicts = (Verdict.UPHELD, DISMISSED[0])
        counts = [sa.func.sum(sa.case((each.c.review == verdict, 1), else_=0)) for verdict in verdicts]
        with self._db.read() as conn:
            kept, upheld, dismissed = conn.execute(sa.select(sa.func.count(), *counts).select_from(each)).one()
        return int(kept), int(upheld or 0), int(dismissed or 0)

    def _reached(self, conn: sa.Connection, wanted: Candidates, since: datetime | None) -> list[sa.ColumnElement[bool]]:
        """What holds of a mention that the change can reach; nothing need, if it can reach all. The first is about the change."""
        if wanted.found is None:
            return _since(since)
        found = Search(self._db, conn, q.Query("", wanted.found))
        words = mentions.c.id.in_(sa.select(found.key).select_from(found.table).where(*found.where))
        near = _near(wanted.near) if wanted.near else []
        return [sa.or_(words, *near), *_since(since)]


def _texts(conn: sa.Connection, ids: Sequence[int], near: NearChange | None) -> tuple[StoredText, ...]:
    """The texts of mentions, newest first; those that are gone are left out."""
    m = mentions.c
    says = sa.false() if near is None else sa.or_(*_near(near))
    found: list[StoredText] = []
    for at in range(0, len(ids), CHUNK):
        chosen = sa.select(m.id, m.title, m.text, m.ruleset, says.label("near")).where(m.id.in_(ids[at : at + CHUNK]))
        found.extend(
            StoredText(id=row.id, title=row.title, text=row.text, ruleset=row.ruleset, near=bool(row.near))
            for row in conn.execute(chosen)
        )
    return tuple(sorted(found, key=lambda text: -text.id))


def _since(since: datetime | None) -> list[sa.ColumnElement[bool]]:
    m = mentions.c
    return [] if since is None else [m.id >= first_id(since), m.published >= since]


def _near(near: NearChange) -> list[sa.ColumnElement[bool]]:
    """Mentions whose flags by the second reader alone may carry another finding, or come and go with its days."""
    held = sa.select(flags.c.mention_id).where(
        flags.c.rule == near.rule,
        flags.c.drift.in_(sorted(drift.value for drift in near.drifts)),
        flags.c.state == FlagState.ACTIVE,
    )
    found: list[sa.ColumnElement[bool]] = [mentions.c.id.in_(held)]
    if near.before is not None:
        found.append(mentions.c.published < near.before)
    if near.after is not None:
        found.append(mentions.c.published >= near.after)
    return found
