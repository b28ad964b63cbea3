"""Letters and outlets by the API."""

from __future__ import annotations

import pytest


@pytest.fixture
def letter(editor):
    flag = editor.get("/flags?q=source:first.example")["items"][0]["id"]
    made = editor("POST", "/letters", {"flag": flag})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_letter_is_drafted_changed_and_marked(editor, letter, seeded):
    path = f"/letters/{letter['id']}"
    assert (letter["state"], letter["outlet"], letter["created_by"]) == ("draft", "First", "Editor (key desk)")
    assert "Editor" in letter["body"]
    assert "(key desk)" not in letter["body"], "a letter is signed by the person"
    again = editor("POST", "/letters", {"flag": letter["flags"][0]}).json()
    assert again["id"] == letter["id"], "one that is open is given as it is"
    changed = editor("PATCH", path, {"subject": "A correction", "recipient": "desk@first.example"}).json()
    assert (changed["subject"], changed["body"], changed["recipient"]) == (
        "A correction",
        letter["body"],
        "desk@first.example",
    )
    assert editor("POST", f"{path}/mark", {"to": "corrected"}).json()["code"] == "usage", "nobody was asked yet"
    assert editor("POST", f"{path}/mark", {"to": "asked"}).json()["state"] == "asked"
    assert editor("PATCH", path, {"subject": "Too late"}).json()["code"] == "usage"
    assert editor("POST", f"{path}/mark", {"to": "undo"}).json()["state"] == "draft"
    steps = editor.get(path)["steps"]
    assert [(step["to"], bool(step["undone_at"])) for step in steps] == [("asked", True)]
    assert editor("POST", f"{path}/mark", {"to": "send"}).json()["code"] == "usage", "no mail server is set"


def test_a_draft_is_written_anew_in_another_language(editor, letter):
    path = f"/letters/{letter['id']}"
    editor("PATCH", path, {"body": "Mine."})
    anew = editor("POST", f"{path}/draft", {"flags": letter["flags"], "language": "ja"}).json()
    assert (anew["lang"], anew["flags"]) == ("ja", letter["flags"])
    assert "Mine." not in anew["body"]
    for sent in ({"flags": [999], "language": "en"}, {"flags": letter["flags"], "language": "xx"}):
        assert editor("POST", f"{path}/draft", sent).json()["code"] == "usage", sent


def test_what_cannot_be_is_refused(editor, letter):
    path = f"/letters/{letter['id']}"
    assert editor("POST", "/letters", {"flag": 999}).status_code == 404
    assert editor("PATCH", path, {"recipient": "a@b.example, c@d.example"}).json()["code"] == "usage"
    assert editor("PATCH", path, {"subject": " "}).json()["code"] == "usage"
    assert editor("PATCH", path, {"remind_days": 0}).status_code == 422
    assert editor("POST", f"{path}/mark", {"to": "lost"}).status_code == 422
    assert editor("POST", "/letters", {"flag": letter["flags"][0], "language": "xx"}).status_code in {201, 400}


def test_the_list_is_by_state_and_mention(editor, reader, letter):
    for asked, many in (
        ("state=draft", 1),
        ("state=asked", 0),
        ("state=asked&state=draft", 1),
        (f"mention={letter['mention']}", 1),
        ("mention=999", 0),
    ):
        assert len(reader.get(f"/letters?{asked}")["items"]) == many, asked
    assert reader("POST", "/letters", {"flag": letter["flags"][0]}).status_code == 403


def test_an_outlet_is_set(editor, reader, owner):
    outlet = reader.get("/outlets")["items"][0]
    path = f"/outlets/{outlet['id']}"
    changed = editor("PATCH", path, {"contact": "desk@first.example", "weight": 5}).json()
    assert changed == outlet | {"contact": "desk@first.example", "weight": 5}
    assert reader.get(path) == changed
    assert editor("PATCH", path, {"contact": ""}).json()["contact"] == ""
    assert editor("PATCH", path, {"contact": "no address"}).json()["code"] == "usage"
    assert editor("PATCH", path, {"weight": 6}).status_code == 422
    assert editor("PATCH", "/outlets/999", {}).status_code == 404
    assert [one["did"].split(" ", 3)[:3] for one in owner.get("/audit")["items"]] == [["changed", "the", "outlet"]] * 2
