"""Withdrawing for good: text, author, index and queued digests go, byte by byte; a hash stays so it cannot come back."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.delivery import AfterWithdrawal, after_withdrawal, composed_again
from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.errors import NotFoundError, StorageBusyError
from monitor.core.model import Network
from monitor.storage import editions
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items import aliases as names
from monitor.storage.items.stories import refresh_stories
from monitor.storage.letters import empty_letters
from monitor.storage.tables import (
    digest_flags,
    digests,
    entries,
    flags,
    letters,
    mentions,
    sources,
    storable,
    subscriptions,
    tombstones,
)
from monitor.storage.tables import names as names_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database

logger = logging.getLogger(__name__)

#: What a person reads in a digest that was sent and told of something that was withdrawn later.
WITHDRAWN_SUBJECT = "(withdrawn)"
WITHDRAWN = "The text of this digest was removed: something it told of was withdrawn."


class PurgeRows:
    """Store: purge, older, purge_older."""

    _db: Database

    def purge(self, mention_id: int, *, now: datetime) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            chosen = mentions.c.id == names.standing(conn, mention_id)
            identity = conn.scalar(sa.select(mentions.c.identity).where(chosen))
            if identity is None:
                raise NotFoundError(f"There is no mention {mention_id}.", "It may have been withdrawn before.")
            withdraw(self._db, conn, [identity], now=now)
        scrub(self._db)

    def older(self, network: str, before: datetime) -> tuple[int, int]:
        with self._db.read() as conn:
            said = conn.scalar(sa.select(sa.func.count()).where(*_older(mentions, network, before)))
            told = sa.select(mentions.c.identity).where(mentions.c.identity == entries.c.identity).exists()
            read = conn.scalar(sa.select(sa.func.count()).where(*_older(entries, network, before), ~told))
        return int(said or 0), int(read or 0)

    def purge_older(self, network: str, before: datetime, *, now: datetime, limit: int = CHUNK) -> int:
        return purge_older(self._db, network, before, now=now, limit=limit)


def purge_older(db: Database, network: str, before: datetime, *, now: datetime, limit: int = CHUNK) -> int:
    """Store.purge_older, for housekeeping too."""
    identities: set[str] = set()
    with db.write() as conn:
        db.one_writer(conn)
        for table in (mentions, entries):
            chosen = sa.select(table.c.identity).where(*_older(table, network, before)).distinct()
            identities.update(conn.scalars(chosen.limit(limit - len(identities))))
        removed = withdraw(db, conn, sorted(identities), now=now)
    if removed:
        scrub(db, wait=False)
    return len(identities)


def _older(table: sa.Table, network: str, before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.network == network, table.c.first_seen < before


def withdraw(db: Database, conn: sa.Connection, identities: Sequence[str], *, now: datetime) -> bool:
    """Delete all that is stored of the items with these names, in every study, and leave tombstones; True if there was any.

    An item goes with all its names, and cannot come back by any of them.
    """
    if not identities:
        return False
    going = names.withdrawing(conn, identities)
    conn.execute(
        db.insert(tombstones).on_conflict_do_nothing(),
        [
            {"identity_hash": hashed, "at": now}
            for hashed in sorted({names.tomb(name) for name in going.tombstone_names})
        ],
    )
    removed = False
    wanted = sorted({storable(identity) for identity in going.identities})
    for at in range(0, len(wanted), CHUNK):
        chunk = wanted[at : at + CHUNK]
        removed = _delete_mentions(db, conn, chunk, now) or removed
        removed = conn.execute(sa.delete(entries).where(entries.c.identity.in_(chunk))).rowcount > 0 or removed
        conn.execute(sa.delete(names_table).where(names_table.c.identity.in_(chunk)))
    if removed:
        index.forget(db, conn)
    return removed


def _delete_mentions(db: Database, conn: sa.Connection, identities: Sequence[str], now: datetime) -> bool:
    chosen = sa.select(mentions.c.id, mentions.c.story_id, mentions.c.source_id).where(
        mentions.c.identity.in_(identities)
    )
    rows = conn.execute(chosen).all()
    if not rows:
        return False
    ids = [row.id for row in rows]
    _empty_digests(conn, ids, now)
    editions.changed(conn, ids)
    empty_letters(conn, ids)
    index.remove(db, conn, ids)
    # Flags, reviews, revisions and what was told of them go with the mention (ON DELETE CASCADE).
    conn.execute(sa.delete(mentions).where(mentions.c.id.in_(ids)))
    refresh_stories(conn, {row.story_id for row in rows if row.story_id is not None})
    # An account of which nothing else is stored is a person's name: it goes too. An outlet stays that was asked for corrections.
    speakers = {row.source_id for row in rows}
    spoken = sa.select(mentions.c.source_id).where(mentions.c.source_id.in_(speakers))
    asked = sa.select(letters.c.source_id).where(letters.c.source_id.in_(speakers))
    outlet_asked = sa.and_(sources.c.network == Network.WEB.value, sources.c.id.in_(asked))
    conn.execute(sa.delete(sources).where(sources.c.id.in_(speakers), sources.c.id.not_in(spoken), ~outlet_asked))
    return True


def _empty_digests(conn: sa.Connection, mention_ids: Sequence[int], now: datetime) -> None:
    """A queued digest that tells of these mentions is composed anew; of one that went out the words are removed."""
    told = editions.telling(mention_ids)
    fixed = (
        sa.select(digest_flags.c.digest_id)
        .join(flags, flags.c.id == digest_flags.c.flag_id)
        .where(flags.c.mention_id.in_(mention_ids))
    )
    # A digest also names stories by their first mention's headline, and who said it first: any digest that told of
    # another member of the same story may hold these words too.
    in_stories = sa.select(mentions.c.story_id).where(mentions.c.id.in_(mention_ids), mentions.c.story_id.is_not(None))
    theirs = sa.select(mentions.c.id).where(mentions.c.story_id.in_(in_stories))
    holding = (
        told,
        fixed,
        editions.telling(theirs),
        editions.quoting(mention_ids),
        editions.quoting(theirs),
    )
    affected = sa.or_(*(digests.c.id.in_(one) for one in holding))
    # Locked, so that none of them is begun to be handed over while it is taken back.
    d = digests.c
    chosen = sa.select(d.id, d.state, d.unknowns, d.kind, d.subscription_id, d.local_date).where(affected)
    after: dict[AfterWithdrawal, list[Any]] = defaultdict(list)
    for row in conn.execute(chosen.order_by(digests.c.id).with_for_update()):
        after[after_withdrawal(DigestState(row.state), unknowns=row.unknowns)].append(row)
    for what, rows in after.items():
        logger.info("Digests %s told of what is withdrawn: %s", [row.id for row in rows], what.name.lower())
    stopped, gone = ([row.id for row in after[what]] for what in (AfterWithdrawal.STOP, AfterWithdrawal.COMPOSE_ANEW))
    emptied = [*stopped, *(row.id for row in after[AfterWithdrawal.REMOVE_WORDS])]
    conn.execute(
        sa.update(digests)
        .where(digests.c.id.in_(emptied))
        .values(
            withdrawn=True,
            subject=WITHDRAWN_SUBJECT,
            mime=WITHDRAWN.encode(),
            text=WITHDRAWN,
            html=f"<p>{WITHDRAWN}</p>",
        )
    )
    conn.execute(
        sa.update(digests)
        .where(digests.c.id.in_(stopped))
        .values(state=DigestState.UNKNOWN, due_at=None, lease_owner=None, lease_until=None, sentence=WITHDRAWN)
    )
    conn.execute(sa.delete(digests).where(digests.c.id.in_(gone)))
    # Reports and urgent mails are no row's due date: the next tick finds them missing.
    queued = (
        (row.subscription_id, row.local_date)
        for row in after[AfterWithdrawal.COMPOSE_ANEW]
        if row.kind == DigestKind.DAILY
    )
    for subscription_id, day in composed_again(queued).items():
        again = sa.update(subscriptions).where(subscriptions.c.id == subscription_id)
        conn.execute(again.values(due_at=now, due_date=day, not_before=None))


def scrub(db: Database, *, wait: bool = True) -> None:
    """Move what SQLite's write-ahead log still holds into the file, where deleted bytes are overwritten, and empty it.

    Somebody who is reading holds the log. With `wait` this waits for them as long as for a lock, then raises
    StorageBusyError: the mention is gone, its bytes are not yet. Without, housekeeping does it later.
    """
    if not db.sqlite:
        return
    deadline = time.monotonic() + db.busy_seconds
    while True:
        with db.wall(), db.engine.connect() as conn:
            raw = conn.connection.driver_connection
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] if raw is not None else 0
        if not busy or not wait:
            return
        if time.monotonic() >= deadline:
            raise StorageBusyError(
                "It was withdrawn, but another program still reads the database, so its bytes are on disk until that ends.",
                "Close what has the database open; the next housekeeping finishes it.",
            )
        time.sleep(0.05)
