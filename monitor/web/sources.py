"""Sources: what is read and how it goes, what needs somebody first; one of them, with what can be done about it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError
from monitor.core.feeds.health import host_faults
from monitor.core.feeds.needs import CHARGES
from monitor.core.feeds.remedies import for_page
from monitor.core.feeds.standing import State, kind_words, trouble_first
from monitor.core.items.urls import domain_of
from monitor.core.model import FeedKind
from monitor.core.search.nodes import quoted
from monitor.core.text.lang import languages
from monitor.pipeline.source_looks import try_source
from monitor.pipeline.sources import change, check_weight, meters, overview, resume, standing_of, went_wrong
from monitor.web.audit import noted
from monitor.web.paging import FEW, Number, paged
from monitor.web.render import page
from monitor.web.request import RowId, service_of
from monitor.web.source_fields import Typed, led_to, name_of, problems_of, studies_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.feed import Feed
    from monitor.pipeline.source_looks import Look
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Sources that the page tells about one by one; the others stand first in the list.
MOST_TROUBLED = 8
#: What the pages say after a form was sent.
DONE: Mapping[str, str] = {
    "added": "Added. It is read within a minute while Hypewatch runs.",
    "known": "This source was read already; it stays as it was.",
    "saved": "Saved.",
    "paused": "Paused. Nothing is read from it until somebody resumes it.",
    "resumed": "It is read again, within a minute while Hypewatch runs.",
    "removed": "Removed. What it brought stays.",
}


@router.get("/sources")
def sources(
    request: Request,
    q: str = "",
    state: str = "",
    number: Number = 1,
    done: str = "",
) -> str:
    """All of them, those first that need somebody; or those with words in their name or address, or of one state."""
    service = service_of(request)
    everything = trouble_first(overview(service.store, service.clock()))
    named = [one for one in everything if q.casefold() in f"{one.name} {one.feed.url}".casefold()]
    only = _state_of(state)
    return page(
        request,
        "sources.html",
        title="Sources",
        sources=everything,
        troubled=[one for one in everything if one.state.troubled and one.state is not State.WITH_HOST],
        most_troubled=MOST_TROUBLED,
        read=sum(one.state is not State.PAUSED for one in everything),
        faults=host_faults(one.feed for one in everything),
        meters=meters(service.deps, {one.feed.kind.network for one in everything}),
        states=[(one, _slug(one), count) for one, count in Counter(one.state for one in named).items()],
        q=q,
        only=only,
        slug=_slug(only) if only else "",
        paged=paged([one for one in named if only in (None, one.state)], number),
        narrows=len(everything) > FEW,
        kind_words=partial(kind_words, studies=_names(service)),
        done=DONE.get(done, ""),
    )


def _slug(state: State) -> str:
    """How an address names a state."""
    return state.name.lower().replace("_", "-")


def _state_of(slug: str) -> State | None:
    for state in State:
        if _slug(state) == slug:
            return state
    if slug:
        raise NotFoundError("Sources have no such state.", "Sources shows all of them.")
    return None


@router.get("/sources/{feed_id}")
def source(request: Request, feed_id: RowId, done: str = "") -> str:
    """How it goes, what went wrong last, what it brought, and what can be set of it."""
    return _source(request, feed_id, done=DONE.get(done, ""))


@router.post("/sources/{feed_id}")
def set_source(
    request: Request,
    feed_id: RowId,
    title: Annotated[str, Form()] = "",
    lang: Annotated[str, Form()] = "",
    weight: Annotated[str, Form()] = "",
) -> Response:
    """Set its name, language and reach."""
    store, before = service_of(request).store, _feed(request, feed_id)
    problems = problems_of(title=title, lang="" if lang == before.lang else lang, weight=weight)
    if problems:
        typed = Typed(title=title, lang=lang, weight=weight)
        return HTMLResponse(_source(request, feed_id, typed=typed, problems=problems), status_code=400)
    after = change(store, feed_id, title=title, lang=lang, weight=check_weight(weight))
    names = {"title": "name", "lang": "language", "weight": "reach"}
    if what := [words for name, words in names.items() if getattr(before, name) != getattr(after, name)]:
        noted(request, Area.SOURCES, f"changed the source {name_of(after)}: {', '.join(what)}", f"/sources/{feed_id}")
    return led_to(feed_id, "saved")


@router.post("/sources/{feed_id}/pause")
def pause(request: Request, feed_id: RowId) -> Response:
    """Do not read it for now."""
    feed = _feed(request, feed_id)
    service_of(request).store.set_feed(feed_id, paused=True)
    if not feed.paused:
        noted(request, Area.SOURCES, f"paused the source {name_of(feed)}", f"/sources/{feed_id}")
    return led_to(feed_id, "paused")


@router.post("/sources/{feed_id}/resume")
def go_on(request: Request, feed_id: RowId) -> Response:
    """Read it again, at once, whatever kept it from being read."""
    service, feed = service_of(request), _feed(request, feed_id)
    resume(service.store, feed_id, service.clock())
    noted(request, Area.SOURCES, f"had the source {name_of(feed)} read again", f"/sources/{feed_id}")
    return led_to(feed_id, "resumed")


@router.post("/sources/{feed_id}/remove")
def remove(request: Request, feed_id: RowId) -> Response:
    """Stop reading it for good; what it brought stays."""
    feed = _feed(request, feed_id)
    service_of(request).store.remove_feed(feed_id)
    noted(request, Area.SOURCES, f"removed the source {name_of(feed)}", "/sources")
    return RedirectResponse("/sources?done=removed", status_code=303)


@router.post("/sources/{feed_id}/test")
def test(request: Request, feed_id: RowId) -> str:
    """Read it now, show what came, and store nothing."""
    _feed(request, feed_id)
    return _source(request, feed_id, seen=try_source(service_of(request).deps, feed_id))


def _source(
    request: Request,
    feed_id: int,
    *,
    done: str = "",
    seen: Look | None = None,
    typed: Typed | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    service, feed = service_of(request), _feed(request, feed_id)
    one = standing_of(service.store, feed_id, service.clock())
    records = service.store.poll_outcomes(feed_id)
    return page(
        request,
        "source.html",
        title=one.name,
        one=one,
        what=kind_words(feed, _names(service)),
        study=_names(service).get(feed.url, feed.url) if feed.kind.watches else "",
        readings=[(record, for_page(record.sentence)) for record in records],
        wrong=went_wrong(feed.kind, records),
        charges=feed.kind.slug in CHARGES,
        mentions=_mentions(feed),
        seen=seen,
        typed=typed or Typed(title=feed.title, lang=feed.lang, weight=str(feed.weight or "")),
        problems=problems or {},
        languages=languages(),
        done=done,
    )


def _names(service: Service) -> Mapping[str, str]:
    return {study.id: study.name for study in studies_of(service)}


def _mentions(feed: Feed) -> str:
    """The search that finds the mentions of whoever speaks there; "" where no search tells them apart."""
    if feed.kind.watches:
        return ""
    if feed.kind is not FeedKind.FEED:
        return f"network:{feed.kind.network.value}"
    host = domain_of(feed.url) or ""
    known = {"youtube.com": "network:youtube", "reddit.com": "network:reddit", "bsky.app": "network:bluesky"}
    if host == "news.google.com" or not host:
        return ""
    return known.get(host) or f"source:{quoted(host)}"


def _feed(request: Request, feed_id: int) -> Feed:
    """The source, or an error whose hint leads to a page and not to a command."""
    try:
        return service_of(request).store.feed(feed_id)
    except NotFoundError:
        raise NotFoundError(
            "There is no such source.", "It may have been removed. Sources lists those there are."
        ) from None
