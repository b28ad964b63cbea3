"""A person's own page: what they ask for is kept, what cannot be comes back as it was typed, and the link acts for this person alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, sign
from monitor.core.digests.subscribers import Standing
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.pipeline.subscribe import leave
from monitor.web.app import build_app
from tests.web.conftest import HOSTILE, NOW, Document
from tests.web.test_links import held, words
from tests.web.test_pages import dump


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


@pytest.fixture
def path(seeded):
    return f"/l/settings/{sign(seeded.key, Action.SETTINGS, (1,))}"


def filled_in(**changes) -> dict[str, object]:
    """The form of `seeded` as it stands, with changes."""
    fields = {
        "then": "save",
        "at": "07:00",
        "zone": "Asia/Tokyo",
        "days": ["0", "1", "2", "3", "4", "5", "6"],
        "threshold": "low",
        "quiet": "yes",
        "language": "en",
        "urgent_from": "",
        "urgent_most": "2",
        "hush_from": "21:00",
        "hush_until": "07:00",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def test_the_page_says_who_what_when_and_why(client, path):
    told = words(client.get(path))
    assert "ada@example.org, about “" in told
    assert "Comes every day at 07:00, Asia/Tokyo time" in told
    assert "Confirmed yes, this address is yours" in told
    assert "The next mail comes on Tuesday 3 March, 22:00" not in told  # it is told where the reader lives
    assert "The next mail comes on Wednesday 4 March, 07:00." in told


def test_all_that_can_be_asked_for_is_kept_and_told(client, path, seeded):
    asked = filled_in(
        at="08:30",
        zone="Europe/Berlin",
        days=["0", "3"],
        threshold="high",
        quiet=None,
        drifts=["safety-overclaim", "wrong", "safety-overclaim"],
        networks=["bluesky"],
        languages=["de", "ja"],
        weekly="yes",
        monthly="yes",
        urgent_from="5",
        urgent_most="1",
        hush_from="20:00",
        hush_until="08:00",
    )
    refused = client.post(path, data=asked)
    assert refused.status_code == 422
    asked["drifts"] = ["safety-overclaim", "safety-overclaim"]
    answer = client.post(path, data=asked)
    assert answer.status_code == 200
    told = words(answer)
    assert "Saved: Hour, Time zone, Weekdays, Tell in full, If nothing happened, Kinds, Where it was said" in told
    assert "The next mail comes on Thursday 5 March, 08:30, if there is anything to tell." in told
    assert held(seeded).wishes == replace(
        held(seeded).wishes,
        at=time(8, 30),
        zone="Europe/Berlin",
        weekdays=(0, 3),
        threshold=Severity.HIGH,
        quiet=False,
        drifts=(Drift.SAFETY_OVERCLAIM,),
        networks=(Network.BLUESKY,),
        languages=("de", "ja"),
        weekly=True,
        monthly=True,
        urgent_from=5,
        urgent_most=1,
        hush_from=time(20),
        hush_until=time(8),
    )
    assert held(seeded).due_at == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    again = client.post(path, data=asked)
    assert "Saved; nothing is different from before." in words(again)


def test_what_was_saved_is_told_in_the_language_just_chosen(client, path):
    answer = client.post(path, data=filled_in(language="ja"))
    assert Document(answer.text).all("html") == [{"lang": "ja"}]
    assert "保存しました：メールの言語。 次のメールは3月4日水曜日 07:00に届きます。" in words(answer)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"at": "25:00"}, "“25:00” is no time of day; write it as 07:00."),
        ({"at": None}, "Say a time of day, such as 07:00."),
        ({"zone": "tokyo"}, "“tokyo” is no time zone. Did you mean Asia/Tokyo?"),
        ({"zone": "../../etc/passwd"}, "is no time zone."),
        ({"zone": "\x00"}, "is no time zone."),
        ({"zone": "Z" * 10_000}, "is no time zone. Write it as Asia/Tokyo or Europe/Berlin."),
        ({"days": None}, "Choose at least one weekday."),
        ({"days": ["9"]}, "Choose one of those that stand there."),
        ({"days": ["Monday"]}, "Choose one of those that stand there."),
        ({"threshold": "critical"}, "Choose one of those that stand there."),
        ({"language": "xx"}, "Choose one of those that stand there."),
        ({"drifts": ["none"]}, "Choose one of those that stand there."),
        ({"networks": ["fax"]}, "Choose one of those that stand there."),
        ({"languages": [HOSTILE]}, "Choose one of those that stand there."),
        ({"urgent_from": "1"}, "Say a number from 2 to 1,000."),
        ({"urgent_from": "9" * 10_000}, "Say a number from 2 to 1,000."),
        ({"urgent_most": "0"}, "Say a number from 1 to 24."),
        ({"urgent_most": "1_0"}, "Say a number from 1 to 24."),
        ({"languages": ["xx"]}, "Choose one of those that stand there."),
        ({"zone": "Factory"}, "is no time zone."),
        ({"urgent_most": "²"}, "Say a number from 1 to 24."),
        ({"hush_from": HOSTILE}, "is no time of day"),
        ({"hush_until": "x" * 10_000}, "is no time of day"),
    ],
)
def test_what_cannot_be_is_said_by_its_field_and_all_that_was_typed_stays(client, path, seeded, changes, told):
    before = dump(seeded)
    answer = client.post(path, data=filled_in(**{"weekly": "yes", "urgent_from": "7"} | changes))
    assert answer.status_code == 422
    assert told in words(answer)
    assert "Nothing was saved: 1 field is to be put right." in words(answer)
    document = Document(answer.text)
    values = {one["name"]: one.get("value") for one in document.all("input") if one.get("type") != "checkbox"}
    ticked = {(one["name"], one["value"]) for one in document.all("input") if "checked" in one}
    assert ("weekly", "yes") in ticked
    for name in ("at", "zone", "urgent_from", "urgent_most", "hush_from", "hush_until"):
        kept = filled_in(**{"urgent_from": "7"} | changes).get(name, "")
        assert (values[name] or "").strip() == str(kept)[:500].strip()  # a megabyte is not sent back
    assert document.all("img") == []
    assert dump(seeded) == before


def test_a_field_s_sentence_is_tied_to_it(client, path):
    document = Document(client.post(path, data=filled_in(at="x")).text)
    (field,) = [one for one in document.all("input") if one.get("aria-invalid")]
    assert field["name"] == "at"
    assert field["aria-describedby"] in {one.get("id") for one in document.all("p")}


def test_a_pause_ends_with_the_mail_of_the_chosen_day(client, path, seeded):
    answer = client.post(path, data={"then": "pause", "until": "2026-05-07"})
    assert "It is paused. The next mail comes on Thursday 7 May, 07:00." in words(answer)
    assert held(seeded).standing(NOW) is Standing.PAUSED
    ended = client.post(path, data={"then": "resume"})
    assert "It is not paused any more. The next mail comes on Wednesday 4 March, 07:00." in words(ended)
    assert client.post(path, data={"then": "resume"}).status_code == 200


def test_a_pause_until_a_day_whose_mail_comes_at_midnight_brings_that_day_s(client, path, seeded):
    client.post(path, data=filled_in(at="00:00"))
    client.post(path, data={"then": "pause", "until": "2026-05-07"})
    assert held(seeded).next_mail(NOW) == datetime(2026, 5, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("", "is no date; write it as 2026-03-03."),
        ("7 May", "“7 May” is no date"),
        ("x" * 10_000, "is no date"),
        (HOSTILE, "is no date"),
        ("2026-03-03", "Choose a day after today, and within two years."),
        ("2020-01-01", "Choose a day after today, and within two years."),
        ("9999-12-31", "Choose a day after today, and within two years."),
    ],
)
def test_a_pause_that_cannot_be_is_said(client, path, seeded, until, told):
    answer = client.post(path, data={"then": "pause", "until": until})
    assert (answer.status_code, told in words(answer)) == (422, True), words(answer)
    assert held(seeded).paused_until is None


def test_leaving_and_coming_back(client, path, seeded, clock):
    assert "Done. No more mail about" in words(client.post(path, data={"then": "leave"}))
    clock.now = NOW + timedelta(days=2)
    assert "You left on Tue 3 Mar." in words(client.post(path, data={"then": "leave"}))
    assert held(seeded).left_at == NOW
    page = client.get(path)
    assert "No mail comes: you left." in words(page)
    assert "leave" not in [one.get("value") for one in Document(page.text).all("button")]
    for _ in range(2):
        assert "You get the digest again. The next mail comes on Friday 6 March" in words(
            client.post(path, data={"then": "back"})
        )
    assert held(seeded).left_at is None


def test_who_was_asked_can_say_yes_here(client, seeded):
    person = seeded.store.add_subscriber("bo@example.org", "Bo", now=NOW)
    wishes = held(seeded).wishes
    asked = seeded.store.subscribe(person.id, "keio-ips-sci", wishes, now=NOW, due=wishes.next_due(NOW))
    seeded.store.note_asked(asked.id, NOW)
    path = f"/l/settings/{sign(seeded.key, Action.SETTINGS, (asked.id,))}"
    assert "Confirmed not yet; asked on Tue 3 Mar" in words(client.get(path))
    assert "Thank you." in words(client.post(path, data={"then": "back"}))
    assert seeded.store.subscription(asked.id).standing(NOW) is Standing.ACTIVE


def test_an_unknown_button_changes_nothing(client, path, seeded):
    before = dump(seeded)
    for then in ("", "delete", "x" * 10_000, HOSTILE):
        answer = client.post(path, data=filled_in(then=then, at="09:00"))
        assert (answer.status_code, "Nothing was changed: press one of the buttons" in words(answer)) == (422, True)
    assert dump(seeded) == before


def test_the_address_cannot_be_changed_here(client, path, seeded):
    client.post(path, data=filled_in(email="eve@example.org", address="eve@example.org", at="09:00"))
    assert held(seeded).subscriber.email == "ada@example.org"
    assert held(seeded).wishes.at == time(9)


def test_get_and_head_change_nothing_even_for_who_has_left(client, path, seeded):
    leave(seeded.deps, 1)
    before = dump(seeded)
    for method in ("GET", "HEAD"):
        assert client.request(method, f"{path}?then=back&at=09:00").status_code == 200
    assert dump(seeded) == before


def test_a_form_of_another_site_is_refused(client, path, seeded):
    before = dump(seeded)
    answer = client.post(path, data={"then": "leave"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert dump(seeded) == before
