"""Subscribers by the API: asked first, changed by what is named, paused, resumed, ended."""

from __future__ import annotations

import pytest

PATH = "/subscribers/1"


def test_a_person_is_asked_and_gets_what_they_asked_for(editor, owner):
    wishes = {
        "at": "06:30",
        "zone": "Europe/Berlin",
        "days": ["mon", "fri"],
        "threshold": "high",
        "quiet_days": False,
        "drifts": ["availability"],
        "networks": ["web", "x"],
        "coverage_languages": ["en", "ja"],
        "weekly": True,
        "urgent_from": 5,
        "hush": "22:00-06:00",
    }
    made = editor("POST", "/subscribers", {"email": "cy@example.org", "name": "Cy", **wishes})
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "pending"
    assert {name: made.json()[name] for name in wishes} == wishes
    changed = editor("PATCH", f"/subscribers/{made.json()['id']}", {"drifts": [], "urgent_from": "off"}).json()
    assert changed == made.json() | {"drifts": [], "urgent_from": "off"}, "what is not named stays"
    assert editor.get("/subscribers?state=pending")["items"] == [changed]
    assert "cy@example.org" not in owner("GET", "/audit").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "7 am"},
        {"zone": "Mars/Base"},
        {"days": []},
        {"days": ["someday"]},
        {"language": "xx"},
        {"coverage_languages": ["nope"]},
        {"urgent_from": 1},
        {"hush": "22"},
        {"email": "new@example.org"},
    ],
)
def test_a_wish_that_cannot_be_changes_nothing(editor, wrong):
    before = editor.get(PATH)
    assert editor("PATCH", PATH, wrong).status_code in {400, 422}
    assert editor.get(PATH) == before


def test_mail_is_paused_resumed_and_ended(editor):
    paused = editor("POST", f"{PATH}/pause", {"until": "2026-03-10"}).json()
    assert (paused["state"], paused["paused_until"]) == ("paused", "2026-03-09T15:00:00Z")
    for day in ("2026-03-01", "2036-01-01"):
        assert editor("POST", f"{PATH}/pause", {"until": day}).json()["code"] == "usage", day
    assert editor("POST", f"{PATH}/resume").json()["did"] == "goes-on"
    assert editor("POST", f"{PATH}/resume").json()["did"] == "went-on"
    assert editor("DELETE", PATH).status_code == 204
    assert editor("DELETE", PATH).status_code == 204, "a repeat is harmless"
    assert editor.get(PATH)["state"] == "left"
    assert editor("POST", f"{PATH}/resume").json()["code"] == "usage"


def test_a_preview_is_sent_to_nobody_and_its_links_lead_nowhere(editor, seeded):
    before = len(seeded.store.digests())
    told = editor.get(f"{PATH}/preview")
    assert told["subject"]
    assert "/l/" not in told["text"] or "…" in told["text"]
    assert len(seeded.store.digests()) == before
    assert editor("GET", f"{PATH}/preview?kind=weekly").status_code == 200
    assert editor("GET", f"{PATH}/preview?kind=yearly").status_code == 422


def test_readers_see_nobody(reader, editor):
    for path in ("/subscribers", PATH, f"{PATH}/preview"):
        assert reader("GET", path).status_code == 403
    assert editor("POST", "/subscribers", {"email": "a@b.example, c@d.example"}).json()["code"] == "usage"
    assert editor("GET", "/subscribers/999").status_code == 404
