"""Saved searches: the list, keeping one, and the link that shows what one finds to somebody without a sign-in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.digests.signed_links import LIVES, Action, sign
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import NotFoundError, QueryError
from monitor.core.items.notes import notes
from monitor.core.search.saved import NAME_MAX
from monitor.export.rows import search_row
from monitor.pipeline.searches import mail_search, save_search
from monitor.web.access import who_of
from monitor.web.audit import noted
from monitor.web.chips import COUNTED
from monitor.web.exports import list_as, unsigned
from monitor.web.link_frame import ids_of, spoiled
from monitor.web.render import page, render
from monitor.web.request import BIGGEST_ID, OptionalIdOrZero, RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.digests.search_mail import SearchMail
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.search.saved import SavedSearch
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Mentions on a shared page.
SHARED = 50
#: What the page says after a form was sent.
DONE: Mapping[str, str] = {
    "saved": "Saved. It stands above the mentions for everybody.",
    "removed": "Removed. Its links show nothing any more, and nobody is mailed of it.",
    "mailed": "What it finds from now on is mailed.",
    "stopped": "It is mailed no more.",
}


@router.get("/searches")
def listed(request: Request, done: str = "") -> str:
    """Saved searches with how many mentions each finds now, and the link that shares it."""
    service = service_of(request)
    found = [(search, *_count(service, search), _link(service, search)) for search in service.store.saved_searches()]
    return page(
        request,
        "searches.html",
        title="Saved searches",
        searches=found,
        done=DONE.get(done, ""),
        counted=COUNTED,
        mails=_mails(request),
        many_studies=len(service.library.studies()) > 1,
        people=_people(request),
        until=service.clock() + LIVES[Action.SEARCH],
    )


@router.get("/searches.{form}")
def export(request: Request, form: str) -> Response:
    """The list as json or csv."""
    rows = [search_row(search) for search in service_of(request).store.saved_searches()]
    return list_as(request, form, "searches", unsigned(rows, request.state.who))


@router.post("/searches")
def save(request: Request, name: Annotated[str, Form()] = "", q: Annotated[str, Form()] = "") -> Response:
    """Keep a search under a name; one of that name takes its place."""
    service = service_of(request)
    saved = save_search(
        service.store,
        service.library.current,
        name=name[: 2 * NAME_MAX],
        text=q,
        by=who_of(request).name,
        now=service.clock(),
    )
    noted(request, Area.SEARCHES, f"saved the search {saved.name}", "/searches")
    return RedirectResponse(f"/mentions?q={quote(saved.query)}", status_code=303)


@router.post("/searches/{search_id}/remove")
def remove(request: Request, search_id: RowId) -> Response:
    """Keep a search no longer; who has a link to it sees nothing any more."""
    service = service_of(request)
    search = _one(service, search_id)
    service.store.remove_search(search_id)
    noted(request, Area.SEARCHES, f"removed the saved search {search.name}", "/searches")
    return RedirectResponse("/searches?done=removed", status_code=303)


@router.post("/searches/{search_id}/mail")
def mail(
    request: Request,
    search_id: RowId,
    subscription: Annotated[int, Form(ge=1, le=BIGGEST_ID)],
    when: Annotated[Literal["daily", "at-once"], Form()] = "daily",
) -> Response:
    """Mail a subscriber what a search finds from now on: once a day at their hour, or as it comes."""
    service = service_of(request)
    search = _one(service, search_id)
    mail_search(service.store, search_id, subscription, at_once=when == "at-once", now=service.clock())
    noted(request, Area.SEARCHES, f"has what {search.name} finds mailed to subscription {subscription}", "/searches")
    return RedirectResponse("/searches?done=mailed", status_code=303)


@router.post("/searches/{search_id}/mail/{subscription_id}/stop")
def stop(request: Request, search_id: RowId, subscription_id: RowId) -> Response:
    """Mail them no more of it."""
    service = service_of(request)
    search = _one(service, search_id)
    service.store.stop_search_mail(search_id, subscription_id)
    noted(
        request,
        Area.SEARCHES,
        f"has what {search.name} finds mailed to subscription {subscription_id} no more",
        "/searches",
    )
    return RedirectResponse("/searches?done=stopped", status_code=303)


def _one(service: Service, search_id: int) -> SavedSearch:
    try:
        return service.store.saved_search(search_id)
    except NotFoundError:
        raise NotFoundError(
            "There is no such saved search.", "The list of saved searches has those there are."
        ) from None


@router.get("/l/search/{token}")
def shared(request: Request, token: str, before: OptionalIdOrZero = None) -> Response:
    """What a saved search finds now, for anybody who has its link; nothing can be done there."""
    ids, service = ids_of(request, token, Action.SEARCH), service_of(request)
    search = _meant(service, ids) if ids else None
    if search is None:
        return spoiled()
    query = service.ask(search.query)
    found = service.store.search(query, limit=SHARED + 1, before=before)
    shown = [(mention, notes(flag for flag in mention.flags if flag.stands)) for mention in found[:SHARED]]
    html = render(
        "link_search.html",
        title=search.name,
        now=service.clock(),
        study_name=service.library.default().name,
        search=search,
        mentions=shown,
        total=min(service.store.count(query, most=COUNTED + 1), COUNTED),
        more=found[SHARED - 1].id if len(found) > SHARED else None,
        token=token,
    )
    return HTMLResponse(html)


def _mails(request: Request) -> Mapping[int, Sequence[SearchMail]]:
    """Who is mailed what each search finds, by its number; for editors: addresses are personal."""
    found: dict[int, list[SearchMail]] = defaultdict(list)
    for one in service_of(request).store.search_mails() if who_of(request).edits else ():
        found[one.search.id].append(one)
    return found


def _people(request: Request) -> Sequence[Subscription]:
    """Who can be mailed."""
    service = service_of(request)
    if not who_of(request).edits:
        return ()
    now = service.clock()
    return [one for one in service.store.subscriptions() if one.standing(now) in {Standing.ACTIVE, Standing.PAUSED}]


def _meant(service: Service, ids: tuple[int, ...]) -> SavedSearch | None:
    """The search of a link; None if it was removed or saved anew since: a link shows what was shared, and nothing else."""
    try:
        search = service.store.saved_search(ids[0])
    except NotFoundError:
        return None
    return search if ids[1:] == (_moment(search),) else None


def _link(service: Service, search: SavedSearch) -> str:
    expires = service.clock() + LIVES[Action.SEARCH]
    token = sign(service.key, Action.SEARCH, (search.id, _moment(search)), expires=expires)
    return f"{service.settings.public_url}/l/{Action.SEARCH}/{token}"


def _moment(search: SavedSearch) -> int:
    return round(search.saved_at.timestamp() * 1_000_000)


def _count(service: Service, search: SavedSearch) -> tuple[int, str]:
    """How many it finds, and what is wrong with it: a rule that it names may be gone."""
    try:
        return service.store.count(service.ask(search.query), most=COUNTED + 1), ""
    except QueryError as error:
        return 0, str(error)
