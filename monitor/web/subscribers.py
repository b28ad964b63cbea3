"""Who gets mail: the list, one person's page with all that they asked for, and what can be done for them. For editors:
addresses are personal.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.changes import Area
from monitor.core.digests.bounces import is_about_us
from monitor.core.digests.subscribers import Standing, WishChanges, Wishes
from monitor.core.digests.wish_fields import read_pause
from monitor.core.errors import LibraryError, MailError, NotFoundError, UsageError
from monitor.core.search.query import parse_query
from monitor.core.sentences import closed
from monitor.core.wording import ENGLISH, LANGUAGES
from monitor.export.subscribers import subscriber_row
from monitor.pipeline.subscribe import Resumed, change, leave, pause, resume, subscribe
from monitor.pipeline.subscriber_list import MOST_NAME
from monitor.web.audit import noted
from monitor.web.exports import list_as
from monitor.web.paging import FEW, Number, paged
from monitor.web.render import page, zone_of
from monitor.web.request import RowId, service_of
from monitor.web.wish_form import Choices, WishForm, choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData

    from monitor.core.digests.subscribers import Subscription
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: What the pages say after a form was sent.
DONE: Mapping[str, str] = {
    "asked": "A mail that asks went to them. Digests come once they say yes.",
    "added": "Added. They said yes before, so digests come from now on.",
    "known": "This address gets it already; what you asked for holds from now on, and nobody was mailed.",
    "saved": "Saved. The next mail comes by it.",
    "paused": "Paused. What is said meanwhile comes in the first mail after it.",
    Resumed.GOES_ON: "The pause is over: mail comes again.",
    Resumed.WENT_ON: "Nothing stood in the way of their mail; it goes on.",
    "ended": "Ended. They get no more mail about this study.",
    "over": "It had ended before.",
}
STANDING_WORDS: Mapping[Standing, str] = {
    Standing.ACTIVE: "gets it",
    Standing.PENDING: "asked, no answer yet",
    Standing.PAUSED: "paused",
    Standing.LEFT: "left",
    Standing.SUPPRESSED: "mail came back",
}


@router.get("/subscribers")
def listed(
    request: Request,
    state: Annotated[Standing | None, Query()] = None,
    q: str = "",
    number: Number = 1,
    done: str = "",
) -> str:
    """Everybody, or those who stand as `state` says, or whose name or address holds the words."""
    return _list(request, state=state, q=q, number=number, done=DONE.get(done, ""))


@router.get("/subscribers.{form}")
def export(request: Request, form: str) -> Response:
    """The list as json or csv, which `hypewatch subscribers import` reads again."""
    service = service_of(request)
    now = service.clock()
    return list_as(request, form, "subscribers", [subscriber_row(one, now) for one in service.store.subscriptions()])


@router.post("/subscribers")
async def add(request: Request) -> Response:
    """Ask a person whether they want it."""
    return await run_in_threadpool(_add, request, await request.form())


def _add(request: Request, sent: FormData) -> Response:
    service, form = service_of(request), WishForm.typed(sent)
    changes, problems = form.read()
    # The short form leaves the rest as it is, or as everybody begins.
    asked = _only(changes, "at", "zone", "weekdays", "threshold", "language")
    study = form.one("study") or next(iter(_studies(service)), "")
    problems = {name: words for name, words in problems.items() if name in _SHORT}
    if not problems:
        try:
            known = _mails(service, form.one("address"), study)
            made = subscribe(
                service.deps, form.one("address"), study_id=study, name=form.one("name")[:MOST_NAME], **asked
            )
        except MailError as error:
            noted(request, Area.SUBSCRIBERS, "added a subscriber, who could not be asked yet", "/subscribers")
            words = f"The person is added, and could not be asked: {closed(error.message)} “Ask again” on their page tries it once more."
            return HTMLResponse(_list(request, trouble=words))
        except NotFoundError as error:
            problems["study"] = closed(error.message)
        except UsageError as error:
            problems["address"] = f"{closed(error.message)} {error.hint}".strip()
        else:
            done = "asked" if made.is_asked else "known" if known else "added"
            _noted(request, made.id, {"asked": "asked", "known": "changed", "added": "added"}[done])
            return RedirectResponse(f"/subscribers/{made.id}?done={done}", status_code=303)
    return HTMLResponse(_list(request, form=form, problems=problems), status_code=400)


#: The fields of the short form.
_SHORT = frozenset({"at", "zone", "days", "threshold", "language"})


def _only(changes: WishChanges, *names: str) -> WishChanges:
    kept: Any = {name: value for name, value in changes.items() if name in names}
    result: WishChanges = kept
    return result


def _mails(service: Service, address: str, study_id: str) -> bool:
    """Does this address get it already?"""
    known = service.store.subscription_of(address.strip(), study_id)
    return known is not None and known.standing(service.clock()) in {Standing.ACTIVE, Standing.PAUSED}


@router.get("/subscribers/{subscription_id}")
def one(request: Request, subscription_id: RowId, done: str = "") -> str:
    """One person and study."""
    found = _subscription(service_of(request), subscription_id)
    words = DONE.get(done, "")
    return _person(request, found, done=words)


@router.post("/subscribers/{subscription_id}")
async def save(request: Request, subscription_id: RowId) -> Response:
    """Change what the person asked for."""
    return await run_in_threadpool(_save, request, subscription_id, await request.form())


def _save(request: Request, subscription_id: int, sent: FormData) -> Response:
    service, form = service_of(request), WishForm.typed(sent)
    found = _subscription(service, subscription_id)
    changes, problems = form.read()
    if problems:
        return HTMLResponse(_person(request, found, form=form, problems=problems), status_code=400)
    change(service.deps, subscription_id, **changes)
    _noted(request, subscription_id, "changed what is sent to")
    return _led(subscription_id, "saved")


@router.post("/subscribers/{subscription_id}/pause")
def pause_until(request: Request, subscription_id: RowId, until: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Send nothing before a day, as the date is where the person lives."""
    service = service_of(request)
    found = _subscription(service, subscription_id)
    try:
        end = read_pause(until, found.wishes.zone, service.clock())
    except UsageError as error:
        problems = {"until": f"{closed(error.message)} {error.hint}".strip()}
        return HTMLResponse(_person(request, found, problems=problems, until=until), status_code=400)
    pause(service.deps, subscription_id, end)
    _noted(request, subscription_id, "paused the mail to")
    return _led(subscription_id, "paused")


