"""Servers and clocks that nobody controls (reliability, fault 28): PostgreSQL restarted in mid-digest, workers whose clocks are
minutes apart. Nothing is lost, and nothing is done twice.
"""

from __future__ import annotations

import re
import signal
import time
from collections import Counter

import pytest

from tests.conftest import postgres_server
from tests.fakes.house import add_feeds, all_read, as_written, build, subscribe
from tests.faults.history import broken_laws

MINUTES_APART, READERS, FEEDS, ITEMS = 5, 12, 3, 4
DONE_WITHIN = 120


def sent(house):
    return sum(digest.state == "sent" for digest in house.store.digests())


@pytest.fixture
def house(web, broker, sink, postgresql_url, tmp_path):
    built = build(tmp_path, web, broker.url, postgresql_url, sink.url)
    yield built
    built.close()


@pytest.mark.parametrize("beat_ahead", [-MINUTES_APART * 60, MINUTES_APART * 60], ids=["beat behind", "beat ahead"])
def test_workers_whose_clocks_are_apart(house, web, newsroom, sink, wait_for, beat_ahead):
    """By its own clock each would take the others' leases for lapsed, or their messages for expired."""
    add_feeds(house, newsroom(FEEDS, ITEMS))
    for path, page in list(web.scripts.items()):
        web[path] = lambda _asked, page=page: iter((0.5, page))
    sink.before_reply = lambda: time.sleep(1)  # so that each mail can be met while it is sent
    for number in range(READERS):
        subscribe(house, f"reader{number}@example.org")
    for ahead in (-MINUTES_APART * 60, MINUTES_APART * 60):
        house.start("worker", "--concurrency", "2", ahead=ahead)
    house.start("beat", "--every", "1", ahead=beat_ahead)
    wait_for(lambda: sent(house) == READERS, DONE_WITHIN, f"all is sent\n{house.logs()}")
    wait_for(lambda: all_read(house, FEEDS * ITEMS), DONE_WITHIN, f"all is read\n{house.logs()}")
    time.sleep(3)
    assert as_written(house, FEEDS * ITEMS)
    assert Counter(recipient for recipient, _ in sink.taken) == {f"reader{n}@example.org": 1 for n in range(READERS)}
    assert {row.outcome for row in house.store.deliveries()} == {"sent"}
    asked = Counter(asked.path for asked in web.asked if asked.path.startswith(("/page/", "/feed/")))
    assert set(asked.values()) == {1}, "two workers held one lease"
    assert broken_laws(house.store, sink.taken) == []
    # What they wrote down is the time as it is where the database is.
    assert all(abs((row.started_at - house.now).total_seconds()) < DONE_WITHIN for row in house.store.deliveries())
    for said in ("ahead of", "behind"):
        assert re.search(rf"The clock of this machine is (29|30)\d s {said} that of the database", house.logs())


def test_postgresql_restarted_in_mid_digest(web, broker, newsroom, sink, wait_for, tmp_path):
    """Twice in order, once as after a crash: everybody gets one mail."""
    with postgres_server(quick=False) as server:
        house = build(tmp_path, web, broker.url, server.url, sink.url)
        try:
            addresses = newsroom(FEEDS, ITEMS)
            house.store.upgrade()
            add_feeds(house, addresses)
            sink.before_reply = lambda: time.sleep(0.5)
            for number in range(3 * READERS):
                subscribe(house, f"reader{number}@example.org")
            house.start("worker", "--concurrency", "2")
            house.start("worker", "--concurrency", "2")
            house.start("beat", "--every", "1")
            for at, sign in enumerate([signal.SIGINT, signal.SIGQUIT, signal.SIGINT], 1):
                wait_for(lambda at=at: len(sink.taken) >= 8 * at, 60, f"it sends\n{house.logs()}")
                server.stop(sign)
                time.sleep(2)
                server.start()
            wait_for(lambda: sent(house) == 3 * READERS, DONE_WITHIN, f"all is sent\n{house.logs()}")
            wait_for(lambda: all_read(house, FEEDS * ITEMS), DONE_WITHIN, f"all is read\n{house.logs()}")
            assert as_written(house, FEEDS * ITEMS)
            wanted = {f"reader{n}@example.org": 1 for n in range(3 * READERS)}
            assert Counter(recipient for recipient, _ in sink.taken) == wanted
            assert broken_laws(house.store, sink.taken) == []
        finally:
            house.close()
