"""What takes too long for each change: two machines of which one is killed, and a soak. Printed, and kept in the guide's operations.

`python -m tests.faults.long machines [--feeds 1000]`: two installations' worth of processes that share a PostgreSQL and a Redis and
nothing else, two workers each; all of one side is killed in the middle of 1,000 feeds and started again. All that was due must be done
within 120 s of that, and nothing twice.

`python -m tests.faults.long soak [--minutes 30] [--feeds 200]`: one installation, whose feeds are asked again and again and tell
something new now and then, while the pages are read: memory and open files of each process, minute by minute.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.model import FeedKind
from monitor.storage.tables import feeds as feed_table
from monitor.storage.tables import mentions
from tests.conftest import running_postgres, running_redis
from tests.fakes.house import House, article, build

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How long after its return all that was due must be done, seconds.
DONE_WITHIN = 120
ITEMS = 2
#: Between two rounds of a soak, seconds: a day's polls (48 of each feed) come in a few minutes.
PAUSE = 5.0
#: A process may grow by so much between the first third of a soak and the last, as a share.
GROWTH = 0.10


class Newsroom(ThreadingHTTPServer):
    """Feeds at /feed/N, each with its items; `told` is how many each tells, and what it is asked is counted."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told, self.asked = ITEMS, itertools.count()
        self.host = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def feed(self, number: int) -> bytes:
        items = "".join(
            f'<item><guid isPermaLink="false">{number}-{item}</guid><title>Title {number}-{item}</title>'
            f"<pubDate>Mon, 24 Mar 2025 08:30:00 GMT</pubDate><description>{article(number * 1_000 + item)}</description></item>"
            for item in range(self.told)
        )
        return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


