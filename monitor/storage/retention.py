"""What is only history goes: outcomes of polls, leases of processes that are no more, and what was kept long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.model import Network
from monitor.core.outgoing.hook import CallState
from monitor.ports import RETAIN
from monitor.storage.editions import drop_unused
from monitor.storage.items import withdraw as purge
from monitor.storage.settings import value_of
from monitor.storage.tables import backtests, leases, polls, webhook_calls

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.storage.database import Database

#: Outcomes kept of each feed, whatever their age, and how long all are kept: a digest counts the reads of its day.
OUTCOMES_KEPT = 30
OUTCOMES_FOR = timedelta(hours=26)
#: A named lease that ended so long ago belongs to a process that is no more.
LEASES_FOR = timedelta(days=1)
#: How long a back-test is kept.
BACKTESTS_FOR = timedelta(days=30)
#: How long a call to another program is kept once it came to an end: longer than what is looked through for what to tell.
CALLS_FOR = timedelta(days=30)
#: One housekeeping purges at most so many times purge.CHUNK items of a network; the next goes on.
MOST_PURGES = 10


class RetentionRows:
    """Store: housekeeping."""

    _db: Database

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
            ended = sa.and_(webhook_calls.c.state != CallState.WAITING, webhook_calls.c.created_at < now - CALLS_FOR)
            conn.execute(sa.delete(webhook_calls).where(ended))
            drop_unused(conn)
            conn.execute(sa.delete(backtests).where(backtests.c.at < now - BACKTESTS_FOR))
        with self._db.read() as conn:
            kept = {network: value_of(conn, f"{RETAIN}{network}") for network in Network}
        for network, days in kept.items():
            for _ in range(MOST_PURGES if days else 0):
                if not purge.purge_older(self._db, network, now - timedelta(days=int(days or 0)), now=now):
                    break
        # What a withdrawal could not overwrite because somebody was reading; also keeps the log short.
        purge.scrub(self._db, wait=False)
