"""Manners that hold across processes: one request in flight to a host and a gap after it, kept in the database."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from monitor.core.errors import StorageBusyError
from monitor.core.feed import ParsedFeed
from monitor.core.model import FeedKind, Outcome, Work
from monitor.pipeline import poll
from monitor.ports import Budget
from monitor.service import Service
from monitor.settings import load
from monitor.sources.http import client as http
from monitor.sources.http import connection
from monitor.sources.http.client import HttpClient
from monitor.sources.http.rate_limit import SharedRateLimit

GAP = 0.3
FEED = "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>One</title></item></channel></rss>"


@pytest.fixture
def public(monkeypatch, web):
    """The scripted server as a public host: only the check of its address is left out."""
    target = connection.Target("http", "paper.example", web.port, "/feed", (ip_address("127.0.0.1"),), False)
    monkeypatch.setattr(HttpClient, "_check", lambda _self, _url, _deadline: target)
    return f"host:paper.example:{web.port}"


@pytest.fixture
def house(database_url, tmp_path, clock):
    """An installation with a public feed; every call opens another process's view of it."""
    opened = []

    def build():
        environment = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url}
        opened.append(Service(load(environment), clock=clock))
        return opened[-1].deps

    yield build
    for service in opened:
        service.store.close()


#: A process of its own: three fetches at once of a host that counts as public.
PROCESS = """
import sys, threading
from datetime import UTC, datetime
from ipaddress import ip_address
from monitor.sources.http import client as http, connection
from monitor.sources.http.rate_limit import SharedRateLimit
from monitor.storage.store import open_store

url, port, gap = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
http.PATIENCE = 30.0
target = connection.Target("http", "paper.example", port, "/feed", (ip_address("127.0.0.1"),), False)
http.HttpClient._check = lambda *_: target
store = open_store(url)
door = http.HttpClient(host_gap=gap, rate_limit=SharedRateLimit(store, lambda: datetime.now(UTC)))
fetch = lambda: print(door.fetch("http://paper.example/feed").outcome.value)
threads = [threading.Thread(target=fetch) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
store.close()
"""


def test_two_processes_ask_a_host_one_after_the_other(web, database_url):

    def slow(_):
        began.append(time.monotonic())
        yield 0.1
        ended.append(time.monotonic())
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    began, ended = [], []
    web["/feed"] = slow
    command = [sys.executable, "-c", PROCESS, database_url, str(web.port), str(GAP)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].split() for process in processes] == [["fetched"] * 3] * 2
    assert web.most_running == 1
    gaps = [later - earlier for earlier, later in zip(sorted(ended), sorted(began)[1:], strict=False)]
    assert min(gaps) >= GAP - 0.02, gaps


