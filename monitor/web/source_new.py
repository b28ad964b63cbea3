"""Anything pasted is recognised, looked at, and added as a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import UsageError
from monitor.core.feeds.by_address import GOOGLE_NEWS_NOTICE
from monitor.core.feeds.choice import is_google_news_search
from monitor.core.feeds.needs import lacking
from monitor.core.feeds.recognise import recognise
from monitor.core.model import FeedKind
from monitor.core.text.lang import languages
from monitor.pipeline.source_looks import look
from monitor.pipeline.sources import check_weight, checked, save
from monitor.web.audit import noted
from monitor.web.render import page
from monitor.web.request import service_of
from monitor.web.source_fields import Typed, led_to, name_of, problems_of, studies_of, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.feed import Feed
    from monitor.core.feeds.choice import Choice
    from monitor.pipeline.source_looks import Look
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/sources/new")
def new(request: Request) -> str:
    """One field, for anything."""
    return _new(request, Typed())


@router.post("/sources/look")
def look_at(
    request: Request,
    text: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    url: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    """What was pasted, as choices; or what one of them brings, before it is added. Nothing is stored."""
    service = service_of(request)
    typed = Typed(text=text, kind=kind, url=url, title=title)
    try:
        if not kind:
            found = recognise(text, studies=studies_of(service), own=service.settings.of)
            first = found.choices[0]
            if len(found.choices) > 1 or first.lacks:
                return HTMLResponse(_new(request, typed, what=found.what, choices=found.choices))
            typed = Typed(text=text, kind=first.kind.value, url=first.url, title=first.title)
        return _looked(request, service, typed)
    except UsageError as error:
        return _refused(request, typed, {"text": told(error)})


def _looked(request: Request, service: Service, typed: Typed) -> Response:
    kind = _kind(typed.kind)
    url = checked(service.deps, kind, typed.url)
    if missing := lacking(kind, url, service.settings.of):
        raise UsageError(f"{kind.label} cannot be searched: {missing} is missing.", _ASK)
    seen = look(service.deps, kind, url)
    known = next((feed for feed in service.store.feeds() if feed.kind is kind and feed.url == seen.url), None)
    typed = Typed(
        text=typed.text,
        kind=kind.value,
        url=seen.url,
        title=typed.title or seen.title,
        lang=seen.lang,
    )
    shown = _new(request, typed, seen=seen, known=known)
    return HTMLResponse(shown, status_code=200 if seen.addable or seen.offered else 400)


_ASK = "Ask whoever looks after this Hypewatch to set it; the guide says how."


@router.post("/sources")
def add(
    request: Request,
    kind: Annotated[str, Form()] = "",
    url: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    lang: Annotated[str, Form()] = "",
    weight: Annotated[str, Form()] = "",
    terms: Annotated[str, Form()] = "",
) -> Response:
    """Add what was looked at."""
    service = service_of(request)
    typed = Typed(text=text, kind=kind, url=url, title=title, lang=lang, weight=weight, terms=bool(terms))
    problems = problems_of(title=title, lang=lang, weight=weight)
    if is_google_news_search(url) and not terms:
        problems["terms"] = "Google News can be followed once you have read this and it fits your use."
    try:
        known_kind = _kind(kind)
        checked(service.deps, known_kind, url)
    except UsageError as error:
        problems["url"] = told(error)
    if problems:
        return _refused(request, typed, problems)
    saved = save(service.deps, known_kind, url, title=title, lang=lang, weight=check_weight(weight), terms=typed.terms)
    if not saved.known:
        noted(request, Area.SOURCES, f"added the source {name_of(saved.feed)}", f"/sources/{saved.feed.id}")
    return led_to(saved.feed.id, "known" if saved.known else "added")


def _kind(value: str) -> FeedKind:
    try:
        return FeedKind(value)
    except ValueError:
        raise UsageError("There is no such kind of source.", "Paste it again.") from None


def _refused(request: Request, typed: Typed, problems: Mapping[str, str]) -> Response:
    return HTMLResponse(_new(request, typed, problems=problems), status_code=400)


def _new(
    request: Request,
    typed: Typed,
    *,
    what: str = "",
    choices: Sequence[Choice] = (),
    seen: Look | None = None,
    known: Feed | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    return page(
        request,
        "source_new.html",
        title="Add a source",
        typed=typed,
        what=what,
        choices=choices,
        seen=seen,
        known=known,
        problems=problems or {},
        terms=GOOGLE_NEWS_NOTICE if is_google_news_search(typed.url) else "",
        watches=typed.kind.endswith("-watch"),
        languages=languages(),
    )
