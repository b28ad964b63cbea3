"""Is the process alive, and is work being done? Health is the age of the oldest due row, not a process id."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from monitor.core.errors import StorageError
from monitor.web.request import service_of

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 while work is being done; 503 with the reason when the oldest due row waits too long, stored mentions wait to be judged
    again and nobody does, a digest that is due cannot be composed, or the database fails. Nobody is named: this page is for
    programs, without sign-in.
    """
    service = service_of(request)
    try:
        health = service.health.look(service.deps)
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    told = {"ok": health.good, "waiting_seconds": health.waiting, "digests_not_composed": health.not_composed}
    return JSONResponse(told, 200 if health.good else 503)


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """200 once the database can be read."""
    service = service_of(request)
    try:
        service.store.feeds()
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    return JSONResponse({"ok": True})
