"""Lists in pages: an opaque cursor that says where to go on, bound to the list and search that it was made of."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Query, Request

from monitor.core.errors import UsageError
from monitor.web.request import BIGGEST_ID, service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Items of a page unless somebody says otherwise, and at most.
USUAL, MOST = 50, 200
#: How deep a list goes that is read from its beginning each time.
DEEPEST = 100_000
_MARK = re.compile(r"[0-9a-f]{16}((?::[0-9]{1,19}){1,2})")


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of a list is asked for: at most `limit` items, those behind `after` (numbers whose meaning is the list's own)."""

    limit: int
    after: tuple[int, ...]
    asked: str
    here: str
    query: tuple[tuple[str, str], ...]

    @property
    def first(self) -> int:
        """Of a list in an order of its own: how many items stand before the page."""
        return min(self.after[0], DEEPEST) if self.after else 0

    def page(self, items: Sequence[Any], after: tuple[int, ...] | None) -> Mapping[str, Any]:
        """The page as an answer; `after` says where the next begins, None that this is the last."""
        if after is None:
            return {"items": items, "next": None, "next_url": None}
        cursor = _written(self.asked, after)
        query = [*self.query, ("limit", str(self.limit)), ("cursor", cursor)]
        return {"items": items, "next": cursor, "next_url": f"{self.here}?{urlencode(query)}"}

    def cut(self, found: Sequence[Any], row: Callable[[Any], Any]) -> Mapping[str, Any]:
        """The page of a list that is at hand whole, or from its beginning to one behind the page's end."""
        begin, end = self.first, self.first + self.limit
        more = len(found) > end and end <= DEEPEST
        return self.page([row(one) for one in found[begin:end]], (end,) if more else None)

    @property
    def needed(self) -> int:
        """So many items from the beginning tell this page, and whether there is another."""
        return self.first + self.limit + 1


def place(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items of a page")] = USUAL,
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
) -> Place:
    """The page that a request asks for. Raises UsageError for a cursor that this list did not give."""
    kept = tuple((name, value) for name, value in request.query_params.multi_items() if name not in {"limit", "cursor"})
    asked = repr((request.url.path, sorted(kept)))
    return Place(limit, _read(cursor, asked) if cursor else (), asked, f"{_origin(request)}{request.url.path}", kept)


#: What a list asks for in its arguments.
Asked = Annotated[Place, Depends(place)]


def _written(asked: str, after: tuple[int, ...]) -> str:
    """The cursor behind `after` of what was asked; a sum of both stands in it, so that a part of a cursor is none."""
    mark = hashlib.sha256(f"{asked}{after}".encode("utf-8", "replace")).hexdigest()[:16]
    text = mark + "".join(f":{number}" for number in after)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, asked: str) -> tuple[int, ...]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    found = _MARK.fullmatch(text)
    after = tuple(int(number) for number in found[1][1:].split(":")) if found else ()
    if not after or max(after) > BIGGEST_ID or _written(asked, after) != cursor:
        raise UsageError(
            "This cursor is none of this list.", "Take `next` as the page before gave it, with the same search."
        )
    return after


def _origin(request: Request) -> str:
    """Where the program reached us: the address that people use, unless it came by another of this machine's names."""
    public = service_of(request).settings.public_url
    asked = request.headers.get("host", "")
    return public if urlsplit(public).netloc == asked else f"{request.url.scheme}://{asked}"
