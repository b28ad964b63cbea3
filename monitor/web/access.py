"""Who may do what: one table of every route. A route that is not in it does not start, so none can be forgotten.

On this machine alone ("local mode") whoever sits at it is the owner, as before. Elsewhere a browser has the role of the person
who signed it in, or that its sign-in link was made for. A program shows a key (`Authorization: Bearer`): it reaches the routes
that name a scope, if it has that scope and its person may; a cookie beside it counts for nothing.
"""

from __future__ import annotations

import getpass
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotations of `allowed`
from fastapi.routing import APIRoute

from monitor.core.errors import ForbiddenError, NotFoundError, StorageError
from monitor.core.people import Scope
from monitor.core.session import Role, secret_hash
from monitor.web.doors import COOKIE, bearer_of, is_local
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import APIRouter

    from monitor.core.people import Key
    from monitor.service import Service


class Open(StrEnum):
    """Routes that need no sign-in."""

    ANYBODY = "anybody"  # they carry their own secret, or say nothing of anybody


@dataclass(frozen=True, slots=True)
class Keyed:
    """Routes that programs reach too: the role that it takes, and the scope that a key needs beside it."""

    role: Role
    scope: Scope


READ = Keyed(Role.READER, Scope.READ)
REVIEW = Keyed(Role.EDITOR, Scope.REVIEW)
RULES = Keyed(Role.EDITOR, Scope.RULES)
SOURCES = Keyed(Role.EDITOR, Scope.SOURCES)
SUBSCRIBERS = Keyed(Role.EDITOR, Scope.SUBSCRIBERS)
STUDIES = Keyed(Role.EDITOR, Scope.STUDIES)
ADMIN = Keyed(Role.OWNER, Scope.ADMIN)
#: (method, path) -> what it takes. A role alone: people only, no key.
ACCESS: Mapping[tuple[str, str], Role | Keyed | Open] = {
    ("GET", "/"): Role.READER,
    ("GET", "/mentions"): Role.READER,
    ("POST", "/mentions"): Role.EDITOR,
    ("GET", "/check"): Role.READER,
    ("POST", "/check"): Role.READER,  # it stores nothing
    ("GET", "/mentions/facets"): Role.READER,
    ("GET", "/mentions.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/mentions/report"): Role.READER,
    ("GET", "/mentions/{mention_id}"): Role.READER,
    ("GET", "/searches"): Role.READER,
    ("GET", "/searches.{form}"): Keyed(Role.READER, Scope.READ),
    ("POST", "/searches"): Role.EDITOR,
    ("POST", "/searches/{search_id}/remove"): Role.EDITOR,
    ("POST", "/searches/{search_id}/mail"): Role.EDITOR,
    ("POST", "/searches/{search_id}/mail/{subscription_id}/stop"): Role.EDITOR,
    ("GET", "/mentions/{mention_id}/why"): Role.READER,
    ("GET", "/digests"): Role.READER,
    ("GET", "/digests.{form}"): Keyed(Role.READER, Scope.READ),
    ("POST", "/digests/test"): Role.EDITOR,
    ("GET", "/digests/{digest_id}"): Role.READER,
    ("POST", "/digests/{digest_id}/again"): Role.EDITOR,
    ("GET", "/digests/{digest_id}/mail"): Role.READER,
    ("GET", "/subscribers"): Role.EDITOR,  # addresses are personal
    ("POST", "/subscribers"): Role.EDITOR,
    ("GET", "/subscribers.{form}"): Keyed(Role.EDITOR, Scope.SUBSCRIBERS),
    ("GET", "/subscribers/{subscription_id}"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/pause"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/resume"): Role.EDITOR,
    ("POST", "/subscribers/{subscription_id}/end"): Role.EDITOR,
    ("GET", "/start"): Role.OWNER,
    ("POST", "/start/study"): Role.OWNER,
    ("POST", "/start/sources"): Role.OWNER,
    ("POST", "/start/you"): Role.OWNER,
    ("POST", "/start/test"): Role.OWNER,
    ("POST", "/start/read"): Role.OWNER,
    ("GET", "/studies"): Role.READER,
    ("GET", "/studies.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/studies/new"): Role.EDITOR,
    ("POST", "/studies/new"): Role.EDITOR,
    ("GET", "/studies/{study_id}/questions"): Role.EDITOR,
    ("POST", "/studies/{study_id}/questions"): Role.EDITOR,
    ("GET", "/studies/{study_id}"): Role.READER,
    ("GET", "/studies/{study_id}/edit"): Role.EDITOR,
    ("POST", "/studies/{study_id}/edit"): Role.EDITOR,
    ("GET", "/studies/{study_id}/add"): Role.EDITOR,
    ("GET", "/studies/{study_id}/text"): Role.READER,
    ("POST", "/studies/{study_id}/text"): Role.EDITOR,
    ("GET", "/studies/{study_id}/versions/{version_id}"): Role.READER,
    ("POST", "/studies/{study_id}/versions/{version_id}"): Role.EDITOR,
    ("POST", "/proposals/{proposal_id}"): Role.EDITOR,
    ("GET", "/help"): Role.READER,
    ("GET", "/help/{name}"): Role.READER,
    ("GET", "/reviews"): Role.READER,
    ("GET", "/reviews.{form}"): Keyed(Role.READER, Scope.READ),
    ("POST", "/reviews"): Keyed(Role.EDITOR, Scope.REVIEW),
    ("POST", "/reviews/undo"): Keyed(Role.EDITOR, Scope.REVIEW),
    ("POST", "/reviews/import"): Keyed(Role.EDITOR, Scope.REVIEW),
    ("GET", "/rules"): Role.READER,
    ("GET", "/rules/new"): Role.EDITOR,
    ("POST", "/rules/import"): Keyed(Role.EDITOR, Scope.RULES),
    ("GET", "/rules.json"): Keyed(Role.READER, Scope.READ),
    ("GET", "/rules.{form}"): Keyed(Role.READER, Scope.READ),
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
    ("GET", "/letters.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/letters/{letter_id}"): Role.READER,
    ("GET", "/letters/{letter_id}/letter.eml"): Role.READER,
    ("POST", "/flags/{flag_id}/letter"): Role.EDITOR,
    ("POST", "/letters/{letter_id}"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/draft"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/mark"): Role.EDITOR,
    ("POST", "/letters/{letter_id}/signature"): Role.EDITOR,
    ("GET", "/stories"): Role.READER,
    ("GET", "/stories.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/stories/{story_id}"): Role.READER,
    ("GET", "/stories/{story_id}.json"): Keyed(Role.READER, Scope.READ),
    ("GET", "/outlets"): Role.READER,
    ("GET", "/outlets.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/outlets/{outlet_id}"): Role.READER,
    ("POST", "/outlets/{outlet_id}"): Role.EDITOR,
    ("GET", "/trends"): Role.READER,
    ("GET", "/trends.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/claims"): Role.READER,
    ("GET", "/claims.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/claims/{claim_id}"): Role.READER,
    ("GET", "/sources"): Role.READER,
    ("GET", "/sources.{form}"): Keyed(Role.READER, Scope.READ),
    ("GET", "/sources/new"): Role.EDITOR,
    ("POST", "/sources/look"): Role.EDITOR,  # it stores nothing, and asks the outside
    ("POST", "/sources/import"): Role.EDITOR,
    ("POST", "/sources"): Role.EDITOR,
    ("GET", "/sources/{feed_id}"): Role.READER,
    ("POST", "/sources/{feed_id}"): Role.EDITOR,
    ("POST", "/sources/{feed_id}/pause"): Role.EDITOR,
    ("POST", "/sources/{feed_id}/resume"): Role.EDITOR,
    ("POST", "/sources/{feed_id}/remove"): Role.EDITOR,
    ("POST", "/sources/{feed_id}/test"): Role.EDITOR,
    ("GET", "/l/settings/{token}"): Open.ANYBODY,
    ("POST", "/l/settings/{token}"): Open.ANYBODY,
    ("GET", "/l/issue/{token}"): Open.ANYBODY,
    ("GET", "/l/open/{token}"): Open.ANYBODY,
    ("GET", "/l/note/{token}"): Open.ANYBODY,
    ("GET", "/l/note/{token}/letter.eml"): Open.ANYBODY,
    ("POST", "/l/note/{token}"): Open.ANYBODY,
    ("GET", "/settings"): Role.OWNER,
    ("GET", "/people"): Role.OWNER,
    ("POST", "/people"): Role.OWNER,
    ("GET", "/people/{person_id}"): Role.OWNER,
    ("POST", "/people/{person_id}"): Role.OWNER,
    ("POST", "/people/{person_id}/invite"): Role.OWNER,
    ("GET", "/people/{person_id}/remove"): Role.OWNER,
    ("POST", "/people/{person_id}/remove"): Role.OWNER,
    ("GET", "/account"): Role.READER,
    ("POST", "/account"): Role.READER,
    ("POST", "/account/password"): Role.READER,
    ("POST", "/account/end-others"): Role.READER,
    ("POST", "/account/sessions/{session_id}/end"): Role.READER,
    ("GET", "/keys"): Role.READER,
    ("POST", "/keys"): Role.READER,
    ("POST", "/keys/{key_id}/revoke"): Role.READER,
    ("GET", "/audit"): Role.OWNER,
    ("GET", "/audit.{form}"): Keyed(Role.OWNER, Scope.ADMIN),
    ("GET", "/sessions"): Role.OWNER,
    ("POST", "/sessions/{session_id}/end"): Role.OWNER,
    ("GET", "/webhooks"): Role.OWNER,
    ("POST", "/webhooks"): Role.OWNER,
    ("POST", "/webhooks/{hook_id}/remove"): Role.OWNER,
    ("POST", "/webhooks/{hook_id}/test"): Role.OWNER,
    ("POST", "/webhook-calls/{call_id}/again"): Role.OWNER,
    ("POST", "/sign-out"): Role.READER,
    ("GET", "/sign-in"): Open.ANYBODY,
    ("POST", "/sign-in"): Open.ANYBODY,
    ("GET", "/sign-in/oidc/begin"): Open.ANYBODY,
    ("GET", "/sign-in/oidc/back"): Open.ANYBODY,
    ("POST", "/sign-in/oidc/back"): Open.ANYBODY,
    ("GET", "/sign-in/{secret}"): Open.ANYBODY,
    ("POST", "/sign-in/{secret}"): Open.ANYBODY,
    ("GET", "/l/search/{token}"): Open.ANYBODY,
    ("GET", "/l/{action}/{token}"): Open.ANYBODY,
    ("POST", "/l/{action}/{token}"): Open.ANYBODY,
    ("GET", "/healthz"): Open.ANYBODY,
    ("GET", "/readyz"): Open.ANYBODY,
    ("GET", "/metrics"): READ,
    # The API. Reading is open to browsers that are signed in; what changes something takes a key (`api.door`).
    ("GET", "/api/v1/openapi.json"): READ,
    ("GET", "/api/v1/docs"): READ,
    ("GET", "/api/v1/mentions"): READ,
    ("GET", "/api/v1/mentions/{mention_id}"): READ,
    ("POST", "/api/v1/mentions"): SOURCES,
    ("POST", "/api/v1/mentions/import"): SOURCES,
    ("DELETE", "/api/v1/mentions/{mention_id}"): ADMIN,
    ("GET", "/api/v1/flags"): READ,
    ("GET", "/api/v1/flags/{flag_id}"): READ,
    ("GET", "/api/v1/stories"): READ,
    ("GET", "/api/v1/stories/{story_id}"): READ,
    ("GET", "/api/v1/reviews"): READ,
    ("POST", "/api/v1/reviews"): REVIEW,
    ("POST", "/api/v1/reviews/undo"): REVIEW,
    ("POST", "/api/v1/check"): READ,
    ("POST", "/api/v1/compare"): READ,
    ("GET", "/api/v1/rules"): READ,
    ("GET", "/api/v1/rules/{rule_id}"): READ,
    ("PUT", "/api/v1/rules/{rule_id}"): RULES,
    ("DELETE", "/api/v1/rules/{rule_id}"): RULES,
    ("POST", "/api/v1/rules/check"): RULES,
    ("POST", "/api/v1/rules/{rule_id}/explain"): RULES,
    ("GET", "/api/v1/rule-files"): READ,
    ("GET", "/api/v1/rule-versions"): READ,
    ("GET", "/api/v1/rule-versions/{version_id}"): READ,
    ("POST", "/api/v1/rules/undo"): RULES,
    ("POST", "/api/v1/rules/redo"): RULES,
    ("GET", "/api/v1/backtests"): READ,
    ("POST", "/api/v1/rules/backtest"): RULES,
    ("GET", "/api/v1/backtests/{backtest_id}"): READ,
    ("POST", "/api/v1/backtests/{backtest_id}/continue"): RULES,
    ("POST", "/api/v1/backtests/{backtest_id}/stop"): RULES,
    ("POST", "/api/v1/backtests/{backtest_id}/save"): RULES,
    ("GET", "/api/v1/studies"): READ,
    ("GET", "/api/v1/studies/{study_id}"): READ,
    ("POST", "/api/v1/studies/check"): STUDIES,
    ("PUT", "/api/v1/studies/{study_id}"): STUDIES,
    ("GET", "/api/v1/studies/{study_id}/versions"): READ,
    ("GET", "/api/v1/proposals"): READ,
    ("POST", "/api/v1/proposals/{proposal_id}"): STUDIES,
    ("GET", "/api/v1/feeds"): READ,
    ("GET", "/api/v1/feeds/{feed_id}"): READ,
    ("POST", "/api/v1/feeds"): SOURCES,
    ("POST", "/api/v1/feeds/look"): SOURCES,
    ("POST", "/api/v1/feeds/import"): SOURCES,
    ("PATCH", "/api/v1/feeds/{feed_id}"): SOURCES,
    ("DELETE", "/api/v1/feeds/{feed_id}"): SOURCES,
    ("POST", "/api/v1/feeds/{feed_id}/pause"): SOURCES,
    ("POST", "/api/v1/feeds/{feed_id}/resume"): SOURCES,
    ("POST", "/api/v1/feeds/{feed_id}/test"): SOURCES,
    ("GET", "/api/v1/letters"): READ,
    ("GET", "/api/v1/letters/{letter_id}"): READ,
    ("POST", "/api/v1/letters"): REVIEW,
    ("PATCH", "/api/v1/letters/{letter_id}"): REVIEW,
    ("POST", "/api/v1/letters/{letter_id}/draft"): REVIEW,
    ("POST", "/api/v1/letters/{letter_id}/mark"): REVIEW,
    ("GET", "/api/v1/outlets"): READ,
    ("GET", "/api/v1/outlets/{outlet_id}"): READ,
    ("PATCH", "/api/v1/outlets/{outlet_id}"): SOURCES,
    ("GET", "/api/v1/digests"): READ,
    ("GET", "/api/v1/digests/{digest_id}"): READ,
    ("POST", "/api/v1/digests/{digest_id}/again"): SUBSCRIBERS,
    ("POST", "/api/v1/digests/test"): SUBSCRIBERS,
    ("GET", "/api/v1/subscribers"): SUBSCRIBERS,
    ("GET", "/api/v1/subscribers/{subscription_id}"): SUBSCRIBERS,
    ("POST", "/api/v1/subscribers"): SUBSCRIBERS,
    ("PATCH", "/api/v1/subscribers/{subscription_id}"): SUBSCRIBERS,
    ("POST", "/api/v1/subscribers/{subscription_id}/pause"): SUBSCRIBERS,
    ("POST", "/api/v1/subscribers/{subscription_id}/resume"): SUBSCRIBERS,
    ("DELETE", "/api/v1/subscribers/{subscription_id}"): SUBSCRIBERS,
    ("GET", "/api/v1/subscribers/{subscription_id}/preview"): SUBSCRIBERS,
    ("GET", "/api/v1/searches"): READ,
    ("POST", "/api/v1/searches"): REVIEW,
    ("GET", "/api/v1/searches/{search_id}"): READ,
    ("DELETE", "/api/v1/searches/{search_id}"): REVIEW,
    ("GET", "/api/v1/searches/{search_id}/mails"): SUBSCRIBERS,
    ("POST", "/api/v1/searches/{search_id}/mails"): SUBSCRIBERS,
    ("DELETE", "/api/v1/searches/{search_id}/mails/{subscription_id}"): SUBSCRIBERS,
    ("GET", "/api/v1/trends"): READ,
    ("GET", "/api/v1/claims"): READ,
    ("GET", "/api/v1/claims/{claim_id}"): READ,
    ("GET", "/api/v1/webhooks"): ADMIN,
    ("POST", "/api/v1/webhooks"): ADMIN,
    ("GET", "/api/v1/webhooks/{hook_id}"): ADMIN,
    ("DELETE", "/api/v1/webhooks/{hook_id}"): ADMIN,
    ("POST", "/api/v1/webhooks/{hook_id}/test"): ADMIN,
    ("POST", "/api/v1/webhook-calls/{call_id}/again"): ADMIN,
    ("GET", "/api/v1/users"): ADMIN,
    ("GET", "/api/v1/users/{person_id}"): ADMIN,
    ("POST", "/api/v1/users"): ADMIN,
    ("POST", "/api/v1/users/{person_id}/invite"): ADMIN,
    ("PATCH", "/api/v1/users/{person_id}"): ADMIN,
    ("DELETE", "/api/v1/users/{person_id}"): ADMIN,
    ("GET", "/api/v1/tokens"): READ,
    ("POST", "/api/v1/tokens"): READ,
    ("DELETE", "/api/v1/tokens/{key_id}"): READ,
    ("GET", "/api/v1/audit"): ADMIN,
}


