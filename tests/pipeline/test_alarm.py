"""The owners are told once that work stands still, daily as long as it does, and once that it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from monitor.core.errors import MailPermanentError, MailTemporaryError
from monitor.core.model import Work
from monitor.core.session import Role
from monitor.pipeline.alarm import standing, troubles, watch_health
from monitor.pipeline.deliver import deliver_digest, send_digest
from monitor.pipeline.health import JUDGING, REPORTS, Health, HealthCheck


class Post:
    """A mail server that keeps what it takes, and takes nothing while it has an `error`."""

    def __init__(self):
        self.taken, self.error = [], None

    def send(self, *, mime, sender, recipient):
        if self.error is not None:
            raise self.error
        mail = message_from_bytes(mime, policy=policy.SMTP)
        self.taken.append((recipient, str(mail["Subject"]), mail.get_body(("plain",)).get_content()))
        return "250"


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def live(deps, post, clock):
    for name, role in (("ada", Role.OWNER), ("bo", Role.OWNER), ("chi", Role.EDITOR)):
        person = deps.store.add_person(f"{name}@example.org", name=name, role=role, now=clock.now)
        if name != "bo":  # who never came in is told nothing
            deps.store.begin_session(name, person_id=person.id, now=clock.now, expires_at=clock.now, browser="")
    return replace(deps, mailer=post)


def minutes(live, clock, count, *, other=None):
    """So many minutes, in each of which one or two processes look."""
    for _ in range(count):
        clock.forward(minutes=1)
        for process in filter(None, (live, other)):
            watch_health(process, HealthCheck())


def test_told_once_by_whichever_process_and_once_more_when_it_goes_on(live, post, clock, feed_id):
    other = replace(live, owner="another")
    minutes(live, clock, 8, other=other)
    assert standing(live) is not None
    assert post.taken == [], "a restart is no alarm"
    minutes(live, clock, 60, other=other)
    ((recipient, subject, text),) = post.taken
    assert (recipient, subject) == ("ada@example.org", "Hypewatch stands still")
    assert "Sources are not read, for 13 minutes now." in text
    assert "hypewatch doctor" in text
    live.store.set_feed(feed_id, paused=True)
    minutes(live, clock, 5, other=other)
    assert [subject for _, subject, _ in post.taken[1:]] == ["Hypewatch works again, after 1 hour 6 minutes"]
    assert standing(live) is None


def test_told_again_each_day_it_lasts(live, post, clock, feed_id):
    minutes(live, clock, 15)
    for _ in range(3 * 24):
        clock.forward(minutes=59)
        minutes(live, clock, 1)
    assert len(post.taken) == 4


def test_what_was_short_is_told_to_nobody(live, post, clock, feed_id):
    minutes(live, clock, 6)
    live.store.set_feed(feed_id, paused=True)
    minutes(live, clock, 6)
    assert (post.taken, standing(live)) == ([], None)


def test_who_could_not_be_told_is_told_when_mail_goes_out_again(live, post, clock, feed_id):
    post.error = MailTemporaryError("The mail server is away.", "Wait.")
    minutes(live, clock, 30)
    post.error = None
    minutes(live, clock, 30)
    assert len(post.taken) == 1


def test_sources_that_are_asked_and_never_answer_are_told(live, clock, monkeypatch):
    well = Health({}, 0)
    assert troubles(live, well, clock.now) == []
    counts = live.store.feed_counts()
    failing = replace(counts, failing=3, last_success_at=clock.now - timedelta(hours=5))
    monkeypatch.setattr(live.store, "feed_counts", lambda: failing)
    assert troubles(live, well, clock.now) == ["No source was read well for 5 hours."]
    assert troubles(live, well, clock.now - timedelta(hours=3)) == []
    assert troubles(live, Health({}, 2), clock.now)[1:] == ["Digests that are due and could not be composed: 2."]
    monkeypatch.setattr(live.store, "feed_counts", lambda: replace(failing, last_success_at=None))
    assert troubles(live, well, clock.now) == ["No source was read well yet."]


def test_a_mail_server_that_takes_nothing_is_told_and_an_address_that_it_refuses_is_not(live, post, clock, reader):
    subscription_id = reader(live)
    post.error = MailTemporaryError("The mail server is away.", "Wait.")
    assert deliver_digest(live, subscription_id).state == "ready"
    assert troubles(live, Health({}, 0), clock.now) == []
    clock.forward(minutes=15)
    (digest_id,) = live.store.due(Work.SEND, clock.now)
    assert troubles(live, Health({}, 0), clock.now) == ["Digests that the mail server does not take for now: 1."]
    post.error = MailPermanentError("550 no such person")
    assert send_digest(live, digest_id).state == "failed"
    assert troubles(live, Health({}, 0), clock.now) == []


def test_every_kind_of_waiting_has_its_words(live, clock):
    waiting = {work.value: 900 for work in Work} | {JUDGING: 900, REPORTS: 900}
    said = troubles(live, Health(waiting, 0), clock.now)
    assert len(said) == len(waiting)
    assert {sentence.partition(", for ")[2] for sentence in said} == {"15 minutes now."}
