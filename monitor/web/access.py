"""Who may do what: one table of every route. A route that is not in it does not start, so none can be forgotten.

On this machine alone ("local mode") whoever sits at it is the owner, as before. Elsewhere a browser has the role that its
sign-in link was made for.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotations of `allowed`
from fastapi.routing import APIRoute

from monitor.core.errors import ForbiddenError
from monitor.core.session import Role, secret_hash
from monitor.web.doors import COOKIE, is_local
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import APIRouter


class Open(StrEnum):
    """Routes that need no sign-in."""

    ANYBODY = "anybody"  # they carry their own secret, or say nothing of anybody


#: (method, path) -> what it takes.
ACCESS: Mapping[tuple[str, str], Role | Open] = {
    ("GET", "/"): Role.READER,
    ("GET", "/mentions"): Role.READER,
    ("GET", "/mentions/facets"): Role.READER,
    ("GET", "/mentions.{form}"): Role.READER,
    ("GET", "/mentions/{mention_id}"): Role.READER,
    ("GET", "/mentions/{mention_id}/why"): Role.READER,
    ("GET", "/digests"): Role.READER,
    ("POST", "/digests/test"): Role.EDITOR,
    ("GET", "/digests/{digest_id}"): Role.READER,
    ("POST", "/digests/{digest_id}/again"): Role.EDITOR,
    ("GET", "/digests/{digest_id}/mail"): Role.READER,
    ("GET", "/subscribers"): Role.EDITOR,  # addresses are personal
    ("POST", "/subscribers"): Role.EDITOR,
    ("GET", "/subscribers.{form}"): Role.EDITOR,
    ("GET", "/subscribers/{subscription_id}"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/pause"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/resume"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/end"): Role.EDITOR,
    ("GET", "/help"): Role.READER,
    ("GET", "/help/{name}"): Role.READER,
    ("GET", "/reviews"): Role.READER,
    ("GET", "/reviews.{form}"): Role.READER,
    ("POST", "/reviews"): Role.EDITOR,
    ("POST", "/reviews/undo"): Role.EDITOR,
    ("POST", "/reviews/import"): Role.EDITOR,
    ("GET", "/rules"): Role.READER,
    ("GET", "/rules/new"): Role.EDITOR,
    ("POST", "/rules/import"): Role.EDITOR,
    ("GET", "/rules.json"): Role.READER,
    ("GET", "/rules/{rule_id}"): Role.READER,
    ("POST", "/rules/{rule_id}/edit"): Role.EDITOR,
    ("POST", "/rules/{rule_id}/check"): Role.EDITOR,  # it stores nothing, and is work: all rules are compiled
    ("POST", "/rules/{rule_id}/try"): Role.EDITOR,
    ("POST", "/rules/{rule_id}/backtest"): Role.EDITOR,
    ("GET", "/rules-history"): Role.READER,
    ("GET", "/rules-history/{version_id}"): Role.READER,
    ("POST", "/rules-history/judge"): Role.EDITOR,
    ("POST", "/rules-history/{step}"): Role.EDITOR,
    ("GET", "/backtests/{backtest_id}"): Role.READER,
    ("POST", "/backtests/{backtest_id}/continue"): Role.EDITOR,
    ("POST", "/backtests/{backtest_id}/stop"): Role.EDITOR,
    ("POST", "/backtests/{backtest_id}/save"): Role.EDITOR,
    ("GET", "/flags/{flag_id}/prevent"): Role.EDITOR,
    ("POST", "/flags/{flag_id}/prevent"): Role.EDITOR,
    ("GET", "/letters"): Role.READER,
    ("GET", "/letters.{form}"): Role.READER,
    ("GET", "/letters/{letter_id}"): Role.READER,
    ("GET", "/letters/{letter_id}/letter.eml"): Role.READER,
    ("POST", "/flags/{flag_id}/letter"): Role.EDITOR,
    ("POST", "/letters/{letter_id}"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/draft"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/mark"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/signature"): Role.EDITOR,
    ("GET", "/outlets"): Role.READER,
    ("GET", "/outlets.{form}"): Role.READER,
    ("GET", "/outlets/{outlet_id}"): Role.READER,
    ("POST", "/outlets/{outlet_id}"): Role.EDITOR,
    ("GET", "/l/settings/{token}"): Open.ANYBODY,
    ("POST", "/l/settings/{token}"): Open.ANYBODY,
    ("GET", "/l/issue/{token}"): Open.ANYBODY,
    ("GET", "/l/open/{token}"): Open.ANYBODY,
    ("GET", "/l/note/{token}"): Open.ANYBODY,
    ("GET", "/l/note/{token}/letter.eml"): Open.ANYBODY,
    ("POST", "/l/note/{token}"): Open.ANYBODY,
    ("GET", "/sessions"): Role.OWNER,
    ("POST", "/sessions/{session_id}/end"): Role.OWNER,
    ("GET", "/webhooks"): Role.OWNER,
    ("POST", "/webhooks"): Role.OWNER,
    ("POST", "/webhooks/{hook_id}/remove"): Role.OWNER,
    ("POST", "/webhooks/{hook_id}/test"): Role.OWNER,
    ("POST", "/webhook-calls/{call_id}/again"): Role.OWNER,
    ("POST", "/sign-out"): Role.READER,
    ("GET", "/sign-in/{secret}"): Open.ANYBODY,
    ("POST", "/sign-in/{secret}"): Open.ANYBODY,
    ("GET", "/l/{action}/{token}"): Open.ANYBODY,
    ("POST", "/l/{action}/{token}"): Open.ANYBODY,
    ("GET", "/healthz"): Open.ANYBODY,
    ("GET", "/readyz"): Open.ANYBODY,
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: `name` stands beside what they decide and change."""

    name: str
    role: Role

    @property
    def edits(self) -> bool:
        return self.role.may(Role.EDITOR)

    @property
    def owns(self) -> bool:
        return self.role.may(Role.OWNER)


def shown_name(name: str, who: Who | None) -> str:
    """Who did something, as `who` may see it: addresses of people who get mail are personal, and for editors."""
    return "a subscriber" if "@" in name and not (who and who.edits) else name


def who_asks(request: Request) -> Who | None:
    """The person behind a request; None for one without a sign-in."""
    service = service_of(request)
    if is_local(request, service):
        return Who(getpass.getuser(), Role.OWNER)
    secret = request.cookies.get(COOKIE, "")
    session = service.store.session(secret_hash(secret), service.clock()) if secret else None
    return Who(session.name or session.role.value, session.role) if session else None


def allowed(request: Request) -> None:
    """Let a request to one of our routes through, or raise ForbiddenError. What it may do stands in ACCESS; who asks was found
    out at the door (`app`).
    """
    needed = ACCESS[request.method, request.scope["route"].path]
    who: Who | None = request.state.who
    if isinstance(needed, Role) and (who is None or not who.role.may(needed)):
        raise ForbiddenError(
            f"This is for {_FOR[needed]}.", "Ask an owner of this Hypewatch for a sign-in link that allows it."
        )


_FOR = {Role.READER: "people who are signed in", Role.EDITOR: "editors and owners", Role.OWNER: "owners"}


def check_routes(routers: Iterable[APIRouter]) -> None:
    """Raise RuntimeError unless ACCESS names exactly the routes of the routers. One that is put in otherwise lets nobody in."""
    routes = {
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    if routes != set(ACCESS):
        raise RuntimeError(f"ACCESS and the routes differ: {sorted(routes ^ set(ACCESS))}")
