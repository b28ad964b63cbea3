"""Subscribers: who gets mail, and what each asked for. For editors: addresses are personal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.digests.signed_links import without_tokens
from monitor.core.digests.subscribers import DigestKind, Standing
from monitor.core.digests.wish_fields import ALL, read_pause, read_wish
from monitor.core.errors import UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.export.subscribers import subscriber_row
from monitor.pipeline.preview import previewed
from monitor.pipeline.subscribe import Resumed, change, leave, pause, resume, subscribe
from monitor.pipeline.subscriber_list import MOST_NAME
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.digests.subscribers import Subscription, WishChanges

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["subscribers"])

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class SubscriberOut(Shape):
    """A person and a study, with all that they asked for."""

    id: int
    subscriber: int
    email: str
    name: str
    state: Standing
    study: str
    at: str = Field(description="Local time, HH:MM")
    zone: str
    days: list[Weekday]
    threshold: Severity
    quiet_days: bool
    language: str
    drifts: list[Drift] = Field(description="Empty: all")
    networks: list[Network] = Field(description="Empty: all")
    coverage_languages: list[str] = Field(description="Empty: all")
    weekly: bool
    monthly: bool
    urgent_from: int | Literal["off"]
    urgent_most: int
    hush: str
    paused_until: Stamp | None
    next: Stamp | None
    created_at: Stamp
    left_at: Stamp | None
    suppressed_at: Stamp | None
    suppressed_why: str


class Wishes(Sent):
    """What a person asks for; what is not named is as it was."""

    at: str | None = Field(None, max_length=20, examples=["07:00"])
    zone: str | None = Field(None, max_length=100, examples=["Europe/Berlin"])
    days: list[Weekday] | None = Field(None, min_length=1, max_length=7)
    threshold: Severity | None = None
    quiet_days: bool | None = None
    language: str | None = Field(None, max_length=35)
    drifts: list[Drift] | None = None
    networks: list[Network] | None = None
    coverage_languages: list[Annotated[str, Field(max_length=35)]] | None = Field(None, max_length=200)
    weekly: bool | None = None
    monthly: bool | None = None
    urgent_from: Annotated[int, Field(ge=0, le=100_000)] | Literal["off"] | None = None
    urgent_most: int | None = Field(None, ge=0, le=1_000)
    hush: str | None = Field(None, max_length=40, examples=["21:00-07:00"])

    def changes(self) -> WishChanges:
        """As they are kept; raises UsageError for what cannot be read."""
        found: Any = {}
        for name in Wishes.model_fields:
            value = getattr(self, name)
            if value is not None:
                found |= read_wish(name, _written(value))
        result: WishChanges = found
        return result


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) or ALL if isinstance(value, list) else str(value)


class SubscriberIn(Wishes):
    """A person to ask."""

    email: str = Field(max_length=254, examples=["bo@example.org"])
    name: str = Field("", max_length=MOST_NAME)
    study: str | None = Field(None, max_length=64, description="Needed if there are several")


class PauseIn(Sent):
    """The first day on which mail comes again, where the person lives."""

    until: date


class ResumedOut(Shape):
    """What resuming did: a pause ended, the person was asked, or nothing stood in the way."""

    did: Resumed
    subscriber: SubscriberOut


class PreviewOut(Shape):
    """A mail as it would be now; the reader's own links in it lead nowhere."""

    subject: str
    text: str
    html: str


@router.get("/subscribers", response_model=Page[SubscriberOut])
def listed(request: Request, place: Asked, state: Annotated[Standing | None, Query()] = None) -> Any:
    """Everybody, or those who stand so."""
    service = service_of(request)
    now = service.clock()
    found = [one for one in service.store.subscriptions() if state in {None, one.standing(now)}]
    return place.cut(found, lambda one: subscriber_row(one, now))


@router.get("/subscribers/{subscription_id}", response_model=SubscriberOut)
def one(request: Request, subscription_id: RowId) -> Any:
    """One person and study."""
    return _row(request, service_of(request).store.subscription(subscription_id))


def _row(request: Request, subscription: Subscription) -> Mapping[str, Any]:
    return subscriber_row(subscription, service_of(request).clock())


@router.post("/subscribers", response_model=SubscriberOut, status_code=201)
def add(request: Request, sent: SubscriberIn) -> Any:
    """Ask a person whether they want it; digests come once they say yes. For an address that is known what is named changes."""
    deps = service_of(request).deps
    studies = [study.id for study in deps.library.studies()]
    if sent.study is None and len(studies) != 1:
        raise UsageError("It is not said which study.", f"Send one of: {', '.join(studies)}.")
    made = subscribe(deps, sent.email, study_id=sent.study or studies[0], name=sent.name, **sent.changes())
    _noted(request, made.id, "asked" if made.is_asked else "changed")
    return _row(request, made)


@router.patch("/subscribers/{subscription_id}", response_model=SubscriberOut)
def change_one(request: Request, subscription_id: RowId, sent: Wishes) -> Any:
    """Change what a person gets; nobody is mailed."""
    changed = change(service_of(request).deps, subscription_id, **sent.changes())
    _noted(request, subscription_id, "changed what is sent to")
    return _row(request, changed)


@router.post("/subscribers/{subscription_id}/pause", response_model=SubscriberOut)
def pause_one(request: Request, subscription_id: RowId, sent: PauseIn) -> Any:
    """Send nothing before a day; what is said meanwhile comes in the first mail after it."""
    service = service_of(request)
    zone = service.store.subscription(subscription_id).wishes.zone
    paused = pause(service.deps, subscription_id, read_pause(sent.until.isoformat(), zone, service.clock()))
    _noted(request, subscription_id, "paused the mail to")
    return _row(request, paused)


@router.post("/subscribers/{subscription_id}/resume", response_model=ResumedOut)
def resume_one(request: Request, subscription_id: RowId) -> Any:
    """Let mail come again: end a pause, or ask (again) whether the address is theirs."""
    service = service_of(request)
    did = resume(service.deps, subscription_id)
    if did is not Resumed.WENT_ON:
        _noted(request, subscription_id, "resumed the mail to")
    return {"did": did, "subscriber": _row(request, service.store.subscription(subscription_id))}


@router.delete("/subscribers/{subscription_id}", status_code=204)
def end(request: Request, subscription_id: RowId) -> None:
    """Send the person no more mail about this study; a new question can bring them back."""
    service = service_of(request)
    service.store.subscription(subscription_id)
    if leave(service.deps, subscription_id):
        _noted(request, subscription_id, "ended the mail to")


@router.get("/subscribers/{subscription_id}/preview", response_model=PreviewOut)
def preview(request: Request, subscription_id: RowId, kind: Annotated[DigestKind, Query()] = DigestKind.DAILY) -> Any:
    """What the next mail would say if it went now. Nothing is sent or recorded."""
    service = service_of(request)
    printed = previewed(service.deps, service.store.subscription(subscription_id), kind)
    return {
        "subject": printed.subject,
        "text": without_tokens(printed.text),
        "html": without_tokens(printed.html),
    }


def _noted(request: Request, subscription_id: int, did: str) -> None:
    """Without the address: the list of changes outlives the subscriber."""
    noted(request, Area.SUBSCRIBERS, f"{did} subscriber {subscription_id}", f"/subscribers/{subscription_id}")
