"""The page of a person who gets mail: when it comes, what it tells, pausing, leaving, and why they get it. The link is the person; GET
changes nothing, and nothing here changes the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.digests.schedule import MOST_PAUSE, midnight
from monitor.core.digests.signed_links import Action
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import MailError
from monitor.core.search.nodes import Field, Query
from monitor.core.text.excerpt import shortened
from monitor.pipeline.subscribe import change, come_back, confirm, leave, pause, resume
from monitor.web.link_frame import ids_of, reader_of, reader_page, spoiled
from monitor.web.request import service_of
from monitor.web.wish_form import MOST_SHOWN, WishForm, changed, choices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor.service import Service
    from monitor.web.link_frame import Reader

#: Digits of a number that fits a row.
MOST_DIGITS = 18

router = APIRouter(default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a press of a button came to: the sentence that tells it, or what was typed with what is wrong with it."""

    done: str = ""
    form: WishForm | None = None
    until: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@router.get("/l/settings/{token}")
def settings(request: Request, token: str) -> Response:
    """The page as it stands. Changes nothing."""
    ids = ids_of(request, token, Action.SETTINGS)
    service = service_of(request)
    return spoiled() if ids is None else _page(service, reader_of(service, ids[0]), Answer())


@router.post("/l/settings/{token}")
async def change_settings(request: Request, token: str) -> Response:
    """One of the page's buttons: `then` says which. What cannot be is told by its field, and all that was typed stays (422)."""
    sent = WishForm.typed(await request.form())
    return await run_in_threadpool(_act, request, token, sent)


def _act(request: Request, token: str, sent: WishForm) -> Response:
    ids = ids_of(request, token, Action.SETTINGS)
    if ids is None:
        return spoiled()
    service = service_of(request)
    reader, act = (
        reader_of(service, ids[0]),
        _ACTS.get(sent.one("then")) if len(sent.values.get("then", ())) == 1 else None,
    )
    if act is None:
        unknown = reader.wording.say("Nothing was changed: press one of the buttons of this page.")
        return _page(service, reader, Answer(problems={"": unknown}))
    answer = act(service, reader, sent)
    return _page(service, reader_of(service, ids[0]), answer)


def _page(service: Service, reader: Reader, answer: Answer) -> HTMLResponse:
    held, now = reader.subscription, reader.now
    standing = held.standing(now)
    seen = service.store.languages(Query("", Field("study", held.study_id)))
    today = now.astimezone(reader.zone).date()
    return reader_page(
        reader,
        "link_settings.html",
        status=422 if answer.problems else 200,
        title=reader.wording.say("What you get"),
        held=held,
        standing=standing,
        answer=answer,
        form=answer.form or WishForm.of(held.wishes),
        searches=service.store.search_mails(subscription_id=held.id),
        choices=choices(reader.wording, {*(tag.partition("-")[0] for tag in seen), *held.wishes.languages}),
        earliest=(today + timedelta(days=1)).isoformat(),
        latest=(today + MOST_PAUSE).isoformat(),
    )


# --- the buttons -----------------------------------------------------------------------------------------------------


def _save(service: Service, reader: Reader, sent: WishForm) -> Answer:
    changes, problems = sent.read(reader.wording)
    if problems:
        return Answer(form=sent, problems=problems)
    before = reader.subscription.wishes
    change(service.deps, reader.subscription.id, **changes)
    after = reader_of(service, reader.subscription.id)  # from now on in the language that was chosen
    say, things = after.wording.say, changed(before, after.subscription.wishes, after.wording)
    if not things:
        return Answer(done=say("Saved; nothing is different from before."))
    return Answer(done=say("Saved: {things}.", things=after.wording.list(things)))


def _pause(service: Service, reader: Reader, sent: WishForm) -> Answer:
    given, say = sent.one("until"), reader.wording.say
    if reader.subscription.left_at is not None:
        return Answer(done=say("No mail comes: you left."))
    today = reader.now.astimezone(reader.zone).date()
    try:
        until = date.fromisoformat(given)
    except ValueError:
        wrong = say("“{given}” is no date; write it as {example}.", given=shortened(given, MOST_SHOWN), example=today)
        return Answer(until=given, problems={"until": wrong})
    if not today < until <= today + MOST_PAUSE:
        return Answer(until=given, problems={"until": say("Choose a day after today, and within two years.")})
    pause(service.deps, reader.subscription.id, midnight(until, reader.zone.key))
    return Answer(done=say("It is paused."))


def _stop_search(service: Service, reader: Reader, sent: WishForm) -> Answer:
    """`search` is the number of a saved search that is mailed to them."""
    given, say = sent.one("search"), reader.wording.say
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else 0
    if not service.store.stop_search_mail(number, reader.subscription.id):
        return Answer(done=say("It was not mailed to you."))
    return Answer(done=say("It is mailed to you no more."))


def _resume(service: Service, reader: Reader, _sent: WishForm) -> Answer:
    if reader.subscription.is_paused(reader.now):
        pause(service.deps, reader.subscription.id, reader.now)
    return Answer(done=reader.wording.say("It is not paused any more."))


def _leave(service: Service, reader: Reader, _sent: WishForm) -> Answer:
    say, left = reader.wording.say, reader.subscription.left_at
    if leave(service.deps, reader.subscription.id) or left is None:
        return Answer(done=say("Done. No more mail about “{study}” comes.", study=reader.study_name))
    return Answer(done=say("You left on {day}.", day=reader.day(left)))


def _back(service: Service, reader: Reader, _sent: WishForm) -> Answer:
    """Get it again; who was asked says yes by it."""
    held, say = reader.subscription, reader.wording.say
    if held.standing(reader.now) is Standing.PENDING:
        confirm(service.deps, held.subscriber.id, held.id)
        return Answer(done=say("Thank you. You get the digest from now on."))
    come_back(service.deps, held.id)
    return Answer(done=say("You get the digest again."))


def _works(service: Service, reader: Reader, _sent: WishForm) -> Answer:
    """Mail to it came back, and the person says that it arrives again: a mail that asks is the proof."""
    say = reader.wording.say
    if reader.subscription.standing(reader.now) is not Standing.SUPPRESSED:
        return Answer(done=say("Mail goes there as it is told here."))
    try:
        resume(service.deps, reader.subscription.id)
    except MailError:
        sorry = say(
            "The mail server did not take a mail to {address} just now. Try again later.", address=reader.address
        )
        return Answer(problems={"": sorry})
    return Answer(
        done=say(
            "A mail went to {address}. It asks whether the address is yours: press its button.", address=reader.address
        )
    )


_ACTS: Mapping[str, Callable[[Service, Reader, WishForm], Answer]] = {
    "save": _save,
    "pause": _pause,
    "resume": _resume,
    "leave": _leave,
    "back": _back,
    "works": _works,
    "stop-search": _stop_search,
}
