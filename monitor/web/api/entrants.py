"""Users, one's own tokens, and who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.errors import ForbiddenError, NotFoundError
from monitor.core.people import MOST_KEY_DAYS, MOST_NAME, PersonState, Scope, check_name
from monitor.core.session import Role
from monitor.export.entrants import key_row, person_row
from monitor.export.rows import change_row
from monitor.pipeline.people import invite, invite_again, make_key
from monitor.web.access import who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.people import Key, Person
    from monitor.pipeline.people import Invitation
    from monitor.web.access import Who

users_router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["users"])
tokens_router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["tokens"])
audit_router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["audit"])


class UserOut(Shape):
    """Somebody who may come in."""

    id: int
    address: str
    name: str
    role: Role
    state: PersonState
    password: bool
    since: Stamp
    last_seen: Stamp | None


class Invited(UserOut):
    """Somebody who was invited. `link` lets them in, and is only there where it could not be mailed."""

    link: str | None
    trouble: str


class UserIn(Sent):
    """Somebody to invite."""

    address: str = Field(max_length=254)
    role: Role = Role.READER
    name: str = Field("", max_length=MOST_NAME)


class UserChange(Sent):
    """What of somebody is changed; what is not named stays."""

    role: Role | None = None
    name: str | None = Field(None, max_length=MOST_NAME)


class TokenOut(Shape):
    """A program's key, without its secret."""

    id: int
    name: str
    whose: str
    scopes: list[Scope]
    works: bool
    since: Stamp
    last_used: Stamp | None
    until: Stamp | None


class TokenMade(TokenOut):
    """A new key with its secret, this once."""

    secret: str


class TokenIn(Sent):
    """A key to make: it may at most what the key that makes it may, and works at most as long."""

    name: str = Field(min_length=1, max_length=MOST_NAME)
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    days: int = Field(90, ge=0, le=MOST_KEY_DAYS, description="0: until it is revoked")


class AuditOut(Shape):
    """Something that somebody did."""

    id: int
    at: Stamp
    by: str
    area: Area
    did: str
    link: str


@users_router.get("/users", response_model=Page[UserOut])
def users(request: Request, place: Asked) -> Any:
    """Everybody who may come in, or was invited."""
    return place.cut(service_of(request).store.people(), person_row)


@users_router.get("/users/{person_id}", response_model=UserOut)
def user(request: Request, person_id: RowId) -> Any:
    """One of them."""
    return person_row(_person(request, person_id))


def _person(request: Request, person_id: int) -> Person:
    person = service_of(request).store.person(person_id)
    if not person.is_there:
        raise NotFoundError("There is no such user.", "The list has those there are.")
    return person


@users_router.post("/users", response_model=Invited, status_code=201)
def invite_user(request: Request, sent: UserIn) -> Any:
    """Invite somebody by mail."""
    made = invite(service_of(request).deps, sent.address, role=sent.role, name=sent.name, by=who_of(request).name)
    did = f"invited {made.person.called} as {made.person.role.value}"
    noted(request, Area.PEOPLE, did, f"/people/{made.person.id}")
    return _invited(request, made)


@users_router.post("/users/{person_id}/invite", response_model=Invited)
def invite_user_again(request: Request, person_id: RowId) -> Any:
    """Send somebody a new link; older ones end."""
    made = invite_again(service_of(request).deps, _person(request, person_id).id, by=who_of(request).name)
    noted(request, Area.PEOPLE, f"sent a new link to {made.person.called}", f"/people/{person_id}")
    return _invited(request, made)


def _invited(request: Request, made: Invitation) -> Mapping[str, Any]:
    """Where mail leaves this machine nobody but the invited person sees the link."""
    mailed = service_of(request).mails and not made.trouble
    return person_row(made.person) | {"link": None if mailed else made.link, "trouble": made.trouble}


