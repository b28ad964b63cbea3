"""Searches that are kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.search.saved import SavedSearch
from monitor.storage.tables import searches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database


class SavedSearchRows:
    """Store: saved_searches, saved_search, save_search, remove_search."""

    _db: Database

    def saved_searches(self) -> Sequence[SavedSearch]:
        with self._db.read() as conn:
            return tuple(map(_saved, conn.execute(sa.select(searches).order_by(searches.c.key))))

    def saved_search(self, search_id: int) -> SavedSearch:
        with self._db.read() as conn:
            row = conn.execute(sa.select(searches).where(searches.c.id == search_id)).one_or_none()
        if row is None:
            raise _unknown(search_id)
        return _saved(row)

    def save_search(self, *, name: str, query: str, by: str, now: datetime) -> SavedSearch:
        key = name.casefold()
        values = {"name": name, "query": query, "by": by, "saved_at": now}
        with self._db.write() as conn:
            self._db.one_writer(conn)
            changed = sa.update(searches).where(searches.c.key == key).values(values).returning(*searches.c)
            row = conn.execute(changed).one_or_none()
            if row is None:
                row = conn.execute(sa.insert(searches).values(key=key, **values).returning(*searches.c)).one()
        return _saved(row)

    def remove_search(self, search_id: int) -> None:
        with self._db.write() as conn:
            if conn.execute(sa.delete(searches).where(searches.c.id == search_id)).rowcount != 1:
                raise _unknown(search_id)


def _saved(row: Any) -> SavedSearch:
    return SavedSearch(id=row.id, name=row.name, query=row.query, by=row.by, saved_at=row.saved_at)


def _unknown(search_id: int) -> NotFoundError:
    return NotFoundError(f"There is no saved search {search_id}.", command="`hypewatch searches list` shows them.")
