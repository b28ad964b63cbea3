"""The letter for a flag, from a mail's signed link: read, copied and sent without an account. GET changes nothing; POST notes that its
reader asked the outlet, or takes that back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.digests.signed_links import Action, verify
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.letters.letter import LetterState
from monitor.library.wording import wording
from monitor.pipeline.letters import draft_for, replies_for, signer_of, written_for
from monitor.web.letters import as_file, mail_links
from monitor.web.link_frame import spoiled
from monitor.web.links import flag_of
from monitor.web.render import render
from monitor.web.request import service_of

if TYPE_CHECKING:
    from monitor.core.digests.subscribers import Subscriber, Subscription
    from monitor.core.letters.letter import Letter, LetterDraft
    from monitor.core.wording import Wording
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

ASKED, UNDO = "asked", "undo"


@router.get("/l/note/{token}")
def ask(request: Request, token: str) -> Response:
    """The letter, with all ways to send it. Changes nothing."""
    ids = _ids(request, token)
    return spoiled() if ids is None else _page(service_of(request), token, ids)


@router.get("/l/note/{token}/letter.eml")
def letter_file(request: Request, token: str) -> Response:
    """The letter as a mail that a mail program opens as a draft."""
    ids = _ids(request, token)
    if ids is None:
        return spoiled()
    service = service_of(request)
    held = _held(service, ids)
    return as_file(service, held.subject, held.body, held.recipient)


@router.post("/l/note/{token}")
def act(request: Request, token: str, then: Annotated[str, Form()] = "") -> Response:
    """Note that the reader asked them, or take it back; a second time it is said what already happened."""
    ids = _ids(request, token)
    if ids is None:
        return spoiled()
    service = service_of(request)
    reader, flag = _reader(service, ids), flag_of(service, ids)
    held = service.store.letters_about([flag.id]).get(flag.id)
    if then == UNDO:
        if held is not None and _may_undo(held, reader):
            service.store.undo_letter(held.id, by=reader.email, now=service.clock())
        return _page(service, token, ids)
    if then != ASKED or (held is not None and held.state is not LetterState.DRAFT):
        return _page(service, token, ids)
    made = draft_for(
        service.deps,
        flag.id,
        signer=signer_of(service.store, reader.name or reader.email, reader.email),
        by=reader.email,
    )
    service.store.step_letter(made.id, LetterState.ASKED, by=reader.email, now=service.clock())
    return _page(service, token, ids)


def _page(service: Service, token: str, ids: tuple[int, ...]) -> Response:
    said = _wording(service, ids)
    reader = _reader(service, ids)
    try:
        held = _held(service, ids)
    except UsageError as error:
        nothing = render(
            "letter_link.html", title=error.message, say=said.say, held=None, problem=error, lang=said.language
        )
        return HTMLResponse(nothing, status_code=404 if isinstance(error, NotFoundError) else 200)
    stored = service.store.letters_about([ids[0]]).get(flag_of(service, ids).id)
    last = stored.last if stored else None
    html = render(
        "letter_link.html",
        title=said.say("Ask for a correction"),
        lang=said.language,
        say=said.say,
        problem=None,
        held=held,
        outlet=service.store.outlet(held.source_id).name if held.source_id else "",
        replies=replies_for(service.deps, held),
        links=mail_links(held.recipient, held.subject, held.body),
        file=f"/l/note/{token}/letter.eml",
        state=stored.state if stored else LetterState.DRAFT,
        since=said.day(last.at.date(), service.clock().date()) if last else "",
        undo=stored is not None and _may_undo(stored, reader),
    )
    return HTMLResponse(html)


def _held(service: Service, ids: tuple[int, ...]) -> Letter | LetterDraft:
    """The letter that is stored about the flag, else the one that would be drafted."""
    flag, reader = flag_of(service, ids), _reader(service, ids)
    stored = service.store.letters_about([flag.id]).get(flag.id)
    if stored is not None:
        return stored
    return written_for(
        service.deps, flag.id, signer=signer_of(service.store, reader.name or reader.email, reader.email)
    )


def _may_undo(held: Letter, reader: Subscriber) -> bool:
    """Only what this person said last."""
    return held.last is not None and held.last.by == reader.email


def _ids(request: Request, token: str) -> tuple[int, ...] | None:
    service = service_of(request)
    return verify(service.key, token, Action.NOTE, service.clock())


def _subscription(service: Service, ids: tuple[int, ...]) -> Subscription:
    return service.store.subscription(ids[1])


def _reader(service: Service, ids: tuple[int, ...]) -> Subscriber:
    return _subscription(service, ids).subscriber


def _wording(service: Service, ids: tuple[int, ...]) -> Wording:
    return wording(_subscription(service, ids).wishes.language)
