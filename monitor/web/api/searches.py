"""Saved searches, and who is mailed what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.changes import Area
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import NotFoundError
from monitor.core.search.query import CHARACTERS_MAX
from monitor.core.search.saved import NAME_MAX
from monitor.export.rows import search_row
from monitor.export.subscribers import search_mail_row
from monitor.pipeline.searches import mail_search, save_search
from monitor.web.access import shown_name, who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Id, Page, Sent, Shape, Stamp
from monitor.web.audit import noted
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from monitor.core.digests.search_mail import SearchMail

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


# --- mails ------------------------------------------------------------------------------------------------------------


class SearchMailOut(Shape):
    """Who is mailed what a saved search finds: what was first seen since `since`, each mention once."""

    subscription: int
    email: str
    name: str
    state: Standing = Field(description="Mail reaches who is `active` now")
    study: str = Field(description="Of what it finds they are told what is about this study")
    when: Literal["daily", "at-once"]
    since: Stamp


class SearchMailIn(Sent):
    """A subscriber to mail, once a day at their hour, or as it comes (at most six mails a day, none in their hours of rest)."""

    subscription: Id = Field(description="The `id` of `GET /subscribers`")
    when: Literal["daily", "at-once"] = "daily"


@router.get("/searches/{search_id}/mails", response_model=Page[SearchMailOut])
def mails(request: Request, search_id: RowId, place: Asked) -> Any:
    """Who is mailed what a saved search finds."""
    store = service_of(request).store
    search = store.saved_search(search_id)
    return place.cut(store.search_mails(search_id=search.id), lambda mailed: _mailed(request, mailed))


def _mailed(request: Request, mailed: SearchMail) -> dict[str, Any]:
    return search_mail_row(mailed, service_of(request).clock())


@router.post("/searches/{search_id}/mails", response_model=SearchMailOut, status_code=201)
def mail(request: Request, search_id: RowId, sent: SearchMailIn) -> Any:
    """Mail a subscriber what a saved search finds from now on; for who is mailed already only `when` changes."""
    service = service_of(request)
    at_once = sent.when == "at-once"
    made = mail_search(service.store, search_id, sent.subscription, at_once=at_once, now=service.clock())
    _noted(request, made.search.name, f"subscription {made.subscription.id}")
    return _mailed(request, made)


@router.delete("/searches/{search_id}/mails/{subscription_id}", status_code=204)
def stop(request: Request, search_id: RowId, subscription_id: RowId) -> None:
    """Mail them no more of it."""
    store = service_of(request).store
    search = store.saved_search(search_id)
    if not store.stop_search_mail(search.id, subscription_id):
        raise NotFoundError(
            f"Subscriber {subscription_id} is not mailed what this search finds.", "Its mails list those who are."
        )
    _noted(request, search.name, f"subscription {subscription_id} no more")


def _noted(request: Request, name: str, to: str) -> None:
    """Without the address: the list of changes outlives the subscriber."""
    noted(request, Area.SEARCHES, f"has what {name} finds mailed to {to}", "/searches")
