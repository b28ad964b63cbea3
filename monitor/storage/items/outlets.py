"""Who speaks: outlets and accounts as rows. Always inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.items.identity import is_google_news
from monitor.core.items.mention_id import published_about
from monitor.core.items.outlets import MARK, base_key, outlet_of
from monitor.core.judgement import Drift
from monitor.core.letters.letter import LetterState
from monitor.core.letters.record import OutletRecord
from monitor.core.mention import Source
from monitor.core.model import Network
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.tables import flags, letters, mentions, sources, storable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.entry import Entry
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database

#: Columns that a Source is made of.
_SOURCE = ("id", "key", "name", "weight", "followers", "contact", "language")


class OutletRows:
    """Store: ports.Outlets."""

    _db: Database

    def outlet(self, source_id: int) -> Source:
        with self._db.read() as conn:
            return _outlet(conn, sources.c.id == source_id, str(source_id))

    def outlets(self, source_ids: Collection[int]) -> Mapping[int, Source]:
        asked, found = sorted(source_ids), {}
        with self._db.read() as conn:
            for at in range(0, len(asked), CHUNK):
                chosen = sa.select(sources).where(sources.c.id.in_(asked[at : at + CHUNK]))
                found.update({row["id"]: source_of(row) for row in conn.execute(chosen).mappings()})
        return found

    def outlet_named(self, key: str) -> Source:
        with self._db.read() as conn:
            return _outlet(conn, sources.c.key == storable(key), repr(key))

    def outlet_records(self, *, limit: int = 200, source_id: int | None = None) -> Sequence[OutletRecord]:
        one = sources.c.id == source_id if source_id is not None else sa.true()
        its = mentions.c.source_id == source_id if source_id is not None else sa.true()
        # Counted from the flags: asking of each mention whether it has one cost a page of 100,000 three times as much.
        far = (
            sa.select(mentions.c.source_id, sa.func.count(sa.distinct(flags.c.mention_id)).label("flagged"))
            .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
            .where(its, index.confirmed())
            .group_by(mentions.c.source_id)
            .subquery()
        )
        told = (
            sa.select(mentions.c.source_id, sa.func.count().label("mentions"))
            .where(its)
            .group_by(mentions.c.source_id)
            .subquery()
        )
        letters_asked = asked().subquery()
        joined: sa.FromClause = sources
        for counted in (told, far, letters_asked):
            joined = joined.outerjoin(counted, counted.c.source_id == sources.c.id)
        columns = [
            told.c.mentions,
            far.c.flagged,
            *(letters_asked.c[name] for name in ("asked", "corrected", "refused")),
        ]
        counts = [sa.func.coalesce(column, 0).label(column.name) for column in columns]
        chosen = (
            sa.select(sources, *counts)
            .select_from(joined)
            .where(one)
            .order_by(sa.desc("flagged"), sa.desc("mentions"), sources.c.id)
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple(
                OutletRecord(source=source_of(row), **{column.name: int(row[column.name]) for column in columns})
                for row in conn.execute(chosen).mappings()
            )

    def outlet_mentions(self, source_id: int) -> Sequence[tuple[datetime, bool]]:
        chosen = sa.select(mentions.c.published, sa.case((index.too_far(), 1), else_=0).label("flagged"))
        with self._db.read() as conn:
            found = conn.execute(chosen.where(mentions.c.source_id == source_id))
            return tuple((row.published, bool(row.flagged)) for row in found)

    def outlet_drifts(self, source_id: int) -> Mapping[Drift, int]:
        each = sa.func.count(flags.c.mention_id.distinct()).label("n")
        chosen = (
            sa.select(flags.c.drift, each)
            .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
            .where(mentions.c.source_id == source_id, index.confirmed())
            .group_by(flags.c.drift)
        )
        with self._db.read() as conn:
            counts = Counter({Drift(row.drift): int(row.n) for row in conn.execute(chosen)})
        return dict(counts.most_common())

    def last_said(self) -> Mapping[int, datetime]:
        m = mentions.c
        with self._db.read() as conn:
            found = conn.execute(sa.select(m.source_id, sa.func.max(m.id).label("newest")).group_by(m.source_id))
            return {row.source_id: published_about(row.newest) for row in found}

    def set_outlet(
        self, source_id: int, *, contact: str | None = None, language: str | None = None, weight: int | None = None
    ) -> Source:
        given = {"contact": contact, "language": language, "weight": weight, "weighed": weight and True}
        values = {name: value for name, value in given.items() if value is not None}
        mine = sources.c.id == source_id
        with self._db.write() as conn:
            if values:
                conn.execute(sa.update(sources).where(mine).values(values))
            return _outlet(conn, mine, str(source_id))


def asked() -> sa.Select[tuple[int, ...]]:
    """By outlet, how many corrections were asked for, and what came of them."""
    state = letters.c.state

    def how_many(*states: LetterState) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((state.in_([one.value for one in states]), 1), else_=0))

    return sa.select(
        letters.c.source_id,
        how_many(*(one for one in LetterState if one is not LetterState.DRAFT)).label("asked"),
        how_many(LetterState.CORRECTED).label("corrected"),
        how_many(LetterState.REFUSED).label("refused"),
    ).group_by(letters.c.source_id)


def _outlet(conn: sa.Connection, wanted: sa.ColumnElement[bool], named: str) -> Source:
    row = conn.execute(sa.select(sources).where(wanted)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no outlet {named}.", command="`hypewatch outlets list` lists those there are.")
    return source_of(row)


def source_of(row: sa.RowMapping) -> Source:
    """The outlet or account of a whole row of `sources`."""
    return Source(network=Network(row["network"]), **{name: row[name] for name in _SOURCE})


def source_ids_of(
    db: Database,
    conn: sa.Connection,
    drafts: Mapping[tuple[str, str], MentionDraft],
    weight: int | None,
    of_feed: Collection[str],
) -> dict[tuple[str, str], int]:
    """Ids of who speaks in each draft; new ones are added, names, followers and reach are brought up to date.

    `of_feed` are identities of entries that a feed brought: the names in them are its title.
    """
    stored = _known_sources(conn, {storable(base_key(draft.entry)) for draft in drafts.values()})
    named = {key: row["name"] for key, row in stored.items()}
    keys: dict[tuple[str, str], str] = {}
    latest: dict[str, tuple[str, Entry]] = {}
    for at, draft in drafts.items():
        own = draft.identity in of_feed and not is_google_news(draft.entry.url)
        key, name = outlet_of(draft.entry, named, of_feed=own)
        keys[at] = key = storable(key)
        latest[key] = (storable(name), draft.entry)
        named[key] = name
    missing = [
        {"key": key, "name": name, "network": entry.network.value, "weight": weight or 2, "followers": entry.followers}
        for key, (name, entry) in latest.items()
        if key not in stored
    ]
    if missing:
        conn.execute(db.insert(sources).on_conflict_do_nothing(), missing)
    for key, (name, entry) in latest.items():
        if key in stored:
            row = stored[key]
            current = {
                "name": name,
                "followers": row["followers"] if entry.followers is None else entry.followers,
                "weight": row["weight"] if row["weighed"] else weight or row["weight"],
            }
            if any(row[column] != value for column, value in current.items()):
                conn.execute(sa.update(sources).where(sources.c.id == row["id"]).values(current))
    if missing:
        stored = _known_sources(conn, {key.partition(MARK)[0] for key in latest})
    return {at: stored[key]["id"] for at, key in keys.items()}


def _known_sources(conn: sa.Connection, bases: Collection[str]) -> dict[str, sa.RowMapping]:
    """Those with these keys, and further outlets of the same hosts."""
    found = {}
    asked = sorted(bases)
    for at in range(0, len(asked), CHUNK):
        chunk = asked[at : at + CHUNK]
        further = [sources.c.key.startswith(f"{base}{MARK}", autoescape=True) for base in chunk]
        for where in (sources.c.key.in_(chunk), *(sa.or_(*further[n : n + 50]) for n in range(0, len(further), 50))):
            found.update({row["key"]: row for row in conn.execute(sa.select(sources).where(where)).mappings()})
    return found
