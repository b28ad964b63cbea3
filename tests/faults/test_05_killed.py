"""Workers that are killed in the middle of their work (reliability, fault 5): the process group ten times during 200 items; 200
mentions, 0 doubles, all pages whole and each digest sent within 120 s of the last kill.
"""

from __future__ import annotations

import random
import time

from monitor.core.mention import TextFrom
from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.pipeline import poll
from tests.conftest import running_redis
from tests.fakes.house import add_feeds, as_written, subscribe
from tests.faults.history import broken_laws

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


def sent(house):
    return sum(digest.state == "sent" for digest in house.store.digests())


def test_the_process_groups_are_killed_ten_times(houses, web, newsroom, sink, wait_for):
    """Whatever was in flight is done by another, and nothing is there twice; on both databases at once."""
    built, port = houses
    addresses = newsroom(FEEDS, ITEMS)
    for path, page in [(path, page) for path, page in web.scripts.items() if path.startswith("/page/")]:
        # A slow page, so that a kill finds work in flight.
        web[path] = lambda _asked, page=page: iter((0.1, page))
    with running_redis(port):
        for house in built:
            add_feeds(house, addresses)
            house.start("beat", "--every", "1")
        interrupted = sum(killed_once(number, built, web, wait_for) for number in range(KILLS))
        assert interrupted >= KILLS // 2, "the kills found no work in flight: the test is too weak"
        for house in built:
            assert counts(house)[1] < FEEDS * ITEMS, "all was done before the last kill: the test is too weak"
            house.start("worker", "--concurrency", "2")
        whole = (FEEDS * ITEMS, FEEDS * ITEMS)
        took = wait_for(
            lambda: [counts(house) for house in built] == [whole, whole],
            DONE_WITHIN,
            f"all is done; {[counts(house) for house in built]}",
        )
        mailed = took + wait_for(
            lambda: [sent(house) for house in built] == [KILLS, KILLS], DONE_WITHIN, "each digest is sent"
        )
    for house in built:
        assert as_written(house, FEEDS * ITEMS)
        assert not any(feed.quarantined for feed in house.store.feeds())
        theirs = [one for one in sink.taken if one[0].endswith(f".{house.folder.name}@example.org")]
        assert broken_laws(house.store, theirs) == []
        assert len(theirs) <= 2 * KILLS
    print(f"{interrupted} of {KILLS} kills met work in flight; read {took:.0f} s after the last, mailed {mailed:.0f} s")  # noqa: T201 - with `pytest -s`


def killed_once(number, built, web, wait_for):
    """Workers begin, with one more digest due, and are killed: was there work in flight?"""
    workers, before = [], len(web.asked)
    for house in built:
        subscribe(house, f"reader{number}.{house.folder.name}@example.org")
        workers.append(house.start("worker", "--concurrency", "2"))
    # Longer than a lease: on a busy machine all that is left may be what the last workers held.
    wait_for(lambda: len(web.asked) > before, 100, f"worker {number} works")
    time.sleep(random.uniform(0, 1.5))
    for house, worker in zip(built, workers, strict=True):
        house.kill(worker)
    return any(in_flight(house) for house in built)
