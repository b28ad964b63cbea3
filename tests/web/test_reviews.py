"""Verdicts by form: they hold at once and everywhere, can be taken back, are listed, exported and imported."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from monitor.core.mention import Review, Verdict
from monitor.core.search.query import parse_query
from monitor.web.app import build_app
from monitor.web.render import local_path
from tests.web.conftest import SCRIPT, Document


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def flags(seeded, title: str) -> list[int]:
    found = seeded.store.search(parse_query("", seeded.clock()), limit=50)
    return [stored.id for mention in found if mention.title == title for stored in mention.flags]


def words(text: str) -> str:
    return " ".join(Document(text).words.split())


@pytest.mark.parametrize(
    ("verdict", "said", "left"),
    [("upheld", "right", 3), ("dismissed", "wrong", 1), ("not-about", "not about the study", 1)],
)
def test_a_verdict_holds_at_once_and_its_undo_too(client, seeded, verdict, said, left):
    (flag,), (copied,) = flags(seeded, "Man walking again"), flags(seeded, "Paralysed man is walking again")
    sent = {"verdict": verdict, "flag": str(flag), "why": " quoted  from a poster ", "next": "/mentions?q=walking"}
    answer = client.post("/reviews", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/mentions?q=walking&said={verdict}&of={flag}.{copied}",
    )
    assert (seeded.store.reviews(flag)[0].why, seeded.store.flag(flag).review) == ("quoted from a poster", verdict)
    page = client.get(answer.headers["location"]).text
    assert f"You said: {said}." in words(page)
    assert len(seeded.store.search(parse_query("rule:walking-again", seeded.clock()))) - 1 == left  # a candidate beside
    assert "3 go too far" in words(client.get("/").text) or verdict != "upheld"
    back = client.post("/reviews/undo", data={"flag": str(flag), "next": "/mentions?q=walking"})
    assert back.headers["location"] == "/mentions?q=walking&said=undone"
    assert seeded.store.flag(flag).review is None
    assert seeded.store.reviews(flag)[0].undone_by
    assert "3 go too far" in words(client.get("/").text)


def test_a_copy_is_decided_with_it_and_counts_once(client, seeded):
    (flag,), (copy,) = flags(seeded, "Paralysed man is walking again"), flags(seeded, "Man walking again")
    client.post("/reviews", data={"verdict": "dismissed", "flag": str(flag)})
    assert seeded.store.flag(copy).review == Verdict.DISMISSED
    (record,) = seeded.store.rule_records().values()
    assert (record.judged, record.dismissed, record.streak) == (1, 1, 1)
    assert len(seeded.store.decisions()) == 1
    client.post("/reviews/undo", data={"flag": str(copy)})
    assert seeded.store.flag(flag).review is None


def test_many_at_once(client, seeded):
    found = seeded.store.search(parse_query("flagged:yes", seeded.clock()), limit=50)
    client.post("/reviews", data={"verdict": "dismissed", "mention": [str(mention.id) for mention in found]})
    assert seeded.store.search(parse_query("flagged:yes", seeded.clock())) == ()
    page = words(client.get("/").text)
    assert "Nothing goes too far" in page


@pytest.mark.parametrize(
    "data",
    [
        {"verdict": "perhaps", "flag": "1"},
        {"verdict": "upheld", "flag": "1; drop table"},
        {"verdict": "upheld", "flag": "-1"},
        {"verdict": "upheld", "flag": "1" * 30},
        {"verdict": "upheld"},
        {"verdict": "upheld", "flag": ".".join(map(str, range(1, 600)))},
    ],
)
def test_a_form_that_is_none_changes_nothing_and_says_so(client, seeded, data):
    answer = client.post("/reviews", data=data)
    assert answer.status_code == 400
    assert len(words(answer.text)) > 60
    assert seeded.store.decisions() == ()


def test_a_flag_that_is_gone_is_a_404(client):
    assert client.post("/reviews", data={"verdict": "upheld", "flag": "99999"}).status_code == 404
    assert client.post("/reviews/undo", data={"flag": "99999"}).status_code == 404


def test_nothing_to_take_back_is_told(client, seeded):
    (flag,) = flags(seeded, "Man walking again")
    answer = client.post("/reviews/undo", data={"flag": str(flag)})
    assert (answer.status_code, "There is nothing to take back" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("target", "led"),
    [
        ("/mentions?q=a%20b#flag-1", "/mentions?q=a%20b#flag-1"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_a_form_leads_on_to_our_own_pages_alone(target, led):
    assert local_path(target) == led


def test_what_people_wrote_is_shown_as_text(client, seeded):
    (flag,) = flags(seeded, "Man walking again")
    client.post("/reviews", data={"verdict": "dismissed", "flag": str(flag), "why": SCRIPT})
    for path in ("/reviews", f"/mentions/{seeded.store.flag(flag).mention_id}"):
        page = client.get(path).text
        assert SCRIPT not in page, path
        assert SCRIPT in Document(page).words, path


def test_decisions_are_taken_along(client, seeded):
    (flag,) = flags(seeded, "Man walking again")
    client.post("/reviews", data={"verdict": "dismissed", "flag": str(flag), "why": "a quotation"})
    lines = client.get("/reviews.jsonl").text
    (row,) = map(json.loads, lines.splitlines())
    assert (row["verdict"], row["quote"], row["why"], row["undone_at"]) == (
        "dismissed",
        "is walking again",
        "a quotation",
        None,
    )
    client.post("/reviews/undo", data={"flag": str(flag)})
    broken = "no json\n" + json.dumps(row | {"item": "elsewhere"}) + "\n" + json.dumps(row | {"at": "today"}) + "\n"
    other = json.dumps(row | {"at": "2026-03-02T10:00:00Z", "by": "jo"})
    answer = client.post("/reviews/import", files={"file": ("r.jsonl", (broken + other).encode())})
    told = words(answer.text)
    assert "1 reviews are new, 0 were known, 1 are about flags that are not stored here, 2 could not be read." in told
    assert "Line 1: Is no JSON: Expecting value" in told
    assert seeded.store.flag(flag).review == Verdict.DISMISSED
    again = client.post("/reviews/import", files={"file": ("r.jsonl", other.encode())})
    assert "0 reviews are new, 1 were known" in words(again.text)


def test_times_are_the_readers_own(client, seeded):
    number = seeded.store.search(parse_query("copy", seeded.clock()), limit=1)[0].id
    assert "today 07:00 UTC" in words(client.get(f"/mentions/{number}").text)
    for zone, told in (
        ("Asia/Tokyo", "today 16:00"),
        ("America/Los_Angeles", "yesterday 23:00"),
        ("../etc", "07:00 UTC"),
    ):
        client.cookies.set("zone", zone)
        page = words(client.get(f"/mentions/{number}").text)
        assert told in page, zone


def test_enter_presses_no_button_that_decides(client, seeded):
    """A form's first button is what Enter presses: where there is a choice it has to be none of it."""
    (flag,) = flags(seeded, "Man walking again")
    seen = 0
    for path in ("/", f"/mentions/{seeded.store.flag(flag).mention_id}", "/mentions", "/rules/miracle", "/rules/new"):
        for form in client.get(path).text.split("<form")[1:]:
            inner = form.partition("</form>")[0]
            buttons = [attrs for name, attrs in Document("<form" + inner).tags if name == "button"]
            if len(buttons) > 1:
                seen += 1
                assert "disabled" in buttons[0], (path, buttons)
                assert "name" not in buttons[0]
    assert seen >= 5


