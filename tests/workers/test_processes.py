"""Worker, beat and pages as processes of their own, on a real Redis that is flushed, killed and frozen meanwhile."""

from __future__ import annotations

import base64
import json
import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from monitor.service import Service
from monitor.settings import load
from tests.fakes.house import add_feeds, all_read, as_written, ledger, mentions, serve, subscribe
from workers.local import LocalWorkers
from workers.queues import QUEUES

DATABASES = pytest.mark.parametrize("house", ["sqlite_url", "postgresql_url"], indirect=True)
#: The pages must answer in this time whatever the broker does (reliability, fault 4).
WEB_SECONDS = 2.0


@contextmanager
def flushing(broker, every=0.2):
    """FLUSHALL again and again."""
    over = threading.Event()

    def flush():
        while not over.wait(every):
            broker.redis.flushall()

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_one_process_on_memory(web, sqlite_url, tmp_path, newsroom, wait_for):
    """`hypewatch run`: the same tasks, worker and beat as threads."""
    environment = {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_DATABASE_URL": sqlite_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
        "HYPEWATCH_HOST_GAP": "0",
    }

    service = Service(load(environment))
    house = SimpleNamespace(store=service.store, now=datetime.now(UTC))
    add_feeds(house, newsroom(2, 3))
    with LocalWorkers(service, every=1):
        wait_for(lambda: all_read(house, 6), 30, "six pages read")
        subscribe(house)
        wait_for(lambda: ledger(house) == [(1, "sent")], 20, "the digest")
    assert as_written(house, 6)
    assert len(list((tmp_path / "home" / "outbox").iterdir())) == 1
    house.store.close()


def test_what_is_due_at_the_start_does_not_wait_for_the_first_tick(web, sqlite_url, tmp_path, newsroom, wait_for):
    environment = {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_DATABASE_URL": sqlite_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
    }
    service = Service(load(environment))
    house = SimpleNamespace(store=service.store, now=datetime.now(UTC))
    add_feeds(house, newsroom(2, 3))
    with LocalWorkers(service, every=3600):
        wait_for(lambda: all_read(house, 6), 15, "six pages read")
    service.store.close()


@DATABASES
def test_processes_on_redis_that_loses_every_message(house, broker, newsroom, wait_for):
    """Two workers, two beats, and FLUSHALL five times a second: late, but whole and once."""
    add_feeds(house, newsroom(4, 5))
    for _ in range(2):
        house.start("worker", "--concurrency", "2")
        house.start("beat", "--every", "1")
    ask = serve(house, wait_for)
    with flushing(broker):
        wait_for(lambda: bool(mentions(house)), 40, "a first mention while everything is flushed")
        time.sleep(3)
    wait_for(lambda: all_read(house, 20), 60, f"20 pages read\n{house.logs()}")
    subscribe(house)
    with flushing(broker):
        wait_for(lambda: ledger(house) == [(1, "sent")], 60, f"the digest\n{house.logs()}")
    assert as_written(house, 20)
    time.sleep(3)  # two beats, two workers, three more ticks
    assert ledger(house) == [(1, "sent")]
    assert as_written(house, 20)
    assert len(list((house.folder / "outbox").iterdir())) == 1
    assert ask("healthz")[0] == 200
    assert "Traceback" not in house.logs()


def test_a_message_holds_nothing_but_an_id(house, broker, newsroom, wait_for):
    """A worker of ticks alone: what it queues for the others lies in Redis to be looked at."""
    ids = add_feeds(house, newsroom(3, 1))
    house.start("worker", "--queues", "ticks", "--concurrency", "1")
    house.start("beat", "--every", "1")
    wait_for(lambda: broker.redis.llen("polls") >= 3, 30, "three polls queued")
    messages = [json.loads(raw) for raw in broker.redis.lrange("polls", 0, -1)]
    found = set()
    for message in messages:
        args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
        assert (message["headers"]["task"], kwargs) == ("workers.tasks.poll_feed", {})
        found |= set(args)
    assert found == set(ids)
    assert {key.decode() for key in broker.redis.keys("*") if key.decode() in QUEUES} <= {"polls", "ticks"}


@pytest.mark.parametrize("command", [("run", "--port", "0"), ("serve", "--port", "0"), ("worker",), ("beat",)])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_every_process_ends_when_it_is_told_to(house, command, sign, wait_for):
    """A service manager and a container send SIGTERM, a person presses Ctrl-C: it ends at once and without a traceback."""
    more = {"HYPEWATCH_BROKER_URL": "memory://"} if command[0] == "run" else {}
    process = house.start(*command, **more)
    if command[0] in {"run", "serve"}:
        wait_for(lambda: "Hypewatch is at" in house.logs(), 20, f"it starts\n{house.logs()}")
    else:
        time.sleep(3)
    assert process.poll() is None, house.logs()
    process.send_signal(sign)
    wait_for(lambda: process.poll() is not None, 15, f"it ends\n{house.logs()}")
    assert "Traceback" not in house.logs(), house.logs()
