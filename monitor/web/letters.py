"""Letters: the list, one letter with all that can be done with it, and the draft that a flag begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.letters.letter import NEXT, LetterState
from monitor.core.letters.mailto import MAILTO_MAX, mailto
from monitor.core.letters.points import Signer, askable
from monitor.core.wording import LANGUAGES
from monitor.export.lists import letter_line
from monitor.export.rows import letter_row
from monitor.pipeline.letters import (
    draft_for,
    redraft,
    reminder,
    replies_for,
    rewrite,
    send_letter,
    set_signature,
    signer_of,
)
from monitor.web.exports import list_as, unsigned
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.letters.letter import Letter
    from monitor.core.mention import Source
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters that the list and its exports hold.
MOST = 500
UNDO, SEND, SAVE = "undo", "send", "save"
#: What the page says after a form was sent.
DONE: Mapping[str, str] = {
    SAVE: "Saved.",
    SEND: "Sent through your mail server, and noted.",
    UNDO: "Taken back: it is as it was before.",
    "drafted": "Written anew.",
    "signed": "New letters are signed so. One that is a draft takes it when it is written anew.",
    LetterState.ASKED: "Noted: they were asked.",
    LetterState.REMINDED: "Noted: they were reminded.",
    LetterState.CORRECTED: "Noted: they corrected it.",
    LetterState.REFUSED: "Noted: they refused.",
}


@router.get("/letters")
def letters(request: Request) -> str:
    """All letters, those that wait first."""
    service = service_of(request)
    store, now = service.store, service.clock()
    waiting, due = store.letters_waiting(now)
    found = store.letters(limit=MOST)
    return page(
        request,
        "letters.html",
        title="Letters",
        letters=found,
        outlets=_outlets(store, found),
        waiting=waiting,
        due=due,
        drafts=sum(letter.state is LetterState.DRAFT for letter in found),
    )


@router.get("/letters.{form}")
def export(request: Request, form: str) -> Response:
    """The list as json, csv or atom."""
    store = service_of(request).store
    found = store.letters(limit=MOST)
    outlets = _outlets(store, found)
    rows = unsigned([letter_row(one, outlets.get(one.source_id or 0)) for one in found], request.state.who)
    return list_as(request, form, "letters", rows, lines=lambda: map(letter_line, rows))


@router.get("/letters/{letter_id}")
def letter(request: Request, letter_id: RowId, done: str = "") -> str:
    """One letter: its words while it is a draft, what became of it, and the reminder once it waits."""
    service = service_of(request)
    store = service.store
    held = _letter(store, letter_id)
    mention = store.mention(held.mention_id) if held.mention_id else None
    signer = signer_for(request)
    told = reminder(service.deps, held, signer) if held.state.waits and not held.withdrawn else None
    return page(
        request,
        "letter.html",
        title="Letter",
        letter=held,
        mention=mention,
        outlet=store.outlet(held.source_id) if held.source_id else None,
        notes=askable(mention) if mention else (),
        asked=[stored for stored in mention.flags if stored.id in held.flag_ids] if mention else [],
        replies=replies_for(service.deps, held),
        reminder=told,
        links=mail_links(held.recipient, *(told or (held.subject, held.body))),
        languages=LANGUAGES,
        next=NEXT[held.state],
        server=has_server(service),
        signature=signer.name,
        done=DONE.get(done, ""),
    )


@router.get("/letters/{letter_id}/letter.eml")
def letter_file(request: Request, letter_id: RowId, reminds: Annotated[int, Query(ge=0, le=1)] = 0) -> Response:
    """The letter, or its reminder, as a mail that a mail program opens as a draft."""
    service = service_of(request)
    held = _letter(service.store, letter_id)
    subject, text = (held.subject, held.body) if not reminds else reminder(service.deps, held, signer_for(request))
    return as_file(service, subject, text, held.recipient)


@router.post("/flags/{flag_id}/letter")
def draft(request: Request, flag_id: RowId) -> Response:
    """Begin the letter that a flag asks for, or go to the one that there is."""
    service = service_of(request)
    made = draft_for(service.deps, flag_id, signer=signer_for(request), by=request.state.who.name)
    return _to(made, "")


@router.post("/letters/{letter_id}")
def change(
    request: Request,
    letter_id: RowId,
    recipient: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "",
    body: Annotated[str, Form()] = "",
    remind_days: Annotated[int, Form()] = 7,
    then: Annotated[str, Form()] = SAVE,
) -> Response:
    """Keep a draft as it was written; `then` send it, or note that they were asked."""
    service, by = service_of(request), request.state.who.name
    held = rewrite(service.deps, letter_id, recipient=recipient, subject=subject, body=body, remind_days=remind_days)
    if then == SEND:
        held = _send(request, held)
    elif then == LetterState.ASKED:
        held = service.store.step_letter(held.id, LetterState.ASKED, by=by, now=service.clock())
    return _to(held, then)


@router.post("/letters/{letter_id}/draft")
def draft_again(
    request: Request,
    letter_id: RowId,
    language: Annotated[str, Form()],
    flag: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Write a draft anew: about what is ticked, in another language."""
    ids = [int(part) for one in flag or () for part in one.split(".") if part.isdecimal() and len(part) < 19]
    held = redraft(service_of(request).deps, letter_id, ids, signer=signer_for(request), language=language)
    return _to(held, "drafted")