def test_who_is_refused_its_turn_waits_without_a_failure(public, web, fakes, house, clock, monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", 0.3)
    web["/feed"] = fakes.answer(FEED)
    deps, other = house(), house()
    feed = deps.store.add_feed(FeedKind.FEED, "http://paper.example/feed", now=clock())
    assert other.store.lock(public, "another process", clock(), timedelta(seconds=30))
    began = time.monotonic()
    assert poll.poll_feed(deps, feed.id) is None
    assert time.monotonic() - began < 2, "a worker does not sleep for long"
    assert web.asked == []
    assert replace(deps.store.feed(feed.id), not_before=None) == feed
    assert deps.store.poll_outcomes(feed.id) == ()
    later = deps.store.feed(feed.id).not_before - clock()
    assert timedelta(seconds=10) <= later < timedelta(seconds=60)
    clock.forward(seconds=60)
    assert deps.store.due(Work.POLL, clock()) == (feed.id,)
    assert poll.poll_feed(deps, feed.id).new == 1, "the turn of a process that was killed has ended by itself"


def test_a_refused_turn_counts_no_attempt(house, clock):
    store = house().store
    feed = store.add_feed(FeedKind.FEED, "http://paper.example/feed", now=clock())
    for _ in range(5):
        claimed = store.claim_feed(feed.id, "me", clock(), timedelta(seconds=80))
        assert not store.release(Work.POLL, feed.id, "not mine", until=clock())
        assert store.release(Work.POLL, feed.id, claimed.lease, until=clock())
    # One that ends its process is quarantined after three attempts: these were none.
    for _ in range(3):
        assert store.claim_feed(feed.id, "me", clock(), timedelta(seconds=80)) is not None
        clock.forward(seconds=81)
    assert store.claim_feed(feed.id, "me", clock(), timedelta(seconds=80)) is None
    assert store.feed(feed.id).quarantined


def test_a_release_does_not_shorten_what_a_server_asked_for(house, clock):
    store = house().store
    feed = store.add_feed(FeedKind.FEED, "http://paper.example/feed", now=clock())
    claimed = store.claim_feed(feed.id, "me", clock(), timedelta(seconds=80))
    store.postpone(Work.POLL, feed.id, claimed.lease, until=clock() + timedelta(hours=5), error="")
    forced = store.claim_feed(feed.id, "me", clock(), timedelta(seconds=80), force=True)
    store.release(Work.POLL, feed.id, forced.lease, until=clock() + timedelta(seconds=20))
    assert store.feed(feed.id).not_before == clock() + timedelta(hours=5)


@pytest.mark.parametrize("at", ["robots", "page"])
def test_a_page_that_is_refused_its_turn_is_not_tried_in_vain(public, web, fakes, house, clock, monkeypatch, at):
    monkeypatch.setattr(http, "PATIENCE", 0.1)
    deps = house()
    feed_id = deps.store.add_feed(FeedKind.FEED, "http://paper.example/feed", now=clock()).id
    hype = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
    web["/feed"] = [
        fakes.answer(
            "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>One</title>"
            f"<link>http://paper.example/1</link><description>{hype}</description></item></channel></rss>"
        ),
        fakes.answer("User-agent: *\nAllow: /", content_type="text/plain"),
        fakes.answer(f"<html lang=en><article><h1>One</h1><p>{hype} {hype}</p></article>", content_type="text/html"),
    ]
    assert len(poll.poll_feed(deps, feed_id).pages_due) == 1
    (entry_id,) = deps.store.due(Work.PAGE, clock())
    clock.forward(seconds=2)
    if at == "page":
        assert deps.pages._robots.refusal("http://paper.example/1") is None
    for _ in range(4):  # more often than a page is tried
        clock.forward(seconds=70)
        assert house().store.lock(public, "another process", clock(), timedelta(seconds=30))
        assert poll.read_page(deps, entry_id) == ()
    clock.forward(seconds=70)
    assert len(poll.read_page(deps, entry_id)) == 1


def test_a_database_that_is_held_refuses_the_turn(clock):
    class Held:
        def lock(self, *_):
            raise StorageBusyError("It is held.", "Wait.")

    rate_limit = SharedRateLimit(Held(), clock)
    assert not rate_limit.acquire("a.example:80", 5)
    rate_limit.release("a.example:80", 1)


class Paid:
    """A network that spends all that it may; `meanwhile` happens while it is read."""

    def __init__(self):
        self.meanwhile, self.rows_left = (lambda: None), []

    def read(self, _feed, *, rows_left):
        self.rows_left.append(rows_left)
        self.meanwhile()
        return ParsedFeed(format="x", title="", entries=(), rows_paid=rows_left)


def test_two_searches_do_not_spend_the_same_rest_of_a_budget(house, clock):
    network = Paid()
    both = [
        replace(house(), networks={FeedKind.X_SEARCH: network}, budgets={"x": Budget(per_day=10, per_month=99)})
        for _ in range(2)
    ]
    ids = [both[0].store.add_feed(FeedKind.X_SEARCH, query, now=clock()).id for query in ("a", "b")]
    others = []
    network.meanwhile = lambda: others.append(poll.poll_feed(both[1], ids[1]))
    assert poll.poll_feed(both[0], ids[0]).outcome is Outcome.FETCHED
    network.meanwhile = lambda: None
    assert (others, network.rows_left) == ([None], [10])
    assert both[1].store.poll_outcomes(ids[1]) == ()
    clock.forward(seconds=60)
    assert poll.poll_feed(both[1], ids[1]).outcome is Outcome.FETCHED
    assert network.rows_left == [10, 0]