@users_router.patch("/users/{person_id}", response_model=UserOut)
def change_user(request: Request, person_id: RowId, sent: UserChange) -> Any:
    """Let somebody do more or less, or call them otherwise."""
    store, person = service_of(request).store, _person(request, person_id)
    called = None if sent.name is None else check_name(sent.name)
    if sent.role not in {None, person.role}:
        store.set_role(person_id, sent.role or person.role, by=who_of(request).person_id)
        did = f"made {person.called} {sent.role}, before {person.role.value}"
        noted(request, Area.PEOPLE, did, f"/people/{person_id}")
    if called not in {None, person.name}:
        store.rename_person(person_id, called or "")
        noted(request, Area.PEOPLE, f"called {person.called} {called or person.email}", f"/people/{person_id}")
    return person_row(store.person(person_id))


@users_router.delete("/users/{person_id}", status_code=204)
def remove_user(request: Request, person_id: RowId) -> None:
    """Let somebody in no more; their sign-ins and keys end, what they did stays."""
    service, person = service_of(request), _person(request, person_id)
    service.store.remove_person(person_id, service.clock())
    noted(request, Area.PEOPLE, f"removed {person.called}", "/people")


# --- tokens ----------------------------------------------------------------------------------------------------------


@tokens_router.get("/tokens", response_model=Page[TokenOut])
def tokens(request: Request, place: Asked) -> Any:
    """One's own keys, newest first."""
    now = service_of(request).clock()
    return place.cut(_own(request), lambda key: key_row(key, now))


def _own(request: Request) -> Sequence[Key]:
    """The keys of the person who asks; of somebody without an account those that were made at the machine itself."""
    who: Who = who_of(request)
    keys = service_of(request).store.program_keys(person_id=who.person_id)
    return [key for key in keys if key.person_id == who.person_id]


@tokens_router.post("/tokens", response_model=TokenMade, status_code=201)
def make_token(request: Request, sent: TokenIn) -> Any:
    """Make a key for the same person."""
    who, service = who_of(request), service_of(request)
    now = service.clock()
    if who.key is not None:
        _check_no_more(who.key, sent, now=now)
    key, secret = make_key(
        service.deps,
        name=sent.name,
        scopes=sent.scopes,
        days=sent.days,
        person_id=who.person_id,
        role=who.role,
        maker=who.key.person if who.key else who.name,
    )
    noted(request, Area.KEYS, f"made the key {key.name} for: {', '.join(key.scopes)}", "/keys")
    return key_row(key, now) | {"secret": secret}


def _check_no_more(key: Key, sent: TokenIn, *, now: Any) -> None:
    """Raise ForbiddenError for a key that may more than the one that makes it, or works longer: who found one would keep it for ever."""
    if more := [scope.value for scope in sent.scopes if scope not in key.scopes]:
        raise ForbiddenError(f"This key cannot make one for: {', '.join(more)}.", "It may make one that may no more.")
    days = (key.expires_at - now).days if key.expires_at else None
    if days is not None and not 1 <= sent.days <= days:
        raise ForbiddenError(
            "This key cannot make one that works longer than itself.",
            f"Send at most {days} days, or use the page Keys.",
        )


@tokens_router.delete("/tokens/{key_id}", status_code=204)
def revoke_token(request: Request, key_id: RowId) -> None:
    """Let one of one's own keys work no more."""
    service = service_of(request)
    if key_id not in {key.id for key in _own(request)}:
        raise NotFoundError("There is no such key.", "The list has your own.")
    key = service.store.revoke_key(key_id, service.clock())
    noted(request, Area.KEYS, f"revoked the key {key.name} of {key.person}", "/keys")


# --- audit -----------------------------------------------------------------------------------------------------------


@audit_router.get("/audit", response_model=Page[AuditOut])
def audit(request: Request, place: Asked, area: Annotated[Area | None, Query()] = None) -> Any:
    """Who changed what, newest first: everything, or of one area."""
    before = place.after[0] if place.after else None
    found = service_of(request).store.changes(area=area, before=before, limit=place.limit + 1)
    shown = found[: place.limit]
    return place.page([change_row(one) for one in shown], (shown[-1].id,) if len(found) > place.limit else None)
