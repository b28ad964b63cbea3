"""Keys of programs: one's own, and for owners everybody's. A key is shown once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import KEY_DAYS, Scope, check_days, check_name, check_scopes
from monitor.pipeline.people import make_key
from monitor.web.access import scopes_in_use, who_of
from monitor.web.audit import noted
from monitor.web.doors import is_local
from monitor.web.fields import checked
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.web.access import Who

router = APIRouter(default_response_class=HTMLResponse)

DAYS_WORDS: Mapping[int, str] = {
    days: f"{days} days" if days and days != 365 else "a year" if days else "until it is revoked" for days in KEY_DAYS
}
#: What the page says after a form was sent.
DONE: Mapping[str, str] = {"revoked": "Revoked. It works no more."}


@router.get("/keys")
def listed(request: Request, done: str = "") -> str:
    """Keys, and a form that makes one."""
    return _shown(request, done=DONE.get(done, ""))


@router.post("/keys")
def add(
    request: Request,
    name: Annotated[str, Form()] = "",
    scope: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    days: Annotated[str, Form()] = "90",
) -> Response:
    """Make a key; it is shown this once."""
    who, service, problems = who_of(request), service_of(request), dict[str, str]()
    checked(problems, "name", lambda: check_name(name, needed=True))
    checked(problems, "scope", lambda: check_scopes(scope, who.role))
    checked(problems, "days", lambda: check_days(_days(days)))
    checked(problems, "key", lambda: _may_have(who, local=is_local(request, service)))
    if problems:
        typed = {"name": name[:200], "scopes": scope, "days": days[:10]}
        return HTMLResponse(_shown(request, problems=problems, typed=typed), status_code=400)
    key, secret = make_key(
        service.deps,
        name=name,
        scopes=scope,
        days=_days(days),
        person_id=who.person_id,
        role=who.role,
        maker=who.name,
    )
    noted(request, Area.KEYS, f"made the key {key.name} for: {', '.join(key.scopes)}", "/keys")
    return HTMLResponse(_shown(request, secret=secret, made=key.name))


@router.post("/keys/{key_id}/revoke")
def revoke(request: Request, key_id: RowId) -> Response:
    """Let a key work no more: one's own, and for owners anybody's."""
    who, service = who_of(request), service_of(request)
    try:
        # No person has the number 0: who has no account and is no owner has no key.
        whose = None if who.owns else who.person_id or 0
        key = service.store.revoke_key(key_id, service.clock(), person_id=whose)
    except NotFoundError:
        raise NotFoundError("There is no such key.", "The page Keys lists those there are.") from None
    noted(request, Area.KEYS, f"revoked the key {key.name} of {key.person}", "/keys")
    return RedirectResponse("/keys?done=revoked", status_code=303)


def _days(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 4):
        raise UsageError("The days cannot be read.", "Choose one of those offered.")
    return int(written)


def _may_have(who: Who, *, local: bool) -> None:
    if who.person_id is None and not local:
        raise UsageError(
            "A key belongs to an account, and you have none.", "An owner can invite you under Settings, People."
        )


def _shown(
    request: Request,
    *,
    done: str = "",
    secret: str = "",
    made: str = "",
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, object] | None = None,
) -> str:
    service, who = service_of(request), who_of(request)
    scopes: Sequence[Scope] = [scope for scope in scopes_in_use() if who.role.may(scope.role)]
    local = is_local(request, service)
    return page(
        request,
        "keys.html",
        title="Keys for programs",
        keys=service.store.program_keys(person_id=None if who.owns else who.person_id or 0),
        scopes=scopes,
        days=DAYS_WORDS,
        may_make=local or who.person_id is not None,
        secret=secret,
        made=made,
        done=done,
        problems=problems or {},
        typed=typed or {"name": "", "scopes": [Scope.READ.value], "days": "90"},
    )
