"""Stories: which one each new mention tells again, which become one, and what a story says of its mentions.

Inside the caller's transaction, of which only one at a time writes mentions. Which texts are one story is decided by a
`StoryRelation` and by `Clusters` (core); here texts are found, and what was decided is written.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.items.stories import PARAPHRASE_WINDOW, TEXT_MOST, WORDS_SHARED, Clusters
from monitor.core.mention import StoryText
from monitor.core.model import DateConfidence
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items import story_keys
from monitor.storage.items.flags import settle
from monitor.storage.tables import mentions, merged_stories, storable, stories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.items.stories import StoryKeys, StoryRelation
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database

logger = logging.getLogger(__name__)

#: Texts of one story that are read at a time, until one is found that is retold.
ASKED_AT_ONCE = 4


@dataclass(slots=True)
class Placed:
    """To which stories mentions belong: `begun` are new, and `merged` ones go into others. `keys` are theirs, not yet stored."""

    story_of: dict[int, int]
    keys: Mapping[int, StoryKeys]
    begun: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)

    @property
    def grown(self) -> set[int]:
        """Stories that were there before and have other mentions now."""
        return {*self.story_of.values(), *self.merged.values()} - self.begun


def place(db: Database, conn: sa.Connection, relation: StoryRelation, told: Sequence[StoryText]) -> Placed:
    """Find the story of each text, oldest first, and insert the stories that begin. Merging is left to `merge`."""
    keys = {one.mention_id: relation.keys(one) for one in told}
    clusters = Clusters()
    for one in told:
        if one.story_id is not None:
            clusters.join(_mention(one.mention_id), _story_node(one.story_id))
    _join_batch(clusters, relation, told, keys)
    _join_stored(db, conn, clusters, relation, told, keys)
    placed = Placed({}, keys, merged=_merging(clusters))
    _number(conn, clusters, told, placed)
    return placed


def _mention(number: int) -> tuple[int, int]:
    return 1, number


def _story_node(number: int) -> tuple[int, int]:
    """Stories come before mentions: the story with the lowest number is the least of its cluster, and stays."""
    return 0, number


def _join_batch(
    clusters: Clusters, relation: StoryRelation, told: Sequence[StoryText], keys: Mapping[int, StoryKeys]
) -> None:
    """Join the texts of one batch: candidates as among stored ones."""

    def retold(key: int, one: StoryText, other: StoryText) -> bool:
        """Asked by each word that two texts share, and answered at the first of them: at another the answer would be the same."""
        if abs(one.published - other.published) > PARAPHRASE_WINDOW:
            return False
        shared = keys[one.mention_id].words & keys[other.mention_id].words
        return len(shared) >= WORDS_SHARED and key == min(shared) and relation.paraphrased(one, other)

    holders: dict[int, list[StoryText]] = defaultdict(list)
    for one in told:
        for key in keys[one.mention_id].copies:
            holders[key].append(one)
    for sharing in holders.values():
        _join_sharing(clusters, sharing, relation.copied)
    holders.clear()
    for one in told:
        for key in keys[one.mention_id].words:
            holders[key].append(one)
    for key, sharing in holders.items():
        _join_sharing(clusters, sharing, partial(retold, key))


def _join_sharing(
    clusters: Clusters, sharing: Sequence[StoryText], same: Callable[[StoryText, StoryText], bool]
) -> None:
    """Join texts that share a key; those that are together are not asked, so a thousand copies are not a million pairs."""
    groups: list[list[StoryText]] = []
    for one in sharing:
        mine = _mention(one.mention_id)
        joined = [one]
        apart = []
        for group in groups:
            theirs = _mention(group[0].mention_id)
            if clusters.together(mine, theirs) or any(same(one, other) for other in group):
                clusters.join(mine, theirs)
                joined += group
            else:
                apart.append(group)
        groups = [*apart, joined]


def _join_stored(
    db: Database,
    conn: sa.Connection,
    clusters: Clusters,
    relation: StoryRelation,
    told: Sequence[StoryText],
    keys: Mapping[int, StoryKeys],
) -> None:
    """Join the texts with stored stories. Of each story some texts are read, then some more, until one is retold."""
    by_id = {one.mention_id: one for one in told}
    found = story_keys.candidates(db, conn, told, keys)
    open_for = [(by_id[number], story, others) for (number, story), others in found.items()]
    while open_for:
        now = {other for _, _, others in open_for for other, _ in others[:ASKED_AT_ONCE]}
        texts = {text.mention_id: text for text in texts_of(conn, now)}
        again = []
        for one, story, others in open_for:
            mine, theirs = _mention(one.mention_id), _story_node(story)
            if clusters.together(mine, theirs):
                continue
            if any(
                (relation.copied if as_copy else relation.paraphrased)(one, texts[other])
                for other, as_copy in others[:ASKED_AT_ONCE]
            ):
                clusters.join(mine, theirs)
            elif rest := others[ASKED_AT_ONCE:]:
                again.append((one, story, rest))
        open_for = again


def _merging(clusters: Clusters) -> dict[int, int]:
    """Stories that go into another, and into which."""
    found = {}
    for (is_mention, number), (_, least) in clusters.roots().items():
        if not is_mention and number != least:
            found[number] = least
    return found


def _number(conn: sa.Connection, clusters: Clusters, told: Sequence[StoryText], placed: Placed) -> None:
    """Give each text the number of its story; those that begin one get the next, in order."""
    next_id = _next_id(conn)
    begun: dict[tuple[int, int], int] = {}
    members: dict[int, list[StoryText]] = defaultdict(list)
    for one in told:
        root = clusters.root(_mention(one.mention_id))
        story = root[1] if root[0] == 0 else begun.setdefault(root, next_id + len(begun))
        placed.story_of[one.mention_id] = story
        members[story].append(one)
    placed.begun = set(begun.values())
    if begun:
        conn.execute(sa.insert(stories), [_story(story, members[story]) for story in sorted(placed.begun)])


def _next_id(conn: sa.Connection) -> int:
    """A number that no story has, and none had that went into another: its address leads there."""
    highest = (conn.scalar(sa.select(sa.func.max(column))) or 0 for column in (stories.c.id, merged_stories.c.old_id))
    return 1 + max(highest)


def merge(db: Database, conn: sa.Connection, merged: Mapping[int, int]) -> None:
    """Move the mentions of stories into others. Their old numbers lead on, and what was decided about the same words holds."""
    for old, story in sorted(merged.items()):
        logger.info("Story %s goes into story %s: a text retells both", old, story)
        conn.execute(sa.update(mentions).where(mentions.c.story_id == old).values(story_id=story))
        conn.execute(sa.update(merged_stories).where(merged_stories.c.story_id == old).values(story_id=story))
        conn.execute(sa.insert(merged_stories).values(old_id=old, story_id=story))
        conn.execute(sa.delete(stories).where(stories.c.id == old))
    for story in sorted(set(merged.values())):
        ids = list(conn.scalars(sa.select(mentions.c.id).where(mentions.c.story_id == story)))
        settle(conn, ids)
        index.put(db, conn, ids)


def place_again(db: Database, conn: sa.Connection, relation: StoryRelation, mention_ids: Iterable[int]) -> None:
    """Look anew for what these stored mentions retell: their words or dates changed, or they have no keys. None leaves its story."""
    told = sorted(texts_of(conn, mention_ids), key=lambda one: one.turn)
    if not told:
        return
    story_keys.remove(conn, [one.mention_id for one in told])
    placed = place(db, conn, relation, told)
    alone = {one.mention_id: placed.story_of[one.mention_id] for one in told if one.story_id is None}
    for number, story in alone.items():
        conn.execute(sa.update(mentions).where(mentions.c.id == number).values(story_id=story))
    index.put(db, conn, alone)
    finish(db, conn, placed)


def finish(db: Database, conn: sa.Connection, placed: Placed) -> None:
    """Write what `place` found, once the mentions are stored."""
    story_keys.put(conn, placed.keys)
    merge(db, conn, placed.merged)
    refresh_stories(conn, placed.grown)


def text_of(mention_id: int, draft: MentionDraft, now: datetime) -> StoryText:
    """A draft as it is asked about: as it will be stored."""
    return StoryText(
        mention_id=mention_id,
        study_id=draft.study_id,
        title=storable(draft.title),
        text=storable(draft.text)[:TEXT_MOST],
        published=draft.entry.published or now,
        because=tuple(draft.relevance.because),
        claimed=claimed(draft),
    )


def texts_of(conn: sa.Connection, mention_ids: Iterable[int]) -> list[StoryText]:
    """Stored mentions as they are asked about, in the order of their numbers."""
    ids = sorted(mention_ids)
    m = mentions.c
    beginning = sa.func.substr(m.text, 1, TEXT_MOST).label("text")
    chosen = sa.select(m.id, m.study_id, m.story_id, m.title, beginning, m.published, m.because, m.date_confidence)
    return [
        StoryText(
            mention_id=row.id,
            study_id=row.study_id,
            title=row.title,
            text=row.text,
            published=row.published,
            because=tuple(row.because),
            story_id=row.story_id,
            claimed=row.date_confidence == DateConfidence.CLAIMED.value,
        )
        for at in range(0, len(ids), CHUNK)
        for row in conn.execute(chosen.where(m.id.in_(ids[at : at + CHUNK])).order_by(m.id))
    ]


def standing_story(conn: sa.Connection, story_id: int) -> int:
    """The number of the story that one with this number went into; the number itself if it went into none."""
    into = conn.scalar(sa.select(merged_stories.c.story_id).where(merged_stories.c.old_id == story_id))
    return story_id if into is None else into


def turn() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of a story's mentions, who said it first at the head: as StoryMember.turn."""
    m = mentions.c
    return m.date_confidence == DateConfidence.CLAIMED.value, m.published, m.id


