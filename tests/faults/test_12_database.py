"""A database that is held, full or broken off (reliability, fault 12), as people meet it: a sentence with 503 or an exit code, never a
traceback; and the file is whole.
"""

from __future__ import annotations

import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request

import psycopg
import pytest

from tests.fakes.house import add_feeds, asked, mentions, serve

#: How long a writer waits for another, and what an answer may take besides, seconds.
WAITS, MORE = 10, 3
LATER = 200
FEED = "https://lantern.example/feed.xml"
#: No file of this process can grow beyond so many bytes: as on a disk that is full.
ONE_WRITE = 8_192  # less than what is written for one small thing
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); "


@pytest.fixture
def post(house, wait_for):
    """`post(**of the process)`: start the pages; returns a function that adds a source by a form: (status, page, seconds)."""

    def begin(**more):
        ask = serve(house, wait_for, **more)

        def add(url):
            form = urllib.parse.urlencode({"kind": "feed", "url": url}).encode()
            began = time.monotonic()
            try:
                with urllib.request.urlopen(ask.address + "sources", form, timeout=30) as answer:
                    return answer.status, answer.read().decode(), time.monotonic() - began
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode(), time.monotonic() - began

        return ask, add

    return begin


def whole(house):
    with sqlite3.connect(house.environment["HYPEWATCH_DATABASE_URL"].removeprefix("sqlite:///")) as conn:
        return conn.execute("PRAGMA integrity_check").fetchone()[0]


@pytest.mark.parametrize("house", ["sqlite_url", "postgresql_url"], indirect=True)
def test_a_lock_that_is_held(house, post):
    """Whoever reads is answered at once, whoever writes is told after ten seconds, and after the lock all is as before."""
    house.store.feeds()
    ask, add = post()
    url = house.environment["HYPEWATCH_DATABASE_URL"]
    if url.startswith("sqlite"):
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
    else:
        holder = psycopg.connect(url)
        holder.execute("LOCK TABLE feeds IN EXCLUSIVE MODE")
    read = ask("sources")
    status, page, seconds = add(FEED)
    code, said = asked(house, "feeds", "add", FEED)
    holder.rollback()
    holder.close()
    assert read[0] == 200
    assert read[1] < MORE
    assert status == 503
    assert "held by another program" in page
    assert WAITS - 1 < seconds < WAITS + MORE
    assert code == 1
    assert "held by another program" in said
    assert "Traceback" not in page + said + house.logs()
    assert add(FEED)[0] == 200
    assert [feed.url for feed in house.store.feeds()] == [FEED]


def test_a_disk_that_is_full(house, post, newsroom, wait_for):
    """Told by page, command and worker; nothing is half written, and with room again the work is done."""
    add_feeds(house, newsroom(2, 5))
    before = mentions(house)
    house.service.key  # noqa: B018 - what is written when it is first started is there
    full = FULL.format(200_000)
    _, add = post(before=FULL.format(ONE_WRITE))
    running = house.start("run", "--port", "0", before=full, HYPEWATCH_BROKER_URL="memory://")
    wait_for(lambda: "The disk with" in house.logs(), 60, f"the worker says so\n{house.logs()}")
    status, page, _ = add(FEED)
    code, said = asked(house, "feeds", "add", FEED, before=FULL.format(ONE_WRITE))
    assert status == 503
    assert "The disk with" in page
    assert code == 1
    assert "The disk with" in said
    assert "Traceback" not in page + said
    house.kill(running)
    assert mentions(house) == before == ()
    assert whole(house) == "ok"
    # Later than the leases of what failed.
    house.start("run", "--port", "0", ahead=LATER, HYPEWATCH_BROKER_URL="memory://")
    wait_for(lambda: len(mentions(house)) == 10, 60, f"it goes on\n{house.logs()}")
    assert whole(house) == "ok"
