"""A broker that is down, killed, frozen and emptied (reliability, fault 4): the pages answer in 2 s throughout, all that is due is
done within 120 s of its return, and nothing is lost or doubled. One real Redis, installations on both databases.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest

from monitor.core.model import FeedKind
from tests.conftest import free_port, running_redis
from tests.fakes.house import add_feeds, all_read, as_written, build, mentions, serve, subscribe
from tests.faults.history import broken_laws

#: How long the pages may take whatever the broker does, how long it is frozen, and by when all is done, seconds.
WEB_SECONDS, FROZEN_SECONDS, DONE_WITHIN = 2.0, 60, 120


class Visitor:
    """Asks pages all the time; `answers` holds the status and the seconds of each."""

    def __init__(self, ask):
        self.answers = []
        self._ask, self._over = ask, threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _go_on(self):
        while not self._over.wait(0.5):
            self.answers += [self._ask("mentions"), self._ask("")]


@contextmanager
def frozen(process):
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def test_whatever_the_broker_does(houses, newsroom, sink, wait_for):
    """Each time there are feeds to read and a digest to send meanwhile."""
    built, port = houses
    addresses, items = newsroom(8, 3), 3
    now = {"feeds": 0, "readers": 0}

    def more(feeds):
        for house in built:
            add_feeds(house, addresses[now["feeds"] : now["feeds"] + feeds])
            subscribe(house, f"reader{now['readers']}.{house.folder.name}@example.org")
        now["feeds"] += feeds
        now["readers"] += 1

    def all_done():
        return all(
            all_read(house, now["feeds"] * items)
            and len(house.store.digests()) == now["readers"] == sum(d.state == "sent" for d in house.store.digests())
            for house in built
        )

    def logs():
        return "\n".join(house.logs() for house in built)

    def done_after(what):
        took[what] = wait_for(all_done, DONE_WITHIN, f"all is done after it {what}\n{logs()}")

    took = {}
    with ExitStack() as stack:
        processes = [
            house.start(*command)
            for house in built
            for command in (("worker", "--concurrency", "2"), ("beat", "--every", "2"))
        ]
        visitors = [stack.enter_context(Visitor(serve(house, wait_for))) for house in built]
        more(2)
        time.sleep(5)
        assert [mentions(house) for house in built] == [(), ()]
        with running_redis(port) as redis:
            done_after("was down at the start")
            more(2)
            time.sleep(1)
            redis.kill()
            redis.wait()
            more(1)
            time.sleep(5)
        with running_redis(port) as redis:  # an empty one
            done_after("was killed")
            with frozen(redis):
                more(2)
                time.sleep(FROZEN_SECONDS)
            done_after("was frozen")
            more(1)
            flush(port, 3)
            done_after("was emptied")
            time.sleep(5)  # two more ticks, in which nothing may happen
        assert {process.poll() for process in processes} == {None}, logs()
    for visitor in visitors:
        assert {status for status, _ in visitor.answers} == {200}
        assert max(seconds for _, seconds in visitor.answers) < WEB_SECONDS
        assert len(visitor.answers) > FROZEN_SECONDS
    for house in built:
        assert as_written(house, now["feeds"] * items)
        theirs = [one for one in sink.taken if one[0].endswith(f".{house.folder.name}@example.org")]
        assert broken_laws(house.store, theirs) == []
        assert len(theirs) == now["readers"]
    print(f"done after it {took}")  # noqa: T201 - the numbers, with `pytest -s`


def test_a_broker_that_goes_while_work_is_done(web, newsroom, wait_for, postgresql_url, tmp_path):
    """What is worked on just then was not acknowledged: the worker must live through giving it back to a broker that is away."""
    port = free_port()
    house = build(tmp_path, web, f"redis://127.0.0.1:{port}/0", postgresql_url)
    try:
        addresses = newsroom(4, 3)
        for path, page in list(web.scripts.items()):
            web[path] = lambda _asked, page=page: iter((3.0, page))
        processes = [house.start("worker", "--concurrency", "2"), house.start("beat", "--every", "2")]
        add_feeds(house, addresses)
        for _ in range(2):
            with running_redis(port) as redis:
                asked = len(web.asked)
                wait_for(lambda asked=asked: len(web.asked) > asked, 60, f"something is asked for\n{house.logs()}")
                redis.kill()
                redis.wait()
                time.sleep(2)
        with running_redis(port):
            wait_for(lambda: all_read(house, 12), DONE_WITHIN, f"all is read\n{house.logs()}")
            assert {process.poll() for process in processes} == {None}, house.logs()
        assert as_written(house, 12)
    finally:
        house.close()


def flush(port, seconds):
    """FLUSHALL again and again."""
    import redis

    end = time.monotonic() + seconds
    with redis.Redis(port=port) as client:
        while time.monotonic() < end:
            client.flushall()
            time.sleep(0.2)


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


TICKS = """
from monitor.service import Service
from monitor.settings import load
from workers import tasks
from workers.app import configure, use_service

service = Service(load())
use_service(service)
configure(service.settings)
for _ in range(3):
    tasks.dispatch()
"""


def test_what_lies_in_the_queue_is_not_nudged_again(house, broker):
    """With more due than is done between two ticks, workers would do little else than refuse what they did already."""

    def tick():
        subprocess.run(
            [sys.executable, "-c", TICKS], env={"PATH": "/usr/bin:/bin"} | house.environment, timeout=120, check=True
        )
        return broker.redis.llen("polls")

    for number in range(20):
        house.store.add_feed(FeedKind.FEED, f"https://example.org/{number}", now=house.now)
    assert tick() == 20
    house.store.add_feed(FeedKind.FEED, "https://example.org/more", now=house.now)
    assert tick() == 21
    broker.redis.flushall()
    assert tick() == 21
