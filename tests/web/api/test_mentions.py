"""Mentions and flags by the API: what rows hold, adding, importing, and taking away for good."""

from __future__ import annotations

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.search.query import parse_query
from monitor.export.rows import mention_row

TEXT = "At Keio University a paralysed man is walking again after iPS cells for his spinal cord injury."


def by_source(program, name):
    return next(one for one in program.get("/mentions")["items"] if one["source_key"] == f"{name}.example")


def test_a_search_gives_the_rows_of_the_exports(reader, seeded, client):
    store = seeded.store
    for q in ("", "walking", "lang:ja", "flagged:yes -hope", 'source:"first.example"'):
        rows = [mention_row(one) for one in store.search(parse_query(q, seeded.clock()))]
        found = reader.client.get(
            "/api/v1/mentions", params={"q": q}, headers={"Authorization": f"Bearer {reader.secret}"}
        ).json()["items"]
        assert found == rows, q
        assert found == client.get("/mentions.json", params={"q": q}).json()["mentions"], q


def test_one_has_its_revisions_and_what_was_said_of_its_flags(reader, editor):
    fixed = reader.get(f"/mentions/{by_source(reader, 'fixed')['id']}")
    assert [revision["title"] for revision in fixed["revisions"]] == ["Cured", "Not cured"]
    assert [flag["state"] for flag in fixed["flags"]] == ["fixed"]
    first = by_source(reader, "first")
    flag = first["flags"][0]["id"]
    editor("POST", "/reviews", {"flags": [flag], "verdict": "upheld", "why": "he stands"})
    whole = reader.get(f"/mentions/{first['id']}")
    assert [(said["verdict"], said["why"]) for said in whole["flags"][0]["reviews"]] == [("upheld", "he stands")]
    assert whole["score_parts"]


def test_flags_are_found_by_what_they_are(reader, editor):
    every = reader.get("/flags")["items"]
    assert {flag["tier"] for flag in every} == {"confirmed", "look-here"}
    for asked, fits in (
        ("tier=confirmed", lambda flag: flag["tier"] == "confirmed"),
        ("tier=look-here", lambda flag: flag["tier"] == "look-here"),
        ("rule=walking-again&severity=high&tier=confirmed", lambda flag: flag["tier"] == "confirmed"),
        ("drift=overstated-outcome&q=Keio", lambda _: True),
        ("drift=availability", lambda _: False),
        ("q=source:first.example", lambda flag: flag["outlet"] == "First"),
    ):
        assert reader.get(f"/flags?{asked}")["items"] == [flag for flag in every if fits(flag)], asked
    one = every[0]
    assert reader.get(f"/flags/{one['id']}") == one
    editor("POST", "/reviews", {"flags": [one["id"]], "verdict": "upheld"})
    assert one["id"] in {flag["id"] for flag in reader.get("/flags?reviewed=true")["items"]}
    assert one["id"] not in {flag["id"] for flag in reader.get("/flags?reviewed=false")["items"]}
    editor("POST", "/reviews", {"flags": [flag["id"] for flag in every], "verdict": "dismissed"})
    for asked in ("", "?rule=walking-again", "?drift=overstated-outcome", "?severity=high"):
        found = {flag["id"] for flag in reader.get(f"/flags{asked}")["items"]}
        assert found == {flag["id"] for flag in every}, f"who called it wrong can find it again {asked}"
    for wrong in ("tier=none", "q=(", "severity=9", "rule=a:b"):
        assert reader("GET", f"/flags?{wrong}").status_code in {400, 422}, wrong
    assert reader("GET", "/flags/999").status_code == 404


def test_texts_are_imported_once_and_what_is_refused_is_told(editor):
    items = [
        {"url": "https://new.example/1", "title": "He walks", "text": TEXT, "published": "2026-03-01"},
        {"external_id": "2", "text": "Nothing of any study."},
        {"text": "without a name"},
        {"url": "javascript:alert(1)", "text": TEXT},
    ]
    done = editor("POST", "/mentions/import", {"items": items}).json()
    counts = {name: done[name] for name in ("read", "written", "known", "other", "refused")}
    assert counts == {"read": 4, "written": 1, "known": 0, "other": 1, "refused": 2}
    assert [problem["line"] for problem in done["problems"]] == [3, 4]
    assert editor("POST", "/mentions/import", {"items": items[:1]}).json()["known"] == 1
    assert editor.get("/mentions?q=source:new.example")["items"][0]["flags"]
    assert editor("POST", "/mentions/import", {"items": [{"txt": "x"}]}).status_code == 422
    assert editor("POST", "/mentions/import", {"items": [{"text": "x"}] * 1001}).status_code == 422


def test_what_cannot_be_read_is_not_added(editor, seeded):
    before = seeded.store.count(parse_query("", seeded.clock()))
    for url in ("https://nowhere.example/", "http://127.0.0.1:1/", "file:///etc/passwd", "", "x"):
        answer = editor("POST", "/mentions", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (400, "usage"), url
    assert seeded.store.count(parse_query("", seeded.clock())) == before


def test_owners_alone_take_a_mention_away_for_good(owner, editor, seeded):
    mention = by_source(owner, "first")["id"]
    assert editor("DELETE", f"/mentions/{mention}").status_code == 403
    assert owner("DELETE", f"/mentions/{mention}").status_code == 204
    assert owner("GET", f"/mentions/{mention}").status_code == 404
    with pytest.raises(NotFoundError):
        seeded.store.mention(mention)