class _Handler(BaseHTTPRequestHandler):
    server: Newsroom

    def do_GET(self) -> None:
        next(self.server.asked)
        tag = f'"{self.server.told}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        body = self.server.feed(int(self.path.rpartition("/")[2]))
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextlib.contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """A PostgreSQL as it would be deployed, and a Redis: (database, broker)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running_postgres(quick=False) as database, running_redis(port):
        yield database, f"redis://127.0.0.1:{port}/0"


def machine(folder: Path, name: str, newsroom: Newsroom, database: str, broker: str) -> House:
    """What one machine has of the installation: a home of its own."""
    home = folder / name
    home.mkdir()
    return build(home, newsroom, broker, database)


def begin(house: House, workers: int) -> None:
    house.start("beat", "--every", "2")
    for _ in range(workers):
        house.start("worker", "--concurrency", "1")


def due_now(house: House) -> None:
    with house.store._db.write() as conn:
        conn.execute(sa.update(feed_table).values(due_at=datetime.now(UTC)))


def unread(house: House) -> int:
    """Feeds that are due, or being read."""
    with house.store._db.read() as conn:
        due = sa.select(sa.func.count()).where(feed_table.c.due_at <= datetime.now(UTC))
        held = sa.select(sa.func.count()).where(feed_table.c.lease_until > datetime.now(UTC))
        return int((conn.scalar(due) or 0) + (conn.scalar(held) or 0))


def stored(house: House) -> tuple[int, int]:
    """Mentions, and how many different ones."""
    with house.store._db.read() as conn:
        row = conn.execute(sa.select(sa.func.count(), sa.func.count(mentions.c.text.distinct()))).one()
    return int(row[0]), int(row[1])


def machines(count: int) -> int:
    newsroom = Newsroom()
    with tempfile.TemporaryDirectory() as folder, servers() as (database, broker):
        ours, other = (machine(Path(folder), name, newsroom, database, broker) for name in ("one", "two"))
        ours.store.upgrade()
        for number in range(count):
            ours.store.add_feed(FeedKind.FEED, f"http://{newsroom.host}/feed/{number}", now=datetime.now(UTC))
        try:
            for house in (ours, other):
                begin(house, 2)
            begun = time.monotonic()
            while unread(ours) > count * 0.8:
                time.sleep(0.5)
            print(
                f"{unread(ours):,} of {count:,} feeds left after {time.monotonic() - begun:.0f} s: machine two is killed",
                flush=True,
            )
            for process in list(other.running):
                other.kill(process)
            time.sleep(10)
            print(f"{unread(ours):,} left after 10 s alone: it comes back", flush=True)
            other.running.clear()
            begin(other, 2)
            back = time.monotonic()
            while unread(ours):
                if time.monotonic() - back > DONE_WITHIN:
                    break
                time.sleep(0.5)
            took = time.monotonic() - back
            held, different = stored(ours)
            print(
                f"{unread(ours):,} left {took:.0f} s after its return; {held:,} mentions of {count * ITEMS:,}, {held - different} twice"
            )
            return 0 if not unread(ours) and held == different == count * ITEMS else 1
        finally:
            ours.close()
            other.close()


# --- soak ------------------------------------------------------------------------------------------------------------


def soak(minutes: float, count: int) -> int:
    newsroom = Newsroom()
    with tempfile.TemporaryDirectory() as folder, servers() as (database, broker):
        house = machine(Path(folder), "one", newsroom, database, broker)
        house.store.upgrade()
        for number in range(count):
            house.store.add_feed(FeedKind.FEED, f"http://{newsroom.host}/feed/{number}", now=datetime.now(UTC))
        try:
            begin(house, 1)
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            house.start("serve", "--port", str(port))
            names = ("beat", "worker", "pages")
            rows: list[list[tuple[int, int]]] = []
            end, minute = time.monotonic() + 60 * minutes, 0
            polled = 0
            print("| minute | polls | " + " | ".join(f"{name}, MB | files" for name in names) + " |", flush=True)
            while time.monotonic() < end:
                minute += 1
                newsroom.told = ITEMS + minute // 5
                stop = time.monotonic() + 60
                while time.monotonic() < stop:
                    if not unread(house):
                        polled += count
                        due_now(house)
                    with (
                        contextlib.suppress(OSError),
                        urllib.request.urlopen(f"http://127.0.0.1:{port}/mentions", timeout=10) as page,
                    ):
                        page.read()
                    time.sleep(PAUSE)
                rows.append([used(process.pid) for process in house.running])
                print(
                    f"| {minute} | {polled:,} | " + " | ".join(f"{mb} | {files}" for mb, files in rows[-1]) + " |",
                    flush=True,
                )
            # A worker's child is replaced after some hundred tasks, so the most of a third says what one minute does not.
            third = max(1, len(rows) // 3)
            print("most in the first third and in the last: ", end="")
            failed = False
            for at, name in enumerate(names):
                first, last = ([row[at] for row in some] for some in (rows[:third], rows[-third:]))
                memory, files = ([max(one[of] for one in some) for some in (first, last)] for of in (0, 1))
                (early, late), (opened, open_) = memory, files
                failed = failed or late > early * (1 + GROWTH) or open_ > opened + 5
                print(f"{name} {early} and {late} MB, {opened} and {open_} files", end="; ")
            print()
            return 1 if failed else 0
        finally:
            house.close()


def used(pid: int) -> tuple[int, int]:
    """MB of memory and open files of a process and its children. A child's are those that it does not share: a fork has its parent's."""
    pids = [pid, *children(pid)]
    kilobytes = kilobytes_of(pid, "Rss") + sum(
        kilobytes_of(child, "Private_Clean", "Private_Dirty") for child in pids[1:]
    )
    files = sum(sum(1 for _ in Path(f"/proc/{one}/fd").iterdir()) for one in pids)
    return kilobytes * 1024 // 1_000_000, files


def kilobytes_of(pid: int, *kinds: str) -> int:
    rows = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(row[1]) for row in rows if row[0].rstrip(":") in kinds)


def children(pid: int) -> list[int]:
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*found, *(more for one in found for more in children(one))]


def main() -> int:
    asked = argparse.ArgumentParser()
    what = asked.add_subparsers(dest="what", required=True)
    two = what.add_parser("machines")
    two.add_argument("--feeds", type=int, default=1_000)
    long = what.add_parser("soak")
    long.add_argument("--minutes", type=float, default=30)
    long.add_argument("--feeds", type=int, default=200)
    given = asked.parse_args()
    return machines(given.feeds) if given.what == "machines" else soak(given.minutes, given.feeds)


if __name__ == "__main__":
    sys.exit(main())
