"""The reference page: the OpenAPI document for people, in the look of the pages and without script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from monitor.web.api.document import ABOUT, TAGS, document
from monitor.web.api.route import ApiRoute
from monitor.web.render import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, include_in_schema=False)

_SHAPES = "#/components/schemas/"
#: How the schemas of lists are named, by what they are of: `Page_MentionOut_`. A page has the same fields whatever it lists.
_LISTS = {"Page_": "a page of", "Items_": "a list of"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a field of a shape: its name, what it holds, whether it must be there, and what it means. `shape` is the one that
    it holds, "" for none; `where` is query, path or header, "" for a field.
    """

    name: str
    holds: str
    needed: bool
    about: str
    shape: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A shape that goes in or out; `many` are the words before one of which there are several."""

    shape: str
    many: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    parameters: Sequence[Field]
    sends: Sequence[Named]
    answers: Sequence[tuple[str, Sequence[Named]]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What goes in or out, by its fields."""

    name: str
    about: str
    fields: Sequence[Field]


@router.get("/openapi.json")
def openapi() -> Response:
    """The API as OpenAPI 3.1."""
    return JSONResponse(document())


@router.get("/docs", response_class=HTMLResponse)
def reference(request: Request) -> str:
    """The API for people."""
    return page(
        request,
        "api.html",
        title="The API",
        about=ABOUT,
        tags=TAGS,
        groups=_groups(),
        shapes=_shapes(),
    )


@cache
def _groups() -> Mapping[str, Sequence[Operation]]:
    """By tag, what can be asked."""
    found: dict[str, list[Operation]] = {name: [] for name in TAGS}
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            found[told["tags"][0]].append(_operation(path, method, told))
    return found


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Operation:
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told["description"],
        parameters=[_parameter(one) for one in told.get("parameters", ())],
        sends=_named(_schema(told.get("requestBody", {}))),
        answers=[
            (status, _named(_schema(answer)))
            for status, answer in sorted(told["responses"].items())
            if status.startswith("2")
        ],
    )


def _schema(held: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds: Mapping[str, Mapping[str, Any]] = held.get("content", {})
    return next((kind["schema"] for kind in kinds.values()), {})


def _named(schema: Mapping[str, Any]) -> list[Named]:
    """The shapes that a schema is, one or several to choose from."""
    found = (one["$ref"].removeprefix(_SHAPES) for one in (schema, *schema.get("anyOf", ())) if "$ref" in one)
    return [_one_or_many(name) for name in found]


def _one_or_many(name: str) -> Named:
    for begin, words in _LISTS.items():
        if name.startswith(begin):
            return Named(name.removeprefix(begin).rstrip("_"), words)
    return Named(name)


def _parameter(told: Mapping[str, Any]) -> Field:
    schema = told["schema"]
    about = told.get("description", schema.get("description", ""))
    return Field(told["name"], holds(schema), told.get("required", False), about, where=told["in"])


@cache
def _shapes() -> Sequence[Shape]:
    return [
        Shape(name, " ".join(told.get("description", "").split()), _fields(told))
        for name, told in sorted(document()["components"]["schemas"].items())
        if not name.startswith(tuple(_LISTS)) and "properties" in told
    ]


def _fields(told: Mapping[str, Any]) -> Sequence[Field]:
    needed = set(told.get("required", ()))
    return [
        Field(name, holds(one), name in needed, one.get("description", ""), _inner(one))
        for name, one in told.get("properties", {}).items()
    ]


def _inner(schema: Mapping[str, Any]) -> str:
    """The shape that a field holds, once or many times."""
    inside = (schema, schema.get("items", {}), *schema.get("anyOf", ()))
    names = (one["$ref"].removeprefix(_SHAPES) for one in inside if "$ref" in one)
    return next((name for name in names if "properties" in document()["components"]["schemas"][name]), "")


def holds(schema: Mapping[str, Any]) -> str:
    """What a schema allows, in words: "text", "list of FlagOut", "low, medium, high"."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_SHAPES)
        inside: Mapping[str, Any] = document()["components"]["schemas"][name]
        return name if "properties" in inside else holds(inside)
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(holds(one) for one in choices))
    if "enum" in schema or "const" in schema:
        return ", ".join(map(str, schema.get("enum", [schema.get("const")])))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {holds(schema.get('items', {}))}"
    if kind == "string" and "format" in schema:
        return {"date-time": "moment (UTC)", "date": "day"}.get(schema["format"], "text")
    return {"string": "text", "integer": "number", "boolean": "true or false", "object": "object"}.get(kind, str(kind))
