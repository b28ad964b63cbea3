"""The page of webhooks and chats: a secret shown once, addresses shown to nobody, what was given up, and how to go on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.core.feed import Fetched
from monitor.core.model import Outcome
from monitor.core.outgoing.hook import CallState
from monitor.web.app import build_app

URL = "https://hooks.slack.example/services/T0/B0/tell-nobody"


class Caller:
    """The outside: answers with a status."""

    def __init__(self):
        self.status, self.asked = 200, []

    def request(self, method, url, *, headers=None, content=b""):
        self.asked.append(url)
        return Fetched(
            url=url,
            final_url=url,
            outcome=Outcome.FETCHED if self.status < 300 else Outcome.HARD,
            status=self.status,
            headers={},
            body=b"",
            sentence=f"hooks.slack.example said {self.status}",
        )


@pytest.fixture
def caller(seeded):
    seeded.__dict__["deps"] = replace(seeded.deps, caller=Caller())
    return seeded.deps.caller


@pytest.fixture
def client(seeded, caller):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def test_a_secret_is_shown_once_and_an_address_never_again(client, seeded):
    assert "Nobody is told yet." in client.get("/webhooks").text
    added = client.post("/webhooks", data={"url": "https://desk.example.org/tell-nobody", "event": ["digest.sent"]})
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", added.text)[0]
    (hook,) = seeded.store.webhooks()
    assert (hook.secret, [event.value for event in hook.events]) == (secret, ["digest.sent"])
    page = client.get("/webhooks").text
    assert "desk.example.org" in page
    assert "a digest went out" in page
    assert secret not in page
    assert "tell-nobody" not in page + added.text


def test_a_chat_is_added_and_tried(client, seeded, caller, read):
    assert client.post("/webhooks", data={"url": URL, "kind": "slack"}).status_code == 303
    assert seeded.store.webhooks()[0].secret == ""
    assert "The test was taken." in client.post("/webhooks/1/test").text
    assert caller.asked == [URL]
    caller.status = 404
    page = client.post("/webhooks/1/test").text
    assert "The test was not taken. hooks.slack.example said 404." in page
    assert "tell-nobody" not in page
    assert client.post("/webhooks/1/remove").status_code == 303
    assert seeded.store.webhooks() == ()


def test_what_was_given_up_is_shown_and_sent_again(client, seeded, caller):
    client.post("/webhooks", data={"url": URL, "kind": "slack"})
    caller.status = 410
    client.post("/webhooks/1/test")
    page = client.get("/webhooks").text
    assert "1 call was given up" in page
    assert "It is told nothing any more." in page
    assert client.post("/webhook-calls/1/again").status_code == 303
    assert seeded.store.calls()[0].state is CallState.WAITING
    assert "given up" not in client.get("/webhooks").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"url": "nothing"}, "This is no web address."),
        ({"url": "https://x.example/", "kind": "telegram"}, "Telegram needs a bot and a chat."),
        ({"url": "https://x.example/", "event": ["all"]}, "There is no event &#39;all&#39;."),
        ({"url": "https://x.example/", "study": "none"}, "There is no study &#39;none&#39;."),
    ],
)
def test_what_is_wrong_is_told_at_the_form_and_what_was_typed_stays(client, seeded, form, words):
    answer = client.post("/webhooks", data=form)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{form["url"]}"' in answer.text
    assert "`" not in answer.text
    assert seeded.store.webhooks() == ()


@pytest.mark.parametrize("path", ["/webhooks/9/remove", "/webhooks/9/test", "/webhook-calls/9/again"])
def test_what_is_not_there_is_no_page(client, path):
    answer = client.post(path)
    assert answer.status_code == 404
    assert "hypewatch webhooks" not in answer.text
