"""All that a query finds: its ids in one pass of the index, then mentions in portions, each a short read of its own.

The ids come first because a portion is then found by its primary key: asking the search again for what comes after the last
mention would let PostgreSQL read and sort everything that was found once for each portion.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.storage.items.mentions import load
from monitor.storage.search import Search
from monitor.storage.search_index import stands
from monitor.storage.tables import flags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Mention
    from monitor.core.search.nodes import Query
    from monitor.storage.database import Database

#: Ids that are taken from the database at once.
_AT_ONCE = 10_000


class ExportRows:
    """Store: ports.Exports."""

    _db: Database

    def found_ids(self, query: Query, *, most: int | None = None) -> array[int]:
        ids = array("q")
        with self._db.read() as conn:
            found = Search(self._db, conn, query)
            statement = (
                sa.select(found.key).select_from(found.table).where(*found.where).order_by(found.key.desc()).limit(most)
            )
            # A server-side cursor on PostgreSQL: its client would hold all rows at once otherwise.
            for portion in conn.execution_options(yield_per=_AT_ONCE).scalars(statement).partitions():
                ids.extend(portion)
        return ids

    def count_flags(self, ids: Sequence[int]) -> int:
        counted = sa.select(sa.func.count()).select_from(flags).where(stands())
        with self._db.read() as conn:
            return sum(
                conn.execute(
                    counted.where(flags.c.mention_id.in_(self._db.among(ids[at : at + _AT_ONCE])))
                ).scalar_one()
                for at in range(0, len(ids), _AT_ONCE)
            )

    def told_mentions(self, ids: Sequence[int]) -> Sequence[Mention]:
        with self._db.read() as conn:
            return tuple(load(conn, ids))
