"""What the API says of itself: the OpenAPI document, made from the routes, with who may what and how errors look."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from monitor import __version__
from monitor.web.access import ACCESS, Keyed
from monitor.web.api import (
    backtests,
    checks,
    claims,
    digests,
    entrants,
    feeds,
    letters,
    mentions,
    reviews,
    rules,
    searches,
    stories,
    studies,
    subscribers,
    trends,
    webhooks,
)
from monitor.web.api.problems import MEDIA_TYPE, TITLES
from monitor.web.api.shapes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import APIRouter

#: The routers whose routes the document tells of, in the order of the reference.
ROUTERS: tuple[APIRouter, ...] = (
    mentions.router,
    mentions.flags_router,
    stories.router,
    searches.router,
    trends.router,
    claims.router,
    reviews.router,
    checks.router,
    backtests.router,  # before `rules`, whose address fits any word
    rules.router,
    studies.router,
    feeds.router,
    letters.router,
    letters.outlets_router,
    digests.router,
    subscribers.router,
    webhooks.router,
    entrants.users_router,
    entrants.tokens_router,
    entrants.audit_router,
)
#: What each part is about; every tag stands here.
TAGS: Mapping[str, str] = {
    "mentions": "What was said about a study, with its flags. Searched with the query language of the pages.",
    "flags": "The words that go too far, wherever they were said.",
    "stories": "The same news, told by several: who said it first, who took it from whom.",
    "searches": "Searches that are kept under a name.",
    "trends": "What was said over time, and one period beside another.",
    "claims": "The same wrong claim over time, and who keeps repeating it.",
    "reviews": "Decisions about flags.",
    "check": "Texts judged now, and sentences compared. Nothing is stored.",
    "rules": "What is flagged: rules, your changes of them, their versions.",
    "back-tests": "What changed rules would have done to the stored mentions.",
    "studies": "Fact sheets, and what may have happened to a study itself.",
    "feeds": "The sources that are read.",
    "letters": "Corrections that outlets are asked for.",
    "outlets": "Who publishes.",
    "digests": "Mails that went out, and what became of them.",
    "subscribers": "Who gets mail.",
    "webhooks": "Other programs and chats that are told.",
    "users": "People who may come in.",
    "tokens": "Keys of programs, one's own.",
    "audit": "Who changed what.",
}
ABOUT = (
    "Everything that people do on the pages, for programs. A program sends its key with each request "
    "(`Authorization: Bearer hw_...`); the page Keys makes one. Lists come in pages with an opaque cursor. "
    "Errors are problems (RFC 9457). Answers to GET have an ETag, and `If-None-Match` saves reading them twice. "
    "A key may make so many requests a minute: `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say how many are left."
)
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_PREFIX = "/api/v1"


@cache
def document() -> Mapping[str, Any]:
    """The OpenAPI document. The same for all who ask: it tells of no installation."""
    routes = list(routes_of())
    made = get_openapi(
        title="Hypewatch",
        version=__version__,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=routes,
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        servers=[{"url": "/"}],
    )
    _add_components(made)
    for route in routes:
        for method in route.methods or ():
            _complete(made["paths"][route.path][method.lower()], method, route)
    return made


def routes_of() -> Iterator[APIRoute]:
    """Every route that the document tells of."""
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _add_components(made: dict[str, Any]) -> None:
    parts = made["components"]
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schema["properties"]["code"]["enum"] = sorted(TITLES)
    parts["schemas"] |= {"Problem": schema, **schema.pop("$defs", {})}
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "A key, as `hw_...`"}}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parts["responses"] = {"Problem": {"description": "What went wrong, and what to do", "content": content}}


def _complete(told: dict[str, Any], method: str, route: APIRoute) -> None:
    """Who may ask it, and how it refuses."""
    needed = ACCESS[method, route.path]
    assert isinstance(needed, Keyed), route.path  # noqa: S101 - each route of the API is a program's
    tag = told["tags"][0]
    told["operationId"] = f"{tag}-{route.name}".replace("_", "-")
    told["summary"], _, more = _words(route).partition(".")
    told["description"] = (
        f"{more.strip()} Takes the scope `{needed.scope}`, which keys of {needed.role}s can have.".strip()
    )
    told["security"] = [{"key": []}]
    told["responses"].pop("422", None)
    for status in _refusals(told, method, route):
        told["responses"][status] = _PROBLEM
    told["responses"]["default"] = _PROBLEM
    if method == "GET":
        told["responses"]["304"] = {"description": "As `If-None-Match` has it"}
    if method in {"PUT", "DELETE"} and _guarded(route):
        told.setdefault("parameters", []).append(_IF_MATCH)


_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what is changed, as it was read; needed for what is there. `*`: whatever it is",
    "schema": {"type": "string"},
}


def _guarded(route: APIRoute) -> bool:
    """Is it written on top of what was read?"""
    return route.path in {f"{_PREFIX}/rules/{{rule_id}}", f"{_PREFIX}/studies/{{study_id}}"}


def _refusals(told: Mapping[str, Any], method: str, route: APIRoute) -> Iterator[str]:
    yield from ("400", "401", "403", "429", "503")
    if "{" in route.path or method != "GET":
        yield "404"
    if "requestBody" in told:
        yield from ("413", "415")
    if "requestBody" in told or told.get("parameters"):
        yield "422"
    if route.path.endswith("/save"):
        yield "409"
    if method in {"PUT", "DELETE"} and _guarded(route):
        yield from ("409", "412", "428")


def _words(route: APIRoute) -> str:
    return " ".join(route.description.split())
