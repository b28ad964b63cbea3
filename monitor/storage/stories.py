"""Stories as they are listed and shown, and the catching up on those that were stored before they had keys."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.judgement import DRIFT_CONFIDENCE
from monitor.core.mention import Mention, Story, StoryOverview
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items.mentions import load
from monitor.storage.items.stories import place_again, standing_story, turn
from monitor.storage.search import matching
from monitor.storage.settings import value_of
from monitor.storage.tables import flags, mentions, settings, sources, stories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.items.stories import StoryRelation
    from monitor.core.search.nodes import Query
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)

#: The setting that tells which mentions have keys: the version of the keys, and the number from which on all have them.
KEYED = "stories-keyed"


class StoryRows:
    """Store: stories, count_stories, story, story_overviews, story_times, story_members, key_stories."""

    _db: Database

    def stories(self, query: Query, *, limit: int = 50, offset: int = 0) -> Sequence[Story]:
        with self._db.read() as conn:
            chosen = sa.select(stories).where(*self._told(conn, query))
            newest = chosen.order_by(stories.c.last_at.desc(), stories.c.id.desc())
            return tuple(_story(row) for row in conn.execute(newest.limit(limit).offset(offset)).mappings())

    def count_stories(self, query: Query) -> int:
        with self._db.read() as conn:
            counted = sa.select(sa.func.count()).select_from(stories).where(*self._told(conn, query))
            return int(conn.scalar(counted) or 0)

    def _told(self, conn: sa.Connection, query: Query) -> list[sa.ColumnElement[bool]]:
        matched = matching(self._db, conn, query)
        if matched is None:
            return []
        return [stories.c.id.in_(sa.select(mentions.c.story_id).where(mentions.c.id.in_(matched)))]

    def story(self, story_id: int) -> Story:
        with self._db.read() as conn:
            chosen = sa.select(stories).where(stories.c.id == standing_story(conn, story_id))
            row = conn.execute(chosen).mappings().one_or_none()
        if row is None:
            raise NotFoundError(f"There is no story {story_id}.", "It may have been withdrawn with its mentions.")
        return _story(row)

    def story_overviews(self, story_ids: Sequence[int]) -> Mapping[int, StoryOverview]:
        m = mentions.c
        found: dict[int, StoryOverview] = {}
        with self._db.read() as conn:
            for at in range(0, len(story_ids), CHUNK):
                chunk = story_ids[at : at + CHUNK]
                drift, flagged = _flags_of(conn, chunk)
                outlets = sa.func.count(m.source_id.distinct()).label("outlets")
                counted = sa.select(m.story_id, outlets).where(m.story_id.in_(chunk)).group_by(m.story_id).subquery()
                chosen = (
                    sa.select(stories.c.id, counted.c.outlets, sources.c.name, sources.c.key, m.lang)
                    .join_from(stories, counted, counted.c.story_id == stories.c.id)
                    .join(mentions, m.id == stories.c.first_mention_id)
                    .join(sources, sources.c.id == m.source_id)
                )
                for row in conn.execute(chosen):
                    kinds = sorted(drift[row.id].items(), key=lambda pair: (-pair[1], pair[0]))
                    found[row.id] = StoryOverview(
                        first_source=row.name,
                        first_key=row.key,
                        outlets=row.outlets,
                        flagged=flagged[row.id],
                        drift=tuple(kind for kind, _ in kinds),
                        lang=row.lang,
                    )
        return found

    def story_times(self, story_id: int) -> Sequence[tuple[datetime, bool]]:
        m = mentions.c
        goes_too_far = index.too_far().label("flagged")
        with self._db.read() as conn:
            chosen = sa.select(m.published, goes_too_far).where(m.story_id == standing_story(conn, story_id))
            return tuple((row.published, bool(row.flagged)) for row in conn.execute(chosen.order_by(m.published, m.id)))

    def story_members(self, story_id: int, *, limit: int | None = None) -> Sequence[Mention]:
        m = mentions.c
        with self._db.read() as conn:
            chosen = sa.select(m.id).where(m.story_id == standing_story(conn, story_id))
            return tuple(load(conn, list(conn.scalars(chosen.order_by(*turn()).limit(limit)))))

    def key_stories(self, relation: StoryRelation, limit: int) -> int:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            version, _, before = (value_of(conn, KEYED) or "").partition(" ")
            chosen = sa.select(mentions.c.id).order_by(mentions.c.id.desc()).limit(limit)
            if version == str(relation.version):
                chosen = chosen.where(mentions.c.id < int(before))
            ids = list(conn.scalars(chosen))
            place_again(self._db, conn, relation, ids)
            value = f"{relation.version} {ids[-1] if ids else 0}"
            wish = self._db.insert(settings).values(name=KEYED, value=value)
            conn.execute(wish.on_conflict_do_update(index_elements=["name"], set_={"value": wish.excluded.value}))
        return len(ids)


def _flags_of(conn: sa.Connection, story_ids: Sequence[int]) -> tuple[dict[int, Counter[str]], Counter[int]]:
    """By story: how many mentions have which drift, and how many go too far."""
    m, f = mentions.c, flags.c
    drift: dict[int, Counter[str]] = defaultdict(Counter)
    of_stories = sa.select(m.story_id, f.drift, sa.func.count(m.id.distinct()).label("n")).join_from(
        mentions, flags, f.mention_id == m.id
    )
    standing = of_stories.where(m.story_id.in_(story_ids), index.stands(), f.confidence >= DRIFT_CONFIDENCE)
    for row in conn.execute(standing.group_by(m.story_id, f.drift)):
        drift[row.story_id][row.drift] = row.n
    sure = sa.select(m.story_id, sa.func.count(m.id.distinct()).label("n")).join_from(
        mentions, flags, f.mention_id == m.id
    )
    confirmed = sure.where(m.story_id.in_(story_ids), index.confirmed()).group_by(m.story_id)
    return drift, Counter({row.story_id: row.n for row in conn.execute(confirmed)})


def _story(row: Mapping[str, Any] | sa.RowMapping) -> Story:
    return Story(
        id=row["id"],
        study_id=row["study_id"],
        title=row["title"],
        first_mention_id=row["first_mention_id"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        size=row["size"],
    )
