"""The pages of who gets mail: adding, changing, pausing, ending, mail that came back; refusals stand beside their fields."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import time, timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.bounces import Bounce
from monitor.core.digests.subscribers import Wishes
from monitor.core.errors import MailTemporaryError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.pipeline.subscribe import subscribe
from monitor.web.app import build_app
from monitor.web.subscribers import in_words

SHORT = {
    "address": "bo@example.org",
    "name": "Bo",
    "at": "06:30",
    "zone": "Europe/Berlin",
    "days": ["0", "4"],
    "threshold": "high",
    "language": "ja",
}
WHOLE = {
    "at": "06:15", "zone": "America/Bogota", "days": ["0", "3"], "threshold": "medium", "language": "es",
    "drifts": ["number-error", "availability"], "networks": ["web", "x"], "languages": ["en", "es"], "weekly": "yes",
    "urgent_from": "5", "urgent_most": "1", "hush_from": "22:30", "hush_until": "06:00",
}  # fmt: skip
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=True)


def outbox(service) -> int:
    return len(list((service.settings.home / "outbox").glob("*.eml")))


def words(read, answer) -> str:
    return " ".join(read(answer.text).words.split())


def test_the_list_tells_who_gets_what_and_when(client, read):
    page = client.get("/subscribers")
    told = words(read, page)
    for part in ("1 person gets mail.", "ada@example.org", "gets it", "Everything", "sent", "Ask them"):
        assert part in told, part
    links = [link.get("href") for link in read(page.text).all("a")]
    assert {"/subscribers/1", "/digests/1", "/subscribers.csv"} <= set(links)
    assert "<script>alert" not in page.text
    assert "/subscribers" in client.get("/digests").text


def test_a_long_list_has_pages_and_is_searched(client, seeded, read):
    def people(answer):
        return [a["href"] for a in read(answer.text).all("a") if re.fullmatch(r"/subscribers/\d+", a.get("href") or "")]

    assert "Find a person" not in words(read, client.get("/subscribers")), "a short list is seen at a glance"
    for number in range(120):
        subscribe(
            seeded.deps,
            f"r{number:03}@example.org",
            study_id="keio-ips-sci",
            name=f"Reader {number:03}",
            confirmed=number >= 20,
        )
    first, second = client.get("/subscribers"), client.get("/subscribers?page=2")
    assert (len(people(first)), len(people(second))) == (100, 21)
    assert len({*people(first), *people(second)}) == 121
    assert "101 people get mail. 20 were asked" in words(read, first)
    found = client.get("/subscribers?q=rEADER+01&state=pending")
    assert len(people(found)) == 10
    assert "10 people with “rEADER 01”, asked" in words(read, found)
    nothing = client.get("/subscribers?q=zz%3Cscript%3E")
    assert "Nobody is found so. Show everybody" in words(read, nothing)
    assert "<script>" not in nothing.text[nothing.text.index("<main") :]


def test_a_person_is_added_and_asked(client, seeded, read):
    told = words(read, client.post("/subscribers", data=SHORT))
    assert "A mail that asks went to them." in told
    assert "Asked, and has not answered yet." in told
    made = seeded.store.subscription_of("bo@example.org", "keio-ips-sci")
    assert (made.subscriber.name, made.is_asked, outbox(seeded)) == ("Bo", True, 1)
    assert made.wishes == Wishes(
        at=time(6, 30), zone="Europe/Berlin", weekdays=(0, 4), threshold=Severity.HIGH, language="ja"
    )
    assert "A mail that asks went to them." in words(read, client.post(f"/subscribers/{made.id}/resume"))
    assert outbox(seeded) == 2 or len(seeded.store.subscriptions()) == 2


def test_an_address_that_gets_it_already_is_not_asked(client, seeded, read):
    told = words(read, client.post("/subscribers", data=SHORT | {"address": "ADA@example.org"}))
    assert "This address gets it already" in told
    assert (seeded.store.subscription(1).wishes.at, outbox(seeded)) == (time(6, 30), 0)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("address", "a@x.org, b@y.org", "is not one mail address"),
        ("address", HOSTILE, "is not one mail address"),
        ("zone", f"Mars{HOSTILE}", "is no time zone"),
        ("at", "25:00", "is no time of day"),
        ("days", [], "Choose at least one weekday."),
        ("threshold", "huge", "Choose one of those that stand there."),
        ("language", "fr", "Choose one of those that stand there."),
        ("study", "nope", "There is no study 'nope'."),
    ],
)
def test_what_cannot_be_added_is_told_at_its_field_and_the_rest_stays_typed(client, seeded, read, field, typed, told):
    answer = client.post("/subscribers", data=SHORT | {"name": HOSTILE, field: typed})
    assert answer.status_code == 400
    assert told in words(read, answer)
    page = read(answer.text)
    values = {tag.get("name"): tag.get("value") for tag in page.all("input") if tag.get("type") != "checkbox"}
    wanted = SHORT | {"name": HOSTILE} | ({field: typed} if isinstance(typed, str) else {})
    assert [values[name] for name in ("address", "name", "at", "zone")] == [
        wanted[name] for name in ("address", "name", "at", "zone")
    ]
    if field not in {"days", "study"}:
        (wrong,) = [tag for kind in ("input", "select") for tag in page.all(kind) if tag.get("aria-invalid")]
        assert wrong["aria-describedby"] == f"e-{field}"
        assert f'id="e-{field}"' in answer.text
    assert "<script>alert" not in answer.text
    assert (len(seeded.store.subscriptions()), outbox(seeded)) == (1, 0)


def test_all_wishes_are_changed_and_told_in_words(client, seeded, read):
    told = words(read, client.post("/subscribers/1", data=WHOLE))
    assert "Saved. The next mail comes by it." in told
    assert seeded.store.subscription(1).wishes == Wishes(
        at=time(6, 15),
        zone="America/Bogota",
        weekdays=(0, 3),
        threshold=Severity.MEDIUM,
        quiet=False,
        language="es",
        drifts=(Drift.NUMBER_ERROR, Drift.AVAILABILITY),
        networks=(Network.WEB, Network.X),
        languages=("en", "es"),
        weekly=True,
        urgent_from=5,
        urgent_most=1,
        hush_from=time(22, 30),
        hush_until=time(6),
    )
    said = in_words(seeded.store.subscription(1).wishes)
    assert said[0].upper() + said[1:] in told
    page = read(client.get("/subscribers/1").text)
    ticked = {(tag["name"], tag["value"]) for tag in page.all("input") if "checked" in tag}
    assert {("drifts", "availability"), ("networks", "x"), ("languages", "es"), ("weekly", "yes")} <= ticked
    assert ("quiet", "yes") not in ticked


def test_what_cannot_be_wished_changes_nothing_and_stays_typed(client, seeded, read):
    before = seeded.store.subscription(1)
    answer = client.post("/subscribers/1", data=WHOLE | {"urgent_from": "1", "zone": "Mars"})
    told = words(read, answer)
    assert answer.status_code == 400
    assert "Nothing was saved: 2 fields cannot be read." in told
    assert "Say a number from 2 to 1,000." in told
    values = {tag.get("name"): tag.get("value") for tag in read(answer.text).all("input")}
    assert (values["zone"], values["urgent_from"], values["urgent_most"]) == ("Mars", "1", "1")
    assert seeded.store.subscription(1) == before


def test_a_pause_and_its_end(client, seeded, read, clock):
    answer = client.post("/subscribers/1/pause", data={"until": "2026-03-10"})
    assert "Paused until" in words(read, answer)
    assert seeded.store.subscription(1).paused_until.isoformat() == "2026-03-09T15:00:00+00:00", "midnight in Tokyo"
    assert "paused until" in words(read, client.get("/subscribers?state=paused"))
    assert "The pause is over" in words(read, client.post("/subscribers/1/resume"))
    assert "Nothing stood in the way" in words(read, client.post("/subscribers/1/resume"))
    for until, told in (("", "is no day"), ("2026-03-01", "A pause cannot end on 2026-03-01"), (HOSTILE, "is no day")):
        answer = client.post("/subscribers/1/pause", data={"until": until})
        assert (answer.status_code, told in words(read, answer)) == (400, True)
        assert 'aria-describedby="e-until"' in answer.text
    assert seeded.store.subscription(1).standing(clock()) == "active"


def test_ending_it_says_what_happened_the_second_time_too(client, seeded, read):
    assert "Ended. They get no more mail" in words(read, client.post("/subscribers/1/end"))
    assert "It had ended before." in words(read, client.post("/subscribers/1/end"))
    page = client.get("/subscribers/1")
    assert "Only they can come back" in words(read, page)
    assert 'action="/subscribers/1/end"' not in page.text
    answer = client.post("/subscribers/1/resume")
    assert (answer.status_code, "mail comes again only if they want it" in answer.text) == (400, True)
    assert "left" in words(read, client.get("/subscribers?state=left"))
    assert outbox(seeded) == 0


def test_mail_that_came_back_is_told_with_what_follows_and_lifted(client, seeded, read, clock):
    store = seeded.store
    for number, changes in enumerate(
        (
            {"hard": True, "status": "5.1.1", "message_id": "<a@b>", "reply": f"550 {HOSTILE}"},
            {"hard": False, "status": "5.2.2", "message_id": "<c@b>", "reply": "full"},
            {"hard": False, "status": "5.7.1", "message_id": "<d@b>", "reply": "we do not want you"},
            {"hard": False, "status": "5.1.1", "message_id": "", "reply": "forged"},
        )
    ):
        store.add_bounce(Bounce(subscriber_id=1, at=clock() - timedelta(hours=number), **changes))
    store.suppress(1, f"The mail server says: {HOSTILE}", clock())
    page = client.get("/subscribers/1")
    told = words(read, page)
    for part in (
        "Mail came back, so nothing is sent there since",
        "The address takes no mail.",
        "It counts; on the third day",
        "Nothing: it speaks of our mail",
        "anybody can have sent it",
        "Send mail again: ask them first",
    ):
        assert part in told, part
    assert "<script>alert" not in page.text
    for path in ("/", "/digests"):
        assert '<a href="/subscribers?state=suppressed">who, and why</a>' in client.get(path).text
    assert "Mail to 1 came back." in words(read, client.get("/subscribers"))
    told = words(read, client.post("/subscribers/1/resume"))
    assert "A mail that asks went to them." in told
    assert "Nothing any more: mail was wanted there again." in told
    assert (outbox(seeded), store.subscription(1).standing(clock())) == (1, "pending")
    assert "/subscribers?state=suppressed" not in client.get("/").text


class Away:
    """A mail server that is not there."""

    def send(self, *, mime, sender, recipient):
        raise MailTemporaryError("mx.example does not answer.", "Check HYPEWATCH_SMTP_URL.")


def test_who_cannot_be_asked_is_added_and_asked_later(client, seeded, read):
    able = seeded.deps
    seeded.__dict__["deps"] = replace(able, mailer=Away())
    told = words(read, client.post("/subscribers", data=SHORT))
    assert "The person is added, and could not be asked: mx.example does not answer." in told
    made = seeded.store.subscription_of("bo@example.org", "keio-ips-sci")
    told = words(read, client.post(f"/subscribers/{made.id}/resume"))
    assert "They could not be asked: mx.example does not answer." in told
    assert "HYPEWATCH" not in told, "no setting on a page"
    seeded.__dict__["deps"] = able
    assert "A mail that asks went to them." in words(read, client.post(f"/subscribers/{made.id}/resume"))


def test_the_files_hold_what_an_import_reads(client, seeded):
    (row,) = client.get("/subscribers.json").json()["subscribers"]
    assert (row["email"], row["state"], row["drifts"], row["hush"]) == (
        "ada@example.org",
        "active",
        [],
        "21:00-07:00",
    )
    (cells,) = csv.DictReader(io.StringIO(client.get("/subscribers.csv").content.decode("utf-8-sig")))
    assert (cells["email"], cells["zone"]) == ("ada@example.org", "Asia/Tokyo")
    assert client.get("/subscribers.xlsx").status_code == 404


@pytest.mark.parametrize("path", ["/subscribers/99", "/subscribers/0", "/subscribers/x", f"/subscribers/{10**30}"])
def test_who_is_not_there_is_a_page_without_a_command(client, path):
    answer = client.get(path)
    assert answer.status_code in {404, 422}
    assert "hypewatch" not in re.sub(r"<title>.*?</title>|Hypewatch", "", answer.text)


def test_an_unknown_state_is_refused(client):
    assert client.get("/subscribers?state=happy").status_code in {400, 422}


def test_looking_changes_nothing(client, seeded):
    before = seeded.store.subscriptions()
    for path in (
        "/subscribers",
        "/subscribers/1",
        "/subscribers/1/end",
        "/subscribers/1/pause",
        "/subscribers/1/resume",
    ):
        client.get(path)
        client.head(path)
    assert (seeded.store.subscriptions(), outbox(seeded)) == (before, 0)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(), "everything"),
        (Wishes(threshold=Severity.HIGH, quiet=False), "in full only what is high; nothing on quiet days"),
        (
            Wishes(
                drifts=(Drift.NUMBER_ERROR,),
                networks=(Network.WEB,),
                languages=("de",),
                language="ja",
                weekly=True,
                monthly=True,
                urgent_from=4,
            ),
            (
                f"everything; only: {Drift.NUMBER_ERROR.words}; said on web; coverage in German; mails in Japanese; weekly and "
                "monthly reports; at once when 4 say the same"
            ),
        ),
    ],
)
def test_wishes_in_words(wishes, said):
    assert in_words(wishes) == said
