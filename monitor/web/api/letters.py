"""Letters that ask for corrections, and the outlets that get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.letters.letter import MOST_REMIND_DAYS, LetterState
from monitor.core.model import Network
from monitor.core.text.excerpt import one_line
from monitor.export.rows import letter_row, outlet_row, stamp
from monitor.pipeline.letters import MOST_BODY, MOST_SUBJECT, draft_for, redraft, rewrite, send_letter, signer_of
from monitor.pipeline.outlets import set_outlet
from monitor.web.access import shown_name, who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Id, Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.letters import has_server
from monitor.web.request import OptionalId, RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.letters.letter import Letter
    from monitor.core.letters.points import Signer
    from monitor.core.letters.record import OutletRecord
    from monitor.core.mention import Source
    from monitor.ports import Store
    from monitor.web.access import Who

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["letters"])
outlets_router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["outlets"])


class LetterOut(Shape):
    """A letter, and where it stands. Its words are gone if what it was about was withdrawn."""

    id: int
    state: LetterState
    outlet: str | None
    outlet_key: str | None
    study: str
    mention: int | None
    flags: list[int]
    lang: str
    recipient: str
    subject: str
    body: str
    created_at: Stamp
    created_by: str
    asked_at: Stamp | None
    remind_at: Stamp | None
    reminded: int
    closed_at: Stamp | None
    before: str
    after: str
    withdrawn: bool


class LetterStep(Shape):
    """Something that was done with a letter."""

    to: LetterState
    at: Stamp
    by: str
    undone_at: Stamp | None


class LetterWhole(LetterOut):
    """A letter with what was done with it, oldest first."""

    steps: list[LetterStep]


class LetterIn(Sent):
    """The flag that a letter asks to correct; others of the same mention are taken in."""

    flag: Id
    language: str = Field("", max_length=35, description="Default: the outlet's, else the text's")


class LetterChange(Sent):
    """What of a draft is changed; what is not named stays."""

    recipient: str | None = Field(None, max_length=254)
    subject: str | None = Field(None, max_length=MOST_SUBJECT)
    body: str | None = Field(None, max_length=MOST_BODY)
    remind_days: int | None = Field(None, ge=1, le=MOST_REMIND_DAYS)


class AnewIn(Sent):
    """Flags that a draft is written anew about, and in which language."""

    flags: list[Id] = Field(min_length=1, max_length=100)
    language: str = Field(max_length=35)


class MarkIn(Sent):
    """What became of a letter; `undo` takes the newest of these back, `send` hands it (or its reminder) to your mail server."""

    to: Literal["asked", "reminded", "corrected", "refused", "undo", "send"]


class OutletOut(Shape):
    """Who publishes, and what became of what was asked of them."""

    id: int
    key: str
    name: str
    network: Network
    weight: int
    followers: int | None
    contact: str
    language: str
    mentions: int
    too_far: int
    share: float
    asked: int
    corrected: int
    refused: int


class OutletChange(Sent):
    """What of an outlet is set; what is not named stays, an empty text takes it away."""

    contact: str | None = Field(None, max_length=254, description="Where letters go")
    language: str | None = Field(None, max_length=35, description="In which they are written")
    weight: int | None = Field(None, ge=1, le=5)


@router.get("/letters", response_model=Page[LetterOut])
def listed(
    request: Request,
    place: Asked,
    state: Annotated[list[LetterState] | None, Query()] = None,
    mention: OptionalId = None,
    outlet: OptionalId = None,
) -> Any:
    """Letters: first those that wait, the longest first; then drafts, then those that ended."""
    store, who = service_of(request).store, who_of(request)
    found = store.letters(states=state or (), mention_id=mention, source_id=outlet, limit=place.needed)
    asked = store.outlets({one.source_id for one in found if one.source_id is not None})
    return place.cut(found, lambda one: _row(one, asked.get(one.source_id or 0), who))


def _row(letter: Letter, outlet: Source | None, who: Who) -> Mapping[str, Any]:
    return letter_row(letter, outlet) | {"created_by": shown_name(letter.created_by, who)}


def _whole(request: Request, letter: Letter) -> Mapping[str, Any]:
    store, who = service_of(request).store, who_of(request)
    outlet = store.outlet(letter.source_id) if letter.source_id else None
    steps = [
        {
            "to": step.to,
            "at": stamp(step.at),
            "by": shown_name(step.by, who),
            "undone_at": stamp(step.undone_at),
        }
        for step in letter.steps
    ]
    return {**_row(letter, outlet, who), "steps": steps}


@router.get("/letters/{letter_id}", response_model=LetterWhole)
def one(request: Request, letter_id: RowId) -> Any:
    """One letter."""
    return _whole(request, service_of(request).store.letter(letter_id))


@router.post("/letters", response_model=LetterWhole, status_code=201)
def draft(request: Request, sent: LetterIn) -> Any:
    """Draft the letter that a flag asks for; one that is open is given as it is. Nothing is sent."""
    deps = service_of(request).deps
    by = who_of(request).name
    return _whole(request, draft_for(deps, sent.flag, signer=_signer(request), by=by, language=sent.language))


def _signer(request: Request) -> Signer:
    """The person whose key it is, reached at this installation's contact."""
    service, who = service_of(request), who_of(request)
    return signer_of(service.store, who.key.person if who.key else who.name, service.contact)


