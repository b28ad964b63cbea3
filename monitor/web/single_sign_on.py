"""Signing in at one's own organisation. The way there and back changes nothing; the button on the page that one comes back to does."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import check_email
from monitor.sources.single_sign_on import Begun
from monitor.web.doors import SIGN_IN
from monitor.web.render import local_path
from monitor.web.request import service_of
from monitor.web.sessions import shall_it, signed_in

if TYPE_CHECKING:
    from monitor.sources.single_sign_on import SingleSignOn

router = APIRouter(default_response_class=HTMLResponse)

#: The browser's half of a sign-in that was begun: a secret, and where it leads on to. It is kept for ten minutes.
COOKIE, PATH, FOR_SECONDS = "hypewatch-oidc", "/sign-in/oidc", 600


@router.get("/sign-in/oidc/begin")
def begin(request: Request, next: str = "/") -> Response:  # noqa: A002 - the field's name
    """Lead the browser to the issuer."""
    service, secret = service_of(request), secrets.token_urlsafe(32)
    answer = RedirectResponse(_issuer(request).begin(Begun(secret)), status_code=303)
    answer.set_cookie(
        COOKIE,
        f"{secret}.{quote(local_path(next), safe='')}"[:3000],
        max_age=FOR_SECONDS,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=service.settings.public_url.startswith("https://"),
    )
    return answer


@router.get("/sign-in/oidc/back")
def back(request: Request, code: str = "", state: str = "") -> Response:
    """One button; it sends the same address again."""
    _issuer(request)
    _held(request, code, state)
    return shall_it()


@router.post("/sign-in/oidc/back")
def come_in(request: Request, code: str = "", state: str = "") -> Response:
    """Ask the issuer whose the code is, and let that person in if they were invited."""
    issuer = _issuer(request)
    begun, onward = _held(request, code, state)
    address = check_email(issuer.finish(code, begun))
    person = service_of(request).store.person_of(address)
    if person is None:
        raise UsageError(f"Nobody was invited here as {address}.", "Ask an owner to invite this address.")
    answer = signed_in(request, person, onward)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _issuer(request: Request) -> SingleSignOn:
    issuer = service_of(request).single_sign_on
    if issuer is None:
        raise NotFoundError("There is no such way to sign in here.", f"The page {SIGN_IN} shows those there are.")
    return issuer


def _held(request: Request, code: str, state: str) -> tuple[Begun, str]:
    """What this browser began, and where it leads on to. Raises UsageError unless the answer is to that."""
    secret, _, onward = request.cookies.get(COOKIE, "").partition(".")
    begun = Begun(secret)
    if not secret or not code or not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
        raise UsageError("This sign-in was not finished, or was begun in another browser.", "Begin it again.")
    return begun, local_path(unquote(onward))
