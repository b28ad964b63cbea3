"""A table as a workbook of Excel (XLSX), written in pieces.

xlsxwriter makes the workbook with its header, and the second sheet that tells of the search; the rows are put in between as
they come. By itself it gives the first byte after the last row: 40 seconds after the request, for 200,000 mentions. Cells are
text as it was said, or numbers: no formula and no link is made of anything.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from monitor.core.errors import UsageError
from monitor.core.text.xml import for_xml
from monitor.export.rows import fitting
from monitor.export.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from monitor.export.tables import Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of a sheet, the header included.
ROWS_MAX = 1_048_576
#: Bytes of a sheet, unpacked: more take zip64, and Excel opens none that was written in pieces with it.
BYTES_MAX = 2**31 - 1
#: Packed bytes that are gathered before they go out: some hundreds of rows.
_PIECE = 16_384
#: Excel keeps 15 digits of a number: longer ones, as those of mentions, are text.
_EXACT = 10**15
_ROWS_SHEET = "xl/worksheets/sheet1.xml"
#: Readers of XML take a return for a line feed.
_RETURN = {"\r": "&#13;"}
#: What Excel would read as the code of a character.
_CODE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")


def check(rows: Callable[[], int]) -> None:
    """Raise UsageError if so many rows cannot be written: the extra is missing, or a sheet has too few. `rows` counts them."""
    _xlsxwriter()
    if (count := rows()) >= ROWS_MAX:
        raise UsageError(
            f"A sheet of Excel has {ROWS_MAX:,} rows, and this table would have {count:,}.",
            "Ask for a shorter time, such as since:30d, or take CSV or Parquet, which have no such bound.",
        )


def installed() -> bool:
    """Is the extra there that writes Excel files?"""
    return find_spec("xlsxwriter") is not None


def _xlsxwriter() -> ModuleType:
    try:
        import xlsxwriter
    except ImportError:
        raise UsageError(
            "Excel files take a part that is not installed.", "Install it with: pip install 'hypewatch[xlsx]'."
        ) from None
    module: ModuleType = xlsxwriter
    return module


def pieces(table: Table) -> Iterator[bytes]:
    """The workbook: a sheet with the rows, and the sheet “About” with the search. Raises UsageError when the sheet is full."""
    frame = zipfile.ZipFile(io.BytesIO(_frame(table)))
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as book:
        for part in frame.namelist():
            if part != _ROWS_SHEET:
                book.writestr(part, frame.read(part))
        head, end, tail = frame.read(_ROWS_SHEET).partition(b"</sheetData>")
        with book.open(_ROWS_SHEET, "w") as sheet:
            sheet.write(head)
            yield sink.take()  # whoever waits sees that it began
            for row in _rows(table, room=BYTES_MAX - len(head + end + tail)):
                sheet.write(row)
                if sink.held >= _PIECE:
                    yield sink.take()
            sheet.write(end + tail)
    yield sink.take()


def _rows(table: Table, *, room: int) -> Iterator[bytes]:
    """The rows as the sheet has them, as long as there is room for them, in bytes."""
    for number, row in enumerate(table.rows, 2):  # the header is the first
        written = _row([row[name] for name in table.columns], number)
        room -= len(written)
        if number > ROWS_MAX or room < 0:
            raise UsageError(
                f"The sheet of Excel is full after {number - 2:,} rows.",
                "Ask for a shorter time, such as since:30d, or take CSV or Parquet, which have no such bound.",
            )
        yield written


def _frame(table: Table) -> bytes:
    """The workbook without rows: a header that stays in view, and what is told of the search."""
    file = io.BytesIO()
    book = _xlsxwriter().Workbook(file, {"in_memory": True, "constant_memory": False})
    bold = book.add_format({"bold": True})
    sheet, about = book.add_worksheet(table.name.value), book.add_worksheet("About")
    for at, name in enumerate(table.columns):
        sheet.write_string(0, at, name, bold)
    sheet.freeze_panes(1, 0)
    about.set_column(0, 1, 24)
    told = {**table.about.fields(), "made by": "Hypewatch"}
    for at, (name, value) in enumerate(told.items()):
        about.write_string(at, 0, name, bold)
        about.write_string(at, 1, str(value))
    book.close()
    return file.getvalue()


def _row(values: list[Any], number: int) -> bytes:
    return f'<row r="{number}">{"".join(map(_cell, values))}</row>'.encode()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _EXACT:
        return f"<c><v>{value}</v></c>"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    text = _CODE.sub(r"_x005F_\1", for_xml(fitting(text)))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text, _RETURN)}</t></is></c>'
