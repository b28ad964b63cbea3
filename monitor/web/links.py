"""Signed links from mails. GET shows one page with one button (scanners follow links); POST acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.digests.signed_links import Action, verify
from monitor.core.errors import NotFoundError
from monitor.core.mention import Verdict
from monitor.pipeline.review import decide, take_back
from monitor.pipeline.subscribe import confirm, leave, pause
from monitor.web.render import render
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import StoredFlag
    from monitor.service import Service

router = APIRouter()

#: action -> (what the page asks, what the button says, what is said afterwards)
WORDS = {
    Action.CONFIRM: (
        "Do you want the digest at this address?",
        "Yes, send it",
        "Thank you. The digest comes at the next hour you chose.",
    ),
    Action.UNSUBSCRIBE: (
        "Do you want no more mail of this kind?",
        "Unsubscribe",
        "Done. No more mail of this kind comes.",
    ),
    Action.PAUSE: (
        "Shall nothing be sent for two weeks?",
        "Pause for two weeks",
        "Done. What is said meanwhile comes in the first mail after two weeks.",
    ),
}
#: What is asked of a flag, what can be said of it, and what the page says afterwards.
ASKED = "Is this flag right?"
VERDICTS = {
    Verdict.DISMISSED: ("Wrong", "Thank you. You said: wrong. It is not mailed again."),
    Verdict.NOT_ABOUT: ("Not about the study", "Thank you. You said: not about the study. It is not mailed again."),
    Verdict.UPHELD: ("Right", "Thank you. You said: right."),
}
UNDO = "undo"


@router.get("/l/{action}/{token}", response_class=HTMLResponse)
def ask(request: Request, action: str, token: str) -> Response:
    """The page with the one button. Changes nothing."""
    known, ids = _read(request, action, token)
    if known is None or ids is None:
        return spoiled()
    if known is Action.WRONG:
        return _ask_verdict(service_of(request), ids)
    question, button, _ = WORDS[known]
    return _page(question, choices=[("", button)])


@router.post("/l/{action}/{token}", response_class=HTMLResponse)
def act(
    request: Request,
    action: str,
    token: str,
    verdict: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Carry it out. Mail programs post here themselves for one-click unsubscribing (RFC 8058)."""
    known, ids = _read(request, action, token)
    if known is None or ids is None:
        return spoiled()
    service = service_of(request)
    if known is Action.WRONG:
        return _decide(service, ids, verdict, why)
    _ACTS[known](service, ids)
    return _page(WORDS[known][2])


def _ask_verdict(service: Service, ids: tuple[int, ...]) -> Response:
    """What can be said of a flag; where something was said already, that, and what else could be."""
    stored, reader = flag_of(service, ids), service.store.subscription(ids[1]).subscriber.email
    detail = f"“{stored.flag.span.quote}”: {stored.flag.message}"
    held = next((review for review in service.store.reviews(stored.id) if review.stands), None)
    choices = [
        (verdict.value, label) for verdict, (label, _) in VERDICTS.items() if held is None or verdict != held.verdict
    ]
    if held is None:
        return _page(ASKED, detail, choices)
    own = held.by == reader
    who = "You" if own else "Somebody"
    return _page(
        f"{who} said: {VERDICTS[held.verdict][0].lower()}.", detail, [*([(UNDO, "Undo")] if own else []), *choices]
    )


def _page(question: str, detail: str = "", choices: Sequence[tuple[str, str]] = ()) -> Response:
    return HTMLResponse(
        render("link.html", title=question, question=question, detail=detail, choices=choices, reason=len(choices) > 1)
    )


def _decide(service: Service, ids: tuple[int, ...], verdict: str, why: str) -> Response:
    """A verdict from a mail, or its undo; without one, as from mails of earlier versions, it is "wrong"."""
    reader = service.store.subscription(ids[1]).subscriber.email
    flag, now = flag_of(service, ids), service.clock()
    if verdict == UNDO:
        take_back(service.store, [flag.id], by=reader, now=now)
        return _page("Taken back: it is as it was before.")
    said = Verdict(verdict) if verdict in VERDICTS else Verdict.DISMISSED
    decide(service.store, [flag.id], said, by=reader, why=why or "from the digest", now=now)
    return _page(VERDICTS[said][1], f"“{flag.flag.span.quote}”", [(UNDO, "Undo")])


def _read(request: Request, action: str, token: str) -> tuple[Action | None, tuple[int, ...] | None]:
    service = service_of(request)
    try:
        known = Action(action)
    except ValueError:
        return None, None
    return known, verify(service.key, token, known, service.clock())


def spoiled() -> Response:
    """The page for a link that is not whole, was used, or is too old."""
    page = render(
        "error.html",
        title="This link does not work",
        message="This link is incomplete, too old, or was used before.",
        hint="Copy it whole from where it was written, or take a newer one.",
        problems=(),
        menu=False,
    )
    return HTMLResponse(page, status_code=404)


def _confirm(service: Service, ids: tuple[int, ...]) -> None:
    confirm(service.deps, *ids[:2])


def _unsubscribe(service: Service, ids: tuple[int, ...]) -> None:
    leave(service.deps, ids[0])


def _pause(service: Service, ids: tuple[int, ...]) -> None:
    pause(service.deps, ids[0], service.clock() + timedelta(days=14))


def flag_of(service: Service, ids: tuple[int, ...]) -> StoredFlag:
    """The flag that a mail tells of, wherever it is now. Mails of the first days do not tell when they were made."""
    made = datetime.fromtimestamp(ids[2] + 1, tz=UTC) if len(ids) > 2 else None
    try:
        return service.store.flag(ids[0], as_of=made)
    except NotFoundError:
        raise NotFoundError(
            "This flag is not there any more.",
            "Its item was withdrawn, or is stored once now, under another address and with other words.",
        ) from None


_ACTS = {Action.CONFIRM: _confirm, Action.UNSUBSCRIBE: _unsubscribe, Action.PAUSE: _pause}
