"""Searches that are kept under a name, and who is mailed what they find."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.search_mail import MOST_A_DAY, OVERLAP, SearchMail, ToldBefore
from monitor.core.digests.subscribers import DigestKind
from monitor.core.errors import NotFoundError
from monitor.core.model import Work
from monitor.core.search.saved import SavedSearch
from monitor.storage.digests.subscribers import one_subscription, subscriptions_where
from monitor.storage.tables import digest_quotes, digests, search_mails, searches, subscriptions
from monitor.storage.work import standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database


#: So many mails of before tell how often somebody was told today; and how far back what they told of is looked for: what is found
#: now was first seen no longer before the newest of them than OVERLAP.
TOLD_LATELY, TOLD_WITHIN = MOST_A_DAY + 1, 2 * OVERLAP + timedelta(days=1)


class SavedSearchRows:
    """Store: ports.SavedSearches."""

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

    def search_mails(
        self, *, search_id: int | None = None, subscription_id: int | None = None, now: datetime | None = None
    ) -> Sequence[SearchMail]:
        s = search_mails.c
        chosen = sa.select(search_mails, searches).join_from(search_mails, searches)
        if search_id is not None:
            chosen = chosen.where(s.search_id == search_id)
        if subscription_id is not None:
            chosen = chosen.where(s.subscription_id == subscription_id)
        with self._db.read() as conn:
            rows = conn.execute(chosen.order_by(s.subscription_id, s.search_id)).all()
            among = subscriptions.c.id.in_(sorted({row.subscription_id for row in rows}))
            bringing = standing(Work.COMPOSE, now) if now is not None else ()
            people = {one.id: one for one in subscriptions_where(conn, among, *bringing)}
        return tuple(
            SearchMail(
                search=_saved(row), subscription=people[row.subscription_id], at_once=row.at_once, since=row.since
            )
            for row in rows
            if row.subscription_id in people
        )

    def set_search_mail(self, search_id: int, subscription_id: int, *, at_once: bool, now: datetime) -> None:
        key = {"search_id": search_id, "subscription_id": subscription_id}
        with self._db.write() as conn:
            if conn.scalar(sa.select(searches.c.id).where(searches.c.id == search_id)) is None:
                raise _unknown(search_id)
            one_subscription(conn, subscription_id)
            made = self._db.insert(search_mails).values(**key, at_once=at_once, since=now)
            changed = {"at_once": made.excluded.at_once}
            conn.execute(made.on_conflict_do_update(index_elements=list(key), set_=changed))

    def stop_search_mail(self, search_id: int, subscription_id: int) -> bool:
        s = search_mails.c
        with self._db.write() as conn:
            ended = sa.delete(search_mails).where(s.search_id == search_id, s.subscription_id == subscription_id)
            return conn.execute(ended).rowcount == 1

    def search_told(self, subscription_id: int, about: str) -> ToldBefore:
        d, quoted = digests.c, digest_quotes.c
        mine = d.subscription_id == subscription_id, d.kind == DigestKind.SEARCH, d.about == about
        with self._db.read() as conn:
            last = conn.execute(
                sa.select(d.created_at, d.local_date).where(*mine).order_by(d.id.desc()).limit(TOLD_LATELY)
            ).all()
            since = last[0].created_at - TOLD_WITHIN if last else None
            told = sa.select(quoted.mention_id).join_from(digest_quotes, digests, quoted.digest_id == d.id)
            ids = conn.scalars(told.where(*mine, d.created_at >= since)).all() if since else ()
        return ToldBefore(
            last[0].created_at if last else None,
            tuple(row.local_date.partition("T")[0] for row in last),
            frozenset(ids),
        )


def _saved(row: Any) -> SavedSearch:
    return SavedSearch(id=row.id, name=row.name, query=row.query, by=row.by, saved_at=row.saved_at)


def _unknown(search_id: int) -> NotFoundError:
    return NotFoundError(f"There is no saved search {search_id}.", command="`hypewatch searches list` shows them.")
