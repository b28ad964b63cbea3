"""Saved searches."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.search.query import CHARACTERS_MAX
from monitor.core.search.saved import NAME_MAX
from monitor.export.rows import search_row
from monitor.pipeline.searches import save_search
from monitor.web.access import shown_name, who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["searches"])


class SearchOut(Shape):
    """A search that is kept under a name."""

    id: int
    name: str
    query: str
    by: str
    saved_at: Stamp


class SearchIn(Sent):
    """A search to keep; one of that name takes its place."""

    name: str = Field(max_length=NAME_MAX, examples=["This week"])
    query: str = Field(max_length=CHARACTERS_MAX, examples=["tier:confirmed since:7d"])


@router.get("/searches", response_model=Page[SearchOut])
def listed(request: Request, place: Asked) -> Any:
    """Saved searches, by name. `GET /mentions?q=` asks one."""
    return place.cut(service_of(request).store.saved_searches(), lambda search: _row(request, search_row(search)))


def _row(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"by": shown_name(row["by"], who_of(request))}


@router.post("/searches", response_model=SearchOut, status_code=201)
def save(request: Request, sent: SearchIn) -> Any:
    """Keep a search under a name, for everybody."""
    service, who = service_of(request), who_of(request)
    saved = save_search(
        service.store, service.library.current, name=sent.name, text=sent.query, by=who.name, now=service.clock()
    )
    noted(request, Area.SEARCHES, f"saved the search {saved.name}", "/searches")
    return search_row(saved)


@router.get("/searches/{search_id}", response_model=SearchOut)
def one(request: Request, search_id: RowId) -> Any:
    """One of them."""
    return _row(request, search_row(service_of(request).store.saved_search(search_id)))


@router.delete("/searches/{search_id}", status_code=204)
def remove(request: Request, search_id: RowId) -> None:
    """Keep a search no longer; links that share it show nothing any more."""
    store = service_of(request).store
    search = store.saved_search(search_id)
    store.remove_search(search_id)
    noted(request, Area.SEARCHES, f"removed the saved search {search.name}", "/searches")
