"""Check any text: pasted words, one's own press release, or a page by its address; and report a mention that no source brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.items.caveats import retold
from monitor.core.items.notes import notes
from monitor.core.items.urls import http_link
from monitor.core.mention import FlagState, StoredFlag
from monitor.core.model import Kind
from monitor.core.search.nodes import And, Field, Since
from monitor.core.search.nodes import Query as Search
from monitor.pipeline.assess_text import assess_text
from monitor.pipeline.poll import add_address
from monitor.web.render import page
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.items.caveats import Retold
    from monitor.core.judgement import Assessment
    from monitor.core.study import Study
    from monitor.pipeline.assess_text import Assessed
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters of a text, a headline and an address.
MOST_TEXT, MOST_TITLE, MOST_URL = 200_000, 1_000, 2_000
#: How far back articles are asked what they kept of a text's caveats, and how many at most.
RETOLD_WITHIN, RETOLD_MOST = timedelta(days=30), 500

Address = Annotated[str, Query(max_length=MOST_URL)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the form holds: words, or the address of a page; `assume` takes them as about the study."""

    text: str = ""
    title: str = ""
    url: str = ""
    study: str = ""
    assume: bool = True


@router.get("/check")
def form(request: Request, url: Address = "", title: Annotated[str, Query(max_length=MOST_TITLE)] = "") -> str:
    """The form; a bookmark of the browser brings the address of the page it was pressed on. Nothing is read yet."""
    return _shown(request, Typed(url=url, title=title))


@router.post("/check")
def check(
    request: Request,
    text: Annotated[str, Form(max_length=MOST_TEXT)] = "",
    title: Annotated[str, Form(max_length=MOST_TITLE)] = "",
    url: Annotated[str, Form(max_length=MOST_URL)] = "",
    study: Annotated[str, Form(max_length=64)] = "",
    assume: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Judge the words, or what stands at the address; nothing is stored."""
    typed = Typed(
        text=text.replace("\r\n", "\n"), title=title.strip(), url=url.strip(), study=study, assume=bool(assume)
    )
    try:
        read = _read(service_of(request), typed)
        return HTMLResponse(_judged(request, typed, read))
    except UsageError as error:
        return HTMLResponse(_shown(request, typed, problem=str(error)), status_code=400)


@router.post("/mentions")
def report(request: Request, url: Annotated[str, Form(max_length=MOST_URL)] = "") -> Response:
    """Read a page that no source brought, store it, and lead to it. 400 with a sentence if it cannot be read or is about no study."""
    service = service_of(request)
    typed = Typed(url=url.strip())
    try:
        _address(typed.url)
        ids = add_address(service.deps, typed.url)
    except UsageError as error:
        return HTMLResponse(_shown(request, typed, problem=str(error)), status_code=400)
    if not ids:
        return HTMLResponse(_shown(request, typed, told="It was stored before: search the mentions for its words."))
    return RedirectResponse(f"/mentions/{ids[0]}", status_code=303)


def _read(service: Service, typed: Typed) -> Typed:
    """What is to be judged: the words, else those of the page. Raises UsageError."""
    if typed.text.strip():
        return typed
    if not typed.url:
        raise UsageError("There is nothing to check.", "Paste a text, or the address of a page.")
    _address(typed.url)
    found, fetched = service.deps.pages.read(typed.url)
    if found is None:
        raise UsageError(f"The page could not be read: {fetched.sentence}", "Paste its words instead.")
    return Typed(text=found.text, title=found.title, url=typed.url, study=typed.study, assume=typed.assume)


def _address(url: str) -> None:
    if http_link(url) is None:
        raise UsageError("That is no web address.", "Write it with https:// in front.")


def _judged(request: Request, typed: Typed, read: Typed) -> str:
    service = service_of(request)
    study = _study(service, typed.study)
    ruleset = service.library.ruleset(study.id)
    found = assess_text(read.title, read.text, study, ruleset, kind=Kind.ARTICLE, assume=typed.assume)
    told = notes(_flags(found.assessment, service.clock()))
    return _shown(
        request,
        typed,
        read=read,
        found=found,
        notes=told,
        outlets=_retold(service, study, found),
        within=RETOLD_WITHIN.days,
    )


def _study(service: Service, study_id: str) -> Study:
    try:
        return service.library.study(study_id) if study_id else service.library.default()
    except NotFoundError as error:
        raise UsageError(error.message, "Choose one of those offered.") from None


def _flags(assessment: Assessment | None, now: datetime) -> Sequence[StoredFlag]:
    """Flags of a text that is not stored, as a page shows those of one that is; they have no numbers of their own."""
    return [
        StoredFlag(
            id=number,
            mention_id=0,
            flag=flag,
            ruleset=assessment.ruleset,
            state=FlagState.ACTIVE,
            raised_at=now,
            raised_in=1,
        )
        for number, flag in enumerate(assessment.flags if assessment else (), start=1)
        if assessment
    ]


def _retold(service: Service, study: Study, found: Assessed) -> Sequence[Retold]:
    if found.assessment is None or not found.assessment.caveats_present:
        return ()
    since = Since(service.clock() - RETOLD_WITHIN)
    recent = service.store.search(Search("", And((Field("study", study.id), since))), limit=RETOLD_MOST)
    return retold(found.assessment.caveats_present, recent)


def _shown(
    request: Request,
    typed: Typed,
    *,
    read: Typed | None = None,
    found: Assessed | None = None,
    problem: str = "",
    told: str = "",
    **values: object,
) -> str:
    service = service_of(request)
    return page(
        request,
        "check.html",
        title="Check a text",
        typed=typed,
        read=read,
        found=found,
        problem=problem,
        told=told,
        studies=service.library.studies(),
        most_text=MOST_TEXT,
        bookmark=_bookmark(service),
        **{"notes": (), "outlets": (), "within": RETOLD_WITHIN.days} | values,
    )


def _bookmark(service: Service) -> str:
    """What a bookmark of the browser does: open this page with the address of the one it was pressed on."""
    target = quote(f"{service.settings.public_url}/check?url=", safe=":/?=[]%")  # no quotation mark ends it
    return f"javascript:location.href='{target}'+encodeURIComponent(location.href)"
