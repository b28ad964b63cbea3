"""The pages that ask one thing, from a mail's links: confirm, unsubscribe, pause, wrong. In the reader's language, said once, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, sign
from monitor.core.errors import UsageError
from monitor.core.mention import Verdict
from monitor.pipeline.subscribe import change, leave, pause
from monitor.web.app import build_app
from tests.web.conftest import HOSTILE, NOW, Document
from tests.web.test_pages import dump

#: The study's name as the shipped sheet has it, and the reader of `seeded`.
STUDY, ADDRESS = "Keio", "ada@example.org"


@pytest.fixture
def client(seeded):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def link(service, action, *ids, **options) -> str:
    return f"/l/{action}/{sign(service.key, action, ids or (1,), **options)}"


def words(answer) -> str:
    return " ".join(Document(answer.text).words.split())


def held(service):
    return service.store.subscription(1)


def buttons(answer) -> list[tuple[str, str]]:
    return [(one["name"], one["value"]) for one in Document(answer.text).all("button") if "disabled" not in one]


def test_leaving_names_whom_and_what_is_said_once_and_can_be_undone(client, seeded):
    path = link(seeded, Action.UNSUBSCRIBE)
    asked = words(client.get(path))
    assert STUDY in asked
    assert f"It comes to {ADDRESS}, every day at 07:00, Asia/Tokyo time." in asked
    first = client.post(path)
    assert "Done. No more mail about" in words(first)
    assert buttons(first) == [("then", "again")]
    assert "You left on Tue 3 Mar." in words(client.post(path))
    assert "You left on Tue 3 Mar." in words(client.get(path))
    assert held(seeded).left_at == NOW
    back = client.post(path, data={"then": "again"})
    assert "You get the digest again. The next mail comes on Wednesday 4 March, 07:00." in words(back)
    assert held(seeded).left_at is None


def test_a_mail_program_that_unsubscribes_is_answered_and_never_brings_anything_back(client, seeded):
    path = link(seeded, Action.UNSUBSCRIBE)
    for _ in range(3):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"})
        assert answer.status_code == 200
        assert held(seeded).left_at == NOW


def test_a_second_pause_is_no_longer_one(client, seeded, clock):
    path = link(seeded, Action.PAUSE)
    assert "The next mail comes on Wednesday 18 March, 07:00." in words(client.post(path))
    until = held(seeded).paused_until
    assert until == NOW + timedelta(days=14)
    clock.now = NOW + timedelta(days=3)
    for answer in (client.get(path), client.post(path)):
        assert "It is paused already. The next mail comes on Wednesday 18 March, 07:00." in words(answer)
        assert buttons(answer) == [("then", "resume")]
    assert held(seeded).paused_until == until
    assert "It is not paused any more. The next mail comes on Saturday 7 March, 07:00." in words(
        client.post(path, data={"then": "resume"})
    )
    assert not held(seeded).is_paused(clock.now)


def test_who_gets_mail_on_some_days_is_told_of_that_day(client, seeded):
    change(seeded.deps, 1, weekdays=(0, 3), quiet=False)
    client.post(link(seeded, Action.PAUSE))
    resumed = words(client.post(link(seeded, Action.PAUSE), data={"then": "resume"}))
    assert "The next mail comes on Thursday 5 March, 07:00, if there is anything to tell." in resumed
    assert "tomorrow" not in resumed


def test_a_pause_of_who_left_says_that_they_left(client, seeded):
    leave(seeded.deps, 1)
    for answer in (client.get(link(seeded, Action.PAUSE)), client.post(link(seeded, Action.PAUSE))):
        assert "You left on Tue 3 Mar." in words(answer)
    assert held(seeded).paused_until is None
    client.post(link(seeded, Action.PAUSE), data={"then": "again"})
    assert held(seeded).left_at is None


def test_a_second_confirmation_says_that_it_is_confirmed(client, seeded):
    person = seeded.store.add_subscriber("bo@example.org", "Bo", now=NOW)
    asked = seeded.store.subscribe(person.id, "keio-ips-sci", held(seeded).wishes, now=NOW, due=held(seeded).wishes.next_due(NOW))  # fmt: skip
    path = link(seeded, Action.CONFIRM, person.id, asked.id)
    page = client.get(path)
    assert "It comes to bo@example.org, every day at 07:00, Asia/Tokyo time." in words(page)
    assert "Thank you. You get the digest from now on. The next mail comes on Wednesday 4 March" in words(
        client.post(path)
    )
    for answer in (client.post(path), client.get(path)):
        assert "This address is confirmed. The next mail comes on Wednesday 4 March, 07:00." in words(answer)
        assert buttons(answer) == []


def test_who_left_after_being_asked_is_offered_to_come_back(client, seeded):
    leave(seeded.deps, 1)
    path = link(seeded, Action.CONFIRM, 1, 1)
    for answer in (client.get(path), client.post(path)):
        assert "You left on Tue 3 Mar." in words(answer)
        assert held(seeded).left_at == NOW
    client.post(path, data={"then": "again"})
    assert held(seeded).left_at is None


def test_a_link_of_the_first_versions_names_the_person_alone(client, seeded):
    assert "This address is confirmed." in words(client.get(link(seeded, Action.CONFIRM, 1)))
    gone = client.get(link(seeded, Action.CONFIRM, 99))
    assert (gone.status_code, "There is nothing to confirm." in words(gone)) == (404, True)


def test_each_page_leads_to_the_person_s_own_settings_and_nowhere_else(client, seeded):
    own = link(seeded, Action.SETTINGS)
    pages = [link(seeded, Action.UNSUBSCRIBE), link(seeded, Action.PAUSE), link(seeded, Action.CONFIRM, 1, 1)]
    for path in pages:
        for answer in (client.get(path), client.post(path)):
            links = {one["href"] for one in Document(answer.text).all("a")}
            assert links == {"#main", own}, path


def test_what_is_about_a_flag_and_may_be_passed_on_leads_to_nobodys_settings(client, seeded):
    path = link(seeded, Action.WRONG, 1, 1)
    for answer in (client.get(path), client.post(path), client.post(path, data={"verdict": "undo"})):
        assert {one["href"] for one in Document(answer.text).all("a")} == {"#main"}


@pytest.mark.parametrize(
    ("language", "told"),
    [("ja", "に配信を停止しました。"), ("es", "Usted se dio de baja el mar 3 mar.")],
)
def test_the_pages_speak_the_reader_s_language(client, seeded, language, told):
    change(seeded.deps, 1, language=language)
    path = link(seeded, Action.UNSUBSCRIBE)
    client.post(path)
    answer = client.post(path)
    assert Document(answer.text).all("html") == [{"lang": language}]
    assert told in words(answer)
    wrong = words(client.get(link(seeded, Action.WRONG, 1, 1)))
    assert {"ja": "この判定は正しいですか。", "es": "¿Es correcta esta marca?"}[language] in wrong
    assert "Skip to the content" not in wrong


def test_a_verdict_is_taken_back_once_and_a_second_time_says_what_stands(client, seeded):
    path = link(seeded, Action.WRONG, 1, 1)
    client.post(path, data={"verdict": "upheld", "why": "x" * 10_000})
    assert seeded.store.flag(1).review is Verdict.UPHELD
    assert "You said: right." in words(client.get(path))
    assert "Taken back" in words(client.post(path, data={"verdict": "undo"}))
    again = client.post(path, data={"verdict": "undo"})
    assert (again.status_code, "Is this flag right?" in words(again)) == (200, True)
    assert seeded.store.flag(1).review is None


def test_a_hostile_name_is_no_markup_and_a_sheet_that_is_gone_keeps_nobody_from_leaving(client, seeded):
    person = seeded.store.add_subscriber("eve@example.org", HOSTILE, now=NOW, state="active")
    wishes = held(seeded).wishes
    odd = seeded.store.subscribe(person.id, HOSTILE, wishes, now=NOW, due=wishes.next_due(NOW))
    for action in (Action.UNSUBSCRIBE, Action.PAUSE, Action.SETTINGS):
        answer = client.get(link(seeded, action, odd.id))
        assert answer.status_code == 200
        assert Document(answer.text).all("img") == []
        assert [
            one for one in Document(answer.text).all("script") if not one.get("src", "").startswith("/static/")
        ] == []
    client.post(link(seeded, Action.UNSUBSCRIBE, odd.id))
    assert seeded.store.subscription(odd.id).left_at == NOW


@pytest.mark.parametrize("action", list(Action))
def test_a_link_that_is_not_whole_too_old_or_of_another_kind_does_nothing(client, seeded, clock, action):
    ids = (1, 1, int(NOW.timestamp()))
    whole = sign(seeded.key, action, ids, expires=NOW + timedelta(days=1))
    other = next(one for one in Action if one is not action)
    body, _, mac = whole.partition(".")
    broken = [f"{body}x.{mac}", f"{body}.{mac[:-2]}", body, "x", sign(seeded.key, other, ids), sign("k", action, ids)]
    before = dump(seeded)
    clock.now = NOW + timedelta(days=2)
    for token in (*broken, whole):
        for method in ("GET", "HEAD", "POST"):
            answer = client.request(
                method, f"/l/{action}/{token}", data={"then": "leave"} if method == "POST" else None
            )
            assert answer.status_code in ({404, 405} if method == "POST" else {404}), (action, token, method)
    assert dump(seeded) == before


def test_a_person_s_link_acts_for_nobody_else(client, seeded):
    person = seeded.store.add_subscriber("bo@example.org", "Bo", now=NOW, state="active")
    wishes = held(seeded).wishes
    other = seeded.store.subscribe(person.id, "keio-ips-sci", wishes, now=NOW, due=wishes.next_due(NOW))
    pause(seeded.deps, other.id, NOW + timedelta(days=1))
    before = seeded.store.subscription(other.id)
    for action in (Action.UNSUBSCRIBE, Action.PAUSE):
        client.post(link(seeded, action), data={"subscription": str(other.id), "i": str(other.id)})
    client.post(link(seeded, Action.SETTINGS), data={"then": "leave", "email": "bo@example.org"})
    assert seeded.store.subscription(other.id) == before


def test_what_stands_on_no_button_changes_nothing(client, seeded):
    wrong, note = link(seeded, Action.WRONG, 1, 1), link(seeded, Action.NOTE, 1, 1)
    for data in ({}, {"verdict": "zzz"}, {"List-Unsubscribe": "One-Click"}):
        assert client.post(wrong, data=data).status_code == 200
        assert seeded.store.reviews(1) == ()
    for data in ({}, {"then": "zzz"}, {"then": "draft"}):
        assert client.post(note, data=data).status_code == 200
        assert seeded.store.letters_about([1]) == {}


@pytest.mark.parametrize("action", [Action.UNSUBSCRIBE, Action.PAUSE])
def test_a_word_that_no_button_sends_neither_ends_nor_pauses(client, seeded, action):
    path = link(seeded, action)  # made first: with it the key is made
    before = dump(seeded)
    assert client.post(path, data={"then": "zzz"}).status_code == 200
    assert dump(seeded) == before


def test_who_left_has_nothing_to_pause_and_comes_back_without_a_pause(client, seeded):
    settings = link(seeded, Action.SETTINGS)
    for_two_weeks, off = link(seeded, Action.PAUSE), link(seeded, Action.UNSUBSCRIBE)
    client.post(for_two_weeks)
    assert seeded.store.subscription(1).is_paused(seeded.clock())
    client.post(off)
    day = (seeded.clock() + timedelta(days=30)).date().isoformat()
    client.post(settings, data={"then": "pause", "until": day})
    with pytest.raises(UsageError, match="left: there is nothing to pause"):
        pause(seeded.deps, 1, seeded.clock() + timedelta(days=3))
    client.post(off, data={"then": "again"})
    held = seeded.store.subscription(1)
    assert (held.left_at, held.paused_until) == (None, None)
