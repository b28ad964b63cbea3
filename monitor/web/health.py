"""Is the process alive, and is work being done? Health is the age of the oldest due row, not a process id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from monitor.core.errors import StorageError
from monitor.core.model import LATE, Work
from monitor.pipeline.rejudge import abandoned
from monitor.web.request import service_of

if TYPE_CHECKING:
    from datetime import datetime


router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 while work is being done; 503 with the reason when the oldest due row waits too long, stored mentions wait to be judged
    again and nobody does, a digest that is due cannot be composed, or the database fails. Nobody is named: this page is for
    programs, without sign-in.
    """
    service = service_of(request)
    waiting = {}
    try:
        for work in Work:
            late = service.store.oldest_due(work, service.clock())
            if late is not None and late > LATE:
                waiting[work.value] = round(late.total_seconds())
        if (since := _judging_waits_since(request)) is not None and service.clock() - since > LATE:
            waiting["judging"] = round((service.clock() - since).total_seconds())
        failing = [one for one in service.store.failing_digests(service.clock()) if one.step is Work.COMPOSE]
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    ok = not waiting and not failing
    told = {"ok": ok, "waiting_seconds": waiting, "digests_not_composed": len(failing)}
    return JSONResponse(told, 200 if ok else 503)


def _judging_waits_since(request: Request) -> datetime | None:
    """When this process first saw that stored mentions wait for other rules and nobody judges them. After an upgrade or a new
    fact sheet nobody can have begun yet, and no row says since when.
    """
    state, service = request.app.state, service_of(request)
    waits = abandoned(service.deps)
    state.judging_waits = (getattr(state, "judging_waits", None) or service.clock()) if waits else None
    since: datetime | None = state.judging_waits
    return since


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """200 once the database can be read."""
    service = service_of(request)
    try:
        service.store.feeds()
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    return JSONResponse({"ok": True})
