"""The web application: pages, signed links, health. Server-rendered, and whole without any script.

Who may read: on a loopback address whoever sits at this machine; on any other address, and through any proxy, only a
browser that opened a sign-in link (`doors`, `sessions`). Signed links from mails need no sign-in. GET changes nothing,
anywhere, and no POST of another site's page gets in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from monitor import __version__
from monitor.core.errors import HypewatchError, LibraryError, NotFoundError, StorageError
from monitor.web import (
    account,
    audit,
    backtests,
    check,
    claims,
    digests,
    first_run,
    guide,
    health,
    keys,
    letter_links,
    letters,
    link_copies,
    link_settings,
    links,
    mention_files,
    mentions,
    metrics,
    outlets,
    people,
    prevent,
    report,
    reviews,
    rule_history,
    rules,
    searches,
    sessions,
    single_sign_on,
    source_lists,
    source_new,
    sources,
    stories,
    studies,
    study_editor,
    study_new,
    subscribers,
    today,
    trends,
    webhooks,
)
from monitor.web.access import allowed, check_routes, who_asks
from monitor.web.api.allowance import Allowance
from monitor.web.api.door import served
from monitor.web.api.problems import CODES, misread, problem, problem_of, refused, status_of
from monitor.web.api.routers import ROUTERS as API_ROUTERS
from monitor.web.doors import (
    BrokenOff,
    HeadAsGet,
    bearer_of,
    is_api,
    is_foreign,
    is_open,
    is_ours,
    is_private,
    is_proxied,
)
from monitor.web.render import PACKAGE, render
from monitor.web.request import service_of
from monitor.web.strangers import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from monitor.core.errors import Problem
    from monitor.service import Service
    from monitor.web.api.allowance import Left

#: Nothing but our own files, no inline script or style, no frame of ours in others' pages.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


#: Every route of ours; what each takes stands in `access.ACCESS`.
ROUTERS = (
    today.router,
    check.router,
    mention_files.router,
    report.router,  # both before `mentions`, whose address fits any word
    mentions.router,
    searches.router,  # before `links`, whose address fits any action
    digests.router,
    subscribers.router,
    first_run.router,
    study_new.router,  # before `studies`, whose address fits any name
    studies.router,
    study_editor.router,
    guide.router,
    reviews.router,
    rules.router,
    rule_history.router,
    backtests.router,
    prevent.router,
    letters.router,
    outlets.router,
    trends.router,
    claims.router,
    stories.router,
    source_lists.router,
    source_new.router,  # both before `sources`, whose address fits any word
    sources.router,
    letter_links.router,  # before `links`, whose address fits any action
    link_settings.router,
    link_copies.router,
    links.router,
    single_sign_on.router,  # before `sessions`, whose link fits any secret
    sessions.router,
    people.router,
    account.router,
    keys.router,
    audit.router,
    webhooks.router,
    health.router,
    metrics.router,
    *API_ROUTERS,
)
#: The same as one. A process puts them together once, however many applications it builds: FastAPI works out at the first
#: request what each route asks for, a quarter of a second for all.
ROUTES = APIRouter(dependencies=[Depends(allowed)])
for one in ROUTERS:
    ROUTES.include_router(one)


def build_app(service: Service) -> FastAPI:
    """The application for one Service. `state.first_link` is where a person begins."""
    app = FastAPI(
        title="Hypewatch",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(allowed)],  # of what is put in beside the routes
    )
    app.state.service = service
    app.state.allowance = Allowance[int](service.settings.api_per_minute)
    app.state.strangers = Allowance[str](service.settings.strangers_per_minute)
    app.state.first_link = sessions.first_link(service)
    app.mount("/static", StaticFiles(directory=str(PACKAGE / "static")), name="static")
    check_routes(ROUTERS)
    app.router.routes.extend(ROUTES.routes)
    app.middleware("http")(_guard)
    app.add_middleware(BrokenOff)
    app.add_middleware(HeadAsGet)
    app.add_exception_handler(HypewatchError, _tell)
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(Exception, _broke)
    return app


def _elsewhere(request: Request) -> Response:
    """Another site's name was pointed here, or ours is not set."""
    said = "This is not an address of Hypewatch; see HYPEWATCH_BASE_URL."
    return problem(request, 421, "address", said) if is_api(request) else JSONResponse({"error": said}, 421)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    service = service_of(request)
    if not is_ours(request, service):
        response = _elsewhere(request)
    elif is_foreign(request):
        response = await run_in_threadpool(
            _page, request, 403, "This came from another site's page.", "Do it from the page of Hypewatch itself."
        )
    else:
        comes_in = await run_in_threadpool(_let_in, request)
        left = counted(request)
        if left is not None and left.spent:
            response = await run_in_threadpool(_too_often, request, left)
        elif comes_in:
            response = await (served(request, call_next) if is_api(request) else call_next(request))
        else:
            response = await run_in_threadpool(_sign_in_first, request, service)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    # Other sites are told nothing. With "no-referrer" a form of our own page would say "Origin: null", as one of nobody's.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store" if not request.url.path.startswith("/static/") else "max-age=3600"
    return response


