"""Entries as rows: what a feed or network gave, and the pages that are due for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.entry import NUMBERS, Entry, unnamed
from monitor.core.model import DateConfidence, Kind, Network
from monitor.storage.database import CHUNK
from monitor.storage.tables import entries, pages, storable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from monitor.core.feed import PlannedEntry
    from monitor.storage.database import Database


def by_identity(conn: sa.Connection, identities: Sequence[str]) -> dict[str, sa.RowMapping]:
    """Stored entries by identity."""
    found = {}
    for at in range(0, len(identities), CHUNK):
        chosen = sa.select(entries).where(entries.c.identity.in_(identities[at : at + CHUNK]))
        found.update({row["identity"]: row for row in conn.execute(chosen).mappings()})
    return found


def insert_new(
    db: Database, conn: sa.Connection, planned: Sequence[PlannedEntry], feed_id: int, now: datetime
) -> set[str]:
    """Insert entries; returns the identities that were not there before (another feed may have been quicker)."""
    known = by_identity(conn, [storable(entry.identity) for entry in planned])
    fresh = {storable(entry.identity): entry for entry in planned if storable(entry.identity) not in known}
    inserted: set[str] = set()
    rows = [_values(entry) | {"feed_id": feed_id, "first_seen": now} for entry in fresh.values()]
    if rows:
        # A list of rows beside the statement, not inside it: so it is compiled once, and not for each poll.
        statement = db.insert(entries).on_conflict_do_nothing().returning(entries.c.identity)
        inserted.update(conn.scalars(statement, rows))
    return inserted


def update_changed(conn: sa.Connection, planned: Sequence[PlannedEntry], feed_id: int) -> set[str]:
    """Write what changed; returns the identities whose words are not those stored (so a repeat changes nothing)."""
    changed = set()
    for entry in planned:
        values = _values(entry) | {"feed_id": feed_id}
        del values["identity"]
        statement = (
            sa.update(entries)
            .where(entries.c.id == entry.known_id, entries.c.content_hash != entry.content_hash)
            .values(values)
            .returning(entries.c.identity)
        )
        identity = conn.scalar(statement)
        if identity is not None:
            changed.add(identity)
    return changed


def name_accounts(conn: sa.Connection, planned: Sequence[PlannedEntry]) -> set[str]:
    """Of posts that are stored with the number of their account alone: its name, where these tell it. Returns their identities; their
    words stay as the feed that brought them first gave them.
    """
    named = set()
    without = sa.or_(entries.c.author == "", *(entries.c.author.startswith(mark) for mark in NUMBERS))
    for one in planned:
        entry = one.entry
        if entry.kind is not Kind.POST or unnamed(entry.author):
            continue
        values = {"author": entry.author, "source": entry.source, "source_name": entry.source_name}
        found = sa.update(entries).where(entries.c.identity == storable(one.identity), without).values(values)
        identity = conn.scalar(found.returning(entries.c.identity))
        if identity is not None:
            named.add(identity)
    return named


def make_pages_due(db: Database, conn: sa.Connection, entry_ids: Iterable[int], now: datetime) -> tuple[int, ...]:
    """Their article pages are to be read now; a page being read keeps its lease and is read again after it."""
    ids = sorted(set(entry_ids))
    if ids:
        fresh = {"due_at": now, "not_before": None, "attempts": 0, "quarantined": False}
        wish = db.insert(pages).on_conflict_do_update(index_elements=["entry_id"], set_=fresh)
        conn.execute(wish, [{"entry_id": entry_id, "due_at": now} for entry_id in ids])
    return tuple(ids)


def _values(planned: PlannedEntry) -> dict[str, Any]:
    entry = planned.entry
    return {
        "identity": planned.identity,
        "content_hash": planned.content_hash,
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "text": entry.text,
        "source": entry.source,
        "source_name": entry.source_name,
        "author": entry.author,
        "kind": entry.kind.value,
        "network": entry.network.value,
        "published": entry.published,
        "date_confidence": entry.date_confidence.value,
        "raw_date": entry.raw_date,
        "lang": entry.lang,
        # An article's are looked at when it comes; kept, they would be as long as its text.
        "links": list(entry.links) if entry.kind is Kind.POST else [],
        "reposts": entry.reposts,
        "likes": entry.likes,
        "followers": entry.followers,
    }


def entry_of(row: sa.RowMapping) -> Entry:
    """The Entry as its feed gave it."""
    return Entry(
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        source=row["source"],
        source_name=row["source_name"],
        author=row["author"],
        kind=Kind(row["kind"]),
        network=Network(row["network"]),
        published=row["published"],
        date_confidence=DateConfidence(row["date_confidence"]),
        raw_date=row["raw_date"],
        lang=row["lang"],
        links=tuple(row["links"]),
        reposts=row["reposts"],
        likes=row["likes"],
        followers=row["followers"],
    )


def ids_of(conn: sa.Connection, identities: Collection[str]) -> dict[str, int]:
    """Entry ids by identity."""
    wanted = [storable(identity) for identity in identities]
    return {identity: row["id"] for identity, row in by_identity(conn, wanted).items()}
