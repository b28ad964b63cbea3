"""Lists as files: the same door for every page that has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi.responses import PlainTextResponse, Response

from monitor.core.errors import NotFoundError
from monitor.export.rows import to_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def as_file(text: str, kind: str, name: str) -> Response:
    """A text to download."""
    return PlainTextResponse(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def csv_file(rows: Sequence[Mapping[str, Any]], name: str) -> Response:
    """Rows as a table for a spreadsheet, safe from formulas."""
    return as_file(to_csv(rows), "text/csv; charset=utf-8", f"{name}.csv")


def list_as(form: str, name: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """A list as json, under its name, or csv; raises NotFoundError for any other form."""
    if form == "json":
        return Response(json.dumps({name: rows}, ensure_ascii=False), media_type="application/json")
    if form == "csv":
        return csv_file(rows, name)
    raise NotFoundError(f"There is no export as {form!r}.", "There are json and csv.")
