"""One poll, written in one transaction: entries, mentions, the feed's state, the outcome's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.entry import unnamed
from monitor.core.feed import KnownEntry, PollOutcome
from monitor.core.items.aliases import tombstone_names_of
from monitor.core.model import Kind
from monitor.storage.database import CHUNK
from monitor.storage.feeds.feeds import MICROSECOND
from monitor.storage.items import aliases as names
from monitor.storage.items import withdraw as purge
from monitor.storage.items.entries import (
    by_identity,
    entry_of,
    ids_of,
    insert_new,
    make_pages_due,
    name_accounts,
    update_changed,
)
from monitor.storage.items.writer import write_drafts
from monitor.storage.tables import entries, feeds, mentions, polls, storable
from monitor.storage.tables import names as names_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.entry import Entry, ItemNames
    from monitor.core.feed import PollPlan
    from monitor.core.items.stories import StoryRelation
    from monitor.core.mention import LinkTarget, MentionDraft
    from monitor.storage.database import Database

#: Said when another process took the feed over while this one was reading it.
LOST = "Another process has taken this feed over; nothing was written."


class PollRows:
    """Store: known_entries, stored_identities, studies_of, told_at, save_poll."""

    _db: Database

    def known_entries(self, feed_id: int, guids: Sequence[str], identities: Sequence[str]) -> Sequence[KnownEntry]:
        # An entry whose feed was removed belongs to whichever feed still brings it.
        mine = sa.or_(entries.c.feed_id == feed_id, entries.c.feed_id.in_(sa.select(feeds.c.id).where(feeds.c.removed)))
        told = [
            entries.c.id,
            entries.c.guid,
            entries.c.identity,
            entries.c.content_hash,
            entries.c.kind,
            entries.c.author,
        ]
        columns = [*told, mine.label("same_feed")]
        found: dict[int, KnownEntry] = {}
        with self._db.read() as conn:
            for values, where in (
                (guids, [entries.c.guid, entries.c.feed_id == feed_id]),
                (identities, [entries.c.identity]),
            ):
                column, *more = where
                wanted = sorted({storable(value) for value in values})
                for at in range(0, len(wanted), CHUNK):
                    chosen = sa.select(*columns).where(column.in_(wanted[at : at + CHUNK]), *more)
                    for row in conn.execute(chosen):
                        found[row.id] = KnownEntry(
                            id=row.id,
                            guid=row.guid,
                            identity=row.identity,
                            content_hash=row.content_hash,
                            same_feed=bool(row.same_feed),
                            unnamed=row.kind == Kind.POST and unnamed(row.author),
                        )
            named = self._named(conn, identities)
        return (*(found[key] for key in sorted(found)), *named)

    @staticmethod
    def _named(conn: sa.Connection, identities: Sequence[str]) -> list[KnownEntry]:
        """Entries that are stored under another name than the one they are asked by, under that one."""
        asked = {row.name: row.identity for row in names.by_name(conn, identities) if row.sure}
        if not asked:
            return []
        rows = by_identity(conn, sorted(set(asked.values())))
        return [
            KnownEntry(
                id=rows[identity]["id"],
                guid=None,
                identity=name,
                content_hash=rows[identity]["content_hash"],
                same_feed=False,  # its own feed speaks for its text, by its own identity
            )
            for name, identity in sorted(asked.items())
            if identity in rows
        ]

    def stored_identities(self, identities: Sequence[str], prefixes: Sequence[str] = ()) -> frozenset[str]:
        columns = (entries.c.identity, mentions.c.identity, names_table.c.name)
        found: set[str] = set()
        with self._db.read() as conn:
            for at in range(0, len(identities), CHUNK):
                chunk = [storable(identity) for identity in identities[at : at + CHUNK]]
                for column in columns:
                    found.update(conn.scalars(sa.select(column).where(column.in_(chunk))))
            # A range of the index would do, but what lies in it depends on the database's collation: one pass instead.
            for length in sorted({len(prefix) for prefix in prefixes}):
                begun = sorted({storable(prefix) for prefix in prefixes if len(prefix) == length})
                for at in range(0, len(begun), CHUNK):
                    for column in columns:
                        begins = sa.func.substr(column, 1, length).in_(begun[at : at + CHUNK])
                        found.update(conn.scalars(sa.select(column).where(begins)))
        return frozenset(found)

    def studies_of(self, posts: Sequence[tuple[str, Entry, ItemNames]]) -> Mapping[str, Sequence[str]]:
        with self._db.read() as conn:
            return names.studies_of(conn, posts)

    def told_at(self, wanted: Sequence[str]) -> Mapping[str, Sequence[LinkTarget]]:
        with self._db.read() as conn:
            return names.told_at(conn, wanted)

    def entries_since(self, since: datetime, *, after: int = 0, limit: int = 500) -> Sequence[tuple[int, str, Entry]]:
        chosen = (
            sa.select(entries)
            .where(entries.c.first_seen >= since, entries.c.id > after)
            .order_by(entries.c.id)
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple((row["id"], row["identity"], entry_of(row)) for row in conn.execute(chosen).mappings())

    def save_entry_mentions(
        self, entry_id: int, drafts: Sequence[MentionDraft], relation: StoryRelation, *, now: datetime, page_due: bool
    ) -> tuple[int, ...]:
        of_entry = {draft.identity: entry_id for draft in drafts}
        with self._db.write() as conn:
            written = write_drafts(self._db, conn, drafts, relation, now=now, entry_ids=of_entry)
            if page_due:
                make_pages_due(self._db, conn, [entry_id], now)
            return written.ids

    def save_poll(
        self,
        plan: PollPlan,
        drafts: Mapping[str, Sequence[MentionDraft]],
        relation: StoryRelation,
        pages: Iterable[str] = (),
    ) -> PollOutcome:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            feed = _finish_feed(conn, plan)
            if feed is None:
                return PollOutcome(feed_id=plan.feed_id, outcome=plan.outcome, sentence=LOST)
            outcome = _write_entries(self._db, conn, plan, drafts, relation, set(pages), feed["weight"])
            removed = purge.withdraw(self._db, conn, plan.deleted, now=plan.at)
            conn.execute(
                sa.insert(polls).values(
                    feed_id=plan.feed_id,
                    at=plan.at,
                    outcome=plan.outcome.value,
                    sentence=plan.sentence,
                    new=outcome.new,
                    changed=outcome.changed,
                    same=outcome.same,
                    seconds=plan.seconds,
                    reason=plan.reason,
                )
            )
        if removed:
            purge.scrub(self._db, wait=False)
        return outcome


def _finish_feed(conn: sa.Connection, plan: PollPlan) -> sa.RowMapping | None:
    """Write the feed's state and give the lease back; None if the lease was lost."""
    values: dict[str, Any] = {
        "etag": plan.validators.etag,
        "last_modified": plan.validators.last_modified,
        "body_hash": plan.body_hash,
        "polls_since_full": plan.polls_since_full,
        "cursor": plan.cursor,
        "failing": plan.failing,
        "due_at": plan.due_at,
        "not_before": plan.not_before,
        "interval": plan.interval // MICROSECOND,
        "last_polled_at": plan.at,
        "last_outcome": plan.outcome.value,
        "last_status": plan.status,
        "last_sentence": plan.sentence,
        "last_reason": plan.reason,
        "lease_owner": None,
        "lease_until": None,
        "last_error": plan.sentence if plan.outcome.failed else "",
        "attempts": 0,  # whatever came of it, the process lived to tell
    }
    if plan.outcome.went_well:
        values |= {"last_success_at": plan.at, "quarantined": False}
    if plan.title:
        values["title"] = sa.case((feeds.c.title == "", storable(plan.title)), else_=feeds.c.title)
    mine = [feeds.c.id == plan.feed_id, feeds.c.lease_owner == plan.lease]
    feed = conn.execute(sa.update(feeds).where(*mine).values(values).returning(*feeds.c)).mappings().one_or_none()
    if feed is not None and plan.moved_to and plan.moved_to != feed["url"]:
        # The new address may be a feed we read already; then this one keeps its old one.
        taken = sa.select(feeds.c.id).where(feeds.c.kind == feed["kind"], feeds.c.url == plan.moved_to)
        if conn.scalar(taken) is None:
            conn.execute(sa.update(feeds).where(feeds.c.id == plan.feed_id).values(url=plan.moved_to))
    return feed


