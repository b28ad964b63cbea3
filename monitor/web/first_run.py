"""The first run in four steps: the study, the sources, your mail and hour, a test mail. Each is checked when it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.digests.address import check_address
from monitor.core.digests.wish_fields import read_time
from monitor.core.errors import LibraryError, MailError, NotFoundError, UsageError
from monitor.core.model import FeedKind
from monitor.core.search.query import parse_query
from monitor.core.sentences import closed
from monitor.library.sheets import MEANT
from monitor.pipeline.first_sources import MOST_LINES, add_lines, add_watches
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.subscribe import check_zone, machine_zone, places, subscribe
from monitor.pipeline.subscriber_list import MOST_NAME
from monitor.pipeline.trial import send_trial
from monitor.sources.connector import watch_class
from monitor.web.audit import noted
from monitor.web.doors import is_local
from monitor.web.render import page, zone_of
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.digests.subscribers import Subscription
    from monitor.core.feed import Feed
    from monitor.core.study import Study
    from monitor.pipeline.first_sources import Line
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

STEPS = ("study", "sources", "you", "test")
#: Under this name the installation keeps what became of the test mail.
TESTED = "first-test-mail"
#: Sources that are read while a person waits for a first result.
MOST_READ = 6
#: Indexes that say whether a paper appeared, without a key of one's own.
WATCHES = tuple(kind for kind in FeedKind if kind.watches and watch_class(kind).offered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """What is set up so far."""

    study: Study | None
    feeds: Sequence[Feed]
    reader: Subscription | None
    tested: str

    @property
    def open(self) -> str:
        """The first step that is not answered; "" once all are."""
        done = {"study": self.study, "sources": self.feeds, "you": self.reader, "test": self.tested}
        return next((step for step in STEPS if not done[step]), "")


def set_up(service: Service) -> Set:
    """How far the set-up is."""
    store = service.store
    chosen = store.setting(MEANT)
    try:
        study = next((one for one in service.library.studies() if one.id == chosen), None)
    except LibraryError:
        study = None
    return Set(
        study=study,
        feeds=store.feeds(),
        reader=next(iter(store.subscriptions()), None),
        tested=store.setting(TESTED) or "",
    )


@router.get("/start")
def start(request: Request, step: str = "") -> str:
    """The step that is next, or one that was answered before."""
    return _shown(request, step=step)


@router.post("/start/study")
def study(request: Request, study: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Choose the study to follow."""
    service = service_of(request)
    try:
        found = service.library.study(study)
    except NotFoundError:
        return _refused(request, "study", {"study": "Choose one of the studies that stand here."})
    service.library.mean(found.id)
    return _next()


@router.post("/start/sources")
def sources(
    request: Request, lines: Annotated[str, Form(max_length=20_000)] = "", watch: Annotated[str, Form()] = ""
) -> Response:
    """Look at each line, add what can be read, and tell of each."""
    service = service_of(request)
    found = set_up(service)
    written = [line.strip() for line in lines.splitlines() if line.strip()]
    if not written and not (watch and found.study) and not found.feeds:
        return _refused(request, "sources", {"lines": "Name at least one source: the address of a news site will do."})
    try:
        told = add_lines(service.deps, written, studies=service.library.studies(), own=service.settings.of)
    except UsageError as error:
        return _refused(request, "sources", {"lines": f"{closed(error.message)} {error.hint}"}, lines=lines)
    if watch and found.study:
        add_watches(service.deps, found.study, WATCHES)
    for line in told:
        if line.feed is not None and not line.known:
            noted(
                request,
                Area.SOURCES,
                f"added the source {line.feed.title or line.feed.url}",
                f"/sources/{line.feed.id}",
            )
    failed = [line.text for line in told if line.trouble]
    shown = _shown(request, step="sources" if failed else "", told=told, lines="\n".join(failed))
    return HTMLResponse(shown, status_code=400 if failed else 200) if told else _next()


@router.post("/start/you")
def you(
    request: Request,
    address: Annotated[str, Form(max_length=320)] = "",
    name: Annotated[str, Form(max_length=2_000)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
    zone: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """To whom the digest goes, and when. Who sits at this machine gives their own address; others are asked by mail first."""
    service = service_of(request)
    typed = {"address": address, "name": name, "at": at, "zone": zone}
    problems: dict[str, str] = {}
    for field, check in (("address", check_address), ("at", read_time), ("zone", check_zone)):
        try:
            check(typed[field])
        except UsageError as error:
            problems[field] = f"{closed(error.message)} {error.hint}".strip()
    found = set_up(service)
    if problems or found.study is None:
        return _refused(request, "you" if found.study else "study", problems, typed=typed)
    try:
        made = subscribe(
            service.deps,
            address,
            study_id=found.study.id,
            name=name[:MOST_NAME],
            confirmed=is_local(request, service),
            at=read_time(at),
            zone=check_zone(zone),
        )
    except MailError as error:
        problems["address"] = f"The mail that asks could not be sent: {closed(error.message)}"
        return _refused(request, "you", problems, typed=typed)
    noted(request, Area.SUBSCRIBERS, "added a subscriber", f"/subscribers/{made.id}")
    return _next()


@router.post("/start/test")
def test(request: Request) -> Response:
    """Send a test mail now; what the mail server says is shown."""
    service = service_of(request)
    found = set_up(service)
    if found.reader is None:
        return _next()
    try:
        words = send_trial(service.deps, found.reader.subscriber.email)
    except MailError as error:
        return _refused(request, "test", {"test": f"No test mail was sent. {closed(error.message)}"})
    service.store.set_setting(TESTED, words[:500] or "taken")
    return _next()


@router.post("/start/read")
def read(request: Request) -> Response:
    """Read the sources now, so that there is a first result; those that nobody waits for are read in the background."""
    service = service_of(request)
    for feed in [one for one in service.store.feeds() if one.last_polled_at is None and not one.kind.streams][
        :MOST_READ
    ]:
        poll_feed(service.deps, feed.id)
    return RedirectResponse("/start", status_code=303)


def _next() -> Response:
    return RedirectResponse("/start", status_code=303)


def _refused(
    request: Request, step: str, problems: Mapping[str, str], *, typed: Mapping[str, str] | None = None, lines: str = ""
) -> Response:
    return HTMLResponse(_shown(request, step=step, problems=problems, typed=typed, lines=lines), status_code=400)


def _shown(
    request: Request,
    *,
    step: str = "",
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    told: Sequence[Line] = (),
    lines: str = "",
) -> str:
    service = service_of(request)
    found = set_up(service)
    reader = found.reader
    zone = zone_of(request)
    begun = {
        "address": reader.subscriber.email if reader else "",
        "name": reader.subscriber.name if reader else "",
        "at": f"{reader.wishes.at:%H:%M}" if reader else "07:00",
        "zone": reader.wishes.zone if reader else zone.key if zone else machine_zone(),
    }
    try:
        studies = service.library.studies()
    except LibraryError:
        studies = ()
    unread = [feed for feed in found.feeds if feed.last_polled_at is None and not feed.kind.streams]
    return page(
        request,
        "start.html",
        title="Set up",
        found=found,
        step=step if step in STEPS else found.open,
        studies=studies,
        problems=problems or {},
        typed=typed or begun,
        told=told,
        lines=lines,
        most=MOST_LINES,
        zones=places(),
        local=is_local(request, service),
        outbox=service.settings.smtp.startswith("outbox:"),
        unread=len(unread),
        mentions=service.store.count(parse_query("", service.clock())),
        too_far=service.store.count(parse_query("tier:confirmed", service.clock())),
    )
