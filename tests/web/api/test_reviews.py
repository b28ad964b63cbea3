"""Decisions by the API: in force at once, for the copies too, under the key's person; and taken back."""

from __future__ import annotations

import pytest


@pytest.fixture
def flag(editor):
    """One of the two flags that the copies share."""
    return editor.get("/flags?q=source:first.example")["items"][0]["id"]


def test_a_verdict_holds_for_the_copies_and_is_taken_back(editor, flag):
    held = editor("POST", "/reviews", {"flags": [flag], "verdict": "dismissed", "why": "  he \n does "})
    assert held.status_code == 201
    assert held.json()["flags"][0] == flag
    assert len(held.json()["flags"]) == 2, "the copy says the same"
    (decision,) = editor.get("/reviews")["items"]
    assert (decision["verdict"], decision["why"], decision["by"]) == ("dismissed", "he does", "Editor (key desk)")
    assert editor.get(f"/flags/{flag}")["review"] == "dismissed"
    wrong = editor("POST", "/reviews/undo", {"flags": [flag], "verdict": "upheld"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "usage")
    assert editor("POST", "/reviews/undo", {"flags": [flag, flag]}).json() == {"decisions": 1}
    assert editor.get(f"/flags/{flag}")["review"] is None
    assert editor.get("/reviews")["items"] == []
    (undone,) = editor.get("/reviews?undone=true")["items"]
    assert undone["undone_by"] == "Editor (key desk)"


def test_what_cannot_be_decided_is_refused(editor, flag):
    for sent in ({"flags": [], "verdict": "upheld"}, {"flags": [flag], "verdict": "maybe"}, {"flags": [flag]}):
        assert editor("POST", "/reviews", sent).status_code == 422, sent
    assert editor("POST", "/reviews", {"flags": [999], "verdict": "upheld"}).status_code == 404
    assert editor("POST", "/reviews", {"flags": [flag], "verdict": "upheld", "why": "x" * 2_001}).status_code == 422


def test_the_list_is_by_rule_and_verdict(editor, flag):
    editor("POST", "/reviews", {"flags": [flag], "verdict": "upheld"})
    for asked, many in (("rule=walking-again", 1), ("rule=none", 0), ("verdict=upheld", 1), ("verdict=dismissed", 0)):
        assert len(editor.get(f"/reviews?{asked}")["items"]) == many, asked


def test_a_reader_sees_no_subscriber_s_address(seeded, reader, editor, flag):
    from monitor.pipeline.review import decide

    decide(seeded.store, [flag], "upheld", by="ada@example.org", why="", now=seeded.clock())
    assert reader.get("/reviews")["items"][0]["by"] == "a subscriber"
    mention = reader.get(f"/flags/{flag}")["mention"]
    assert "ada@example.org" not in reader("GET", f"/mentions/{mention}").text
    assert editor.get("/reviews")["items"][0]["by"] == "ada@example.org"
    assert reader("POST", "/reviews", {"flags": [flag], "verdict": "upheld"}).status_code == 403
