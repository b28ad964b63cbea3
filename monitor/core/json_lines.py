"""Lines of JSON, an object each: the one door for those that people hand in."""

from __future__ import annotations

import json
from typing import Any


class NoObjectError(ValueError):
    """A line that is no JSON object. `column` counts from 1; `what` follows the name of the line."""

    def __init__(self, column: int, what: str) -> None:
        super().__init__(what)
        self.column, self.what = column, what


def read_object(line: str) -> dict[str, Any]:
    """The object of a line; raises NoObjectError for anything else, however deep, long or broken it is."""
    try:
        row = json.loads(line.rstrip("\r\n"))
    except json.JSONDecodeError as error:
        raise NoObjectError(error.colno, f"is no JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise NoObjectError(1, "is nested too deeply, or holds a number that is too long") from None
    if not isinstance(row, dict):
        raise NoObjectError(1, "is no JSON object")
    return row
