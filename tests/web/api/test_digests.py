"""Digests by the API: addresses are for editors, and links of readers lead nowhere."""

from __future__ import annotations


def test_the_ledger_names_nobody_to_a_reader(reader, editor):
    (hidden,), (whole,) = reader.get("/digests")["items"], editor.get("/digests")["items"]
    assert (hidden["to"], whole["to"]) == (None, "ada@example.org")
    assert whole["deliveries"][0]["reply"] == "250 queued"
    for path in ("/digests", "/digests/1"):
        assert "ada@example.org" not in reader("GET", path).text
    assert editor.get("/digests/1")["text"].startswith("text ")


def test_one_that_went_out_is_not_sent_again(editor, reader):
    refused = editor("POST", "/digests/1/again")
    assert (refused.status_code, refused.json()["code"]) == (400, "usage")
    assert editor("POST", "/digests/999/again").status_code == 404
    assert reader("POST", "/digests/1/again").status_code == 403


def test_a_test_mail_tells_what_the_server_said(editor, owner):
    assert "outbox" in editor("POST", "/digests/test", {"address": "bo@example.org"}).json()["says"]
    assert editor("POST", "/digests/test", {"address": "a@b, c@d"}).json()["code"] == "usage"
    assert [one["did"] for one in owner.get("/audit")["items"]] == ["sent a test mail"]