def _too_often(request: Request, left: Left) -> Response:
    """Somebody who has not signed in asked more than they may from one place."""
    hint = f"Wait {left.seconds} seconds, then try again. Who is signed in is not counted."
    response = _page(request, 429, "Too many requests came from where you are.", hint)
    response.headers["Retry-After"] = str(left.seconds)
    return response


def _let_in(request: Request) -> bool:
    """Find out who asks; what they may do is asked route by route (`access`). A database that does not answer lets nobody in,
    and the page then says so itself.
    """
    request.state.who, request.state.trouble = None, None
    try:
        request.state.who = None if request.url.path.startswith("/static/") else who_asks(request)
    except StorageError as error:
        request.state.trouble = error
    return is_open(request) or request.state.who is not None


def _sign_in_first(request: Request, service: Service) -> Response:
    if bearer_of(request) is not None and request.state.trouble is not None:
        return _tell(request, request.state.trouble)  # its key may be as good as before
    if bearer_of(request) is not None:
        response = _page(request, 401, "This key does not work.", "It may be revoked, too old, or not copied whole.")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if is_private(service) and is_proxied(request):
        hint = (
            "This request was handed on by a proxy, and Hypewatch is set up for this machine alone. "
            "Set HYPEWATCH_BASE_URL to the address that people use, and start it again."
        )
        return _page(request, 401, "Please sign in", hint)
    hint = "Open your sign-in link; whoever runs this Hypewatch makes one for you. It works once, within an hour."
    return _page(request, 401, "Please sign in", hint, door=sessions.door_of(request))


def _misread(request: Request, error: Exception) -> Response:
    """An address whose number is none of ours is no page; any other field that cannot be read is said."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    if is_api(request):
        return misread(request, error)
    where = error.errors()[0]["loc"]
    if where[0] == "path":
        return _not_found(request, error)
    return _page(
        request, 400, f"`{where[-1]}` cannot be read as it was given.", "Take the links on the pages, or leave it out."
    )


def _tell(request: Request, error: Exception) -> Response:
    """An error's two sentences as a page, with the status that fits; what is wrong in files as a list."""
    assert isinstance(error, HypewatchError)  # noqa: S101 - registered for this class alone
    if is_api(request):
        return problem_of(request, error)
    status = status_of(error)
    if isinstance(error, LibraryError):
        count = len(error.problems)
        message = "One thing is to be put right" if count == 1 else f"{count} things are to be put right"
        return _page(request, status, message, _hint(error), problems=error.problems)
    return _page(request, status, error.message, _hint(error))


def _hint(error: HypewatchError) -> str:
    """What to do, for who reads a page: a command is for a shell, and where nothing else was said here stands what helps."""
    if error.hint or not error.command:
        return error.hint
    if isinstance(error, NotFoundError):
        return "It may have been withdrawn. The menu above leads to what there is."
    return "Tell whoever looks after this Hypewatch." if isinstance(error, StorageError) else ""


def _refused(request: Request, error: Exception) -> Response:
    """What the frame refused before a route was reached: a form that is too large or broken, a method that nothing takes."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    if is_api(request):
        return refused(request, error.status_code, error.headers)
    if error.status_code == 400:
        return _page(
            request,
            400,
            "The form could not be read.",
            "A field of it is too long, or it is no form. Send less at once.",
        )
    answer = _page(
        request, error.status_code, "This cannot be done at this address.", "The menu above leads to the pages."
    )
    answer.headers.update(error.headers or {})
    return answer


def _broke(request: Request, _: Exception) -> Response:
    """Something of ours is wrong: it stands in the log, and is told to nobody."""
    if is_api(request):
        return problem(request, 500, "error", "It is ours, and stands in the log.")
    return PlainTextResponse("Internal Server Error", 500)


def _not_found(request: Request, __: Exception) -> Response:
    if is_api(request):
        return refused(request, 404)
    return _page(request, 404, "There is no such page.", "The menu above leads to those there are.")


def _page(
    request: Request, status: int, message: str, hint: str, *, problems: Sequence[Problem] = (), door: str = ""
) -> Response:
    """An answer that says what is wrong: a page for people, a problem (RFC 9457) for programs. `door`: where to sign in."""
    if is_api(request):
        return problem(request, status, CODES[status], f"{message} {hint}".strip())
    if bearer_of(request) is not None:
        told = {
            "title": message.replace("`", ""),
            "status": status,
            "detail": hint,
            "problems": [str(p) for p in problems],
        }
        kept = {name: value for name, value in told.items() if value}
        return JSONResponse(kept, status, media_type="application/problem+json")
    title = message.replace("`", "")
    html = render(
        "error.html",
        title=title,
        message=message,
        hint=hint,
        problems=problems,
        menu=status not in {401, 429},
        door=door,
    )
    return HTMLResponse(html, status_code=status)
