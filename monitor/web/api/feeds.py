"""Feeds: the sources that are read, how each goes, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.errors import UsageError
from monitor.core.feeds.needs import lacking
from monitor.core.feeds.standing import State, trouble_first
from monitor.core.model import FeedKind, Outcome
from monitor.export.rows import stamp
from monitor.export.sources import source_row
from monitor.pipeline.source_lists import Did, bring
from monitor.pipeline.source_looks import look, try_source
from monitor.pipeline.sources import MOST_TITLE, check_lang, checked, overview, resume, save, standing_of
from monitor.pipeline.sources import change as change_source
from monitor.sources.feeds.opml import read_opml
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of
from monitor.web.source_fields import name_of
from monitor.web.source_lists import ADDED_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.feed import PollRecord
    from monitor.pipeline.source_looks import Look
    from monitor.service import Service

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["feeds"])

#: Letters of a list of sources.
MOST_LIST = 2_000_000
Reach = Annotated[int | None, Field(ge=1, le=5, description="Its reach: 5 is a national paper, 1 a small blog")]


class FeedOut(Shape):
    """A source that is read, with how it stands and what to do."""

    id: int
    name: str
    kind: FeedKind
    what: str
    url: str
    lang: str
    weight: int | None
    state: State
    health: str
    to_do: str
    paused: bool
    last_polled: Stamp | None
    last_success: Stamp | None
    next: Stamp | None
    items_a_week: float | None
    entries: int


class Reading(Shape):
    """One time that it was read."""

    at: Stamp
    outcome: Outcome
    new: int
    changed: int
    same: int
    seconds: float
    sentence: str


class FeedWhole(FeedOut):
    """A source with its last 30 readings, newest first."""

    readings: list[Reading]


class FeedIn(Sent):
    """A source to read: an address (`feed`), a search on a network, or a study to watch."""

    kind: FeedKind = FeedKind.FEED
    url: str = Field(max_length=4_000, examples=["https://example.org/science.xml"])
    title: str = Field("", max_length=MOST_TITLE)
    lang: str = Field("", max_length=35, description="Its language if it does not say")
    weight: Reach = None
    accept_terms: bool = Field(False, description="Google News: you have read its terms, and they fit")


class FeedChange(Sent):
    """What of a source is set; what is not named stays. A `weight` of null takes the reach away."""

    title: str | None = Field(None, max_length=MOST_TITLE)
    lang: str | None = Field(None, max_length=35)
    weight: Reach = None


class Item(Shape):
    """One item that came."""

    title: str
    published: Stamp | None
    link: str | None


class LookIn(Sent):
    """What would be added."""

    kind: FeedKind = FeedKind.FEED
    url: str = Field(max_length=4_000)


class LookOut(Shape):
    """What a source brings, read just now; nothing was stored. `url` is the address to add; `offered` are the feeds of a page that has several."""

    url: str
    title: str
    lang: str
    offered: list[str]

    items: list[Item]
    total: int
    trouble: str = Field(description="Why nothing came; empty if something did")
    to_do: str
    note: str


class ListIn(Sent):
    """A list of sources, as OPML."""

    opml: str = Field(max_length=MOST_LIST)


class Brought(Shape):
    """What became of a source of the list."""

    url: str
    did: Did
    why: str


class ListOut(Shape):
    """What became of each source; `left` were not reached: send the list again. Lines with a slip were mended."""

    items: list[Brought]
    left: int
    mended: list[int]
    problem: str = Field(description="Where the list could not be read any further; empty if it could")


@router.get("/feeds", response_model=Page[FeedOut])
def listed(
    request: Request,
    place: Asked,
    q: Annotated[str, Query(max_length=200, description="Words of its name or address")] = "",
) -> Any:
    """All sources, those first that need somebody."""
    service = service_of(request)
    found = trouble_first(overview(service.store, service.clock()))
    return place.cut([one for one in found if q.casefold() in f"{one.name} {one.feed.url}".casefold()], source_row)


@router.post("/feeds/look", response_model=LookOut)
def look_at(request: Request, sent: LookIn) -> Any:
    """Read what would be added, tell what came, and store nothing."""
    service = service_of(request)
    url = checked(service.deps, sent.kind, sent.url)
    _check_key(service, sent.kind, url)
    return _look(look(service.deps, sent.kind, url))


@router.post("/feeds/import", response_model=ListOut)
def bring_list(request: Request, sent: ListIn) -> Any:
    """Add the sources of an OPML list; each is told of."""
    service = service_of(request)
    found = read_opml(sent.opml.encode(), "the list")
    lines: list[Mapping[str, Any]] = []
    count = 0
    for one in bring(service.deps, found.listed):
        lines.append({"url": one.source.url, "did": one.did, "why": one.why})
        count += one.did is Did.ADDED
        if count == ADDED_AT_ONCE:
            break
    if count:
        noted(request, Area.SOURCES, f"added {count} {'source' if count == 1 else 'sources'} of a list", "/sources")
    problem = str(found.problem) if found.problem else ""
    return {"items": lines, "left": len(found.listed) - len(lines), "mended": found.mended, "problem": problem}


@router.get("/feeds/{feed_id}", response_model=FeedWhole)
def one(request: Request, feed_id: RowId) -> Any:
    """One source with its last readings."""
    service = service_of(request)
    row = source_row(standing_of(service.store, feed_id, service.clock()))
    return row | {"readings": [_reading(record) for record in service.store.poll_outcomes(feed_id)]}


def _reading(record: PollRecord) -> Mapping[str, Any]:
    return {
        "at": stamp(record.at),
        "outcome": record.outcome,
        "new": record.new,
        "changed": record.changed,
        "same": record.same,
        "seconds": round(record.seconds, 2),
        "sentence": record.sentence,
    }


@router.post(
    "/feeds",
    response_model=FeedWhole,
    status_code=201,
    responses={200: {"model": FeedWhole, "description": "It is read already"}},
)
def add(request: Request, sent: FeedIn, response: Response) -> Any:
    """Add a source; it is read at the next tick. One that is read already stays as it is (200)."""
    service = service_of(request)
    url = checked(service.deps, sent.kind, sent.url)
    _check_key(service, sent.kind, url)
    saved = save(
        service.deps,
        sent.kind,
        url,
        title=sent.title,
        lang=check_lang(sent.lang),
        weight=sent.weight,
        terms=sent.accept_terms,
    )
    if not saved.known:
        noted(request, Area.SOURCES, f"added the source {name_of(saved.feed)}", f"/sources/{saved.feed.id}")
    response.status_code = 200 if saved.known else 201
    return one(request, saved.feed.id)


def _check_key(service: Service, kind: FeedKind, url: str) -> None:
    """Raise UsageError for a network whose key is missing."""
    if missing := lacking(kind, url, service.settings.of):
        raise UsageError(f"{kind.label} cannot be searched: {missing} is missing.", "Its setting is to be made first.")


@router.patch("/feeds/{feed_id}", response_model=FeedWhole)
def change(request: Request, feed_id: RowId, sent: FeedChange) -> Any:
    """Set name, language and reach."""
    store = service_of(request).store
    before = store.feed(feed_id)
    after = change_source(
        store,
        feed_id,
        title=before.title if sent.title is None else sent.title,
        lang=before.lang if sent.lang is None else sent.lang,
        weight=sent.weight if "weight" in sent.model_fields_set else before.weight,
    )
    if after != before:
        noted(request, Area.SOURCES, f"changed the source {name_of(after)}", f"/sources/{feed_id}")
    return one(request, feed_id)


@router.delete("/feeds/{feed_id}", status_code=204)
def remove(request: Request, feed_id: RowId) -> None:
    """Stop reading it for good; what it brought stays."""
    store = service_of(request).store
    feed = store.feed(feed_id)
    store.remove_feed(feed_id)
    noted(request, Area.SOURCES, f"removed the source {name_of(feed)}", "/sources")


@router.post("/feeds/{feed_id}/pause", response_model=FeedWhole)
def pause(request: Request, feed_id: RowId) -> Any:
    """Do not read it for now."""
    store = service_of(request).store
    feed = store.feed(feed_id)
    store.set_feed(feed_id, paused=True)
    if not feed.paused:
        noted(request, Area.SOURCES, f"paused the source {name_of(feed)}", f"/sources/{feed_id}")
    return one(request, feed_id)


@router.post("/feeds/{feed_id}/resume", response_model=FeedWhole)
def go_on(request: Request, feed_id: RowId) -> Any:
    """Read it again at the next tick, whatever kept it from being read."""
    service = service_of(request)
    feed = service.store.feed(feed_id)
    resume(service.store, feed_id, service.clock())
    noted(request, Area.SOURCES, f"had the source {name_of(feed)} read again", f"/sources/{feed_id}")
    return one(request, feed_id)


@router.post("/feeds/{feed_id}/test", response_model=LookOut)
def test(request: Request, feed_id: RowId) -> Any:
    """Read it now, tell what came, and store nothing."""
    return _look(try_source(service_of(request).deps, feed_id))


def _look(seen: Look) -> Mapping[str, Any]:
    items = [{"title": item.title, "published": stamp(item.published), "link": item.link} for item in seen.items]
    return {
        "url": seen.url,
        "title": seen.title,
        "lang": seen.lang,
        "offered": list(seen.offered),
        "items": items,
        "total": seen.total,
        "trouble": seen.trouble,
        "to_do": seen.remedy,
        "note": seen.note,
    }
