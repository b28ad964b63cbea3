"""What a page does with mails: sending one again that was held, and a test mail."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from monitor.core.digests.subscribers import DeliveryOutcome, DigestState
from monitor.core.errors import MailTemporaryError
from monitor.web.app import build_app


class Post:
    """A mail server that says what it is told to."""

    def __init__(self):
        self.sent, self.error = [], None

    def send(self, *, mime, sender, recipient):
        if self.error is not None:
            raise self.error
        self.sent.append((recipient, mime))
        return "mx.example.org said: 250 <b>ok</b>"


@pytest.fixture
def post(seeded):
    from dataclasses import replace

    seeded.__dict__["deps"] = replace(seeded.deps, mailer=Post())
    return seeded.deps.mailer


@pytest.fixture
def client(seeded, post):
    return TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)


def held(seeded):
    """The digest that was sent, as if nobody had seen the reply."""
    from datetime import timedelta

    store, now = seeded.store, seeded.clock()
    import sqlalchemy as sa

    from monitor.storage.tables import digests

    with store._db.write() as conn:
        conn.execute(sa.update(digests).values(state=DigestState.READY, due_at=now))
    claimed = store.claim_digest(1, "test", now, timedelta(minutes=3))
    store.finish_digest(
        claimed,
        outcome=DeliveryOutcome.UNKNOWN,
        state=DigestState.UNKNOWN,
        reply="mx got the whole mail. It is held.",
        now=now,
        retry_at=None,
    )


def test_a_held_digest_is_shown_with_a_button_and_goes_out_again(client, seeded):
    assert client.post("/digests/1/again").status_code == 400
    held(seeded)
    for path in ("/", "/digests", "/digests/1"):
        assert 'action="/digests/1/again"' in client.get(path).text, path
    answer = client.post("/digests/1/again")
    assert (answer.status_code, answer.headers["location"]) == (303, "/digests/1")
    assert seeded.store.digest(1).state is DigestState.READY
    page = client.get("/digests").text
    assert "Somebody asked to send it again." in page
    assert 'action="/digests/1/again"' not in page
    assert client.post("/digests/999/again").status_code == 404


def test_how_it_went_is_told_in_words(client, read):
    words = " ".join(read(client.get("/digests").text).words.split())
    assert "Sent today 12:00 UTC. 250 queued." in words


def test_a_test_mail_and_what_the_server_says(client, post, read):
    words = " ".join(read(client.post("/digests/test", data={"address": "ada@example.org"}).text).words.split())
    assert "A test mail went to ada@example.org. mx.example.org said: 250 <b>ok</b>." in words
    ((recipient, mime),) = post.sent
    assert recipient == "ada@example.org"
    assert b"Subject: Hypewatch: a test mail" in mime


@pytest.mark.parametrize("address", ["", "nobody", "a@x.org, b@y.org", "a@x.org\r\nBcc: b@y.org"])
def test_no_test_mail_goes_to_what_is_no_address(client, post, address):
    answer = client.post("/digests/test", data={"address": address})
    assert "No test mail was sent." in answer.text
    assert post.sent == []


def test_a_server_that_takes_none_is_told_on_the_page(client, post):
    post.error = MailTemporaryError("mx.example.org asks to try later: 451 no.", "`not for a page`")
    page = client.post("/digests/test", data={"address": "ada@example.org"}).text
    assert "No test mail was sent. mx.example.org asks to try later: 451 no." in page
    assert "not for a page" not in page
