"""Every refusal under /api/ is a problem (RFC 9457), whoever asks and whatever refused it; never a page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.core.errors import HypewatchError, StorageBusyError
from monitor.core.people import Scope
from monitor.core.session import Role
from monitor.web.api.problems import CODES, TITLES
from monitor.web.app import build_app
from tests.test_docs import all_errors
from tests.web.api.conftest import Program, made_key


def told(answer, status, code):
    """The problem of an answer, whole."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["title"]) == (status, code, TITLES[code])
    assert problem["type"].endswith(f"/help/api?problem={code}#problems")
    assert problem["detail"]
    return problem


def test_whatever_refuses_a_request_says_so_as_a_problem(owner, client):
    told(owner("GET", "/nothing"), 404, "not-found")
    told(owner("GET", "/api/"), 404, "not-found")
    told(owner("GET", "/api/v2/mentions"), 404, "not-found")
    told(owner("GET", "/mentions/none"), 404, "not-found")
    told(owner("GET", f"/mentions/{2**63}"), 404, "not-found")
    told(owner("GET", "/mentions/999"), 404, "not-found")
    refused = owner("DELETE", "/mentions")
    told(refused, 405, "method")
    assert set(refused.headers["allow"].replace(" ", "").split(",")) <= {"GET", "POST"}
    told(owner("GET", "/mentions?q=nofield:x"), 400, "query")
    told(client.get("/api/v1/mentions", headers={"Host": "elsewhere.example"}), 421, "address")
    told(client.get("/api/v1/mentions", headers={"Authorization": "Bearer hw_none"}), 401, "key")


def test_a_field_that_cannot_be_read_is_told_with_its_place(owner):
    problem = told(owner("GET", "/mentions?limit=0"), 422, "fields")
    assert [(one["in"], one["field"]) for one in problem["problems"]] == [("query", "limit")]
    problem = told(owner("POST", "/reviews", {"flags": [1, 0], "verdict": "so-so", "wy": "x"}), 422, "fields")
    assert {one["field"] for one in problem["problems"]} == {"flags.1", "verdict", "wy"}
    assert {one["in"] for one in problem["problems"]} == {"body"}


def test_a_body_that_is_no_json_or_too_large_or_of_another_kind(owner, client):
    shown = {"Authorization": f"Bearer {owner.secret}", "Content-Type": "application/json"}
    told(client.post("/api/v1/check", content=b'{"text": ', headers=shown), 400, "usage")
    told(client.post("/api/v1/check", content=b"\xff\xfe", headers=shown), 400, "usage")
    told(client.post("/api/v1/check", content=b"[" * 100_000, headers=shown), 400, "usage")
    told(client.post("/api/v1/check", content=b'{"text": ' + b"9" * 5_000 + b"}", headers=shown), 400, "usage")
    told(client.post("/api/v1/check", content=b"x" * 5_000_001, headers=shown), 413, "too-large")
    told(client.post("/api/v1/check", content=(b"x" for _ in range(0)), headers=shown), 422, "fields")
    chunks = (b"x" * 1_000_000 for _ in range(6))  # without a Content-Length
    told(client.post("/api/v1/check", content=chunks, headers=shown), 413, "too-large")
    told(client.post("/api/v1/check", content=b"a=b", headers=shown | {"Content-Type": "text/csv"}), 415, "media-type")


@pytest.mark.parametrize("deep", [100, 300, 450, 600, 900, 990, 5_000])
def test_however_deep_a_body_is_nested_nothing_breaks(owner, client, deep):
    shown = {"Authorization": f"Bearer {owner.secret}", "Content-Type": "application/json"}
    for opens, closes in (("[", "]"), ('{"a":', "}")):
        sent = f'{{"text": {opens * deep}1{closes * deep}}}'
        assert client.post("/api/v1/check", content=sent.encode(), headers=shown).status_code in {400, 422}, opens


def test_no_text_that_cannot_be_stored_breaks_an_answer(owner, client):
    shown = {"Authorization": f"Bearer {owner.secret}", "Content-Type": "application/json"}
    sent = b'{"id": "\\ud800", "text": "Keio\\u0000 walks \\udfff", "title": "\\ud83d\\ude00"}'
    answer = client.post("/api/v1/check", content=sent, headers=shown)
    assert (answer.status_code, answer.json()["id"]) == (200, "\ufffd")


def test_a_role_or_scope_that_lacks_is_forbidden(seeded, client, reader):
    told(reader("GET", "/subscribers"), 403, "forbidden")
    narrow = Program(client, made_key(seeded, Role.OWNER, Scope.REVIEW))
    problem = told(narrow("GET", "/mentions"), 403, "forbidden")
    assert "“read”" in problem["detail"]


def test_a_browser_reads_without_a_key_and_changes_nothing(seeded, client):
    """On this machine whoever sits at it is the owner; no page of another site may have them change anything."""
    assert client.get("/api/v1/mentions").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200
    before = len(seeded.store.feeds())
    refused = client.post("/api/v1/feeds", json={"url": "https://new.example/rss"})
    told(refused, 401, "key")
    assert refused.headers["www-authenticate"] == "Bearer"
    told(client.post("/api/v1/feeds", json={}, headers={"Origin": "https://evil.example"}), 403, "forbidden")
    assert len(seeded.store.feeds()) == before


def test_elsewhere_nobody_reads_without_a_sign_in(seeded):
    seeded.settings = replace(seeded.settings, base_url="https://watch.example.org", host="0.0.0.0")
    client = TestClient(build_app(seeded), base_url="https://watch.example.org", follow_redirects=False)
    for path in ("/api/v1/mentions", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/nothing"):
        told(client.get(path), 401, "key")


def test_a_database_that_is_held_says_when_to_come_again(owner, seeded, monkeypatch):
    def busy(*_, **__):
        raise StorageBusyError("The database is held by another program.", "Wait a moment and try again.")

    monkeypatch.setattr(seeded.store, "search", busy)
    answer = owner("GET", "/mentions")
    assert told(answer, 503, "storage-busy")["detail"].startswith("The database is held")
    assert int(answer.headers["retry-after"]) > 0


def test_what_is_broken_of_ours_is_a_problem_that_tells_nothing(owner, seeded, monkeypatch):
    def breaks(*_, **__):
        raise KeyError("a secret")

    monkeypatch.setattr(seeded.store, "search", breaks)
    answer = owner("GET", "/mentions")
    assert "secret" not in json.dumps(told(answer, 500, "error"))


def test_every_code_has_its_title_and_its_line_in_the_docs():
    from tests.test_docs import page

    codes = {kind.code for kind in all_errors(HypewatchError) if kind.__module__ == "monitor.core.errors"}
    assert codes | set(CODES.values()) <= set(TITLES)
    assert {code for code in TITLES if f"| `{code}` |" not in page("api")} == set()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_method_brings_a_page(client, owner, method):
    for path in ("/mentions", "/rules/none", "/nothing"):
        for program in (owner, Program(client), Program(client, "hw_wrong")):
            answer = program(method, path)
            kind = answer.headers.get("content-type", "")
            assert kind in {"application/json", "application/problem+json"}, (method, path, answer.status_code, kind)
