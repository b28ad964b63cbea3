"""Counts over all mentions: by day, language, network and kind.

What goes too far is counted from the flags: asking of each mention whether it has one costs three times as much where most have none.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.items.mention_id import first_id
from monitor.core.judgement import Drift
from monitor.core.trends import Cell, Count, Told
from monitor.storage import search_index as index
from monitor.storage.items.outlets import source_of
from monitor.storage.search import Search
from monitor.storage.tables import flags, mentions, sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Source
    from monitor.core.search.nodes import Query
    from monitor.core.trends import Period
    from monitor.storage.database import Database

_EPOCH = date(1970, 1, 1)


class TrendRows:
    """Store: ports.Trends."""

    _db: Database

    def told(self, query: Query, period: Period) -> Told:
        m = mentions.c
        day = published_day()
        place = (day, m.lang, m.network)
        by_flags = sa.join(flags, mentions, m.id == flags.c.mention_id)
        each = sa.func.count(flags.c.mention_id.distinct())
        with self._db.read() as conn:
            where = _within(self._db, conn, query, period)
            spoken = conn.execute(sa.select(*place, sa.func.count().label("n")).where(*where).group_by(*place)).all()
            far = index.confirmed()
            flagged = sa.select(*place, each.label("n")).select_from(by_flags).where(far, *where).group_by(*place)
            too_far = {tuple(row[:3]): int(row.n) for row in conn.execute(flagged)}
            kinds = sa.select(flags.c.drift, each.label("n")).select_from(by_flags).where(far, *where)
            drifts = {Drift(row.drift): int(row.n) for row in conn.execute(kinds.group_by(flags.c.drift))}
        cells = tuple(
            Cell(
                day=date_of(row.day),
                lang=row.lang,
                network=row.network,
                count=Count(int(row.n), too_far.get(tuple(row[:3]), 0)),
            )
            for row in spoken
        )
        return Told(period=period, cells=cells, drifts=drifts)

    def by_outlet(self, query: Query, period: Period, *, limit: int) -> Sequence[tuple[Source, Count]]:
        m, each = mentions.c, sa.func.count(flags.c.mention_id.distinct())
        by_flags = sa.join(flags, mentions, m.id == flags.c.mention_id)
        with self._db.read() as conn:
            where = _within(self._db, conn, query, period)
            spoken = sa.select(m.source_id, sa.func.count()).where(*where).group_by(m.source_id)
            counts: dict[int, int] = {source: int(n) for source, n in conn.execute(spoken)}
            far = sa.select(m.source_id, each).select_from(by_flags).where(index.confirmed(), *where)
            too_far: dict[int, int] = {source: int(n) for source, n in conn.execute(far.group_by(m.source_id))}
            ranked = sorted(counts, key=lambda source: (-too_far.get(source, 0), -counts[source], source))[:limit]
            named = conn.execute(sa.select(sources).where(sources.c.id.in_(ranked))).mappings()
            outlets = {row["id"]: source_of(row) for row in named}
        return tuple((outlets[one], Count(counts[one], too_far.get(one, 0))) for one in ranked)


def published_day() -> sa.ColumnElement[int]:
    """The UTC day on which a mention was published, counted from 1970. Moments are integers, and both databases divide those whole."""
    moment = sa.type_coerce(mentions.c.published, sa.BigInteger)
    return moment.op("/", precedence=8)(sa.literal_column("86400000000")).label("day")


def date_of(day: int) -> date:
    return _EPOCH + timedelta(days=int(day))


def _within(db: Database, conn: sa.Connection, query: Query, period: Period) -> list[sa.ColumnElement[bool]]:
    m = mentions.c
    # By number first: it is made from the date, so older mentions are read neither here nor in the index of words.
    oldest = first_id(period.begin)
    where = [m.id >= oldest, m.published >= period.begin, m.published < period.end]
    if query.root is not None:
        found = Search(db, conn, query)
        where.append(m.id.in_(sa.select(found.key).select_from(found.table).where(found.key >= oldest, *found.where)))
    return where
