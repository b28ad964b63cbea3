"""Lists of sources: taken out as OPML, JSON and CSV, and brought along as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import LibraryError
from monitor.export.lists import source_line
from monitor.export.sources import source_row
from monitor.pipeline.source_lists import Did, bring, to_list
from monitor.pipeline.sources import overview
from monitor.sources.feeds.opml import MOST_BYTES, read_opml, write_opml
from monitor.web.audit import noted
from monitor.web.exports import as_file, list_as
from monitor.web.render import page
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.errors import Problem
    from monitor.export.lists import Line
    from monitor.pipeline.source_lists import Brought

router = APIRouter(default_response_class=HTMLResponse)

#: Lines of a list that the page shows.
BROUGHT_SHOWN, MENDED_SHOWN = 200, 20
#: Sources that one press adds: each is a transaction, and nobody waits for a page for more than some seconds.
ADDED_AT_ONCE = 500


@router.get("/sources.{form}")
def export(request: Request, form: str) -> Response:
    """All of them, as opml, json or csv; as atom those that need somebody."""
    service = service_of(request)
    if form == "opml":
        return as_file(write_opml(to_list(service.store.feeds())), "text/x-opml; charset=utf-8", "sources.opml")
    found = overview(service.store, service.clock())
    rows = [source_row(one) for one in found]

    def lines() -> Iterator[Line]:
        troubled = (row for one, row in zip(found, rows, strict=True) if one.state.troubled)
        return (source_line(row) for row in troubled if row["last_polled"])

    return list_as(request, form, "sources", rows, lines=lines, others=["opml"])


@router.post("/sources/import")
def take_over(request: Request, file: UploadFile | None = None, text: Annotated[str, Form()] = "") -> Response:
    """Add the sources of an OPML list, uploaded or pasted; each is told of."""
    service = service_of(request)
    raw = file.file.read(MOST_BYTES + 1) if file else b""
    if not raw and not text.strip():
        return _brought(request, (), trouble="No list was sent. Choose a file, or paste its text.")
    try:
        found = read_opml(raw or text.encode("utf-8", errors="replace"), "the list")
    except LibraryError as error:
        return _brought(request, (), problems=error.problems)
    lines, count = [], 0
    for one in bring(service.deps, found.listed):
        lines.append(one)
        count += one.did is Did.ADDED
        if count == ADDED_AT_ONCE:
            break
    if count:
        noted(request, Area.SOURCES, f"added {count} {'source' if count == 1 else 'sources'} of a list", "/sources")
    return _brought(
        request,
        lines,
        left=len(found.listed) - len(lines),
        mended=found.mended,
        problems=[found.problem] if found.problem else [],
    )


def _brought(
    request: Request,
    lines: Sequence[Brought],
    *,
    left: int = 0,
    mended: Sequence[int] = (),
    problems: Sequence[Problem] = (),
    trouble: str = "",
) -> Response:
    order = [Did.NOT, Did.ADDED, Did.KNOWN]
    shown = page(
        request,
        "sources_brought.html",
        title="Sources brought along",
        counts={did: sum(one.did is did for one in lines) for did in order},
        lines=sorted(lines, key=lambda one: order.index(one.did))[:BROUGHT_SHOWN],
        more=max(0, len(lines) - BROUGHT_SHOWN),
        left=left,
        mended=mended[:MENDED_SHOWN],
        mended_more=max(0, len(mended) - MENDED_SHOWN),
        problems=[(problem.line, problem.what) for problem in problems],
        trouble=trouble,
    )
    return HTMLResponse(shown, status_code=200 if lines else 400)
