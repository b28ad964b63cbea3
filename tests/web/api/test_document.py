"""The OpenAPI document: it is one, tells every route with who may ask it, and the guide's table is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from monitor.web.access import ACCESS, Keyed
from monitor.web.api.document import TAGS, document, routes_of

DOCS = Path(__file__).parents[3] / "monitor" / "docs" / "api.md"
HEAD = "| method and address | does | scope |\n|---|---|---|\n"


def operations():
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def test_it_tells_every_route_of_the_api_and_no_other():
    ours = {route for route in ACCESS if route[1].startswith("/api/")}
    beside = {("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/docs")}
    assert {(method, path) for method, path, _ in operations()} == ours - beside
    assert all(isinstance(ACCESS[route], Keyed) for route in ours)


def test_each_operation_says_what_it_does_who_may_and_how_it_refuses():
    names = [told["operationId"] for _, _, told in operations()]
    assert len(set(names)) == len(names)
    for method, path, told in operations():
        assert len(told["summary"]) > 5, path
        assert ACCESS[method, path].scope in told["description"], path
        assert told["security"] == [{"key": []}]
        assert set(told["tags"]) <= set(TAGS)
        assert {"400", "401", "403", "429", "503", "default"} <= set(told["responses"]), path
        assert any(status.startswith("2") for status in told["responses"]), path


def test_every_schema_is_one_and_every_reference_leads_somewhere():
    whole = document()
    assert whole["openapi"] == "3.1.0"
    for name, schema in whole["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert "__" not in name, "two shapes have one name"
    missing = [ref for ref in references(whole) if not there(whole, ref)]
    assert missing == []


def references(part):
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def there(whole, ref):
    for name in ref.removeprefix("#/").split("/"):
        whole = whole.get(name)
        if whole is None:
            return False
    return True


def test_what_goes_out_has_the_fields_that_rows_have(owner):
    """A row's field that the shape does not name goes out all the same, but nobody would know of it."""
    schemas = document()["components"]["schemas"]
    for path, name in (
        ("/mentions", "MentionOut"),
        ("/flags", "FlagOfMention"),
        ("/stories", "StoryOut"),
        ("/rules", "RuleListed"),
        ("/studies", "StudyOut"),
        ("/feeds", "FeedOut"),
        ("/outlets", "OutletOut"),
        ("/digests", "DigestOut"),
        ("/subscribers", "SubscriberOut"),
        ("/users", "UserOut"),
        ("/tokens", "TokenOut"),
    ):
        for item in owner.get(path)["items"]:
            assert set(item) == set(schemas[name]["properties"]), path


def test_the_document_is_served_and_the_same_for_all(owner, client):
    assert owner.get("/openapi.json") == document() == client.get("/api/v1/openapi.json").json()


def table() -> str:
    lines = []
    for route in routes_of():
        for method in route.methods or ():
            told = document()["paths"][route.path][method.lower()]
            does = told["summary"].replace("|", "\\|")
            lines.append(f"| {method} `{route.path}` | {does} | `{ACCESS[method, route.path].scope}` |\n")
    return "".join(lines)


def test_the_guide_s_table_is_up_to_date(update_golden):
    text = DOCS.read_text(encoding="utf-8")
    before, head, after = text.partition(HEAD)
    old, end, rest = after.partition("\n## ")
    assert head
    assert end
    if update_golden:
        DOCS.write_text(f"{before}{head}{table()}{end}{rest}", encoding="utf-8")
        old = table()
    assert old == table()


@pytest.mark.parametrize("name", TAGS)
def test_each_part_has_operations(name):
    assert any(told["tags"] == [name] for _, _, told in operations())