def claimed(draft: MentionDraft) -> bool:
    """Is its date its author's word alone?"""
    return draft.entry.published is not None and draft.entry.date_confidence is DateConfidence.CLAIMED


def _story(story_id: int, members: Sequence[StoryText]) -> dict[str, Any]:
    """A story as its mentions make it."""
    first = min(members, key=lambda member: member.turn)
    return {
        "id": story_id,
        "study_id": first.study_id,
        "title": first.title or _first_words(first.text),
        "first_mention_id": first.mention_id,
        "first_at": first.published,
        "last_at": max(member.published for member in members),
        "size": len(members),
    }


def refresh_stories(conn: sa.Connection, story_ids: Iterable[int]) -> None:
    """Bring the stories' size, first and last up to date; one without mentions is dropped."""
    ids = sorted(story_ids)
    m = mentions.c
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        spans = {
            row.story_id: row
            for row in conn.execute(
                sa.select(
                    m.story_id,
                    sa.func.count().label("size"),
                    sa.func.max(m.published, type_=m.published.type).label("last_at"),
                )
                .where(m.story_id.in_(chunk))
                .group_by(m.story_id)
            )
        }
        for story_id in chunk:
            if story_id not in spans:
                conn.execute(sa.delete(stories).where(stories.c.id == story_id))
                continue
            span = spans[story_id]
            first = conn.execute(
                sa.select(m.id, m.title, m.text, m.published).where(m.story_id == story_id).order_by(*turn()).limit(1)
            ).one()
            conn.execute(
                sa.update(stories)
                .where(stories.c.id == story_id)
                .values(
                    title=first.title or _first_words(first.text),
                    first_mention_id=first.id,
                    first_at=first.published,
                    last_at=span.last_at,
                    size=span.size,
                )
            )


def _first_words(text: str, most: int = 100) -> str:
    """The first words of a text that has no headline."""
    line = " ".join(text[: most * 2].split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + "…"
