"""Who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.changes import Area, Change
from monitor.storage.tables import changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database

_C = changes.c
#: Letters of a sentence, a name and a path that are kept.
MOST_WORDS = 500


class ChangeRows:
    """Store: note_change, changes."""

    _db: Database

    def note_change(self, *, by: str, area: Area, did: str, now: datetime, link: str = "") -> None:
        with self._db.write() as conn:
            values = {"at": now, "by": by[:200], "area": area.value, "did": did[:MOST_WORDS], "link": link[:MOST_WORDS]}
            conn.execute(sa.insert(changes).values(**values))

    def changes(
        self, *, area: Area | None = None, link: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Change]:
        found = sa.select(changes).order_by(_C.id.desc()).limit(limit)
        if area is not None:
            found = found.where(_C.area == area.value)
        if link:
            found = found.where(_C.link == link)
        if before is not None:
            found = found.where(_C.id < before)
        with self._db.read() as conn:
            return tuple(
                Change(id=row.id, at=row.at, by=row.by, area=Area(row.area), did=row.did, link=row.link)
                for row in conn.execute(found)
            )
