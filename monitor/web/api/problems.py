"""Errors for programs: a problem (RFC 9457) with a code, never a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse, Response

from monitor.core.errors import (
    ChangedError,
    ForbiddenError,
    HypewatchError,
    LibraryError,
    MailError,
    NotFoundError,
    StorageError,
    TooOftenError,
    UsageError,
)
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request
    from fastapi.exceptions import RequestValidationError

MEDIA_TYPE = "application/problem+json"
#: Code -> what it is called. Codes of errors stand in `core/errors.py`; the others are those of the door.
TITLES: Mapping[str, str] = {
    "error": "Something failed.",
    "usage": "The request cannot be met as it was made.",
    "setting": "A setting cannot be read.",
    "query": "The search cannot be read.",
    "not-found": "There is no such thing.",
    "forbidden": "This may not be done with this key.",
    "library": "Rules or fact sheets do not load.",
    "ended": "A process was ended from outside.",
    "storage": "The database cannot be used.",
    "storage-busy": "The database is held by another program.",
    "storage-read-only": "The database cannot be written.",
    "storage-newer": "A newer version made the database.",
    "mail": "A mail could not be handed over.",
    "mail-temporary": "A mail could not be handed over for now.",
    "mail-permanent": "A mail was refused.",
    "mail-unknown": "Nobody saw whether a mail was taken.",
    "key": "A key is needed.",
    "method": "This cannot be done at this address.",
    "conflict": "Somebody changed it meanwhile.",
    "changed": "It is not what it was when you read it.",
    "too-large": "The request is too large.",
    "media-type": "The request is not JSON.",
    "address": "This is not an address of Hypewatch.",
    "fields": "Fields of the request cannot be read.",
    "unconditional": "Say which version you change.",
    "rate": "Too many requests.",
}
#: Status -> code, where the frame refuses a request by a status alone.
CODES: Mapping[int, str] = {
    400: "usage",
    401: "key",
    403: "forbidden",
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    421: "address",
    429: "rate",
    503: "storage",
}
#: Kind of error -> status; the first that fits.
_STATUSES: Sequence[tuple[type[HypewatchError], int]] = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ChangedError, 409),
    (TooOftenError, 429),
    (UsageError, 400),
    (StorageError, 503),
)


class StatusError(UsageError):
    """What the door of the API refuses, with the status that says so."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        """`code` is one of TITLES."""
        super().__init__(message, hint)
        self.status = status
        self.code = code


def status_of(error: HypewatchError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, StatusError):
        return error.status
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def wait_of(error: HypewatchError) -> Mapping[str, str]:
    """The header that says when to try again, of what was tried too often; nothing of any other error."""
    return {"Retry-After": str(error.seconds)} if isinstance(error, TooOftenError) else {}


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str = "",
    *,
    problems: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as an answer. Its `type` leads to the page that tells what the code means."""
    told: dict[str, Any] = {
        "type": f"{service_of(request).settings.public_url}/help/api?problem={code}#problems",
        "title": TITLES[code],
        "status": status,
        "detail": detail or TITLES[code],
        "code": code,
    }
    if problems:
        told["problems"] = list(problems)
    return JSONResponse(told, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def problem_of(request: Request, error: HypewatchError) -> Response:
    """An error of ours as a problem; what is wrong in files with its places."""
    status, code = 502 if isinstance(error, MailError) else status_of(error), error.code
    if isinstance(error, ChangedError) and "if-match" in request.headers:
        status, code = 412, "changed"  # it was as the program read it, and no more when it was to be written
    places = [
        {"file": one.path, "line": one.line, "column": one.column, "what": one.what}
        for one in (error.problems if isinstance(error, LibraryError) else ())
    ]
    said = _count(len(places)) if places else error.message
    detail = " ".join(part for part in (said, error.hint) if part)
    return problem(request, status, code, detail, problems=places, headers={**_headers(status), **wait_of(error)})


def _count(places: int) -> str:
    return "One thing is to be put right." if places == 1 else f"{places} things are to be put right."


def _headers(status: int) -> Mapping[str, str]:
    if status == 503:
        return {"Retry-After": "5"}  # another program holds the database, mostly for less
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def refused(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """What the frame refused by a status alone: an address or a method that there is not, a body that is no JSON."""
    detail = "The body of the request is no JSON." if status == 400 else ""
    return problem(request, status, CODES.get(status, "error"), detail, headers=headers)


def misread(request: Request, error: RequestValidationError) -> Response:
    """Fields that cannot be read, each with its place; an address whose number is none of ours is no address."""
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return problem(request, 404, "not-found")
    if any(one["type"] == "json_invalid" for one in found):
        return problem(request, 400, "usage", "The body of the request is no JSON.")
    fields = [
        {"in": str(one["loc"][0]), "field": ".".join(map(str, one["loc"][1:])), "what": one["msg"]} for one in found
    ]
    detail = "; ".join(f"{one['field'] or one['in']}: {one['what']}" for one in fields[:5])
    return problem(request, 422, "fields", detail, problems=fields)
