"""Lists as files: the same door for every page that has one."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from monitor.core.errors import HypewatchError, NotFoundError
from monitor.export.lists import list_feed
from monitor.export.rows import to_csv
from monitor.web.access import shown_name
from monitor.web.doors import BROKEN, HEAD
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fastapi import Request

    from monitor.export.lists import Line
    from monitor.web.access import Who

log = logging.getLogger(__name__)

#: Who did something, in rows.
_PEOPLE = ("by", "undone_by", "created_by")


def as_file(text: str, kind: str, name: str) -> Response:
    """A text to download."""
    return PlainTextResponse(text, media_type=kind, headers=_download(name))


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def streamed(request: Request, pieces: Iterator[bytes], kind: str, name: str) -> Response:
    """A file that is made while it is sent, each piece in a thread that is free again after it. It ends when the client goes away.

    What fails on the way breaks the connection off: the last chunk never comes, so no program takes the part for the whole.
    """
    sent = iter(()) if request.scope.get(HEAD) else _watched(request, pieces, name)
    return StreamingResponse(sent, media_type=kind, headers=_download(name))


def _watched(request: Request, pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    try:
        yield from pieces
    except Exception as error:
        request.scope[BROKEN] = True
        if isinstance(error, HypewatchError):
            log.error("The export %s ended early, and its connection was broken off: %s", name, error)  # noqa: TRY400
        raise


def as_json(value: Any) -> Response:
    """Anything as JSON, letters of every script as they are."""
    return Response(json.dumps(value, ensure_ascii=False), media_type="application/json")


def csv_file(rows: Sequence[Mapping[str, Any]], name: str) -> Response:
    """Rows as a table for a spreadsheet, safe from formulas."""
    return as_file(to_csv(rows), "text/csv; charset=utf-8", f"{name}.csv")


def unsigned(rows: Sequence[Mapping[str, Any]], who: Who | None) -> Sequence[Mapping[str, Any]]:
    """The rows as `who` may have them: who did what is a name, or for others than editors no address."""
    return [{**row, **{key: shown_name(row[key], who) for key in _PEOPLE if row.get(key)}} for row in rows]


def list_as(
    request: Request,
    form: str,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    page: str = "",
    lines: Callable[[], Iterable[Line]] | None = None,
    others: Sequence[str] = (),
) -> Response:
    """A list as json, under its name, csv, or, where there are `lines`, the newest of them as an Atom feed beside its `page`.

    Raises NotFoundError for any other form; `others` are those that the address has beside these.
    """
    if form == "json":
        return as_json({name: rows})
    if form == "csv":
        return csv_file(rows, name)
    if form == "atom" and lines is not None:
        service = service_of(request)
        text = list_feed(
            name, lines(), page=page or f"/{name}", base_url=service.settings.public_url, now=service.clock()
        )
        return Response(text, media_type="application/atom+xml")
    *most, last = [*others, "json", "csv", "atom"] if lines else [*others, "json", "csv"]
    raise NotFoundError(f"There is no export as {form!r}.", f"There are {', '.join(most)} and {last}.")
