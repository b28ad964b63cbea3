"""The web application: pages, signed links, health. Server-rendered, and whole without any script.

Who may read: on a loopback address whoever sits at this machine (the Host header is checked, so that no other site's
name can be pointed here); on any other address only a browser that opened the sign-in link which `hypewatch serve`
prints. Signed links from mails need no sign-in. GET changes nothing, anywhere.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool

from monitor import __version__
from monitor.core.errors import HypewatchError, NotFoundError, StorageError, UsageError
from monitor.core.links import Action, sign, verify
from monitor.web import health, links, pages
from monitor.web.render import PACKAGE, render

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from monitor.service import Service

#: Nothing but our own files, no inline script or style, no frame of ours in others' pages.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
COOKIE = "hypewatch"
SIGNED_IN_FOR = timedelta(days=30)
#: What anybody may reach: links that carry their own signature, health, and the style sheet they need.
OPEN_PATHS = ("/l/", "/static/", "/healthz", "/readyz")


def build_app(service: Service) -> FastAPI:
    """The application for one Service. `state.first_link` is where a person begins."""
    app = FastAPI(title="Hypewatch", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = service
    app.state.first_link = _first_link(service)
    app.mount("/static", StaticFiles(directory=str(PACKAGE / "static")), name="static")
    app.include_router(pages.router)
    app.include_router(links.router)
    app.include_router(health.router)
    app.middleware("http")(_guard)
    app.add_exception_handler(HypewatchError, _tell)
    app.add_exception_handler(404, _not_found)
    return app


def is_loopback(host: str) -> bool:
    """Is it an address only this machine can reach?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_private(service: Service) -> bool:
    """Do the pages answer this machine alone? Then no sign-in is needed."""
    base = urlsplit(service.settings.public_url).hostname or ""
    return is_loopback(service.settings.host) and is_loopback(base)


def _first_link(service: Service) -> str:
    base = service.settings.public_url
    if is_private(service):
        return f"{base}/"
    token = sign(service.key, Action.SIGN_IN, expires=service.clock() + timedelta(hours=1))
    return f"{base}/l/{Action.SIGN_IN.value}/{token}"


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    service: Service = request.app.state.service
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    base = urlsplit(service.settings.public_url).hostname or ""
    if not (is_loopback(host) or host == base):
        response: Response = JSONResponse(
            {"error": "This is not an address of Hypewatch; see HYPEWATCH_BASE_URL."}, 421
        )
    elif _may_read(request, service):
        response = await call_next(request)
    else:
        response = await run_in_threadpool(
            _page, 401, "Please sign in", "Open the sign-in link that `hypewatch serve` printed when it started."
        )
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store" if not request.url.path.startswith("/static/") else "max-age=3600"
    return response


def _may_read(request: Request, service: Service) -> bool:
    if is_private(service) or request.url.path.startswith(OPEN_PATHS):
        return True
    token = request.cookies.get(COOKIE, "")
    return verify(service.key, token, Action.SIGN_IN, service.clock()) is not None


def _tell(_: Request, error: Exception) -> Response:
    """An error's two sentences as a page, with the status that fits."""
    assert isinstance(error, HypewatchError)  # noqa: S101 - registered for this class alone
    status = (
        404
        if isinstance(error, NotFoundError)
        else 400
        if isinstance(error, UsageError)
        else 503
        if isinstance(error, StorageError)
        else 500
    )
    return _page(status, error.message, error.hint)


def _not_found(_: Request, __: Exception) -> Response:
    return _page(404, "There is no such page.", "The menu above leads to those there are.")


def _page(status: int, message: str, hint: str) -> HTMLResponse:
    return HTMLResponse(render("error.html", title=message, message=message, hint=hint), status_code=status)
