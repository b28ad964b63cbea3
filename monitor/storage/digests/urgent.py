"""What is asked every few minutes: does a claim spread right now, and who was told of it already?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestKind
from monitor.core.digests.urgent import Told
from monitor.core.model import Work
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.digests.subscribers import subscriptions_where
from monitor.storage.items.mentions import load
from monitor.storage.tables import digest_quotes, digests, edition_mentions, flags, mentions, subscriptions
from monitor.storage.work import standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription
    from monitor.core.mention import Mention
    from monitor.storage.database import Database

#: Mentions of one day that are looked at; a claim that more make spreads anyway.
SPREAD_MAX = 2000


class UrgentRows:
    """Store: what urgent mails are decided by."""

    _db: Database

    def urgent_subscriptions(self, now: datetime) -> Sequence[Subscription]:
        with self._db.read() as conn:
            return subscriptions_where(conn, *standing(Work.COMPOSE, now), subscriptions.c.urgent_from.is_not(None))

    def spreading(self, study_id: str, since: datetime, now: datetime, least: int) -> Sequence[Mention]:
        m, f = mentions.c, flags.c
        # As `ClaimCard.key`, flag by flag: a card never has more mentions than its key is counted here. An empty finding is
        # none, in core too.
        claim = sa.func.coalesce(sa.func.nullif(f.finding, ""), sa.literal("style-").op("||")(f.drift))
        # By number: joined, SQLite would read all flags there are and look for the mention of each.
        fresh = sa.select(m.id).where(m.study_id == study_id, m.first_seen >= since, m.first_seen <= now)
        told = f.mention_id.in_(fresh), index.confirmed()
        many = (
            sa.select(claim.label("claim"))
            .where(*told)
            .group_by(claim)
            .having(sa.func.count(f.mention_id.distinct()) >= least)
        )
        with self._db.read() as conn:
            claims = conn.scalars(many).all()
            if not claims:
                return ()
            making = sa.select(f.mention_id).where(*told, claim.in_(claims))
            chosen = sa.select(m.id).where(m.id.in_(making)).order_by(m.score.desc(), m.id.desc()).limit(SPREAD_MAX)
            return tuple(load(conn, conn.scalars(chosen).all()))

    def urgent_told(self, subscription_id: int, since: datetime) -> Sequence[Told]:
        d = digests.c
        quoted = (
            sa.select(sa.func.count())
            .where(digest_quotes.c.digest_id == d.id)
            .correlate(digests)
            .scalar_subquery()
            .label("mentions")
        )
        chosen = (
            sa.select(d.created_at, d.local_date, d.about, quoted)
            .where(d.subscription_id == subscription_id, d.kind == DigestKind.URGENT, d.created_at >= since)
            .order_by(d.id)
        )
        with self._db.read() as conn:
            return tuple(
                Told(row.created_at, row.local_date.partition("T")[0], row.about, row.mentions)
                for row in conn.execute(chosen)
            )

    def most_told(self, subscription_id: int, mention_ids: Collection[int], since: datetime, *, but: str) -> int:
        d, told, quoted = digests.c, edition_mentions.c, digest_quotes.c
        mine = d.subscription_id == subscription_id, d.created_at >= since
        daily = (
            sa.select(d.id)
            .join_from(digests, edition_mentions, d.edition_id == told.edition_id)
            .where(*mine, d.kind == DigestKind.DAILY)
        )
        urgent = (
            sa.select(d.id)
            .join_from(digests, digest_quotes, quoted.digest_id == d.id)
            .where(*mine, d.kind == DigestKind.URGENT, d.about != but)
        )
        asked, counts = sorted(set(mention_ids)), Counter[int]()
        with self._db.read() as conn:
            for at in range(0, len(asked), CHUNK):
                chunk = asked[at : at + CHUNK]
                counts.update(conn.scalars(daily.where(told.mention_id.in_(chunk))))
                counts.update(conn.scalars(urgent.where(quoted.mention_id.in_(chunk))))
        return max(counts.values(), default=0)
