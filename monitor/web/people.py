"""People: who may come in, as what, and since when; inviting, changing and removing them. For owners. And the page Settings, which
leads to all that owners look after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import PersonState, check_name
from monitor.core.session import Role, SessionState
from monitor.pipeline.people import invite, invite_again
from monitor.web.audit import noted
from monitor.web.doors import is_local
from monitor.web.fields import checked, told
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.people import Person
    from monitor.pipeline.people import Invitation

router = APIRouter(default_response_class=HTMLResponse)

#: What each role adds, for who chooses one; and all that it may, for who has it.
ROLE_ADDS: Mapping[Role, str] = {
    Role.READER: "reads, searches and takes exports",
    Role.EDITOR: "also decides about flags, tunes rules, writes letters and looks after sources and subscribers",
    Role.OWNER: "also looks after people, keys and webhooks",
}
ROLE_MAY: Mapping[Role, str] = {
    Role.READER: "read, search and take exports",
    Role.EDITOR: "read, decide about flags, tune rules, write letters, look after sources and subscribers",
    Role.OWNER: "everything",
}
#: What the pages say after a form was sent.
DONE: Mapping[str, str] = {
    "mailed": "An invitation went to them. Its link works once, within 7 days.",
    "saved": "Saved. It holds from their next page on.",
    "removed": "Removed. Their sign-ins and keys have ended; what they did stays under their name.",
}


@router.get("/settings")
def settings(request: Request) -> str:
    """What owners look after, each with its state in a sentence."""
    service = service_of(request)
    store, now = service.store, service.clock()
    people = store.people()
    return page(
        request,
        "settings.html",
        title="Settings",
        people=len(people),
        invited=sum(person.state is PersonState.INVITED for person in people),
        keys=len(store.program_keys()),
        hooks=len(store.webhooks()),
        browsers=sum(session.state is SessionState.OPEN for session in store.sessions(now)),
        last=next(iter(store.changes(limit=1)), None),
        local=is_local(request, service),
    )


@router.get("/people")
def listed(request: Request, done: str = "") -> str:
    """Everybody who may come in, and a form that invites another."""
    return _list(request, done=DONE.get(done, ""))


@router.post("/people")
def add(
    request: Request,
    address: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = Role.READER.value,
) -> Response:
    """Invite somebody."""
    service, problems = service_of(request), dict[str, str]()
    wanted = checked(problems, "role", lambda: _role(role))
    checked(problems, "name", lambda: check_name(name))
    if wanted is not None and not problems:
        by = request.state.who.name
        invitation = checked(problems, "address", lambda: invite(service.deps, address, role=wanted, name=name, by=by))
        if invitation is not None:
            person = invitation.person
            noted(request, Area.PEOPLE, f"invited {person.called} as {person.role.value}", f"/people/{person.id}")
            return _after(request, invitation)
    typed = {"address": address[:254], "name": name[:200], "role": role}
    return HTMLResponse(_list(request, problems=problems, typed=typed), status_code=400)


@router.get("/people/{person_id}")
def one(request: Request, person_id: RowId, done: str = "") -> str:
    """One person."""
    return _one(request, _person(request, person_id), done=DONE.get(done, ""))


@router.post("/people/{person_id}")
def change(request: Request, person_id: RowId, role: Annotated[str, Form()] = "") -> Response:
    """Let somebody do more or less."""
    service, person, problems = service_of(request), _person(request, person_id), dict[str, str]()
    wanted = checked(problems, "role", lambda: _role(role))
    if wanted is not None:
        by = request.state.who.person_id
        checked(problems, "role", lambda: service.store.set_role(person.id, wanted, by=by))
    if wanted is None or problems:
        return HTMLResponse(_one(request, person, problem=problems["role"]), status_code=400)
    if wanted is not person.role:
        did = f"made {person.called} {wanted.value}, before {person.role.value}"
        noted(request, Area.PEOPLE, did, f"/people/{person.id}")
    return RedirectResponse(f"/people/{person.id}?done=saved", status_code=303)


@router.post("/people/{person_id}/invite")
def again(request: Request, person_id: RowId) -> Response:
    """Send a new link to somebody."""
    person = _person(request, person_id)
    invitation = invite_again(service_of(request).deps, person.id, by=request.state.who.name)
    noted(request, Area.PEOPLE, f"sent a new link to {person.called}", f"/people/{person.id}")
    return _after(request, invitation)


@router.get("/people/{person_id}/remove")
def ask(request: Request, person_id: RowId) -> str:
    """Asks before somebody is removed."""
    person = _person(request, person_id)
    return page(request, "person_remove.html", title=f"Remove {person.called}", person=person)


@router.post("/people/{person_id}/remove")
def remove(request: Request, person_id: RowId) -> Response:
    """Remove somebody."""
    service, person = service_of(request), _person(request, person_id)
    try:
        service.store.remove_person(person.id, service.clock())
    except UsageError as error:
        return HTMLResponse(_one(request, person, problem=told(error)), status_code=400)
    noted(request, Area.PEOPLE, f"removed {person.called}", "/people")
    return RedirectResponse("/people?done=removed", status_code=303)


def _after(request: Request, invitation: Invitation) -> Response:
    """Where mail leaves this machine nobody but the invited person sees the link; else it is shown, this once, to be passed on."""
    person = invitation.person
    if service_of(request).mails and not invitation.trouble:
        return RedirectResponse(f"/people/{person.id}?done=mailed", status_code=303)
    return HTMLResponse(_one(request, person, link=invitation.link, trouble=invitation.trouble))


def _role(written: str) -> Role:
    if written not in set(Role):
        raise UsageError("There is no such role.", "Choose one of the three.")
    return Role(written)


def _person(request: Request, person_id: int) -> Person:
    """Somebody who was not removed, or an error whose hint leads to a page."""
    try:
        person = service_of(request).store.person(person_id)
    except NotFoundError:
        person = None
    if person is None or not person.is_there:
        raise NotFoundError("There is no such person.", "People, under Settings, lists those there are.")
    return person


def _list(
    request: Request,
    *,
    done: str = "",
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    service = service_of(request)
    return page(
        request,
        "people.html",
        title="People",
        people=service.store.people(),
        local=is_local(request, service),
        mails=service.mails,
        roles=ROLE_ADDS,
        may=ROLE_MAY,
        done=done,
        problems=problems or {},
        typed=typed or {"address": "", "name": "", "role": Role.READER.value},
    )


def _one(
    request: Request, person: Person, *, done: str = "", problem: str = "", link: str = "", trouble: str = ""
) -> str:
    service = service_of(request)
    sessions = service.store.sessions(service.clock(), person_id=person.id)
    return page(
        request,
        "person.html",
        title=person.called,
        person=person,
        sessions=[session for session in sessions if session.state is SessionState.OPEN],
        waiting=next((session for session in sessions if session.state is SessionState.OFFERED), None),
        keys=service.store.program_keys(person_id=person.id),
        changes=service.store.changes(link=f"/people/{person.id}", limit=5),
        roles=ROLE_ADDS,
        may=ROLE_MAY,
        done=done,
        problem=problem,
        link=link,
        trouble=trouble,
    )
