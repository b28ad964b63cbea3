"""What the shapes of the API have in common. What goes out are the rows of `monitor/export`: the models name and describe them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.web.request import BIGGEST_ID

T = TypeVar("T")

#: A moment in UTC, as rows hold it.
Stamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2025-03-24T01:00:00Z"]})]
#: A day.
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date", "examples": ["2025-03-21"]})]
#: The number of a row.
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
#: No shape that is sent nests deeper. Python's own limit is met at some hundreds, by whatever reads it then.
MOST_DEPTH = 20
#: Of no database and no mail: NUL and lone surrogates become the sign for what cannot be shown, one for one, as in storage.
_UNSTORABLE = dict.fromkeys((0, *range(0xD800, 0xE000)), "\ufffd")


class Shape(BaseModel):
    """Something that goes out. Fields may be added; what is there keeps its meaning."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Sent(BaseModel):
    """Something that a program sends. A field that there is not is an error, not passed over."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, given: Any) -> Any:
        return storable(given)


def storable(given: Any, depth: int = MOST_DEPTH) -> Any:
    """JSON with every text as it can be stored; raises ValueError if it is nested deeper than anything that is asked for."""
    if isinstance(given, str):
        return given.translate(_UNSTORABLE)
    if not isinstance(given, (list, dict)):
        return given
    if not depth:
        raise ValueError("is nested too deep")
    if isinstance(given, list):
        return [storable(one, depth - 1) for one in given]
    return {storable(key): storable(value, depth - 1) for key, value in given.items()}


class Page(Shape, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None = Field(description="Cursor of the next page; null on the last")
    next_url: str | None = Field(description="Address of the next page; null on the last")


class Items(Shape, Generic[T]):
    """A short list, whole."""

    items: list[T]


class Place(Shape):
    """One thing that is wrong: in a file at a line and column, both from 1; or in a field of the request."""

    what: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    part: str | None = Field(None, alias="in", description="body or query, for a field")


class Problem(Shape):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(description="Address of the page that tells of the code")
    title: str = Field(description="What the code means; always the same")
    status: int
    detail: str = Field(description="What happened, and what to do")
    code: str = Field(description="For programs to tell apart", examples=["not-found"])
    problems: list[Place] | None = Field(None, description="Each single thing, with its place")


class Reference(Shape):
    """A source that a reader can go to."""

    title: str
    url: str | None


class Caveats(Shape):
    """What a fair account must say, by slug: told, and left out."""

    present: list[str]
    missing: list[str]
