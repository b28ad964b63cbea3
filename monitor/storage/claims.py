"""Claims over all mentions: the same wrong claim over time, who makes it, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift, Reference
from monitor.core.repetition import ClaimHistory, ClaimKey, Example, RepeatedClaim, Repeater, Wording, wordings
from monitor.storage import search_index as index
from monitor.storage.items.flags import stored_flag
from monitor.storage.items.mentions import load
from monitor.storage.items.outlets import asked, source_of
from monitor.storage.tables import flags, letters, mentions, sources
from monitor.storage.trends import date_of, published_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from monitor.storage.database import Database

#: Of a claim: outlets, wordings and examples that are told.
REPEATERS, WORDINGS, EXAMPLES = 20, 12, 12
#: Spellings that are read to find the commonest words.
SPELLINGS = 1_000


class ClaimRows:
    """Store: ports.Claims."""

    _db: Database

    def claims(self, *, limit: int = 200) -> Sequence[RepeatedClaim]:
        with self._db.read() as conn:
            return _claims(conn, index.confirmed(), limit)

    def claim(self, key: ClaimKey) -> ClaimHistory:
        with self._db.read() as conn:
            its = _is(key)
            found = _claims(conn, its, 1)
            if not found:
                raise NotFoundError("Nobody makes this claim.", "Claims lists those that somebody makes.")
            return ClaimHistory(
                claim=found[0],
                days=_days(conn, its),
                repeaters=_repeaters(conn, its),
                wordings=_wordings(conn, its),
                examples=_examples(conn, its),
            )


def _is(key: ClaimKey) -> sa.ColumnElement[bool]:
    f = flags.c
    finding = f.finding == key.finding if key.finding else sa.or_(f.finding.is_(None), f.finding == "")
    return sa.and_(index.confirmed(), mentions.c.study_id == key.study_id, f.drift == key.drift.value, finding)


def _claims(conn: sa.Connection, which: sa.ColumnElement[bool], limit: int) -> tuple[RepeatedClaim, ...]:
    f, m = flags.c, mentions.c
    finding = sa.func.coalesce(f.finding, "").label("finding")
    key = (m.study_id, f.drift, finding)
    joined = sa.join(flags, mentions, m.id == f.mention_id)
    # First by outlet, so that those who repeat it are counted in the same pass.
    by_outlet = (
        sa.select(
            *key,
            sa.func.count(f.mention_id.distinct()).label("times"),
            sa.func.min(m.published).label("first"),
            sa.func.max(m.published).label("last"),
            sa.func.max(f.id).label("newest"),
        )
        .select_from(joined)
        .where(which)
        .group_by(*key, m.source_id)
        .subquery()
    )
    c = by_outlet.c
    chosen = (
        sa.select(
            c.study_id,
            c.drift,
            c.finding,
            sa.func.sum(c.times).label("mentions"),
            sa.func.count().label("outlets"),
            sa.func.sum(sa.case((c.times > 1, 1), else_=0)).label("repeaters"),
            sa.type_coerce(sa.func.min(c.first), m.published.type).label("first"),
            sa.type_coerce(sa.func.max(c.last), m.published.type).label("last"),
            sa.func.max(c.newest).label("newest"),
        )
        .group_by(c.study_id, c.drift, c.finding)
        .order_by(sa.desc("mentions"), sa.desc("last"), c.study_id, c.drift, c.finding)
        .limit(limit)
    )
    rows = conn.execute(chosen).all()
    newest = {row.id: row for row in conn.execute(sa.select(flags).where(f.id.in_([row.newest for row in rows])))}
    return tuple(_claim(row, newest[row.newest]) for row in rows)


def _claim(row: Any, flag: Any) -> RepeatedClaim:
    return RepeatedClaim(
        key=ClaimKey(row.study_id, Drift(row.drift), row.finding),
        mentions=int(row.mentions),
        outlets=int(row.outlets),
        repeaters=int(row.repeaters),
        first=row.first,
        last=row.last,
        quote=flag.quote,
        found=flag.found,
        correction=flag.correction,
        source=Reference(title=flag.source_title, url=flag.source_url) if flag.source_title else None,
    )


def _days(conn: sa.Connection, its: sa.ColumnElement[bool]) -> tuple[tuple[date, int], ...]:
    day, times = published_day(), sa.func.count(flags.c.mention_id.distinct()).label("times")
    by_day = (
        sa.select(day, times).join_from(flags, mentions, mentions.c.id == flags.c.mention_id).where(its).group_by(day)
    )
    return tuple((date_of(row.day), int(row.times)) for row in conn.execute(by_day.order_by(day)))


def _repeaters(conn: sa.Connection, its: sa.ColumnElement[bool]) -> tuple[Repeater, ...]:
    m = mentions.c
    times = sa.func.count(flags.c.mention_id.distinct()).label("times")
    by_outlet = (
        sa.select(m.source_id, times, sa.func.min(m.published).label("first"), sa.func.max(m.published).label("last"))
        .join_from(flags, mentions, m.id == flags.c.mention_id)
        .where(its)
        .group_by(m.source_id)
        .order_by(sa.desc("times"), sa.desc("last"), m.source_id)
        .limit(REPEATERS)
    )
    rows = conn.execute(by_outlet).all()
    named = sa.select(sources).where(sources.c.id.in_([row.source_id for row in rows]))
    outlets = {row["id"]: source_of(row) for row in conn.execute(named).mappings()}
    letters_of = {row.source_id: row for row in conn.execute(asked().where(letters.c.source_id.in_(list(outlets))))}
    return tuple(
        Repeater(
            source=outlets[row.source_id],
            times=int(row.times),
            first=row.first,
            last=row.last,
            asked=int(letters_of[row.source_id].asked) if row.source_id in letters_of else 0,
            corrected=int(letters_of[row.source_id].corrected) if row.source_id in letters_of else 0,
        )
        for row in rows
    )


def _wordings(conn: sa.Connection, its: sa.ColumnElement[bool]) -> tuple[Wording, ...]:
    times = sa.func.count(flags.c.mention_id.distinct()).label("times")
    chosen = (
        sa.select(flags.c.quote, times)
        .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
        .where(its)
        .group_by(flags.c.quote)
        .order_by(sa.desc("times"), flags.c.quote)
        .limit(SPELLINGS)
    )
    return wordings(((row.quote, int(row.times)) for row in conn.execute(chosen)), most=WORDINGS)


def _examples(conn: sa.Connection, its: sa.ColumnElement[bool]) -> tuple[Example, ...]:
    """The newest mentions that make it, each with the flag on it that is surest."""
    chosen = (
        sa.select(flags)
        .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
        .where(its)
        .order_by(flags.c.mention_id.desc(), flags.c.confidence.desc(), flags.c.id)
        .limit(EXAMPLES * 3)
    )
    said: dict[int, Any] = {}
    for row in conn.execute(chosen).mappings():
        said.setdefault(row["mention_id"], stored_flag(row))
    ids = list(said)[:EXAMPLES]
    return tuple(Example(mention=one, flag=said[one.id]) for one in load(conn, ids))
