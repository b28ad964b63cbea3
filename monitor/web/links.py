"""Signed links from mails: confirm, unsubscribe, pause, and what a reader says of a flag. GET shows one page with its buttons (scanners
follow links); POST acts, and a second POST says what already happened.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.digests.signed_links import Action
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.mention import Verdict
from monitor.core.translation import said
from monitor.pipeline.review import decide, take_back
from monitor.pipeline.subscribe import come_back, confirm, leave, pause
from monitor.web.link_frame import Quote, Reader, ids_of, question, reader_of, spoiled
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.core.mention import StoredFlag
    from monitor.core.wording import Wording
    from monitor.service import Service

router = APIRouter()

PAUSE = timedelta(days=14)
#: What the buttons send that take something back: a verdict; having left; a pause.
UNDO, AGAIN, RESUME = "undo", "again", "resume"


@router.get("/l/{action}/{token}", response_class=HTMLResponse)
def ask(request: Request, action: str, token: str) -> Response:
    """The page with its buttons. Changes nothing."""
    known, ids = _read(request, action, token)
    if known is None or ids is None:
        return spoiled()
    service = service_of(request)
    if known is Action.WRONG:
        return _of_flag(service, ids, lambda flag, reader: _ask_verdict(service, flag, reader))
    return _ASK[known](_reader(service, known, ids))


@router.post("/l/{action}/{token}", response_class=HTMLResponse)
def act(
    request: Request,
    action: str,
    token: str,
    verdict: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "",
) -> Response:
    """Carry it out. Mail programs post here themselves for one-click unsubscribing (RFC 8058): that never brings anything back."""
    known, ids = _read(request, action, token)
    if known is None or ids is None:
        return spoiled()
    service = service_of(request)
    if known is Action.WRONG:
        return _of_flag(service, ids, lambda flag, reader: _decide(service, flag, reader, verdict, why))
    reader = _reader(service, known, ids)
    if then not in {"", AGAIN, RESUME}:  # on no button of these pages
        return _ASK[known](reader)
    return _ACT[known](service, reader, then)


def _read(request: Request, action: str, token: str) -> tuple[Action | None, tuple[int, ...] | None]:
    """What is asked for, if it is one of those here: every other action has its own page."""
    known = next((one for one in (*_ASK, Action.WRONG) if one.value == action), None)
    return known, None if known is None else ids_of(request, token, known)


def _reader(service: Service, action: Action, ids: tuple[int, ...]) -> Reader:
    if action is not Action.CONFIRM:
        return reader_of(service, ids[0])
    if len(ids) > 1:
        return reader_of(service, ids[1])
    # A link of the first versions names the person alone.
    theirs = [one for one in service.store.subscriptions() if one.subscriber.id == ids[0]]
    if not theirs:
        raise NotFoundError("Nobody has this address here any more.", "There is nothing to confirm.")
    return reader_of(service, max(theirs, key=lambda one: one.is_asked).id)


# --- consent ---------------------------------------------------------------------------------------------------------


def _ask_consent(reader: Reader) -> HTMLResponse:
    say, held = reader.wording.say, reader.subscription
    if not held.is_asked:
        return _gone(reader) if held.left_at is not None else _stands(reader, say("This address is confirmed."))
    return question(
        reader,
        say("Do you want the digest on “{study}”?", study=reader.study_name),
        say("It comes to {address}, {schedule}.", address=reader.address, schedule=reader.schedule),
        choices=[("", say("Yes, send it to me"))],
        asks=True,
    )


def _consent(service: Service, reader: Reader, then: str) -> HTMLResponse:
    held = reader.subscription
    if then == AGAIN:
        return _back(service, reader)
    if not confirm(service.deps, held.subscriber.id, held.id):
        return _ask_consent(reader)
    return _stands(_now(service, reader), reader.wording.say("Thank you. You get the digest from now on."))


# --- leaving ---------------------------------------------------------------------------------------------------------


def _ask_leave(reader: Reader) -> HTMLResponse:
    say = reader.wording.say
    if reader.subscription.left_at is not None:
        return _gone(reader)
    return question(
        reader,
        say("Do you want no more mail about “{study}”?", study=reader.study_name),
        say("It comes to {address}, {schedule}.", address=reader.address, schedule=reader.schedule),
        say("Mail about other studies goes on."),
        choices=[("", say("Unsubscribe"))],
        asks=True,
    )


def _leave(service: Service, reader: Reader, then: str) -> HTMLResponse:
    if then == AGAIN:
        return _back(service, reader)
    ended = leave(service.deps, reader.subscription.id)
    say = reader.wording.say
    if not ended:
        return _gone(reader)
    return question(
        _now(service, reader),
        say("Done. No more mail about “{study}” comes.", study=reader.study_name),
        say("Nothing about it goes to {address} any more.", address=reader.address),
        choices=[(AGAIN, say("Undo"))],
    )


def _gone(reader: Reader) -> HTMLResponse:
    """For who has left: since when, and the way back."""
    say, left = reader.wording.say, reader.subscription.left_at
    return question(
        reader,
        say("You left on {day}.", day=reader.day(left)) if left is not None else say("You get no mail."),
        say("No mail about “{study}” goes to {address}.", study=reader.study_name, address=reader.address),
        choices=[(AGAIN, say("Get it again"))],
    )


def _back(service: Service, reader: Reader) -> HTMLResponse:
    """By a button of their own link: it comes again, also for who was asked and has not answered."""
    come_back(service.deps, reader.subscription.id)
    return _stands(_now(service, reader), reader.wording.say("You get the digest again."))


# --- pausing ---------------------------------------------------------------------------------------------------------


def _ask_pause(reader: Reader) -> HTMLResponse:
    say = reader.wording.say
    if reader.subscription.left_at is not None:
        return _gone(reader)
    if reader.subscription.is_paused(reader.now):
        return _paused(reader, say("It is paused already."))
    return question(
        reader,
        say("Shall nothing about “{study}” be sent for two weeks?", study=reader.study_name),
        say("What is said meanwhile comes in the first mail after the pause."),
        say("It comes to {address}, {schedule}.", address=reader.address, schedule=reader.schedule),
        choices=[("", say("Pause for two weeks"))],
        asks=True,
    )


def _pause(service: Service, reader: Reader, then: str) -> HTMLResponse:
    held, say = reader.subscription, reader.wording.say
    if then == AGAIN:
        return _back(service, reader)
    if held.left_at is not None:
        return _gone(reader)
    paused = held.is_paused(reader.now)
    if then == RESUME:
        if paused:
            pause(service.deps, held.id, reader.now)
        return _stands(_now(service, reader), say("It is not paused any more."))
    if paused:
        return _paused(reader, say("It is paused already."))
    pause(service.deps, held.id, reader.now + PAUSE)
    return _paused(_now(service, reader), say("Done. It is paused."))


def _paused(reader: Reader, title: str) -> HTMLResponse:
    say = reader.wording.say
    return question(
        reader,
        title,
        reader.outlook(),
        say("What is said meanwhile comes in the first mail after the pause."),
        choices=[(RESUME, say("End the pause"))],
    )


def _stands(reader: Reader, title: str) -> HTMLResponse:
    """What is so now, and when mail comes."""
    say = reader.wording.say
    return question(
        reader,
        title,
        reader.outlook(),
        say("{address}, about “{study}”.", address=reader.address, study=reader.study_name),
    )


def _now(service: Service, reader: Reader) -> Reader:
    return reader_of(service, reader.subscription.id)


_ASK: dict[Action, Callable[[Reader], HTMLResponse]] = {
    Action.CONFIRM: _ask_consent,
    Action.UNSUBSCRIBE: _ask_leave,
    Action.PAUSE: _ask_pause,
}
_ACT: dict[Action, Callable[[Service, Reader, str], HTMLResponse]] = {
    Action.CONFIRM: _consent,
    Action.UNSUBSCRIBE: _leave,
    Action.PAUSE: _pause,
}


# --- what is said of a flag ------------------------------------------------------------------------------------------


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


def _of_flag(
    service: Service, ids: tuple[int, ...], page: Callable[[StoredFlag, Reader], HTMLResponse]
) -> HTMLResponse:
    reader = reader_of(service, ids[1])
    say = reader.wording.say
    try:
        flag = flag_of(service, ids)
    except NotFoundError:
        return question(
            reader,
            say("This flag is not there any more."),
            say("Its item was withdrawn, or is stored once now, under another address and with other words."),
            own=False,
            status=404,
        )
    return page(flag, reader)


def _verdicts(wording: Wording) -> dict[Verdict, tuple[str, str, str]]:
    """What can be said of a flag: the button, what is told of who said it, and what the page says afterwards."""
    say = wording.say
    return {
        Verdict.DISMISSED: (say("Wrong"), say("wrong"), say("Thank you. You said: wrong. It is not mailed again.")),
        Verdict.NOT_ABOUT: (
            say("Not about the study"),
            say("not about the study"),
            say("Thank you. You said: not about the study. It is not mailed again."),
        ),
        Verdict.UPHELD: (say("Right"), say("right"), say("Thank you. You said: right.")),
    }


def _ask_verdict(service: Service, stored: StoredFlag, reader: Reader) -> HTMLResponse:
    """What can be said of a flag; where something was said already, that, and what else could be."""
    say, verdicts = reader.wording.say, _verdicts(reader.wording)
    held = next((review for review in service.store.reviews(stored.id) if review.stands), None)
    choices = [
        (verdict.value, label) for verdict, (label, _, _) in verdicts.items() if held is None or verdict != held.verdict
    ]
    if held is None:
        return _about(service, stored, reader, say("Is this flag right?"), choices)
    words, own = verdicts[held.verdict][1], held.by == reader.address
    title = say("You said: {verdict}.", verdict=words) if own else say("Somebody said: {verdict}.", verdict=words)
    return _about(service, stored, reader, title, [*([(UNDO, say("Undo"))] if own else []), *choices])


def _decide(service: Service, stored: StoredFlag, reader: Reader, verdict: str, why: str) -> HTMLResponse:
    """A verdict from a mail, or its undo. What stands on no button changes nothing."""
    say, verdicts = reader.wording.say, _verdicts(reader.wording)
    if verdict == UNDO:
        try:
            take_back(service.store, [stored.id], by=reader.address, now=reader.now)
        except UsageError:  # it was taken back before: what stands now is shown
            return _ask_verdict(service, stored, reader)
        return question(reader, say("Taken back: it is as it was before."), own=False)
    if verdict not in verdicts:  # none of the buttons of this page
        return _ask_verdict(service, stored, reader)
    told = Verdict(verdict)
    decide(service.store, [stored.id], told, by=reader.address, why=why or "from the digest", now=reader.now)
    return _about(service, stored, reader, verdicts[told][2], [(UNDO, say("Undo"))])


def _about(
    service: Service, stored: StoredFlag, reader: Reader, title: str, choices: Sequence[tuple[str, str]]
) -> HTMLResponse:
    """The page with the flag's words and what the study found."""
    found, study, say = stored.flag.found, reader.study, reader.wording.say
    told = said(study, reader.wording.language, found).words if found and study else found
    return question(
        reader,
        title,
        say("The study found: {words}", words=told) if told else stored.flag.why or stored.flag.message,
        quote=Quote(stored.flag.span.quote, service.store.mention(stored.mention_id).lang),
        choices=choices,
        name="verdict",
        own=False,
        asks=len(choices) > 1,
        reason=len(choices) > 1,
    )