@router.patch("/letters/{letter_id}", response_model=LetterWhole)
def change(request: Request, letter_id: RowId, sent: LetterChange) -> Any:
    """Change a draft."""
    service = service_of(request)
    held = service.store.letter(letter_id)
    changed = rewrite(
        service.deps,
        letter_id,
        recipient=held.recipient if sent.recipient is None else sent.recipient,
        subject=held.subject if sent.subject is None else sent.subject,
        body=held.body if sent.body is None else sent.body,
        remind_days=sent.remind_days or held.remind_days,
    )
    return _whole(request, changed)


@router.post("/letters/{letter_id}/draft", response_model=LetterWhole)
def draft_anew(request: Request, letter_id: RowId, sent: AnewIn) -> Any:
    """Write a draft anew, about these flags and in this language; what was changed in it is gone."""
    deps = service_of(request).deps
    anew = redraft(deps, letter_id, sent.flags, signer=_signer(request), language=sent.language)
    return _whole(request, anew)


@router.post("/letters/{letter_id}/mark", response_model=LetterWhole)
def mark(request: Request, letter_id: RowId, sent: MarkIn) -> Any:
    """Note what became of a letter, take the newest of that back, or send it."""
    service, by = service_of(request), who_of(request).name
    if sent.to == "send":
        if not has_server(service):
            raise UsageError("No mail server is set.", "Send it from your own mail program, then note `asked`.")
        held = send_letter(service.deps, letter_id, signer=_signer(request), by=by)
    elif sent.to == "undo":
        held = service.store.undo_letter(letter_id, by=by, now=service.clock())
    else:
        held = service.store.step_letter(letter_id, LetterState(sent.to), by=by, now=service.clock())
    return _whole(request, held)


# --- outlets ---------------------------------------------------------------------------------------------------------


@outlets_router.get("/outlets", response_model=Page[OutletOut])
def outlets(request: Request, place: Asked) -> Any:
    """Who publishes, those first that go too far most often."""
    return place.cut(service_of(request).store.outlet_records(limit=place.needed), outlet_row)


@outlets_router.get("/outlets/{outlet_id}", response_model=OutletOut)
def outlet(request: Request, outlet_id: RowId) -> Any:
    """One outlet."""
    return outlet_row(_record(service_of(request).store, outlet_id))


def _record(store: Store, outlet_id: int) -> OutletRecord:
    found = store.outlet_records(limit=1, source_id=outlet_id)
    if not found:
        raise NotFoundError("There is no such outlet.", "It may have been withdrawn. The list has those there are.")
    return found[0]


@outlets_router.patch("/outlets/{outlet_id}", response_model=OutletOut)
def set_one(request: Request, outlet_id: RowId, sent: OutletChange) -> Any:
    """Set the address and language of letters to it, and its reach, which no feed changes from then on."""
    store = service_of(request).store
    before = _record(store, outlet_id).source
    set_outlet(store, outlet_id, contact=sent.contact, language=sent.language, weight=sent.weight)
    after = _record(store, outlet_id)
    if after.source != before:
        noted(request, Area.SOURCES, f"changed the outlet {one_line(before.name)[:200]}", f"/outlets/{outlet_id}")
    return outlet_row(after)
