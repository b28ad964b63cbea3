"""Signing a browser in and out. A link works once; what the browser keeps is another secret, which `end` makes worthless."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.session import LINK_FOR, SIGNED_IN_FOR, Role, SessionState, secret_hash
from monitor.core.wording import ENGLISH
from monitor.web.doors import COOKIE, is_local, is_private
from monitor.web.link_frame import spoiled
from monitor.web.render import page, render
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)


def first_link(service: Service) -> str:
    """Where a person begins: the pages themselves in local mode, else a new sign-in link that works once, for an hour."""
    base = service.settings.public_url
    if is_private(service):
        return f"{base}/"
    return sign_in_link(service)


def sign_in_link(service: Service, *, role: Role = Role.OWNER, name: str = "") -> str:
    """A new sign-in link for a person who may do what `role` may; it is known to the database by its hash alone."""
    secret, now = secrets.token_urlsafe(32), service.clock()
    service.store.offer_session(secret_hash(secret), role=role, name=name, now=now, expires_at=now + LINK_FOR)
    return f"{service.settings.public_url}/sign-in/{secret}"


@router.get("/sign-in/{secret}")
def ask(request: Request, secret: str) -> Response:
    """One button; scanners that follow links use nothing up."""
    service = service_of(request)
    if not service.store.session_offered(secret_hash(secret), service.clock()):
        return spoiled()
    return HTMLResponse(
        render(
            "link.html",
            title="Sign in",
            question="Sign this browser in?",
            details=(),
            quote=None,
            choices=[("", "Sign in")],
            name="then",
            asks=True,
            reason=False,
            settings="",
            lang=ENGLISH.language,
            say=ENGLISH.say,
        )
    )


@router.post("/sign-in/{secret}")
def sign_in(request: Request, secret: str) -> Response:
    """Use the link up, and give the browser a secret of its own."""
    service = service_of(request)
    cookie, now = secrets.token_urlsafe(32), service.clock()
    opened = service.store.open_session(
        secret_hash(secret),
        secret_hash(cookie),
        now=now,
        expires_at=now + SIGNED_IN_FOR,
        browser=request.headers.get("user-agent", ""),
    )
    if not opened:
        return spoiled()
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SIGNED_IN_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=service.settings.public_url.startswith("https://"),
    )
    return response


@router.get("/sessions")
def sessions(request: Request) -> str:
    """The browsers that are signed in, each with a button that ends it."""
    service = service_of(request)
    own = service.store.session(secret_hash(request.cookies.get(COOKIE, "")), service.clock())
    known = service.store.sessions(service.clock())
    return page(
        request,
        "sessions.html",
        title="Signed-in browsers",
        local=is_local(request, service),
        own=own.id if own else None,
        sessions=[session for session in known if session.state is SessionState.OPEN],
    )


@router.post("/sessions/{session_id}/end")
def end(request: Request, session_id: RowId) -> Response:
    """End one browser's sign-in."""
    service = service_of(request)
    service.store.end_session(session_id)
    return RedirectResponse("/sessions", status_code=303)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End this browser's own sign-in."""
    service = service_of(request)
    own = service.store.session(secret_hash(request.cookies.get(COOKIE, "")), service.clock())
    if own is not None:
        service.store.end_session(own.id)
    response = RedirectResponse("/sessions", status_code=303)
    response.delete_cookie(COOKIE)
    return response
