"""What a search finds as a file, in whatever form, and as a feed to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from monitor.export.atom import FEED_ENTRIES, mentions_atom
from monitor.export.forms import form_named
from monitor.export.provenance import provenance
from monitor.export.tables import Rows, mentions_in_portions, rows_in, table_of
from monitor.web.exports import streamed
from monitor.web.request import service_of

if TYPE_CHECKING:
    from monitor.service import Service

router = APIRouter()


@router.get("/mentions.{form}")
def export(request: Request, form: str, q: str = "", rows: Rows = Rows.MENTIONS) -> Response:
    """Exactly the view, whole, a row for each mention or each flag (`rows=flags`); as atom its newest, to be followed."""
    service = service_of(request)
    if form == "atom":
        return _feed(service, q)
    written = form_named(form, others=("atom",))
    now, store = service.clock(), service.store
    ids = store.found_ids(service.ask(q))
    written.check(lambda: rows_in(store, ids, rows))
    about = provenance(q, at=now, found=len(ids), library=service.library)
    found = mentions_in_portions(store, ids)
    table = table_of(found, rows, about, base_url=service.settings.public_url)
    return streamed(request, written.write(table), written.media_type, f"{rows}-{about.file_time}.{form}")


def _feed(service: Service, q: str) -> Response:
    now, store = service.clock(), service.store
    query = service.ask(q)
    found = store.search(query, limit=FEED_ENTRIES)
    about = provenance(q, at=now, found=store.count(query), held=len(found), library=service.library)
    text = mentions_atom(found, about, base_url=service.settings.public_url)
    return Response(text, media_type="application/atom+xml")
