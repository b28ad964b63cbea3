"""The reference page: everything of the document, in our look, and nothing that the policy stops."""

from __future__ import annotations

from monitor.web.api.document import document
from monitor.web.api.reference import holds


def test_it_tells_every_operation_and_shape_and_links_lead_somewhere(client, read):
    answer = client.get("/api/v1/docs")
    page = read(answer.text)
    anchors = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    ids = {told["operationId"] for methods in document()["paths"].values() for told in methods.values()}
    assert ids <= anchors
    inner = [link["href"] for link in page.all("a") if (link["href"] or "").startswith("#")]
    assert {link for link in inner if link[1:] not in anchors} == set()
    assert len(inner) > 100
    assert len(page.all("h1")) == 1


def test_nothing_in_it_runs_or_is_styled_by_itself(client, read):
    answer = client.get("/api/v1/docs")
    assert "'unsafe" not in answer.headers["content-security-policy"]
    page = read(answer.text)
    assert {script["src"] for script in page.all("script")} <= {"/static/htmx.min.js", "/static/keys.js"}
    assert [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)] == []


def test_a_schema_in_words():
    for schema, words in (
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "moment (UTC)"),
        ({"type": "array", "items": {"type": "integer"}}, "list of number"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"enum": ["low", "high"]}, "low, high"),
        ({"const": "off"}, "off"),
        ({"$ref": "#/components/schemas/FlagOut"}, "FlagOut"),
        ({"$ref": "#/components/schemas/Severity"}, "low, medium, high"),
        ({}, "anything"),
    ):
        assert holds(schema) == words
