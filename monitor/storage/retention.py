"""The meter of paid rows, what the installation keeps for itself, and keeping house."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.model import Network
from monitor.ports import RETAIN
from monitor.storage.items import withdraw as purge
from monitor.storage.tables import leases, polls, settings, spending

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.storage.database import Database

#: Outcomes kept of each feed, whatever their age, and how long all are kept: a digest counts the reads of its day.
OUTCOMES_KEPT = 30
OUTCOMES_FOR = timedelta(hours=26)
#: A named lease that ended so long ago belongs to a process that is no more.
LEASES_FOR = timedelta(days=1)
#: One housekeeping purges at most so many times purge.CHUNK items of a network; the next goes on.
MOST_PURGES = 10


class HouseRows:
    """Store: rows_left, spend, housekeeping, setting, set_setting."""

    _db: Database

    def rows_left(self, network: str, now: datetime, *, per_day: int, per_month: int) -> int:
        with self._db.read() as conn:
            today, month = (
                int(conn.scalar(_spent(network, days)) or 0) for days in (f"{now:%Y-%m-%d}", f"{now:%Y-%m-}")
            )
        return max(0, min(per_day - today, per_month - month))

    def spend(self, network: str, rows: int, now: datetime) -> None:
        wish = self._db.insert(spending).values(network=network, day=f"{now:%Y-%m-%d}", rows=rows)
        with self._db.write() as conn:
            conn.execute(
                wish.on_conflict_do_update(index_elements=["network", "day"], set_={"rows": spending.c.rows + rows})
            )

    def housekeeping(self, now: datetime) -> None:
        newer = polls.alias("newer")
        place = (
            sa.select(sa.func.count())
            .where(
                newer.c.feed_id == polls.c.feed_id,
                sa.or_(newer.c.at > polls.c.at, sa.and_(newer.c.at == polls.c.at, newer.c.id > polls.c.id)),
            )
            .scalar_subquery()
        )
        with self._db.write() as conn:
            conn.execute(sa.delete(polls).where(polls.c.at < now - OUTCOMES_FOR, place >= OUTCOMES_KEPT))
            conn.execute(sa.delete(leases).where(leases.c.until < now - LEASES_FOR))
        for network in Network:
            days = self.setting(f"{RETAIN}{network}")
            for _ in range(MOST_PURGES if days else 0):
                if not purge.purge_older(self._db, network, now - timedelta(days=int(days or 0)), now=now):
                    break
        # What a withdrawal could not overwrite because somebody was reading; also keeps the log short.
        purge.scrub(self._db, wait=False)

    def setting(self, name: str, default: str | None = None) -> str | None:
        with self._db.read() as conn:
            value = conn.scalar(sa.select(settings.c.value).where(settings.c.name == name))
        return default if value is None else value

    def set_setting(self, name: str, value: str, *, only_if_absent: bool = False) -> str:
        wish = self._db.insert(settings).values(name=name, value=value)
        if only_if_absent:
            statement = wish.on_conflict_do_nothing()
        else:
            statement = wish.on_conflict_do_update(index_elements=["name"], set_={"value": wish.excluded.value})
        with self._db.write() as conn:
            conn.execute(statement)
            return str(conn.execute(sa.select(settings.c.value).where(settings.c.name == name)).scalar_one())


def _spent(network: str, days: str) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.sum(spending.c.rows)).where(spending.c.network == network, spending.c.day.startswith(days))
