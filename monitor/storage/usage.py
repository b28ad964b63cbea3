"""The meter: how many paid rows were read from each network, by UTC day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.storage.tables import spending

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.storage.database import Database


class UsageRows:
    """Store: rows_left, spent, spend."""

    _db: Database

    def rows_left(self, network: str, now: datetime, *, per_day: int, per_month: int) -> int:
        today, month = self.spent(network, now)
        return max(0, min(per_day - today, per_month - month))

    def spent(self, network: str, now: datetime) -> tuple[int, int]:
        with self._db.read() as conn:
            today, month = (
                int(conn.scalar(_spent(network, days)) or 0) for days in (f"{now:%Y-%m-%d}", f"{now:%Y-%m-}")
            )
        return today, month

    def spend(self, network: str, rows: int, now: datetime) -> None:
        wish = self._db.insert(spending).values(network=network, day=f"{now:%Y-%m-%d}", rows=rows)
        with self._db.write() as conn:
            conn.execute(
                wish.on_conflict_do_update(index_elements=["network", "day"], set_={"rows": spending.c.rows + rows})
            )


def spent_this_month(conn: sa.Connection, now: datetime) -> dict[str, int]:
    """Paid rows by network since the first of the month, UTC."""
    statement = (
        sa.select(spending.c.network, sa.func.sum(spending.c.rows))
        .where(spending.c.day.startswith(f"{now:%Y-%m}-"))
        .group_by(spending.c.network)
        .order_by(spending.c.network)
    )
    return {network: int(rows) for network, rows in conn.execute(statement)}


def _spent(network: str, days: str) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.sum(spending.c.rows)).where(spending.c.network == network, spending.c.day.startswith(days))
