"""Stories: which one each new mention tells again, and what a story says of its mentions. Inside the caller's transaction."""

from __future__ import annotations

import bisect
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.mention import StoryMember
from monitor.core.model import DateConfidence
from monitor.storage.database import CHUNK
from monitor.storage.tables import mentions, stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.mention import MentionDraft
    from monitor.ports import AssignStory

#: How far apart two mentions of one story may be published, and how many of the newest are looked at.
STORY_WINDOW = timedelta(days=60)
STORY_MEMBERS = 500


def assign_stories(
    conn: sa.Connection,
    keys: Sequence[tuple[str, str]],
    ids: Mapping[tuple[str, str], int],
    fresh: Mapping[tuple[str, str], MentionDraft],
    assign: AssignStory,
    now: datetime,
) -> tuple[dict[tuple[str, str], int], set[int]]:
    """Ask `assign` for each draft, oldest first, and insert the stories that begin."""
    members: dict[str, list[StoryMember]] = {}
    chosen: dict[tuple[str, str], int] = {}
    begun: dict[int, list[StoryMember]] = {}
    study_of: dict[int, str] = {}
    next_id = 1 + (conn.scalar(sa.select(sa.func.max(stories.c.id))) or 0)
    for key in keys:
        draft = fresh[key]
        published = draft.entry.published or now
        if draft.study_id not in members:
            days = [fresh[other].entry.published or now for other in keys if other[0] == draft.study_id]
            members[draft.study_id] = _members(conn, draft.study_id, min(days), max(days))
        known = members[draft.study_id]
        story_id = assign(draft, _near(known, published))
        if story_id is None:
            story_id = next_id
            next_id += 1
            begun[story_id], study_of[story_id] = [], draft.study_id
        chosen[key] = story_id
        member = StoryMember(
            mention_id=ids[key],
            story_id=story_id,
            title=draft.title,
            text=draft.text,
            published=published,
            lang=draft.lang,
            claimed=claimed(draft),
        )
        if story_id in begun:
            begun[story_id].append(member)
        bisect.insort(known, member, key=_newest_first)
    if begun:
        conn.execute(sa.insert(stories), [_story(study_of[key], found) for key, found in begun.items()])
    return chosen, set(begun)


def turn() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of a story's mentions, who said it first at the head: as StoryMember.turn."""
    m = mentions.c
    return m.date_confidence == DateConfidence.CLAIMED.value, m.published, m.id


def claimed(draft: MentionDraft) -> bool:
    """Is its date its author's word alone?"""
    return draft.entry.published is not None and draft.entry.date_confidence is DateConfidence.CLAIMED


def _near(known: Sequence[StoryMember], published: datetime) -> Sequence[StoryMember]:
    """The newest members within the window around a date; `known` is sorted newest first."""
    start = bisect.bisect_left(known, (-(published + STORY_WINDOW).timestamp(), -math.inf), key=_newest_first)
    return [member for member in known[start : start + STORY_MEMBERS] if published - member.published <= STORY_WINDOW]


def _newest_first(member: StoryMember) -> tuple[float, int]:
    return -member.published.timestamp(), -member.mention_id


def _story(study_id: str, members: Sequence[StoryMember]) -> dict[str, Any]:
    """A story as its mentions make it."""
    first = min(members, key=lambda member: member.turn)
    return {
        "id": first.story_id,
        "study_id": study_id,
        "title": first.title or _first_words(first.text),
        "first_mention_id": first.mention_id,
        "first_at": first.published,
        "last_at": max(member.published for member in members),
        "size": len(members),
    }


def _members(conn: sa.Connection, study_id: str, first: datetime, last: datetime) -> list[StoryMember]:
    m = mentions.c
    statement = (
        sa.select(m.id, m.story_id, m.title, m.text, m.published, m.lang, m.date_confidence)
        .where(
            m.study_id == study_id,
            m.story_id.is_not(None),
            m.published.between(first - STORY_WINDOW, last + STORY_WINDOW),
        )
        .order_by(m.published.desc(), m.id.desc())
        .limit(STORY_MEMBERS * 2)
    )
    return [
        StoryMember(
            mention_id=row.id,
            story_id=row.story_id,
            title=row.title,
            text=row.text,
            published=row.published,
            lang=row.lang,
            claimed=row.date_confidence == DateConfidence.CLAIMED.value,
        )
        for row in conn.execute(statement)
    ]


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
