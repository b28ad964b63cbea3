"""A fact sheet from a pasted abstract, release, address or DOI, and the questions that its draft still asks."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.drafting.answers import problem_of
from monitor.core.errors import LibraryError, UsageError
from monitor.core.items.urls import http_link
from monitor.core.papers import doi_of
from monitor.core.question import Asked
from monitor.core.sentences import closed
from monitor.library.draft_file import read_draft
from monitor.library.sheet_edit import new_id
from monitor.library.sheets import fact_sheets, named
from monitor.library.study_template import sheet_text
from monitor.pipeline.draft_study import draft_answered, draft_from_doi, draft_from_text, draft_from_url
from monitor.web.render import page
from monitor.web.request import service_of
from monitor.web.studies import read_sheet, save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.drafting.draft import SheetDraft
    from monitor.core.question import Question
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters of a pasted text; the drafting itself takes less, and says so.
MOST_PASTED = 200_000
#: What a question's answer that is left open is sent as.
LEFT_OPEN = "?"
_DOI_ALONE = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)


@router.get("/studies/new")
def new(request: Request) -> str:
    """One field for anything that tells of the study."""
    return _new(request)


@router.post("/studies/new")
def draft(
    request: Request, text: Annotated[str, Form()] = "", name: Annotated[str, Form(max_length=2_000)] = ""
) -> Response:
    """Draft a fact sheet of what was pasted, and lead to its questions."""
    service = service_of(request)
    pasted = text.strip()
    if not pasted:
        return _refused(request, "Paste the abstract or the press release, or name its DOI or its address.", text, name)
    if len(pasted) > MOST_PASTED:
        return _refused(request, "This is longer than any abstract. Paste the abstract or the release alone.", "", name)
    try:
        made = _drafted(service, "study", pasted)
    except UsageError as error:
        return _refused(request, f"{closed(error.message)} {error.hint}".strip(), text, name)
    study_id = new_id(name or made.study.name, _taken(service))
    made = replace(made, study=replace(made.study, id=study_id))
    with suppress(LibraryError):  # one of those there are cannot be used: which is meant is said when it is mended
        service.library.mean(service.library.default().id, only_if_open=True)
    save(request, study_id, sheet_text(made), base="", note="Drafted.")
    return RedirectResponse(f"/studies/{study_id}/questions", status_code=303)


@router.get("/studies/{study_id}/questions")
def questions(request: Request, study_id: str) -> str:
    """What the draft still asks."""
    return _asked(request, _loaded(service_of(request), study_id)[0])


@router.post("/studies/{study_id}/questions")
async def answers(request: Request, study_id: str) -> Response:
    """Fill in what was answered; the rest stays open."""
    return await run_in_threadpool(_answer, request, study_id, await request.form())


def _answer(request: Request, study_id: str, sent: Any) -> Response:
    service = service_of(request)
    made, text = _loaded(service, study_id)
    found = made.study
    given = {question.id: str(sent.get(question.id, ""))[:MOST_PASTED].strip() for question in found.questions}
    problems = {question.id: said for question in found.questions if (said := problem_of(question, given[question.id]))}
    if problems:
        return HTMLResponse(_asked(request, made, typed=given, problems=problems), status_code=400)
    told = {key: words for key, words in given.items() if words and words != LEFT_OPEN}
    if told:
        filled = draft_answered(service.library.current(), made, told)
        save(request, study_id, sheet_text(filled), base=text, note=f"{len(told)} questions answered.")
    left, _ = read_sheet(service, study_id)
    if left is not None and left.draft:
        return RedirectResponse(f"/studies/{study_id}/questions", status_code=303)
    return RedirectResponse(f"/studies/{study_id}?saved=yes", status_code=303)


def _drafted(service: Service, study_id: str, pasted: str) -> SheetDraft:
    library, today = service.library.current(), service.clock().date()
    if _DOI_ALONE.fullmatch(pasted) and (doi := doi_of(pasted)):
        return draft_from_doi(library, service.papers, study_id, doi, today=today)
    if _only_names_it(pasted):
        return draft_from_url(library, service.deps.pages, service.papers, study_id, pasted, today=today)
    return draft_from_text(library, study_id, pasted, today=today)


def _only_names_it(pasted: str) -> bool:
    """Is it an address or a DOI, and not the text itself?"""
    return bool(_DOI_ALONE.fullmatch(pasted)) or (len(pasted.split()) == 1 and http_link(pasted) is not None)


def _taken(service: Service) -> dict[str, object]:
    return {named(one.text, one.path): one for one in fact_sheets(service.library.sheets())} | {"new": None}


def _loaded(service: Service, study_id: str) -> tuple[SheetDraft, str]:
    """The draft in the sheet in use, and its text; raises NotFoundError, or LibraryError if it does not load."""
    sheet = service.library.sheet_in_use(study_id)
    return read_draft(sheet.text, sheet.path), sheet.text


def _new(request: Request, *, problem: str = "", text: str = "", name: str = "") -> str:
    return page(request, "study_new.html", title="A new study", problem=problem, text=text, name=name)


def _refused(request: Request, problem: str, text: str, name: str) -> Response:
    return HTMLResponse(_new(request, problem=problem, text=text, name=name), status_code=400)


def _asked(
    request: Request,
    made: SheetDraft,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    found = made.study
    return page(
        request,
        "study_questions.html",
        title=f"Questions about {found.name}",
        study=found,
        numbers=made.numbers,
        checked=made.checked,
        kept=made.kept,
        questions=[(one, _value(one, typed)) for one in found.questions],
        required=sum(one.required for one in found.questions),
        kinds=Asked,
        problems=problems or {},
    )


def _value(question: Question, typed: Mapping[str, str] | None) -> str:
    return typed.get(question.id, "") if typed is not None else question.proposal
