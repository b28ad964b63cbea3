"""Signing a browser in and out: by a link that works once, by a link that is mailed, or by a password. What the browser keeps is
another secret each time, which `end` makes worthless.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError, StorageError, UsageError
from monitor.core.people import MOST_NAME, PersonState
from monitor.core.session import LINK_FOR, SIGNED_IN_FOR, Role, SessionState, secret_hash
from monitor.core.wording import ENGLISH
from monitor.pipeline.people import enter, mail_link
from monitor.web.api.problems import status_of, wait_of
from monitor.web.audit import noted
from monitor.web.doors import COOKIE, SIGN_IN, is_local, is_private, place_of
from monitor.web.fields import told
from monitor.web.link_frame import spoiled
from monitor.web.render import local_path, page, render
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from monitor.core.people import Person
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


def door_of(request: Request) -> str:
    """Where somebody with an account signs in, and is led back to the page they asked for; "" while nobody has one."""
    try:
        if not service_of(request).store.people():
            return ""
    except StorageError:
        return ""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?next={quote(asked, safe='')}" if request.method == "GET" and asked != "/" else SIGN_IN


@router.get("/sign-in")
def who_are_you(request: Request, next: str = "/", sent: str = "") -> str:  # noqa: A002 - the field's name
    """Asks for an address, and a password or a link."""
    return _door(request, onward=next, sent=bool(sent))


@router.post("/sign-in")
def come_in(
    request: Request,
    later: BackgroundTasks,
    address: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "password",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the field's name
) -> Response:
    """Sign in with a password, or mail a link. Of a link it is said that it is on its way whoever has the address."""
    service = service_of(request)
    place = place_of(request)
    onward = local_path(next)
    if by == "link":
        # Looked up and mailed after the answer: how long that takes would tell who is known.
        later.add_task(mail_link, service.deps, address, place=place, key=service.key)
        return RedirectResponse(f"{SIGN_IN}?sent=yes&next={quote(onward, safe='')}", status_code=303, background=later)
    try:
        person = enter(service.deps, address, password, place=place, key=service.key)
    except UsageError as error:
        said = _door(request, onward=onward, problem=told(error), address=address[:254])
        return HTMLResponse(said, status_of(error), wait_of(error))
    return signed_in(request, person, onward)


def signed_in(request: Request, person: Person, onward: str) -> Response:
    """Sign the browser that asks in for a person who has shown who they are."""
    service = service_of(request)
    cookie, now = secrets.token_urlsafe(32), service.clock()
    _forget_old(request, service)
    service.store.begin_session(
        secret_hash(cookie),
        person_id=person.id,
        now=now,
        expires_at=now + SIGNED_IN_FOR,
        browser=request.headers.get("user-agent", ""),
    )
    return _signed_in(service, cookie, onward)


def _door(request: Request, *, onward: str, problem: str = "", address: str = "", sent: bool = False) -> str:
    service = service_of(request)
    return render(
        "sign_in.html",
        title="Sign in",
        local=is_local(request, service),
        mails=service.mails,
        issuer=service.single_sign_on.name if service.single_sign_on else "",
        onward=local_path(onward),
        problem=problem,
        address=address,
        sent=sent,
    )


@router.get("/sign-in/{secret}")
def ask(request: Request, secret: str) -> Response:
    """One button; scanners that follow links use nothing up."""
    service = service_of(request)
    if not service.store.session_offered(secret_hash(secret), service.clock()):
        return spoiled()
    return shall_it()


def shall_it() -> Response:
    """The page that asks whether to sign in; its button sends the same address again."""
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
    offered = service.store.session_offered(secret_hash(secret), now)
    first = (
        offered is not None
        and offered.person_id is not None
        and service.store.person(offered.person_id).state is PersonState.INVITED
    )
    opened = service.store.open_session(
        secret_hash(secret),
        secret_hash(cookie),
        now=now,
        expires_at=now + SIGNED_IN_FOR,
        browser=request.headers.get("user-agent", ""),
    )
    if not opened:
        return spoiled()
    _forget_old(request, service)
    return _signed_in(service, cookie, "/account?done=welcome" if first else "/")


def _forget_old(request: Request, service: Service) -> None:
    """Who signs in anew is not signed in twice: what the browser had before ends."""
    held = request.cookies.get(COOKIE, "")
    old = service.store.session(secret_hash(held), service.clock()) if held else None
    if old is not None:
        service.store.end_session(old.id)


def _signed_in(service: Service, cookie: str, onward: str) -> Response:
    response = RedirectResponse(onward, status_code=303)
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
    known = service.store.sessions(service.clock())
    return page(
        request,
        "sessions.html",
        title="Signed-in browsers",
        local=is_local(request, service),
        own=request.state.who.session_id,
        sessions=[session for session in known if session.state is SessionState.OPEN],
    )


@router.post("/sessions/{session_id}/end")
def end(request: Request, session_id: RowId) -> Response:
    """End one browser's sign-in."""
    service = service_of(request)
    known = {session.id: session for session in service.store.sessions(service.clock())}
    if session_id not in known:
        raise NotFoundError("There is no such sign-in.", "Signed-in browsers lists those there are.")
    whose = known[session_id].name[:MOST_NAME] or "somebody without a name"
    service.store.end_session(session_id)
    noted(request, Area.PEOPLE, f"ended a sign-in of {whose}", "/sessions")
    return RedirectResponse("/sessions", status_code=303)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End this browser's own sign-in."""
    service = service_of(request)
    own = service.store.session(secret_hash(request.cookies.get(COOKIE, "")), service.clock())
    if own is not None:
        service.store.end_session(own.id)
    response = RedirectResponse("/sessions" if request.state.who.owns else "/", status_code=303)
    response.delete_cookie(COOKIE)
    return response
