"""What a person did on the pages is kept beside their name, and shown to owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.changes import Area
from monitor.export.lists import change_line
from monitor.export.rows import change_row
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import OptionalId, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(default_response_class=HTMLResponse)

#: Changes on a page, and in a file.
SHOWN, EXPORTED = 50, 10_000
AREA_WORDS: Mapping[Area, str] = {
    Area.STUDIES: "Studies",
    Area.SOURCES: "Sources and outlets",
    Area.SUBSCRIBERS: "Subscribers and mail",
    Area.PEOPLE: "People",
    Area.KEYS: "Keys",
    Area.WEBHOOKS: "Webhooks",
    Area.SEARCHES: "Saved searches",
}


def noted(request: Request, area: Area, did: str, link: str = "") -> None:
    """Keep that whoever asks did something: "paused the source Harbour Wire"; `link` is the path of the page that shows it."""
    service = service_of(request)
    service.store.note_change(by=request.state.who.name, area=area, did=did, now=service.clock(), link=link)


@router.get("/audit")
def audit(request: Request, area: Annotated[Area | None, Query()] = None, before: OptionalId = None) -> str:
    """Who changed what, newest first: everything, or of one area."""
    changes = service_of(request).store.changes(area=area, before=before, limit=SHOWN + 1)
    return page(
        request,
        "audit.html",
        title="Who changed what",
        changes=changes[:SHOWN],
        older=changes[SHOWN - 1].id if len(changes) > SHOWN else None,
        area=area,
        before=before,
        words=AREA_WORDS,
    )


@router.get("/audit.{form}")
def export(request: Request, form: str, area: Annotated[Area | None, Query()] = None) -> Response:
    """The list as json, csv or atom."""
    rows = [change_row(change) for change in service_of(request).store.changes(area=area, limit=EXPORTED)]
    return list_as(request, form, "changes", rows, page="/audit", lines=lambda: map(change_line, rows))