@router.post("/subscribers/{subscription_id}/resume")
def go_on(request: Request, subscription_id: RowId) -> Response:
    """Let mail come again: end a pause, or ask (again) whether the address is theirs."""
    service = service_of(request)
    found = _subscription(service, subscription_id)
    try:
        done = resume(service.deps, subscription_id)
    except MailError as error:
        words = f"They could not be asked: {closed(error.message)} Try again when that is mended."
        return HTMLResponse(_person(request, _subscription(service, found.id), trouble=words))
    if done is not Resumed.WENT_ON:
        _noted(request, subscription_id, "resumed the mail to")
    return _led(subscription_id, done)


@router.post("/subscribers/{subscription_id}/end")
def end(request: Request, subscription_id: RowId) -> Response:
    """Send the person no more mail about this study."""
    service = service_of(request)
    _subscription(service, subscription_id)
    left = leave(service.deps, subscription_id)
    if left:
        _noted(request, subscription_id, "ended the mail to")
    return _led(subscription_id, "ended" if left else "over")


def _noted(request: Request, subscription_id: int, did: str) -> None:
    """Without the address: the list of changes outlives the subscriber."""
    noted(request, Area.SUBSCRIBERS, f"{did} subscriber {subscription_id}", _path(subscription_id))


def _path(subscription_id: int) -> str:
    return f"/subscribers/{subscription_id}"


def _led(subscription_id: int, done: str) -> Response:
    return RedirectResponse(f"/subscribers/{subscription_id}?done={done}", status_code=303)


