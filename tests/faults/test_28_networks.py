"""Networks that are late, silent, broken off or slow (reliability, fault 28), between us and Redis, PostgreSQL, the mail server and the
feeds: when it ends, all goes on, and nothing is lost or doubled.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack

import pytest

from tests.fakes.house import add_feeds, all_read, as_written, build, serve, subscribe
from tests.fakes.proxy import Fault, Proxy
from tests.faults.history import broken_laws

#: How long each fault lasts at least and at most, how long the pages may take while the database is well, and by when all is done, seconds.
LASTS, MOST, WEB_SECONDS, DONE_WITHIN = 6, 30, 2.0, 240
FEEDS_EACH, ITEMS = 1, 1


@pytest.fixture
def lines(postgresql_url, redis_url, sink, web):
    """A proxy on each way to another server."""
    found = {
        "redis": Proxy(redis_url),
        "mail": Proxy(sink.url),
        "feeds": Proxy(web.url("")),
        "database": Proxy(postgresql_url),
    }
    for proxy in found.values():
        proxy.up()
    yield found
    for proxy in found.values():
        proxy.down()


def test_every_fault_on_every_line(lines, web, sink, postgresql_url, newsroom, wait_for, tmp_path):
    """Each fault begins with a feed to read and a digest to send; they are tried again as they are in ordinary life."""
    house = build(tmp_path, web, lines["redis"].url, lines["database"].url, lines["mail"].url)
    straight = build(tmp_path, web, lines["redis"].url, postgresql_url, lines["mail"].url)
    allowed = f"{web.host},127.0.0.1:{lines['feeds'].port}"
    faults = [(line, fault) for line in lines for fault in Fault]
    addresses = [url.replace(web.host, f"127.0.0.1:{lines['feeds'].port}") for url in newsroom(len(faults), ITEMS)]
    answers = []
    with ExitStack() as stack:
        stack.callback(house.close)
        stack.callback(straight.close)
        house.environment["HYPEWATCH_ALLOW_PRIVATE_NETWORKS"] = allowed
        processes = [house.start(*command) for command in (("worker", "--concurrency", "4"), ("beat", "--every", "1"))]
        ask = serve(house, wait_for)
        for number, (line, fault) in enumerate(faults):
            with lines[line].having(fault):
                add_feeds(straight, [addresses[number]])
                subscribe(straight, f"reader{number}@example.org")
                began = time.monotonic()
                # For a while, and until something came by: what failed before may be waiting for its next try.
                while (lasted := time.monotonic() - began) < LASTS or (not lines[line].met and lasted < MOST):
                    if line != "database":
                        answers.append(ask())
                    time.sleep(0.5)
            assert lines[line].met, f"nothing came by while {line} had {fault}: the test is too weak"
            wait_for(lambda: ask()[0] == 200, 15, f"the pages answer after {line}: {fault}\n{house.logs()}")
            if line in {"redis", "feeds"}:  # what is late there must not meet the next line's faults
                reader = f"reader{number}@example.org"
                wait_for(
                    lambda reader=reader: reader in {to for to, _ in sink.taken},
                    DONE_WITHIN,
                    f"it is sent after {line}: {fault}\n{house.logs()}",
                )
        read_again(straight)
        wait_for(lambda: all_read(straight, len(faults) * ITEMS), DONE_WITHIN, f"all is read\n{house.logs()}")
        wait_for(lambda: sent(straight) == len(faults), DONE_WITHIN, f"all is sent {states(straight)}\n{house.logs()}")
        assert {process.poll() for process in processes} == {None}
        assert as_written(straight, len(faults) * ITEMS)
        assert broken_laws(straight.store, sink.taken) == []
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < WEB_SECONDS
    copies = Counter(recipient for recipient, _ in sink.taken)
    assert set(copies) == {f"reader{number}@example.org" for number in range(len(faults))}
    twice = {faults[int(to.partition("@")[0].removeprefix("reader"))] for to, count in copies.items() if count > 1}
    assert {line for line, _ in twice} <= {"mail", "database"}, "a copy more is only where an answer was lost"


def sent(house):
    return sum(digest.state == "sent" for digest in house.store.digests())


def states(house):
    return Counter((digest.state.value, digest.sentence) for digest in house.store.digests())


def read_again(house):
    """As a person does who does not want to wait for the next time: every feed that failed is resumed."""
    for feed in house.store.feeds():
        if feed.last_success_at is None:
            house.store.set_feed(feed.id, due_at=house.now)