def _write_entries(
    db: Database,
    conn: sa.Connection,
    plan: PollPlan,
    drafts: Mapping[str, Sequence[MentionDraft]],
    relation: StoryRelation,
    wanted_pages: set[str],
    weight: int | None,
) -> PollOutcome:
    gone = names.buried(
        conn,
        {
            one.identity: tombstone_names_of(
                one.entry, one.identity, one.names, title=one.entry.title, text=one.entry.text
            )
            for one in plan.entries
        },
    )
    planned = [entry for entry in plan.entries if entry.identity not in gone]
    new = insert_new(db, conn, [entry for entry in planned if entry.known_id is None], plan.feed_id, plan.at)
    names.put_posts(db, conn, [one for one in planned if storable(one.identity) in new])
    changed = update_changed(conn, [entry for entry in planned if entry.known_id is not None], plan.feed_id)
    fresh = [entry for entry in planned if entry.known_id is None and storable(entry.identity) not in new]
    touched = [entry for entry in planned if storable(entry.identity) in new | changed | name_accounts(conn, fresh)]
    entry_ids = ids_of(conn, [entry.identity for entry in touched])
    written = write_drafts(
        db,
        conn,
        [draft for entry in touched for draft in drafts.get(entry.identity, ())],
        relation,
        now=plan.at,
        entry_ids={entry.identity: entry_ids[storable(entry.identity)] for entry in touched},
        weight=weight,
    )
    due = {entry_ids[storable(entry.identity)] for entry in touched if entry.identity in wanted_pages} | written.pages
    return PollOutcome(
        feed_id=plan.feed_id,
        outcome=plan.outcome,
        sentence=plan.sentence,
        new=len(new),
        changed=len(changed),
        same=plan.same + len(planned) - len(touched),
        changed_mentions=written.ids,
        pages_due=make_pages_due(db, conn, due, plan.at),
    )