def _subscription(service: Service, subscription_id: int) -> Subscription:
    """The subscription, or an error whose hint leads to a page and not to a command."""
    try:
        return service.store.subscription(subscription_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, "Subscribers, on the page Digests, lists those there are.") from None


# --- what is shown -----------------------------------------------------------------------------------------------------


def _list(
    request: Request,
    *,
    state: Standing | None = None,
    q: str = "",
    number: int = 1,
    done: str = "",
    trouble: str = "",
    form: WishForm | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    service = service_of(request)
    now, everybody = service.clock(), service.store.subscriptions()
    counts = Counter(one.standing(now) for one in everybody)
    called = [one for one in everybody if q.casefold() in f"{one.subscriber.name} {one.subscriber.email}".casefold()]
    return page(
        request,
        "subscribers.html",
        title="Subscribers",
        paged=paged([one for one in called if state in {None, one.standing(now)}], number),
        everybody=len(everybody),
        narrows=len(everybody) > FEW,
        q=q,
        counts={standing: counts[standing] for standing in Standing},
        state=state,
        words=STANDING_WORDS,
        wished=in_words,
        last=service.store.last_digests(),
        studies=_studies(service),
        form=form or WishForm.of(Wishes(zone=zone.key) if (zone := zone_of(request)) else Wishes()),
        problems=problems or {},
        choices=_choices(service),
        say=ENGLISH.say,
        done=done,
        trouble=trouble,
    )


def _person(
    request: Request,
    found: Subscription,
    *,
    done: str = "",
    trouble: str = "",
    form: WishForm | None = None,
    problems: Mapping[str, str] | None = None,
    until: str = "",
) -> str:
    service = service_of(request)
    now = service.clock()
    return page(
        request,
        "subscriber.html",
        title=found.subscriber.name or found.subscriber.email,
        sub=found,
        standing=found.standing(now),
        wished=in_words(found.wishes),
        last=service.store.last_digests().get(found.id),
        bounces=service.store.bounces(found.subscriber.id),
        changes=service.store.changes(link=_path(found.id), limit=5),
        about_us=is_about_us,
        studies=_studies(service),
        form=form or WishForm.of(found.wishes),
        problems=problems or {},
        choices=_choices(service, found.wishes),
        say=ENGLISH.say,
        until=until,
        done=done,
        trouble=trouble,
    )


def _choices(service: Service, wishes: Wishes | None = None) -> Choices:
    seen = service.store.languages(parse_query("", service.clock()))
    return choices(ENGLISH, {*(tag.partition("-")[0] for tag in seen), *(wishes.languages if wishes else ())})


def _studies(service: Service) -> Mapping[str, str]:
    """What people call each study; without those whose fact sheet is broken, which Digests tells of."""
    try:
        return {study.id: study.name for study in service.library.studies()}
    except LibraryError:
        return {}


def in_words(wishes: Wishes) -> str:
    """What a person wants, as another person says it: "only what is high, from X; in Japanese"."""
    full = {"low": "everything", "medium": "in full what is medium or high", "high": "in full only what is high"}
    told = [full[wishes.threshold.value]]
    if wishes.drifts:
        told.append(f"only: {_listed(drift.words for drift in wishes.drifts)}")
    if wishes.networks:
        told.append(f"said on {_listed(network.label for network in wishes.networks)}")
    if wishes.languages:
        told.append(f"coverage in {_listed(map(ENGLISH.name_of, wishes.languages))}")
    if wishes.language != "en":
        told.append(f"mails in {ENGLISH.name_of(wishes.language) if wishes.language in LANGUAGES else wishes.language}")
    if not wishes.quiet:
        told.append("nothing on quiet days")
    reports = [name for name, on in (("weekly", wishes.weekly), ("monthly", wishes.monthly)) if on]
    if reports:
        told.append(f"{_listed(reports)} report{'s' if len(reports) > 1 else ''}")
    if wishes.urgent_from is not None:
        told.append(f"at once when {wishes.urgent_from} say the same")
    return "; ".join(told)


def _listed(words: Any) -> str:
    parts: Sequence[str] = list(words)
    return ENGLISH.list(parts)
