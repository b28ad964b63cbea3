"""Workers that are killed in the middle of their work, and work that kills its worker."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from monitor.core.mention import TextFrom
from monitor.core.model import FeedKind, Work
from monitor.core.search.nodes import Query
from monitor.pipeline import poll

FEEDS, ITEMS, KILLS = 10, 20, 10
#: How long after the last kill everything must be done (reliability, fault 5).
DONE_WITHIN = 120


def counts(house):
    found = house.store.search(Query(), limit=1000)
    return len(found), sum(mention.text_from is TextFrom.PAGE for mention in found)


def in_flight(house):
    """How many rows are leased: due once the leases have run out, and not now."""
    later = house.now + poll.LEASE
    return sum(len(house.store.due(work, later)) - len(house.store.due(work, house.now)) for work in Work)


@pytest.mark.parametrize("house", ["postgresql_url"], indirect=True)
def test_the_process_group_is_killed_ten_times(house, web, newsroom, wait_for):
    """200 items; whatever was in flight ten times is done within 120 s of the last kill, and nothing is there twice."""
    for address in newsroom(FEEDS, ITEMS):
        house.store.add_feed(FeedKind.FEED, address, now=house.now)
    pages = {path: page for path, page in web.scripts.items() if path.startswith("/page/")}
    for path, page in pages.items():
        # A slow page, so that a kill finds work in flight.
        web[path] = lambda _asked, page=page: iter((0.1, page))
    house.start("beat", "--every", "1")
    interrupted = 0
    for number in range(KILLS):
        worker = house.start("worker", "--concurrency", "2")
        before = len(web.asked)
        # Longer than a lease: on a busy machine all that is left may be what the last worker held.
        wait_for(lambda before=before: len(web.asked) > before, 100, f"worker {number} works\n{house.logs()}")
        time.sleep(random.uniform(0, 1.5))
        house.kill(worker)
        interrupted += in_flight(house) > 0
    assert interrupted >= KILLS // 2, "the kills found no work in flight: the test is too weak"
    assert counts(house)[1] < FEEDS * ITEMS, "all was done before the last kill: the test is too weak"
    house.start("worker", "--concurrency", "2")
    wait_for(lambda: counts(house) == (FEEDS * ITEMS, FEEDS * ITEMS), DONE_WITHIN, f"all is done; {counts(house)}")
    titles = sorted(mention.title for mention in house.store.search(Query(), limit=1000))
    assert titles == sorted(f"Title {number}" for number in range(FEEDS * ITEMS))
    assert not any(feed.quarantined for feed in house.store.feeds())


POISON = """
import os, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from monitor.pipeline import poll
from monitor.service import Service
from monitor.settings import load

ahead = timedelta(seconds=float(sys.argv[1]))
service = Service(load(), clock=lambda: datetime.now(UTC) + ahead)


def read_feed(fetched, **given):
    if b"POISON" in fetched.body:
        os._exit(9)
    return service.deps.read_feed(fetched, **given)


deps = replace(service.deps, read_feed=read_feed)
for feed_id in map(int, sys.argv[2:]):
    poll.poll_feed(deps, feed_id)
"""


def test_what_ends_its_worker_three_times_is_left_alone(house, web, fakes, newsroom, wait_for):
    """Each attempt is a process that dies at it; the others' work goes on, and a person sees it and can try again."""
    (good,) = newsroom(1, 2)
    web["/poison"] = fakes.answer("<rss>POISON</rss>")
    store = house.store
    poison_id = store.add_feed(FeedKind.FEED, web.url("/poison"), now=house.now).id
    good_id = store.add_feed(FeedKind.FEED, good, now=house.now).id
    clean = {"PATH": "/usr/bin:/bin"} | house.environment
    lease = poll.LEASE.total_seconds()

    def attempt(number: int, *feed_ids: int) -> int:
        command = [sys.executable, "-c", POISON, str(number * (lease + 1)), *map(str, feed_ids)]
        return subprocess.run(command, env=clean, timeout=60, check=False).returncode

    codes = [attempt(number, poison_id) for number in range(4)]
    assert codes == [9, 9, 9, 0], "the fourth is not tried"
    assert attempt(4, good_id) == 0
    feeds = {feed.id: feed for feed in store.feeds()}
    assert (feeds[poison_id].quarantined, feeds[good_id].quarantined) == (True, False)
    assert feeds[good_id].entries == 2
    assert poison_id not in store.due(Work.POLL, house.now.replace(year=house.now.year + 1))

    house.start("feeds", "list", "--format", "json").wait(30)
    assert "Left alone: reading it ended the process three times." in house.logs()
    house.start("feeds", "resume", str(poison_id)).wait(30)
    assert not store.feed(poison_id).quarantined
    assert poison_id in store.due(Work.POLL, house.now)


NUDGE = """
import sys, time
from datetime import UTC, datetime
from monitor.core.model import FeedKind, Work
from monitor.service import Service
from monitor.settings import load
from workers import tasks
from workers.app import configure, use_service

service = Service(load())
use_service(service)
configure(service.settings)
began = time.monotonic()
print(tasks.poll_feed.nudge(1), round(time.monotonic() - began, 1))
began = time.monotonic()
tasks.dispatch()
print(len(service.store.due(Work.POLL, service.clock())), round(time.monotonic() - began, 1))
"""


@pytest.mark.parametrize("state", ["down", "freeze"])
def test_a_nudge_never_fails_and_never_waits_long(house, broker, state):
    """With the broker away one nudge says no, and a tick gives up at the first no; the rows stay due."""
    for number in range(50):
        house.store.add_feed(FeedKind.FEED, f"https://example.org/{number}", now=house.now)
    getattr(broker, state)()
    ran = subprocess.run(
        [sys.executable, "-c", NUDGE],
        env={"PATH": "/usr/bin:/bin"} | house.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    (queued, one), (due, tick) = (line.split() for line in ran.stdout.splitlines())
    assert (queued, due) == ("False", "50"), ran.stderr
    assert float(one) < 10
    assert float(tick) < 10
    assert "was not queued" in ran.stderr
    assert "Traceback" not in ran.stderr
