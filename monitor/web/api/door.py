"""The door of the API: a program shows its key, and is told how many requests it has left. A browser that is signed in may read, as
the reference page does; what changes something takes a key, so no page of another site can make a browser do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.web.api.problems import problem
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import Request
    from fastapi.responses import Response

    from monitor.web.access import Who
    from monitor.web.api.allowance import Allowance

_READS = frozenset({"GET", "HEAD"})


async def served(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer a request to the API of somebody who was let in."""
    who: Who | None = request.state.who
    if who is None or who.key is None:
        return await call_next(request) if request.method in _READS else _keyless(request)
    allowance: Allowance[int] = request.app.state.allowance
    left = allowance.take(who.key.id, service_of(request).clock())
    if left.spent:
        detail = f"This key may make {left.most:,} requests a minute. Wait {left.seconds} seconds."
        return problem(request, 429, "rate", detail, headers=left.headers)
    response = await call_next(request)
    response.headers.update(left.headers)
    return response


def _keyless(request: Request) -> Response:
    detail = "What changes something takes a key: `Authorization: Bearer hw_...`. The page Keys makes one."
    return problem(request, 401, "key", detail, headers={"WWW-Authenticate": "Bearer"})