def test_the_notice_tells_what_it_is_about(client, seeded):
    (first,), (other,) = flags(seeded, "Man walking again"), flags(seeded, "Hopes rise")
    both = words(client.get(f"/?said=dismissed&of={first}.{other}").text)
    assert "You said: wrong. It holds for 2 flags of Copy and Candidate." in both
    assert "It holds for 80 flags of Copy" in words(client.get(f"/?said=dismissed&of={first}&many=80").text)
    assert "It holds for 1 flag." in words(client.get("/?said=dismissed&of=9999").text)


def test_the_notice_counts_the_copies_too(client, seeded):
    (flag,), (copy,) = flags(seeded, "Paralysed man is walking again"), flags(seeded, "Man walking again")
    answer = client.post("/reviews", data={"verdict": "dismissed", "flag": str(flag)})
    assert answer.headers["location"] == f"/?said=dismissed&of={flag}.{copy}"
    assert "It holds for 2 flags" in words(client.get(answer.headers["location"]).text)


def test_undo_takes_back_all_that_was_ticked_however_much(client, seeded, monkeypatch):
    monkeypatch.setattr("monitor.web.reviews.NAMED_MAX", 1)
    found = seeded.store.search(parse_query("flagged:yes", seeded.clock()), limit=50)
    answer = client.post("/reviews", data={"verdict": "upheld", "mention": [str(one.id) for one in found]})
    assert len(seeded.store.decisions()) > 1
    page = client.get(answer.headers["location"]).text
    form = page.partition('action="/reviews/undo"')[2].partition("</form>")[0]
    sent: dict[str, list[str]] = {}
    for name, attrs in Document("<form" + form).tags:
        if name == "input":
            sent.setdefault(str(attrs["name"]), []).append(str(attrs["value"]))
    client.post("/reviews/undo", data=sent)
    assert not seeded.store.decisions()


def test_undo_on_a_page_that_is_out_of_date_leaves_what_was_said_since(client, seeded):
    (flag,) = flags(seeded, "Man walking again")
    client.post("/reviews", data={"verdict": "dismissed", "flag": str(flag)})
    now = seeded.clock()
    seeded.store.review(Review(flag_id=flag, verdict=Verdict.UPHELD, by="jo", at=now, why=""))
    answer = client.post("/reviews/undo", data={"flag": str(flag), "verdict": "dismissed"})
    assert answer.status_code == 400
    assert "somebody said something else since" in words(answer.text)
    assert seeded.store.flag(flag).review == Verdict.UPHELD


def test_what_was_called_right_is_not_asked_again(client, seeded):
    asked = client.get("/").text
    assert "Called right" not in asked
    found = seeded.store.search(parse_query("flagged:yes", seeded.clock()), limit=50)
    flag = next(stored.id for mention in found for stored in mention.flags if stored.flag.confirmed)
    for number in [stored.id for mention in found for stored in mention.flags]:
        seeded.store.review(Review(flag_id=number, verdict=Verdict.UPHELD, by="ada", at=seeded.clock()))
    page = client.get("/").text
    assert 'class="card act row"' in asked
    assert 'class="card act row"' not in page
    assert "Called right" in page
    here = client.get(f"/?said=upheld&of={flag}").text  # a moment ago: it says so where it stood
    assert "✓ You said: right." in here


def test_a_reason_is_cut(client, seeded):
    (flag,) = flags(seeded, "Man walking again")
    client.post("/reviews", data={"verdict": "upheld", "flag": str(flag), "why": "x" * 100_000})
    assert len(seeded.store.reviews(flag)[0].why) == 2_000
