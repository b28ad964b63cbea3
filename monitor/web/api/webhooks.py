"""Webhooks: other programs and chats that are told. For owners: an address is a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError
from monitor.core.outgoing.hook import EVENTS, CallState, Event, Service
from monitor.export.hooks import call_row, hook_row
from monitor.pipeline import webhooks
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.outgoing.hook import Call, Hook
    from monitor.ports import Store

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["webhooks"])

#: Calls that are looked through for the list.
_SHOWN = 500


class CallOut(Shape):
    """One thing that was told, or is to be."""

    id: int
    event: Event
    what: str
    message_id: str
    state: CallState
    attempts: int
    made: Stamp
    next: Stamp | None
    error: str


class WebhookOut(Shape):
    """An address that is told, as far as others may see it, with its calls, newest first."""

    id: int
    kind: Service
    to: str
    events: list[Event]
    study: str | None
    since: Stamp
    state: str
    waiting: int
    dead: list[int]
    calls: list[CallOut]


class WebhookMade(WebhookOut):
    """A new one. `secret` signs its calls, and is shown this once; a chat has none."""

    secret: str


class WebhookIn(Sent):
    """An address to tell."""

    url: str = Field(max_length=2_000)
    kind: Service = Service.WEBHOOK
    events: list[Event] = Field(list(EVENTS), max_length=len(EVENTS))
    study: str = Field("", max_length=64, description="Empty: all studies")


@router.get("/webhooks", response_model=Page[WebhookOut])
def listed(request: Request, place: Asked) -> Any:
    """Who is told, and how it goes."""
    store = service_of(request).store
    calls = store.calls(limit=_SHOWN)
    return place.cut(store.webhooks(), lambda hook: _row(hook, calls))


def _row(hook: Hook, calls: Sequence[Call]) -> Mapping[str, Any]:
    return hook_row(hook, [call for call in calls if call.hook_id == hook.id])


@router.post("/webhooks", response_model=WebhookMade, status_code=201)
def add(request: Request, sent: WebhookIn) -> Any:
    """Tell an address from now on."""
    deps = service_of(request).deps
    events = [event.value for event in sent.events]
    hook = webhooks.add(deps, sent.url, service=sent.kind, events=events, study_id=sent.study)
    noted(request, Area.WEBHOOKS, f"added the webhook to {hook.place}", "/webhooks")
    return {**_row(hook, ()), "secret": hook.secret}


@router.get("/webhooks/{hook_id}", response_model=WebhookOut)
def one(request: Request, hook_id: RowId) -> Any:
    """One of them."""
    store = service_of(request).store
    return _row(_hook(store, hook_id), store.calls(limit=_SHOWN))


def _hook(store: Store, hook_id: int) -> Hook:
    hook = next((one for one in store.webhooks() if one.id == hook_id), None)
    if hook is None:
        raise NotFoundError(f"There is no webhook {hook_id}.", "The list has those there are.")
    return hook


@router.delete("/webhooks/{hook_id}", status_code=204)
def remove(request: Request, hook_id: RowId) -> None:
    """Tell an address nothing any more, and forget its calls."""
    store = service_of(request).store
    hook = _hook(store, hook_id)
    store.remove_webhook(hook_id)
    noted(request, Area.WEBHOOKS, f"removed the webhook to {hook.place}", "/webhooks")


@router.post("/webhooks/{hook_id}/test", response_model=CallOut)
def test(request: Request, hook_id: RowId) -> Any:
    """Tell one address now that this is a test; the call as it ended."""
    service = service_of(request)
    _hook(service.store, hook_id)
    made = webhooks.try_out(service.deps, hook_id)
    noted(request, Area.WEBHOOKS, f"tested webhook {hook_id}", "/webhooks")
    return call_row(made)


@router.post("/webhook-calls/{call_id}/again", status_code=204)
def again(request: Request, call_id: RowId) -> None:
    """Make a call again that was given up; it goes out within a minute."""
    service = service_of(request)
    service.store.call_again(call_id, service.clock())
    noted(request, Area.WEBHOOKS, f"sent call {call_id} again", "/webhooks")
