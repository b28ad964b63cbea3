"""Stories: which news was told by whom, and how one of them spread. Nothing here writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import QueryError
from monitor.core.items.lineage import lineage
from monitor.core.items.spread import spread
from monitor.export.lists import story_line
from monitor.export.rows import story_row, telling_row
from monitor.web.chart import chart
from monitor.web.exports import list_as
from monitor.web.paging import PAGE, Number, Paged
from monitor.web.render import page, zone_of
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from monitor.core.items.lineage import Telling
    from monitor.core.mention import Story
    from monitor.core.search.nodes import Query
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Stories in an export.
EXPORTED = 10_000
#: Tellings in a tree: each is compared with those before it, and nobody reads further.
TREE_MOST = 300


@router.get("/stories")
def stories(request: Request, number: Number = 1, q: str = "") -> HTMLResponse:
    """The stories with a mention that the query finds, told latest first. 400 for a query that cannot be read."""
    service = service_of(request)
    problem = ""
    found: Paged[Story] = Paged((), 1, 1, 0)
    try:
        found = _paged(service, service.ask(q), number)
    except QueryError as error:
        problem = str(error)
    html = page(
        request,
        "stories.html",
        title="Stories",
        q=q,
        problem=problem,
        paged=found,
        overviews=service.store.story_overviews([story.id for story in found.shown]),
    )
    return HTMLResponse(html, status_code=400 if problem else 200)


def _paged(service: Service, query: Query, number: int) -> Paged[Story]:
    """One page, read alone: there may be very many stories."""
    found = service.store.count_stories(query)
    pages = max(1, -(-found // PAGE))
    number = min(number, pages)
    return Paged(service.store.stories(query, limit=PAGE, offset=(number - 1) * PAGE), number, pages, found)


@router.get("/stories.{form}")
def export(request: Request, form: str, q: str = "") -> Response:
    """The stories that the query finds, as json or csv, those told last as atom."""
    service = service_of(request)
    rows = _rows(service.store, service.ask(q))
    return list_as(request, form, "stories", rows, page=f"/stories?q={quote(q)}", lines=lambda: map(story_line, rows))


def _rows(store: Store, query: Query) -> Sequence[dict[str, Any]]:
    found = store.stories(query, limit=EXPORTED)
    overviews = store.story_overviews([story.id for story in found])
    # One that was withdrawn between the two looks is in neither.
    return [story_row(story, overviews[story.id]) for story in found if story.id in overviews]


@router.get("/stories/{story_id}.json")
def story_file(request: Request, story_id: RowId) -> Response:
    """One story with its tellings; `more` counts those that are not in the tree."""
    store = service_of(request).store
    story = store.story(story_id)
    row = story_row(story, store.story_overviews([story.id])[story.id])
    tellings = lineage(store.story_members(story.id, limit=TREE_MOST))
    told = {
        **row,
        "more": max(0, story.size - len(tellings)),
        "told_by": [telling_row(telling) for telling in tellings],
    }
    return Response(json.dumps(told, ensure_ascii=False), media_type="application/json")


@router.get("/stories/{story_id}", response_model=None)
def story(request: Request, story_id: RowId, was: RowId | None = None) -> str | RedirectResponse:
    """One story: how it spread, who told it first, who took it from whom. The number of one that went into another leads there."""
    store = service_of(request).store
    found = store.story(story_id)
    if found.id != story_id:
        return RedirectResponse(f"/stories/{found.id}?was={story_id}", status_code=301)
    tellings = lineage(store.story_members(found.id, limit=TREE_MOST))
    told = spread(store.story_times(found.id), zone_of(request) or UTC)
    return page(
        request,
        "story.html",
        title=found.title,
        story=found,
        was=was,
        overview=store.story_overviews([found.id])[found.id],
        spread=told,
        chart=chart(told.steps),
        tree=tree_of(tellings),
        tellings=tellings,
        more=max(0, found.size - len(tellings)),
        new_drift=[telling for telling in tellings if telling.new_drift],
        dropped=[telling for telling in tellings if telling.dropped],
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """One telling, with how many levels of the drawing begin and end with it: lists are nested without recursion, as stories may be
    hundreds of hops deep. `depth` is that of the drawing, at most DEPTH_MOST.
    """

    telling: Telling
    depth: int
    opens: bool
    closes: int


#: Deeper hops stand at this depth and say their number: a phone has no more room.
DEPTH_MOST = 6


def tree_of(tellings: Sequence[Telling]) -> list[Branch]:
    """Tellings in the order of the tree, as nested lists are written."""
    depths = [min(telling.hop, DEPTH_MOST) for telling in tellings] + [0]
    return [
        Branch(telling, depth, opens=following > depth, closes=max(0, depth - following))
        for telling, depth, following in zip(tellings, depths[:-1], depths[1:], strict=True)
    ]
