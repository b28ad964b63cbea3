"""What a request brings: the service that answers it, and numbers of rows in its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Path, Query, Request

if TYPE_CHECKING:
    from monitor.service import Service

#: The biggest number that a row can have.
BIGGEST_ID = 2**63 - 1
#: A row that the path names, and rows that what follows `?` names, if it does; 0 is no row.
RowId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]
OptionalId = Annotated[int | None, Query(ge=1, le=BIGGEST_ID)]
OptionalIdOrZero = Annotated[int | None, Query(ge=0, le=BIGGEST_ID)]


def service_of(request: Request) -> Service:
    """The Service that the pages were built for."""
    service: Service = request.app.state.service
    return service
