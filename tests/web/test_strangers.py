"""Who has not signed in asks so often from one place in a minute, and no more; who is signed in is not counted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.signed_links import Action, sign
from monitor.core.errors import StorageError
from monitor.core.people import WAIT
from monitor.core.session import TRIES_OF_ADDRESS
from monitor.web.app import build_app

BASE = "https://watch.example.org"


@pytest.fixture
def public(seeded):
    """On a public address, where a stranger may ask three times a minute."""
    given = {"base_url": BASE, "host": "0.0.0.0", "strangers_per_minute": 3}
    seeded.settings = replace(seeded.settings, **given)
    return seeded


@pytest.fixture
def visit(public):
    """A browser of somebody else at each call, from the address that is given."""
    app = build_app(public)

    def new(place="203.0.113.7"):
        client = TestClient(
            app, base_url=BASE, follow_redirects=False, client=(place, 50_000), raise_server_exceptions=False
        )
        client.first = re.sub(r"^https://[^/]+", "", app.state.first_link)
        return client

    return new


def test_one_too_many_is_told_when_to_come_again(visit, clock):
    clock.now = clock.now.replace(second=20)
    browser = visit()
    assert [browser.get("/sign-in").status_code for _ in range(3)] == [200, 200, 200]
    answer = browser.get("/sign-in")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
    assert "Too many requests came from where you are." in answer.text
    assert "Wait 40 seconds, then try again." in answer.text
    assert visit().post("/sign-in", data={"address": "ada@example.org"}).status_code == 429, "another browser there"
    assert visit("198.51.100.1").get("/sign-in").status_code == 200, "another place"
    clock.now += timedelta(seconds=40)
    assert browser.get("/sign-in").status_code == 200


def test_links_from_mails_are_counted_and_signed_links_that_are_none(visit, public):
    browser, link = visit(), f"/l/pause/{sign(public.key, Action.PAUSE, (1,))}"
    assert [browser.get(link).status_code, browser.post("/l/pause/forged").status_code] == [200, 404]
    assert browser.get("/mentions").status_code == 401
    assert browser.post(link).status_code == 429
    assert public.store.subscription(1).paused_until is None, "what is refused does nothing"


def test_a_program_without_a_key_that_works_is_told_as_programs_are(visit):
    program = visit()
    for _ in range(3):
        assert program.get("/api/v1/mentions", headers={"Authorization": "Bearer hw_wrong"}).status_code == 401
    answer = program.get("/api/v1/mentions", headers={"Authorization": "Bearer hw_wrong"})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate")
    assert answer.headers["content-type"] == "application/problem+json"
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "Too many requests" in answer.json()["detail"]


def test_who_is_signed_in_health_and_mail_programs_are_not_counted(visit, public):
    ours = visit()
    assert ours.post(ours.first).status_code == 303
    assert {ours.get("/").status_code for _ in range(5)} == {200}
    stranger = visit()
    assert {stranger.get("/readyz").status_code for _ in range(5)} == {200}
    assert {stranger.get("/static/style.css").status_code for _ in range(5)} == {200}
    one_click = f"/l/unsubscribe/{sign(public.key, Action.UNSUBSCRIBE, (1,))}"
    told = {stranger.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(5)}
    assert told == {200}
    assert stranger.get("/sign-in").status_code == 200


def test_people_are_not_counted_as_strangers_while_the_database_is_away(visit, public, monkeypatch):
    browser = visit()
    browser.post(browser.first)

    def fails(*_: object) -> None:
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr(public.store, "session", fails)
    assert 429 not in {browser.get("/").status_code for _ in range(6)}


def test_no_limit_is_none(seeded):
    seeded.settings = replace(seeded.settings, base_url=BASE, host="0.0.0.0", strangers_per_minute=0)
    browser = TestClient(build_app(seeded), base_url=BASE)
    assert {browser.get("/sign-in").status_code for _ in range(400)} == {200}


def test_too_many_wrong_passwords_are_429_and_say_until_when(visit, public, clock):
    """Counted in the database: over all processes, and other places too."""
    form = {"address": "ada@example.org", "password": "wrong, and long enough", "by": "password"}
    for number in range(TRIES_OF_ADDRESS):
        assert visit(f"198.51.100.{number}").post("/sign-in", data=form).status_code == 400
    clock.now += timedelta(seconds=1)
    answer = visit("198.51.100.99").post("/sign-in", data=form)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == WAIT.total_seconds() - 1
    assert "There were too many tries." in answer.text


def test_how_many_wrong_passwords_there_may_be_is_a_setting(public):
    """Other than the defaults, and from one place whatever the address."""
    given = {"sign_in_tries": 2, "sign_in_tries_of_place": 3, "strangers_per_minute": 0}
    public.settings = replace(public.settings, **given)
    vars(public).pop("deps", None)
    app = build_app(public)

    def attempt(address, place):
        client = TestClient(app, base_url=BASE, client=(place, 50_000))
        return client.post("/sign-in", data={"address": address, "password": "wrong, and long enough"}).status_code

    assert [attempt("ada@example.org", f"198.51.100.{number}") for number in range(3)] == [400, 400, 429]
    assert [attempt(f"{number}@example.org", "203.0.113.9") for number in range(4)] == [400, 400, 400, 429]
