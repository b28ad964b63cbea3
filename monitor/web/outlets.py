"""Outlets: who publishes, how often it goes too far, what was asked of it and what came of that; its contact, language and reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import NotFoundError
from monitor.core.letters.record import months, time_to_correct
from monitor.core.sentences import duration
from monitor.core.text.excerpt import one_line
from monitor.core.wording import LANGUAGES
from monitor.export.lists import outlet_line
from monitor.export.rows import outlet_row
from monitor.pipeline.outlets import set_outlet
from monitor.web.audit import noted
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.letters.record import OutletRecord
    from monitor.export.lists import Line
    from monitor.ports import Store

router = APIRouter(default_response_class=HTMLResponse)

#: Outlets on the page, and in an export.
SHOWN, EXPORTED = 100, 10_000


@router.get("/outlets")
def outlets(request: Request) -> str:
    """Who publishes, those first that go too far most often."""
    records = service_of(request).store.outlet_records(limit=SHOWN + 1)
    return page(request, "outlets.html", title="Outlets", records=records[:SHOWN], more=len(records) > SHOWN)


@router.get("/outlets.{form}")
def export(request: Request, form: str) -> Response:
    """All of them, as json or csv; as atom those that spoke last."""
    store = service_of(request).store
    rows = [outlet_row(record) for record in store.outlet_records(limit=EXPORTED)]

    def lines() -> Iterator[Line]:
        last = store.last_said()
        return (outlet_line(row, last[row["id"]]) for row in rows if row["id"] in last)

    return list_as(request, form, "outlets", rows, lines=lines)


@router.get("/outlets/{outlet_id}")
def outlet(request: Request, outlet_id: RowId, saved: str = "") -> str:
    """One outlet: its share by month, its letters, and what can be set of it."""
    store = service_of(request).store
    record = _record(store, outlet_id)
    letters = store.letters(source_id=outlet_id)
    took = time_to_correct(letters)
    return page(
        request,
        "outlet.html",
        title=record.source.name,
        record=record,
        months=months(store.outlet_mentions(outlet_id)),
        drifts=store.outlet_drifts(outlet_id),
        letters=letters,
        took=duration(took) if took is not None else "",
        languages=LANGUAGES,
        changes=store.changes(link=f"/outlets/{outlet_id}", limit=5),
        saved=bool(saved),
    )


@router.post("/outlets/{outlet_id}")
def change(
    request: Request,
    outlet_id: RowId,
    contact: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    weight: Annotated[int | None, Form()] = None,
) -> Response:
    """Set the address and language of letters to it, and its reach."""
    store = service_of(request).store
    before = _record(store, outlet_id).source
    if weight == before.weight:
        weight = None  # the form always sends it: who left it as it was did not set it
    set_outlet(store, outlet_id, contact=contact, language=language, weight=weight)
    after = _record(store, outlet_id).source
    changed = [
        name
        for name, is_other in (
            ("address for corrections", before.contact != after.contact),
            ("language of letters", before.language != after.language),
            ("reach", before.weight != after.weight),
        )
        if is_other
    ]
    if changed:
        did = f"changed the {' and the '.join(changed)} of {one_line(after.name)[:200]}"
        noted(request, Area.SOURCES, did, f"/outlets/{outlet_id}")
    return RedirectResponse(f"/outlets/{outlet_id}?saved=yes", status_code=303)


def _record(store: Store, outlet_id: int) -> OutletRecord:
    found = store.outlet_records(limit=1, source_id=outlet_id)
    if not found:
        raise NotFoundError("There is no such outlet.", "It may have been withdrawn. Outlets lists those there are.")
    return found[0]
