"""A worker and a beat are well if they did their tick lately; one that stands and does nothing is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import StorageError
from monitor.pipeline.alive import BEAT, SIGN_FOR, last_sign, leave_sign, worker_name
from workers.app import own_name, sign_as
from workers.queues import QUEUES
from workers.tasks import pulse

HOST = socket.gethostname()
READING, MAIL = worker_name(["polls", "pages"]), worker_name(["digests", "ticks"])


def asked(house, *words: str) -> tuple[int, str]:
    """What the command says, as a container's health check runs it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
    done = subprocess.run(
        [sys.executable, "-c", "from monitor.cli import main; main()", "alive", *words],
        env=clean | house.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_each_worker_and_beat_leave_signs_and_who_hangs_leaves_none(house, broker, wait_for):
    """Two workers of the same queue: each gets every tick, and the one that is stopped is told from the other."""
    assert asked(house, "beat") == (
        1,
        f"Beat on {HOST} has done no tick: it is starting, or was started with other queues, or it hangs.",
    )
    reading = house.start("worker", "--queues", "polls,pages", "--concurrency", "1")
    house.start("worker", "--queues", "digests,ticks", "--concurrency", "1")
    house.start("beat", "--every", "1")

    def seen(name):
        return last_sign(house.store, name, HOST) or datetime.min.replace(tzinfo=UTC)

    wait_for(lambda: all(seen(name).year > 1 for name in (READING, MAIL, BEAT)), 40, f"three signs\n{house.logs()}")
    assert asked(house, "beat")[0] == 0
    code, said = asked(house, "worker", "--queues", "pages,polls")
    assert code == 0
    assert said.startswith(f"The worker for pages, polls on {HOST} did its last tick ")
    assert asked(house, "worker")[0] == 1, "no worker was started with all queues"

    os.killpg(reading.pid, signal.SIGSTOP)
    stopped = datetime.now(UTC)
    wait_for(lambda: seen(MAIL) > stopped + timedelta(seconds=4), 30, "the other goes on")
    assert seen(READING) < stopped + timedelta(seconds=1), "a worker that stands still leaves no sign"
    os.killpg(reading.pid, signal.SIGCONT)
    wait_for(lambda: seen(READING) > stopped + timedelta(seconds=4), 30, "it goes on")

    broker.down()
    away = datetime.now(UTC)
    wait_for(lambda: datetime.now(UTC) > away + timedelta(seconds=6), 10, "some ticks without a broker")
    assert seen(BEAT) < away + timedelta(seconds=2), "a tick that nobody took is none"
    broker.up()
    wait_for(lambda: min(seen(BEAT), seen(MAIL)) > away + timedelta(seconds=6), 60, f"all again\n{house.logs()}")
    left = {key.decode() for key in broker.redis.keys("*") if broker.redis.type(key) == b"list"}
    assert left <= {*QUEUES, *(f"{queue}\x06\x16{at}" for queue in QUEUES for at in (3, 6, 9))}, "a list nobody reads"


def test_a_sign_that_is_too_old_is_told_with_what_to_do(house):
    ago = house.now - SIGN_FOR - timedelta(minutes=3, seconds=10)
    leave_sign(house.store, BEAT, "elsewhere", ago)
    code, said = asked(house, "beat", "--host", "elsewhere")
    assert code == 1
    assert said.startswith("Beat on elsewhere did its last tick 8 minutes ")
    assert said.endswith("ago: start it again, and see `hypewatch doctor` and its log.")


def test_a_sign_is_renewed_and_each_host_and_pool_has_its_own(store, clock):
    leave_sign(store, READING, "one", clock.now)
    leave_sign(store, READING, "one", clock.forward(seconds=30))
    assert last_sign(store, READING, "one") == clock.now
    assert (last_sign(store, READING, "two"), last_sign(store, MAIL, "one")) == (None, None)


def test_all_in_one_process_leaves_no_sign(house, monkeypatch):
    """`hypewatch run` has pages, which tell more."""
    assert own_name() is None
    monkeypatch.setattr("workers.app._services", {"open": house.service})
    pulse.run()
    assert last_sign(house.store, READING, HOST) is None
    monkeypatch.setattr("workers.app._names", {})
    sign_as(READING)
    pulse.run()
    assert last_sign(house.store, READING, HOST) is not None


def test_a_database_that_fails_stops_no_tick(house, monkeypatch, caplog):
    from celery.beat import ScheduleEntry

    from workers.app import app
    from workers.local import _SigningScheduler

    def fails(*_: object) -> None:
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr("workers.local.leave_sign", fails)
    monkeypatch.setattr("celery.beat.Scheduler.apply_async", lambda *_, **__: "sent")
    scheduler = type("Signing", (_SigningScheduler,), {"service": house.service})(app, lazy=True)
    entry = ScheduleEntry("pulse", "workers.tasks.pulse", schedule=1, app=app)
    assert scheduler.apply_async(entry) == "sent"
    assert "beat could not leave its sign: The disk is full." in caplog.text


@pytest.mark.parametrize("words", [("worker", "--queues", "poles"), ("cook",)])
def test_what_there_is_not_is_told(house, words):
    done = subprocess.run(
        [sys.executable, "-c", "from monitor.cli import main; main()", "alive", *words],
        env=os.environ | house.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "polls, pages, digests, ticks" in done.stderr or "'worker', 'beat'" in done.stderr
