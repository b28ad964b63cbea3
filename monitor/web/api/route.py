"""What every route of the API does beside its own work: takes JSON of a bounded size alone, and answers who has the newest already
without the words (RFC 9110, section 13).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from monitor.web.api.problems import StatusError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pydantic import BaseModel

#: Bytes of a body. Mentions are imported in parts.
MOST_BYTES = 5_000_000


class BoundedRequest(Request):
    """A request whose body is read to MOST_BYTES; raises StatusError beyond."""

    async def body(self) -> bytes:
        """The bytes, once for all who ask."""
        if not hasattr(self, "_body"):
            read, size = [], 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > MOST_BYTES:
                    raise StatusError(413, "too-large", f"The body has more than {MOST_BYTES:,} bytes.", "Send parts.")
                read.append(chunk)
            self._body = b"".join(read)
        return self._body


class ApiRoute(APIRoute):
    """A route of the API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Its own handler, between the body's check and the ETag's."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            bounded = BoundedRequest(request.scope, request.receive)
            if self.body_field is not None:
                await _check_body(bounded)
            return _tagged(request, await answer(bounded))

        return handle


async def _check_body(request: BoundedRequest) -> None:
    """Here and not where FastAPI reads it, which takes whatever happens then for a body that is no JSON."""
    kind, sent = request.headers.get("content-type", "").partition(";")[0].strip().lower(), await request.body()
    if sent and kind != "application/json":
        raise StatusError(415, "media-type", "The body must be application/json.", "Say so in Content-Type.")


def _tagged(request: Request, response: Response) -> Response:
    """The answer with its ETag, or that it is known: 304, without a body."""
    if request.method != "GET" or response.status_code != 200:
        return response
    tag = response.headers.get("etag") or quoted(bytes(response.body))
    response.headers["ETag"] = tag
    if not matches(request.headers.get("if-none-match", ""), tag):
        return response
    kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def quoted(body: bytes) -> str:
    """The ETag of an answer's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def tag_of(shape: BaseModel) -> str:
    """The ETag of what is stored, whatever of the answer moves by itself."""
    return quoted(shape.model_dump_json().encode())


def matches(header: str, tag: str) -> bool:
    """Does a header as `"a", W/"b"` or `*` name this tag? A proxy that compresses makes a tag weak."""
    named = {one.strip().removeprefix("W/") for one in header.split(",")}
    return "*" in named or tag in named


def check_unchanged(request: Request, tag: str | None) -> None:
    """Raise StatusError unless the program changes what it read: If-Match must name the tag, of what is there; what is new (None) is
    written without. `*` is whatever it is.
    """
    header = request.headers.get("if-match", "")
    if tag is None:
        if header:
            raise StatusError(412, "changed", "There is nothing of this name any more.", "Read the list again.")
        return
    if matches(request.headers.get("if-none-match", ""), tag):
        raise StatusError(
            412, "changed", "There is one of this name already.", "Read it, and send its ETag as If-Match."
        )
    if not header:
        raise StatusError(
            428,
            "unconditional",
            "It is there already.",
            "Read it, and send its ETag as If-Match, so that nobody's change is lost.",
        )
    if not matches(header, tag):
        raise StatusError(
            412, "changed", "Somebody changed it since you read it.", "Read it again, and make your change on top."
        )