#: Seen and used are kept to the hour: not every page that is read is written down.
SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: `name` stands beside what they decide and change. Of somebody without an account `person_id` is None."""

    name: str
    role: Role
    person_id: int | None = None
    session_id: int | None = None
    key: Key | None = None

    @property
    def edits(self) -> bool:
        return self.role.may(Role.EDITOR)

    @property
    def owns(self) -> bool:
        return self.role.may(Role.OWNER)


def shown_name(name: str, who: Who | None) -> str:
    """Who did something, as `who` may see it: addresses of people who get mail are personal, and for editors."""
    return "a subscriber" if "@" in name and not (who and who.edits) else name


def who_of(request: Request) -> Who:
    """Who was found to ask, on a route that lets only them in."""
    who: Who = request.state.who
    return who


def who_asks(request: Request) -> Who | None:
    """The person or program behind a request; None for one without a sign-in, or with a key that does not work."""
    secret = bearer_of(request)
    if secret is not None:
        return _program(service_of(request), secret)
    service = service_of(request)
    if is_local(request, service):
        return Who(getpass.getuser(), Role.OWNER)
    secret = request.cookies.get(COOKIE, "")
    session = service.store.session(secret_hash(secret), service.clock()) if secret else None
    if session is None:
        return None
    if session.person_id is not None:
        _note_seen(service, session.person_id)
    return Who(session.name or session.role.value, session.role, session.person_id, session.id)


def _program(service: Service, secret: str) -> Who | None:
    now = service.clock()
    key = service.store.key(secret_hash(secret), now)
    if key is None:
        return None
    if key.last_used_at is None or key.last_used_at <= now - SEEN_EVERY:
        with suppress(StorageError):  # who only reads is not kept waiting for it
            service.store.note_key_used(key.id, now)
    return Who(f"{key.person} (key {key.name})", key.role, key.person_id, key=key)


def _note_seen(service: Service, person_id: int) -> None:
    now = service.clock()
    with suppress(StorageError, NotFoundError):
        seen = service.store.person(person_id).last_seen_at
        if seen is None or seen <= now - SEEN_EVERY:
            service.store.note_seen(person_id, now)


def allowed(request: Request) -> None:
    """Let a request to one of our routes through, or raise ForbiddenError. What it may do stands in ACCESS; who asks was found
    out at the door (`app`).
    """
    needed = ACCESS[request.method, request.scope["route"].path]
    if isinstance(needed, Open):
        return
    role = needed.role if isinstance(needed, Keyed) else needed
    who: Who | None = request.state.who
    if who is None or not who.role.may(role):
        raise ForbiddenError(f"This is for {_FOR[role]}.", "Ask an owner of this Hypewatch to let you.")
    if who.key is not None:
        _allow_key(who.key, needed)


def _allow_key(key: Key, needed: Role | Keyed) -> None:
    if not isinstance(needed, Keyed):
        raise ForbiddenError(
            "This address is for people, and no key reaches it.", "Keys reach the API and the files of lists."
        )
    if needed.scope not in key.scopes:
        raise ForbiddenError(
            f"This takes a key with the scope “{needed.scope}”.", "Make one that has it, on the page Keys."
        )


def scopes_in_use() -> tuple[Scope, ...]:
    """The scopes that reach something: no other is offered for a key."""
    used = {needed.scope for needed in ACCESS.values() if isinstance(needed, Keyed)}
    return tuple(scope for scope in Scope if scope in used)


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
