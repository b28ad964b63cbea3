"""Bluesky's stream through the whole poll: settings, the table of networks, the door, a real Store, and what it forgets."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.feeds.plan import STREAM_EVERY
from monitor.core.model import FeedKind, Network, Outcome
from monitor.core.search.nodes import Query
from monitor.pipeline.poll import LEASE, poll_feed
from monitor.service import Service
from monitor.settings import load
from monitor.sources.networks.jetstream import SECONDS
from workers.app import HARD_LIMIT_S, SOFT_LIMIT_S

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
T = int(NOW.timestamp()) * 1_000_000
MINUTE = 60_000_000
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
CALM = "Keio University put iPS cells into four injured spinal cords; the trial was small and had no control group."


@pytest.fixture
def deps(store, tmp_path, clock, database_url, stream):
    clock.now = NOW
    named = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_SECRET_KEY": "k",
        "HYPEWATCH_BLUESKY_STREAM_URL": stream.url,
    }
    service = Service(load(named), clock=clock)
    yield service.deps
    service.store.close()


def add(deps, words="Keio iPS", kind=FeedKind.BLUESKY_STREAM):
    return deps.store.add_feed(kind, words, now=NOW, interval=STREAM_EVERY).id


def texts(deps):
    return sorted(mention.text for mention in deps.store.search(Query()))


def test_a_post_arrives_is_corrected_and_taken_away_for_good(deps, stream, jetstream, clock):
    feed = add(deps)
    events = [jetstream.post(T - 4 * MINUTE, "1", HYPE), jetstream.post(T - 3 * MINUTE, "2", "Nothing of the kind.")]
    stream.script = jetstream.says(events, then_waits=False)
    first = poll_feed(deps, feed)
    assert (first.outcome, first.new) == (Outcome.FETCHED, 1)
    (mention,) = deps.store.search(Query())
    assert (mention.network, mention.text, mention.url) == (
        Network.BLUESKY,
        HYPE,
        "https://bsky.app/profile/did:plc:ada/post/1",
    )
    assert mention.flags, "it is judged like any other"

    clock.forward(minutes=6)
    events += [jetstream.post(T + MINUTE, "1", CALM, operation="update"), jetstream.post(T + MINUTE, "3", HYPE, did="did:plc:bob")]  # fmt: skip
    stream.script = jetstream.says(events, then_waits=False)
    second = poll_feed(deps, feed)
    assert (second.new, second.changed) == (1, 1)
    assert texts(deps) == sorted([HYPE, CALM])
    assert [revision.text for revision in deps.store.revisions(mention.id)] == [HYPE, CALM]

    clock.forward(minutes=6)
    events += [jetstream.delete(T + 7 * MINUTE, str(number)) for number in range(1, 3)]
    events += [jetstream.account(T + 7 * MINUTE, "takendown", did="did:plc:bob")]
    stream.script = jetstream.says(events, then_waits=False)
    third = poll_feed(deps, feed)
    assert (third.outcome, third.new, texts(deps)) == (Outcome.FETCHED, 0, [])
    with pytest.raises(NotFoundError):
        deps.store.mention(mention.id)

    clock.forward(minutes=6)
    again = [jetstream.post(T + 13 * MINUTE, "1", HYPE), jetstream.post(T + 13 * MINUTE, "3", HYPE, did="did:plc:bob")]
    stream.script = jetstream.says(again, then_waits=False)
    fourth = poll_feed(deps, feed)
    assert (fourth.outcome, fourth.new, texts(deps)) == (Outcome.FETCHED, 0, []), "the tombstones hold"


def test_written_and_deleted_between_two_readings(deps, stream, jetstream):
    events = [jetstream.post(T - 4 * MINUTE, "1", HYPE), jetstream.delete(T - 3 * MINUTE, "1")]
    stream.script = jetstream.says(events, then_waits=False)
    assert (poll_feed(deps, add(deps)).new, texts(deps)) == (0, [])


def test_a_deletion_finds_what_another_source_brought(deps, stream, jetstream):
    """Posts of the search carry the same identity; so do those that an article quoted or a file brought."""
    other = add(deps, "walking")
    stream.script = jetstream.says([jetstream.post(T - 4 * MINUTE, "1", HYPE)], then_waits=False)
    assert poll_feed(deps, other).new == 1
    stream.script = jetstream.says([jetstream.delete(T - 3 * MINUTE, "1")], then_waits=False)
    poll_feed(deps, add(deps, "something else"))
    assert texts(deps) == []


def test_fifty_thousand_deletions_of_strangers_leave_no_rows(deps, stream, jetstream, database_url):
    import json

    import sqlalchemy as sa

    lines = [json.dumps(jetstream.delete(T - MINUTE, str(number))) for number in range(50_000)]
    stream.script = jetstream.says([*lines, jetstream.post(T, "1", HYPE)])
    outcome = poll_feed(deps, add(deps))
    assert (outcome.outcome, outcome.new, texts(deps)) == (Outcome.FETCHED, 1, [HYPE])
    engine = sa.create_engine(database_url)
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM tombstones")) == 0
    engine.dispose()


def test_behind_it_goes_on_at_the_next_tick_and_a_failure_keeps_the_cursor(deps, stream, jetstream, clock, monkeypatch):
    monkeypatch.setattr("monitor.pipeline.poll.FREE_ROWS", 2)
    feed = add(deps)
    stream.script = jetstream.says([jetstream.post(T - MINUTE + at, str(at), f"{HYPE} {at}") for at in range(3)], then_waits=False)  # fmt: skip
    assert poll_feed(deps, feed).new == 2
    assert deps.store.feed(feed).due_at == NOW, "it is behind"
    assert poll_feed(deps, feed).new == 1
    assert deps.store.feed(feed).due_at == NOW + STREAM_EVERY
    clock.forward(minutes=5)
    stream.script = lambda connection, asked: connection.close(1012, "restart")
    failed = poll_feed(deps, feed)
    assert (failed.outcome, failed.sentence) == (Outcome.TEMPORARY, "127.0.0.1 ended the connection: restart.")
    clock.forward(hours=3)
    stream.script = jetstream.says([jetstream.post(T - 5_000_000 - MINUTE, "late", HYPE)], then_waits=False)
    poll_feed(deps, feed)
    assert stream.asked[-1]["cursor"] == stream.asked[-2]["cursor"]


def test_a_reading_holds_up_no_other_feed(deps, stream, jetstream, web, fakes):
    """No transaction is open and no lock is held while the stream is read: another feed is polled meanwhile."""
    free = threading.Event()

    def slow(connection, asked):
        free.wait(15)
        jetstream.says([jetstream.post(T - MINUTE, "1", HYPE)], then_waits=False)(connection, asked)

    stream.script = slow
    feed, other = add(deps), add(deps, "quick", FeedKind.HACKERNEWS_SEARCH)
    got = []
    reading = threading.Thread(target=lambda: got.append(poll_feed(deps, feed)))
    reading.start()
    while not stream.asked:
        time.sleep(0.01)
    began = time.monotonic()
    assert poll_feed(deps, other).outcome is Outcome.TEMPORARY, "names are not looked up in tests"
    assert deps.store.add_feed(FeedKind.FEED, "https://lantern.example/", now=NOW).entries == 0
    assert time.monotonic() - began < 5
    assert not got
    free.set()
    reading.join(timeout=15)
    assert got[0].new == 1


def test_a_reading_ends_well_before_its_task_is_ended():
    """The stream's 20 s, and as much again for the database and judging 500 posts."""
    assert timedelta(seconds=2 * SECONDS) < timedelta(seconds=SOFT_LIMIT_S) < timedelta(seconds=HARD_LIMIT_S) < LEASE
