"""Stories: which news was told by whom, who said it first, and where which drift came in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.errors import NotFoundError
from monitor.core.items.lineage import How, lineage
from monitor.core.judgement import Drift
from monitor.core.search.query import parse_query
from monitor.export.rows import stamp
from monitor.web.api.mentions import Q
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Shape, Stamp
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.items.lineage import Telling
    from monitor.core.mention import Mention, Story

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["stories"])


class StoryOut(Shape):
    """The same news, told by several."""

    id: int
    study: str
    title: str
    mentions: int
    first_mention: int = Field(description="Who said it first")
    first_at: Stamp
    last_at: Stamp


class TellingOut(Shape):
    """One mention in its story's tree."""

    mention: int
    source: str
    published: Stamp
    lang: str
    judged: bool
    hop: int = Field(description="0 for the first")
    how: How
    parent: int | None = Field(alias="from", description="The mention that it was taken from")
    copied: float = Field(description="The share of its words, or of its parent's if that is shorter, that both have")
    drift: list[Drift]
    new_drift: list[Drift] = Field(description="What no telling above it has")


class StoryWhole(Shape):
    """A story with its tree, every telling behind the one that it was taken from."""

    id: int
    study: str
    title: str
    mentions: int
    first_said_by: str
    first_at: Stamp
    last_at: Stamp
    told_by: list[TellingOut]


@router.get("/stories", response_model=Page[StoryOut])
def listed(request: Request, place: Asked, q: Q = "") -> Any:
    """The stories of the mentions that a search finds, newest first."""
    service = service_of(request)
    return place.cut(service.store.stories(parse_query(q, service.clock()), limit=place.needed), _row)


def _row(story: Story) -> Mapping[str, Any]:
    return {
        "id": story.id,
        "study": story.study_id,
        "title": story.title,
        "mentions": story.size,
        "first_mention": story.first_mention_id,
        "first_at": stamp(story.first_at),
        "last_at": stamp(story.last_at),
    }


@router.get("/stories/{story_id}", response_model=StoryWhole)
def one(request: Request, story_id: RowId) -> Any:
    """One story with its lineage."""
    members = service_of(request).store.story_members(story_id)
    if not members:
        raise NotFoundError(f"There is no story {story_id}.", "Its mentions may have been withdrawn.")
    first, when = members[0], [one.published for one in members]
    return {
        "id": first.story_id,
        "study": first.study_id,
        "title": first.title or first.text[:80],
        "mentions": len(members),
        "first_said_by": first.source.name,
        "first_at": stamp(min(when)),
        "last_at": stamp(max(when)),
        "told_by": [_told(telling) for telling in lineage(members)],
    }


def _told(telling: Telling) -> Mapping[str, Any]:
    mention: Mention = telling.mention
    drift: Sequence[str] = sorted({one.flag.drift for one in mention.flags if one.stands and one.flag.is_drift})
    return {
        "mention": mention.id,
        "source": mention.source.name,
        "published": stamp(mention.published),
        "lang": mention.lang,
        "judged": mention.judged,
        "hop": telling.hop,
        "how": telling.how,
        "from": telling.parent,
        "copied": telling.copied,
        "drift": drift,
        "new_drift": telling.new_drift,
    }
