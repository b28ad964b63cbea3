"""`personal` and `searches`: given out, erased; kept, listed, asked, removed."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def stored(cli, tmp_path):
    """Two mentions, one of an author who will ask."""
    file = tmp_path / "two.jsonl"
    text = "Keio says: a man with a spinal cord injury is walking again thanks to iPS cells."
    rows = [
        {"url": f"https://lantern.example/{name}", "title": name, "text": f"{text} {name}", "author": name}
        for name in ("Ada Byron", "Bo Lind")
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    cli.ok("mentions", "import", file)
    return cli


def test_a_person_is_given_out_and_erased(stored):
    stored.ok("subscribers", "add", "ada@desk.example", "--confirmed")
    document = json.loads(stored.ok("personal", "export", "ada byron"))
    assert (document["schema"], [row["title"] for row in document["mentions"]]) == (
        "hypewatch.personal/1",
        ["Ada Byron"],
    )
    document = json.loads(stored.ok("personal", "export", "ada@desk.example"))
    assert [row["email"] for row in document["subscriptions"]] == ["ada@desk.example"]
    assert "They are gone." in stored.ok("personal", "erase", "Ada Byron", "--yes")
    assert "They are gone." in stored.ok("personal", "erase", "ada@desk.example", "--yes")
    assert [row["title"] for row in json.loads(stored.ok("mentions", "--format", "json"))] == ["Bo Lind"]
    assert stored("personal", "erase", "Ada Byron", "--yes").code == 1
    assert stored("personal", "export", "ada@desk.example").code == 1


def test_a_search_is_kept_asked_and_removed(stored):
    assert stored("searches", "list").code == 1
    stored.ok("searches", "save", "No Bo", "-Bo", "OR", "zebra")
    (row,) = json.loads(stored.ok("searches", "list", "--format", "json"))
    assert (row["name"], row["query"]) == ("No Bo", "-Bo OR zebra")
    found = json.loads(stored.ok("mentions", "--saved", "no bo", "--format", "json"))
    assert [one["title"] for one in found] == ["Ada Byron"]
    assert stored("mentions", "--saved", "no bo", "Bo").code == 1
    wrong = stored("searches", "save", "Bad", "cure OR")
    assert wrong.code == 2
    assert wrong.err.endswith("cure OR\n     ^^\n")
    assert stored("searches", "mail", "No Bo", "ada@desk.example").code == 2
    stored.ok("subscribers", "add", "ada@desk.example", "--confirmed")
    assert "as it comes" in stored.ok("searches", "mail", "No Bo", "ada@desk.example", "--at-once")
    assert "not mailed" in stored.ok("searches", "mail", "No Bo", "ada@desk.example", "--stop")
    stored.ok("searches", "remove", "No Bo")
    assert stored("searches", "remove", "No Bo").code == 2
