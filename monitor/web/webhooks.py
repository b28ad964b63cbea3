"""Other programs and chats that are told: who, how it goes, and what was given up. For owners: an address is a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import LibraryError, NotFoundError, UsageError
from monitor.core.outgoing.hook import EVENTS, Call, CallState, Event, Service
from monitor.core.sentences import closed
from monitor.pipeline import webhooks
from monitor.web.audit import noted
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor import service as services

router = APIRouter(default_response_class=HTMLResponse)

NAMES: Mapping[Service, str] = {
    Service.WEBHOOK: "a program (Standard Webhooks)",
    Service.SLACK: "Slack",
    Service.TEAMS: "Microsoft Teams",
    Service.MATTERMOST: "Mattermost",
    Service.DISCORD: "Discord",
    Service.MATRIX: "Matrix",
    Service.TELEGRAM: "Telegram",
}
EVENT_NAMES: Mapping[Event, str] = {
    Event.FLAG: "something goes too far",
    Event.DIGEST: "a digest went out",
    Event.TEST: "a test",
}
_SHOWN = 200


@router.get("/webhooks")
def listed(request: Request) -> str:
    """Who is told, and how it goes."""
    return _shown(request)


@router.post("/webhooks")
def add(
    request: Request,
    url: Annotated[str, Form(max_length=2000)] = "",
    kind: Annotated[Service, Form()] = Service.WEBHOOK,
    event: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    study: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Tell an address from now on; of a program its secret is shown, this once."""
    deps = service_of(request).deps
    try:
        hook = webhooks.add(deps, url, service=kind, events=event, study_id=study)
    except UsageError as error:
        typed = {"url": url, "kind": kind, "events": event, "study": study}
        problem = f"{closed(error.message)} {error.hint}".strip()
        return HTMLResponse(_shown(request, problem=problem, typed=typed), status_code=400)
    noted(request, Area.WEBHOOKS, f"added the webhook to {hook.place}", "/webhooks")
    if not hook.secret:
        return RedirectResponse("/webhooks", status_code=303)
    return HTMLResponse(_shown(request, secret=hook.secret, told=f"{hook.place} is told from now on."))


@router.post("/webhooks/{hook_id}/remove")
def remove(request: Request, hook_id: RowId) -> Response:
    """Tell an address nothing any more."""
    store = service_of(request).store
    place = next((hook.place for hook in store.webhooks() if hook.id == hook_id), "")
    _there(lambda: store.remove_webhook(hook_id))
    noted(request, Area.WEBHOOKS, f"removed the webhook to {place}", "/webhooks")
    return RedirectResponse("/webhooks", status_code=303)


@router.post("/webhooks/{hook_id}/test")
def try_out(request: Request, hook_id: RowId) -> str:
    """Tell one address now that this is a test."""
    made: list[Call] = []
    _there(lambda: made.append(webhooks.try_out(service_of(request).deps, hook_id)))
    taken = made[0].state is CallState.SENT
    noted(request, Area.WEBHOOKS, f"tested webhook {hook_id}", "/webhooks")
    return _shown(
        request, told="The test was taken." if taken else f"The test was not taken. {closed(made[0].last_error)}"
    )


@router.post("/webhook-calls/{call_id}/again")
def again(request: Request, call_id: RowId) -> Response:
    """Make a call again that was given up; it goes out within a minute."""
    service = service_of(request)
    _there(lambda: service.store.call_again(call_id, service.clock()))
    noted(request, Area.WEBHOOKS, f"sent call {call_id} again", "/webhooks")
    return RedirectResponse("/webhooks", status_code=303)


def _there(act: Callable[[], None]) -> None:
    """Do it, or raise an error whose hint leads to a page and not to a command."""
    try:
        act()
    except NotFoundError as error:
        raise NotFoundError(error.message, "The page of webhooks lists those there are.") from None


def _shown(
    request: Request,
    *,
    told: str = "",
    secret: str = "",
    problem: str = "",
    typed: Mapping[str, object] | None = None,
) -> str:
    service = service_of(request)
    calls = service.store.calls(limit=_SHOWN)
    newest: dict[int, Call] = {}
    for call in calls:
        if call.attempts:
            newest.setdefault(call.hook_id, call)
    return page(
        request,
        "webhooks.html",
        title="Webhooks and chats",
        hooks=service.store.webhooks(),
        newest=newest,
        waiting={
            hook_id: sum(c.hook_id == hook_id and c.state is CallState.WAITING for c in calls) for hook_id in newest
        },
        dead=service.store.calls(CallState.DEAD),
        changes=service.store.changes(area=Area.WEBHOOKS, limit=5),
        names=NAMES,
        events=EVENTS,
        event_names=EVENT_NAMES,
        studies=_studies(service),
        told=told,
        secret=secret,
        problem=problem,
        typed=typed or {"url": "", "kind": Service.WEBHOOK, "events": [event.value for event in EVENTS], "study": ""},
    )


def _studies(service: services.Service) -> Mapping[str, str]:
    try:
        return {study.id: study.name for study in service.library.studies()}
    except LibraryError:  # Today tells of it
        return {}
