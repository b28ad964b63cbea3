"""What digests tell: mentions are kept once for all digests that tell the same, and told once to each subscription."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import StorageBusyError
from monitor.storage.database import CHUNK
from monitor.storage.tables import digest_quotes, digests, edition_mentions, editions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from monitor.storage.database import Database


def edition_of(db: Database, conn: sa.Connection, mention_ids: Sequence[int]) -> int | None:
    """The edition that tells exactly these mentions, made if there is none; None for no mention. Raises StorageBusyError if one of
    them is not there any more.
    """
    if not mention_ids:
        return None
    ids, content = _content(tuple(mention_ids))
    present = sa.select(editions.c.id).where(editions.c.content == content)
    known = conn.scalar(present)
    if known is not None:
        return int(known)
    made = db.insert(editions).values(content=content).on_conflict_do_nothing().returning(editions.c.id)
    edition_id = conn.scalar(made)
    if edition_id is None:  # another process was quicker by a moment
        return int(conn.execute(present).scalar_one())
    for at in range(0, len(ids), CHUNK):
        rows = [{"edition_id": edition_id, "mention_id": key} for key in ids[at : at + CHUNK]]
        try:
            conn.execute(sa.insert(edition_mentions), rows)
        except sa.exc.IntegrityError:
            raise StorageBusyError(
                "Something that this digest tells was withdrawn a moment ago.", "It is composed anew without it."
            ) from None
    return int(edition_id)


@lru_cache(maxsize=4)  # those who are told the same follow one another
def _content(mention_ids: tuple[int, ...]) -> tuple[list[int], str]:
    ids = sorted(set(mention_ids))
    return ids, hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


def told_to(subscription_id: int, mention_id: Any) -> sa.Exists:
    """Was this mention told to the subscription? `mention_id`: a column of the query around it."""
    return (
        sa.exists()
        .where(edition_mentions.c.mention_id == mention_id)
        .where(digests.c.edition_id == edition_mentions.c.edition_id)
        .where(digests.c.subscription_id == subscription_id)
    )


def told_in(digest_id: int) -> sa.Select[tuple[int]]:
    """The numbers of the mentions that a digest tells."""
    return (
        sa.select(edition_mentions.c.mention_id)
        .join_from(edition_mentions, digests, digests.c.edition_id == edition_mentions.c.edition_id)
        .where(digests.c.id == digest_id)
    )


def quoted_in(digest_id: int) -> sa.Select[tuple[int]]:
    """The numbers of the mentions that a report or an urgent mail quotes."""
    return sa.select(digest_quotes.c.mention_id).where(digest_quotes.c.digest_id == digest_id)


def telling(mention_ids: sa.Select[tuple[int]] | Sequence[int]) -> sa.Select[tuple[int]]:
    """The numbers of the digests that tell one of these mentions."""
    return (
        sa.select(digests.c.id)
        .join_from(digests, edition_mentions, digests.c.edition_id == edition_mentions.c.edition_id)
        .where(edition_mentions.c.mention_id.in_(mention_ids))
    )


def quoting(mention_ids: sa.Select[tuple[int]] | Sequence[int]) -> sa.Select[tuple[int]]:
    """The numbers of the reports and urgent mails that quote one of these mentions."""
    return sa.select(digest_quotes.c.digest_id).where(digest_quotes.c.mention_id.in_(mention_ids))


def move(db: Database, conn: sa.Connection, old: int, new: int) -> None:
    """A mention is stored under another number now: who was told it is not told it again, and what quotes it goes with it."""
    moved = sa.select(edition_mentions.c.edition_id).where(edition_mentions.c.mention_id == old)
    rows = [{"edition_id": key, "mention_id": new} for key in conn.scalars(moved)]
    if rows:
        conn.execute(db.insert(edition_mentions).on_conflict_do_nothing(), rows)
    quoted = [{"digest_id": key, "mention_id": new} for key in conn.scalars(quoting([old]))]
    if quoted:
        conn.execute(db.insert(digest_quotes).on_conflict_do_nothing(), quoted)
    changed(conn, [old])


def changed(conn: sa.Connection, mention_ids: Sequence[int]) -> None:
    """Editions with these mentions are not what they were: no further digest shares them."""
    held = sa.select(edition_mentions.c.edition_id).where(edition_mentions.c.mention_id.in_(mention_ids))
    conn.execute(sa.update(editions).where(editions.c.id.in_(held)).values(content=None))


def drop_unused(conn: sa.Connection) -> None:
    """Editions of digests that are no more."""
    conn.execute(sa.delete(editions).where(~sa.exists().where(digests.c.edition_id == editions.c.id)))
