"""Stories: which news was told by whom, who said it first, where which drift came in, and which caveats were dropped."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.items.lineage import How, lineage
from monitor.core.judgement import Drift
from monitor.core.search.query import parse_query
from monitor.export.rows import story_row, telling_row
from monitor.web.api.mentions import Q
from monitor.web.api.paging import DEEPEST, Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Shape, Stamp
from monitor.web.request import RowId, service_of
from monitor.web.stories import TREE_MOST

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["stories"])


class StoryOut(Shape):
    """The same news, told by several."""

    id: int
    study: str
    title: str
    lang: str = Field(description="Of who said it first")
    mentions: int
    outlets: int
    too_far: int = Field(description="Mentions with a flag that is mailed")
    drift: list[Drift] = Field(description="The most frequent first")
    first_said_by: str
    first_key: str
    first_mention: int
    first_at: Stamp
    last_at: Stamp


class TellingOut(Shape):
    """One mention in its story's tree."""

    mention: int
    source: str
    source_key: str
    url: str | None
    title: str
    published: Stamp
    lang: str
    judged: bool
    hop: int = Field(description="0 for the first")
    how: How
    parent: int | None = Field(alias="from", description="The mention that it was taken from")
    copied: float = Field(description="The share of its words, or of its parent's if that is shorter, that both have")
    drift: list[Drift]
    new_drift: list[Drift] = Field(description="What no telling above it has")
    dropped_caveats: list[str] = Field(description="What its parent names, and a reader of it does not learn")


class StoryWhole(StoryOut):
    """A story with its tree, every telling behind the one that it was taken from; `more` are not in it."""

    more: int
    told_by: list[TellingOut]


@router.get("/stories", response_model=Page[StoryOut])
def listed(request: Request, place: Asked, q: Q = "") -> Any:
    """The stories of the mentions that a search finds, those told last first."""
    service = service_of(request)
    query = parse_query(q, service.clock())
    found = service.store.stories(query, limit=place.limit + 1, offset=place.first)
    shown, end = found[: place.limit], place.first + place.limit
    overviews = service.store.story_overviews([story.id for story in shown])
    # One that was withdrawn between the two looks is in neither.
    rows = [story_row(story, overviews[story.id]) for story in shown if story.id in overviews]
    return place.page(rows, (end,) if len(found) > place.limit and end <= DEEPEST else None)


@router.get("/stories/{story_id}", response_model=StoryWhole)
def one(request: Request, story_id: RowId) -> Any:
    """One story with its lineage; the number of one that went into another leads to that."""
    store = service_of(request).store
    story = store.story(story_id)
    tellings = lineage(store.story_members(story.id, limit=TREE_MOST))
    row = story_row(story, store.story_overviews([story.id])[story.id])
    told_by = [telling_row(telling) for telling in tellings]
    return {**row, "more": max(0, story.size - len(tellings)), "told_by": told_by}
