"""What is stored of one person: all that an author said, all that a subscriber got; given out whole, and erased whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestState, SentMail
from monitor.core.errors import UsageError
from monitor.core.search.nodes import Field, Query
from monitor.storage.database import CHUNK
from monitor.storage.digests.subscribers import subscriptions_where
from monitor.storage.items.mentions import load
from monitor.storage.items.withdraw import scrub, withdraw
from monitor.storage.search import Search
from monitor.storage.tables import (
    bounces,
    digest_flags,
    digest_proposals,
    digests,
    entries,
    mentions,
    reviews,
    sources,
    storable,
    subscribers,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription
    from monitor.core.mention import Mention
    from monitor.storage.database import Database

#: Who decided, where the one who did was erased.
SOMEBODY = "a subscriber"


class PersonalRows:
    """Store: said_by, erase_author, got_by, erase_subscriber."""

    _db: Database

    def said_by(self, who: str) -> Sequence[Mention]:
        with self._db.read() as conn:
            return tuple(load(conn, self._said(conn, who), closed=True))

    def _said(self, conn: sa.Connection, who: str) -> list[int]:
        """Numbers of the mentions of an author of this name, or of an account of this handle on any network."""
        plain, m = _plain(who), mentions.c
        if not plain:
            return []
        account = sources.c.key.endswith(f":{plain}", autoescape=True)
        found = set(conn.scalars(sa.select(m.id).join(sources).where(account)))
        # The index knows names whatever their accents and capitals: databases lower neither alike.
        named = Search(self._db, conn, Query("", Field("author", plain)))
        ids = sa.select(named.key).select_from(named.table).where(*named.where)
        authors = conn.execute(sa.select(m.id, m.author).where(m.id.in_(ids)))
        return sorted(found | {row.id for row in authors if _plain(row.author) == plain})

    def erase_author(self, who: str, now: datetime) -> int:
        erased = 0
        while identities := self._erase_some(who, now):
            erased += identities
        scrub(self._db)
        return erased

    def _erase_some(self, who: str, now: datetime) -> int:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            said = sa.select(mentions.c.identity).where(mentions.c.id.in_(self._said(conn, who)[:CHUNK]))
            e, plain = entries.c, _plain(who)
            ways = {f"{at}{name}" for at in ("", "@") for name in (plain, storable(who).strip().removeprefix("@"))}
            read = sa.select(e.identity).where(sa.or_(_either(e.author, ways), _either(e.source, ways)))
            identities = list(conn.scalars(sa.union(said, read).limit(CHUNK))) if plain else []
            withdraw(self._db, conn, identities, now=now)
        return len(identities)

    def got_by(self, email: str) -> tuple[Sequence[Subscription], Sequence[SentMail]]:
        with self._db.read() as conn:
            theirs = subscriptions_where(conn, subscribers.c.email == _address(email))
            d = digests.c
            chosen = (
                sa.select(d.created_at, d.local_date, d.kind, d.subject, d.state, d.message_id, d.recipient)
                .where(d.subscription_id.in_([one.id for one in theirs]))
                .order_by(d.id)
            )
            return theirs, tuple(
                SentMail(
                    at=row.created_at,
                    day=row.local_date,
                    kind=row.kind,
                    subject=row.subject,
                    state=DigestState(row.state),
                    message_id=row.message_id,
                    recipient=row.recipient,
                )
                for row in conn.execute(chosen)
            )

    def erase_subscriber(self, email: str) -> bool:
        address = _address(email)
        with self._db.write() as conn:
            self._db.one_writer(conn)
            person = conn.scalar(sa.select(subscribers.c.id).where(subscribers.c.email == address))
            if person is None:
                return False
            theirs = sa.select(subscriptions.c.id).where(subscriptions.c.subscriber_id == person)
            going = digests.c.subscription_id.in_(theirs)
            if conn.scalar(sa.select(sa.func.count()).where(going, digests.c.state == DigestState.SENDING)):
                raise UsageError("A mail to this address is being handed over now.", "Try again in a minute.")
            for table in (digest_flags, digest_proposals):
                conn.execute(sa.delete(table).where(table.c.subscription_id.in_(theirs)))
            conn.execute(sa.delete(digests).where(going))
            conn.execute(sa.delete(subscriptions).where(subscriptions.c.subscriber_id == person))
            conn.execute(sa.delete(bounces).where(bounces.c.subscriber_id == person))
            conn.execute(sa.delete(subscribers).where(subscribers.c.id == person))
            for column in (reviews.c.by, reviews.c.undone_by):
                conn.execute(sa.update(reviews).where(sa.func.lower(column) == address).values({column.name: SOMEBODY}))
        scrub(self._db)
        return True


def _either(column: sa.Column[str], ways: set[str]) -> sa.ColumnElement[bool]:
    """SQLite's lower() leaves É as it is: then the capitals must be those that were typed."""
    return sa.or_(column.in_(sorted(ways)), sa.func.lower(column).in_(sorted(ways)))


def _plain(who: str | None) -> str:
    return storable(who or "").strip().removeprefix("@").lower()


def _address(email: str) -> str:
    return storable(email).strip().lower()
