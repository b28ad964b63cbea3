"""Who speaks: outlets and accounts as rows. Always inside the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.items.identity import is_google_news
from monitor.core.items.outlets import MARK, base_key, outlet_of
from monitor.storage.database import CHUNK
from monitor.storage.tables import sources, storable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from monitor.core.entry import Entry
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database


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
                "weight": weight or row["weight"],
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