@router.post("/letters/{letter_id}/mark")
def mark(request: Request, letter_id: RowId, to: Annotated[str, Form()]) -> Response:
    """Note what became of it (asked, reminded, corrected, refused), send its reminder, or take the last of these back."""
    service, by = service_of(request), request.state.who.name
    if to == SEND:
        return _to(_send(request, _letter(service.store, letter_id)), SEND)
    if to == UNDO:
        return _to(service.store.undo_letter(letter_id, by=by, now=service.clock()), UNDO)
    try:
        step = LetterState(to)
    except ValueError:
        raise UsageError(
            "This cannot be noted of a letter.", "Load the page again, and press one of its buttons."
        ) from None
    return _to(service.store.step_letter(letter_id, step, by=by, now=service.clock()), step)


@router.post("/letters/{letter_id}/signature")
def sign(request: Request, letter_id: RowId, words: Annotated[str, Form()] = "") -> Response:
    """Keep how the person who asks signs letters."""
    store = service_of(request).store
    set_signature(store, request.state.who.name, words)
    return _to(_letter(store, letter_id), "signed")


def signer_for(request: Request) -> Signer:
    """Who asks: the signed-in person, reached at this installation's contact."""
    service = service_of(request)
    return signer_of(service.store, request.state.who.name, service.contact)


def has_server(service: Service) -> bool:
    """Was it said where mail goes? Without, a letter would only become a file."""
    return service.settings.smtp_url is not None


def mail_links(recipient: str, subject: str, body: str) -> Mapping[str, str]:
    """`whole`: an address that opens the mail as it is, "" if most programs would cut it; `empty`: one without its text."""
    whole = mailto(recipient, subject, body)
    return {"whole": whole if len(whole) <= MAILTO_MAX else "", "empty": mailto(recipient, subject, "")}


def as_file(service: Service, subject: str, text: str, recipient: str) -> Response:
    """A mail as a file to download."""
    data = service.deps.letters.draft_file(subject=subject, text=text, recipient=recipient)
    named = {"Content-Disposition": 'attachment; filename="letter.eml"'}
    return Response(data, media_type="message/rfc822", headers=named)


def _send(request: Request, held: Letter) -> Letter:
    service = service_of(request)
    if not has_server(service):
        raise UsageError("No mail server is set.", "Send it from your own mail program, then say that you asked them.")
    return send_letter(service.deps, held.id, signer=signer_for(request), by=request.state.who.name)


def _letter(store: Store, letter_id: int) -> Letter:
    """The letter, or an error whose hint leads to a page."""
    try:
        return store.letter(letter_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, "Letters, in the menu, lists those there are.") from None


def _outlets(store: Store, found: Sequence[Letter]) -> Mapping[int, Source]:
    """Who is asked, by number."""
    return store.outlets({one.source_id for one in found if one.source_id is not None})


def _to(held: Letter, done: str) -> Response:
    return RedirectResponse(f"/letters/{held.id}{f'?done={done}' if done in DONE else ''}", status_code=303)
