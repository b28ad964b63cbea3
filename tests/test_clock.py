"""The clock that all processes of an installation share."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitor import clock as module
from monitor.clock import ASK_AGAIN_S, ASK_EACH_S, SharedClock, utc_now
from monitor.core.errors import StorageError
from monitor.service import Service
from monitor.settings import load

AHEAD = timedelta(minutes=5)


class There:
    """A database whose clock is five minutes ahead of ours, and which can be away."""

    def __init__(self):
        self.asked, self.off, self.away = 0, AHEAD, False

    def __call__(self):
        self.asked += 1
        if self.away:
            raise StorageError("The database server does not answer.", "Start it.")
        return utc_now() + self.off


@pytest.fixture
def steady(monkeypatch):
    """The steady clock, which goes on when it is told to; the wall's goes with it."""

    class Steady:
        now = 1000.0

    monkeypatch.setattr(module.time, "monotonic", lambda: Steady.now)
    monkeypatch.setattr(module.time, "time", lambda: Steady.now + Steady.jumped)
    Steady.jumped = 0.0
    return Steady


def near(clock, off):
    return abs(clock() - utc_now() - off) < timedelta(seconds=1)


def test_it_is_the_databases_and_asked_once_a_minute(steady):
    there = There()
    clock = SharedClock(there)
    assert near(clock, AHEAD)
    steady.now += ASK_EACH_S - 1
    assert near(clock, AHEAD)
    assert there.asked == 1
    there.off = timedelta(minutes=-1)
    steady.now += 2
    assert near(clock, timedelta(minutes=-1))
    assert there.asked == 2


def test_a_clock_that_was_set_meanwhile_or_a_machine_that_slept_is_asked_about_at_once(steady):
    there = There()
    clock = SharedClock(there)
    clock()
    steady.jumped += 3600
    there.off = AHEAD - timedelta(hours=1)
    assert near(clock, AHEAD - timedelta(hours=1))
    clock()
    assert there.asked == 2


def test_while_the_database_is_away_the_last_answer_holds(steady, caplog):
    there = There()
    clock = SharedClock(there)
    clock()
    there.away = True
    steady.now += ASK_EACH_S
    assert near(clock, AHEAD)
    assert near(clock, AHEAD)
    assert there.asked == 2
    assert "could not be asked: The database server does not answer." in caplog.text
    there.away, there.off = False, timedelta(0)
    steady.now += ASK_AGAIN_S
    assert near(clock, timedelta(0))


def test_before_the_first_answer_it_is_our_own(steady):
    there = There()
    there.away = True
    assert near(SharedClock(there), timedelta(0))


def test_a_database_that_hangs_holds_up_one_and_not_the_others(steady):
    hangs, over, asked = threading.Event(), threading.Event(), []

    def ask():
        asked.append(1)
        if len(asked) > 1:
            hangs.set()
            over.wait(20)
        return utc_now() + AHEAD

    clock = SharedClock(ask)
    clock()
    steady.now += ASK_EACH_S
    held = threading.Thread(target=clock)
    held.start()
    assert hangs.wait(20)
    assert near(clock, AHEAD), "this one does not wait"
    assert len(asked) == 2
    over.set()
    held.join()


def test_a_service_takes_the_servers_clock_and_of_a_file_its_own(postgresql_url, sqlite_url, tmp_path, caplog):
    for url, said in ((postgresql_url, True), (sqlite_url, False)):
        caplog.clear()
        service = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": url}))
        before = datetime.now(UTC)
        with time_machine.travel(before + timedelta(days=2), tick=True):
            told = service.clock()
        service.store.close()
        assert (abs(told - before) < timedelta(minutes=1)) is said
        assert ("ahead of that of the database, which is used instead" in caplog.text) is said
