"""Article pages: taking one to read, and writing what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.entry import PageForReading
from monitor.core.model import Work
from monitor.storage.items import aliases as names
from monitor.storage.items import withdraw as purge
from monitor.storage.items.entries import entry_of
from monitor.storage.items.writer import note_availability, write_drafts
from monitor.storage.tables import Moment, entries, pages
from monitor.storage.work import claim, crashed_often, is_due, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from monitor.core.items.revision import Told
    from monitor.core.items.stories import StoryRelation
    from monitor.core.mention import MentionDraft
    from monitor.core.model import Availability
    from monitor.storage.database import Database


class PageRows:
    """Store: claim_page, save_page."""

    _db: Database

    def claim_page(self, entry_id: int, owner: str, now: datetime, ttl: timedelta) -> PageForReading | None:
        with self._db.write() as conn:
            if crashed_often(conn, pages, entry_id, now):
                return None
            row = claim(conn, pages, entry_id, owner, now, ttl, *is_due(pages, now), *standing(Work.PAGE, now))
            if row is None:
                return None
            entry = conn.execute(sa.select(entries).where(entries.c.id == entry_id)).mappings().one()
        return PageForReading(
            entry_id=entry_id,
            lease=row["lease_owner"],
            url=entry["url"] or "",
            entry=entry_of(entry),
            identity=entry["identity"],
            attempts=row["attempts"],
            reads=row["reads"],
        )

    def save_page(
        self,
        page: PageForReading,
        drafts: Sequence[MentionDraft],
        relation: StoryRelation,
        *,
        now: datetime,
        next_due: datetime | None,
        sentence: str,
        shown: Told | None = None,
        gone: Availability | None = None,
    ) -> tuple[int, ...]:
        statement = (
            sa.update(pages)
            .where(pages.c.entry_id == page.entry_id, pages.c.lease_owner == page.lease)
            .values(
                # Made due again while it was read (attempts was set back): then it stays due.
                due_at=sa.case((pages.c.attempts == 0, pages.c.due_at), else_=sa.literal(next_due, Moment)),
                not_before=None,
                lease_owner=None,
                lease_until=None,
                attempts=0,
                last_error="",
                reads=pages.c.reads + 1,
                sentence=sentence,
            )
        )
        with self._db.write() as conn:
            # Before the page's row: a poll has this lock when it makes pages due, and two must not wait for each other.
            self._db.one_writer(conn)
            if conn.execute(statement).rowcount != 1:
                return ()
            # Only its page may tell that the article is one that was withdrawn under another address.
            own = [draft for draft in drafts if draft.found_on is None]
            tombstone_names = names.buried(conn, {draft.identity: names.looked_for(draft) for draft in own})
            if tombstone_names:
                removed = purge.withdraw(self._db, conn, sorted(tombstone_names), now=now)
                drafts = [
                    draft
                    for draft in drafts
                    if draft.identity not in tombstone_names and draft.found_on not in tombstone_names
                ]
            ids = write_drafts(self._db, conn, drafts, relation, now=now, entry_ids={page.identity: page.entry_id}).ids
            told = {draft.study_id for draft in drafts if draft.identity == page.identity}
            note_availability(conn, page.entry_id, shown, gone, told=told, now=now)
        if tombstone_names and removed:
            purge.scrub(self._db, wait=False)
        return ids
