"""One's own account: name, password, and the browsers that one signed in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import LEAST_PASSWORD, check_name, check_password
from monitor.core.session import SessionState
from monitor.pipeline.people import change_password
from monitor.web.access import who_of
from monitor.web.api.problems import status_of, wait_of
from monitor.web.audit import noted
from monitor.web.doors import is_local, place_of
from monitor.web.fields import checked, told
from monitor.web.people import ROLE_MAY
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.people import Person

router = APIRouter(default_response_class=HTMLResponse)

#: What the page says after a form was sent.
DONE: Mapping[str, str] = {
    "welcome": "Welcome. You can set a password below, or have a link mailed each time.",
    "named": "Saved. What you do from now on stands under this name.",
    "password": "Your password is set. Other browsers that you had signed in are signed out.",
    "ended": "That browser is signed out.",
    "others": "All your other browsers are signed out.",
}


@router.get("/account")
def account(request: Request, done: str = "") -> str:
    """Who one is here."""
    return _shown(request, done=DONE.get(done, ""))


@router.post("/account")
def rename(request: Request, name: Annotated[str, Form()] = "") -> Response:
    """Change one's own name."""
    person, problems = _own(request), dict[str, str]()
    called = checked(problems, "name", lambda: check_name(name))
    if called is None:
        return HTMLResponse(_shown(request, problems=problems, name=name[:200]), status_code=400)
    if called != person.name:
        service_of(request).store.rename_person(person.id, called)
        noted(request, Area.PEOPLE, f"is called {called or person.email} from now on", f"/people/{person.id}")
    return RedirectResponse("/account?done=named", status_code=303)


@router.post("/account/password")
def set_password(request: Request, old: Annotated[str, Form()] = "", new: Annotated[str, Form()] = "") -> Response:
    """Set one's own password; who has one says it first."""
    person, service, who = _own(request), service_of(request), who_of(request)
    problems = dict[str, str]()
    if checked(problems, "new", lambda: check_password(new)) is not None:
        change = partial(change_password, service.deps, person, place=place_of(request), key=service.key)
        try:
            change(old=old, new=new, session_id=who.session_id)
        except UsageError as error:
            return HTMLResponse(_shown(request, problems={"old": told(error)}), status_of(error), wait_of(error))
    if problems:
        return HTMLResponse(_shown(request, problems=problems), status_code=400)
    noted(request, Area.PEOPLE, "set a password", f"/people/{person.id}")
    return RedirectResponse("/account?done=password", status_code=303)


@router.post("/account/end-others")
def end_others(request: Request) -> Response:
    """Sign all one's other browsers out."""
    person, who = _own(request), who_of(request)
    service_of(request).store.end_sessions(person.id, but=who.session_id)
    noted(request, Area.PEOPLE, "signed out all their other browsers", f"/people/{person.id}")
    return RedirectResponse("/account?done=others", status_code=303)


@router.post("/account/sessions/{session_id}/end")
def end(request: Request, session_id: RowId) -> Response:
    """Sign one of one's browsers out."""
    person = _own(request)
    try:
        service_of(request).store.end_session(session_id, person_id=person.id)
    except NotFoundError:
        raise NotFoundError("You have no such browser signed in.", "Account lists those that you have.") from None
    noted(request, Area.PEOPLE, "signed out one of their browsers", f"/people/{person.id}")
    return RedirectResponse("/account?done=ended", status_code=303)


def _own(request: Request) -> Person:
    """The person who asks; raises UsageError for somebody who came in without an account."""
    who = who_of(request)
    if who.person_id is None:
        raise UsageError("You have no account here.", "An owner can invite you under Settings, People.")
    return service_of(request).store.person(who.person_id)


def _shown(
    request: Request, *, done: str = "", problems: Mapping[str, str] | None = None, name: str | None = None
) -> str:
    service, who = service_of(request), who_of(request)
    person = service.store.person(who.person_id) if who.person_id is not None else None
    sessions = service.store.sessions(service.clock(), person_id=person.id) if person else ()
    return page(
        request,
        "account.html",
        title="Account",
        person=person,
        name=name if name is not None else person.name if person else "",
        sessions=[session for session in sessions if session.state is SessionState.OPEN],
        keys=len(service.store.program_keys(person_id=person.id)) if person else 0,
        own=who.session_id,
        local=is_local(request, service),
        may=ROLE_MAY,
        least=LEAST_PASSWORD,
        done=done,
        problems=problems or {},
    )
