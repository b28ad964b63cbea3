"""An item that ends whoever works on it (reliability, fault 6): 3 attempts, left alone and shown, the others on time."""

from __future__ import annotations

import subprocess
import sys

from monitor.core.model import FeedKind, Work
from monitor.pipeline import poll

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
