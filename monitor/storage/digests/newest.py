"""What each person got last, without its bytes: for lists of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestState, LastDigest
from monitor.storage.tables import digests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.storage.database import Database


class NewestRows:
    """Store: the newest digest of each subscription."""

    _db: Database

    def last_digests(self) -> Mapping[int, LastDigest]:
        d = digests.c
        newest = sa.select(sa.func.max(d.id)).group_by(d.subscription_id)
        statement = sa.select(d.id, d.subscription_id, d.local_date, d.subject, d.state, d.created_at).where(
            d.id.in_(newest)
        )
        with self._db.read() as conn:
            return {
                row["subscription_id"]: LastDigest(
                    id=row["id"],
                    local_date=row["local_date"],
                    subject=row["subject"],
                    state=DigestState(row["state"]),
                    created_at=row["created_at"],
                )
                for row in conn.execute(statement).mappings()
            }
