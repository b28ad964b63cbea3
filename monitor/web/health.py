"""Is the process alive, and is work being done? Health is the age of the oldest due row, not a process id."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from monitor.core.errors import StorageError
from monitor.core.model import Work

if TYPE_CHECKING:
    from monitor.service import Service

router = APIRouter()

#: Two ticks of 30 s, and a slow poll: later than this and nobody is working.
LATE = timedelta(minutes=2)


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 while work is being done, 503 with the reason when the oldest due row waits too long or the database fails."""
    service: Service = request.app.state.service
    waiting = {}
    try:
        for work in Work:
            late = service.store.oldest_due(work, service.clock())
            if late is not None and late > LATE:
                waiting[work.value] = round(late.total_seconds())
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    return JSONResponse({"ok": not waiting, "waiting_seconds": waiting}, 503 if waiting else 200)


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """200 once the database can be read."""
    service: Service = request.app.state.service
    try:
        service.store.feeds()
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    return JSONResponse({"ok": True})
