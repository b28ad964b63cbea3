"""Processes as they are deployed, a broker that can be taken away, and a newsroom of many feeds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as local_time
from typing import TYPE_CHECKING

import pytest

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import Wishes
from monitor.core.judgement import Severity
from monitor.core.mention import TextFrom
from monitor.core.model import FeedKind
from monitor.core.search.nodes import Query
from monitor.service import Service
from monitor.settings import load
from tests.fakes.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _wait_for(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Ask until it holds; returns the seconds it took, fails with `what` after `seconds`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.fixture
def wait_for():
    """`wait_for(holds, seconds, what)`."""
    return _wait_for


@pytest.fixture
def broker(redis_url):
    """A real Redis, emptied, behind a proxy; `broker.redis()` is a client that goes straight to it."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        proxy = Proxy(redis_url)
        proxy.redis = client
        proxy.up()
        yield proxy
        proxy.down()


MAIN = "from monitor.cli import main; main()"
#: A process as on a machine whose clock is set wrong, with all that it starts.
OTHER_CLOCK = (
    "import time_machine, datetime as d; "
    "time_machine.travel(d.datetime.now(d.UTC) + d.timedelta(seconds={}), tick=True).start(); "
)


@dataclass
class House:
    """One installation: its settings, a Service of our own to look into it, and its processes."""

    environment: dict[str, str]
    folder: Path
    service: Service
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def store(self):
        return self.service.store

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def start(self, *command: str, ahead: float = 0, before: str = "", **more: str) -> subprocess.Popen[bytes]:
        """Start `hypewatch ...` in a process group of its own; what it says goes into a log in the folder. `ahead`: so many seconds
        its machine's clock is before ours; `before`: Python that it runs first.
        """
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
        with (self.folder / f"{command[0]}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", before + (OTHER_CLOCK.format(ahead) if ahead else "") + MAIN, *command],
                env=clean | self.environment | more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the whole group: no handler runs, no child survives."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in self.running:
            self.kill(process)
        self.service.store.close()


def build(folder: Path, web, broker_url: str, database_url: str, smtp_url: str = "") -> House:
    """An installation on these servers; without a mail server its mails go into an outbox."""
    environment = {
        "HYPEWATCH_HOME": str(folder / "home"),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_BROKER_URL": broker_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
        "HYPEWATCH_HOST_GAP": "0",
        "HYPEWATCH_SMTP_URL": smtp_url or f"outbox:{folder / 'outbox'}",
    }
    built = House(environment, folder, Service(load(environment)))
    built.service.make_home()
    return built


@pytest.fixture
def house(request, web, broker, tmp_path) -> Iterator[House]:
    """An installation with Redis and an outbox, on SQLite or on the database fixture that the test's parameter names."""
    url = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    built = build(tmp_path, web, broker.url, url)
    yield built
    built.close()


def article(number: int) -> str:
    """A text of its own about the study."""
    return (
        f"Report {number}: a paralysed man is walking again after Keio University put iPS cells into his spinal cord. "
        f"Reader {number} wrote to us about it on day {number}."
    )


@pytest.fixture
def newsroom(web, fakes):
    """`newsroom(feeds, items)`: so many feeds of so many items each, every item with a page; returns the addresses."""

    def build(feeds: int, items: int) -> list[str]:
        base = web.url("").rstrip("/")
        for feed in range(feeds):
            entries = ""
            for item in range(items):
                number = feed * items + item
                entries += (
                    f'<item><guid isPermaLink="false">item-{number}</guid><title>Title {number}</title>'
                    f"<link>{base}/page/{number}</link><pubDate>Mon, 24 Mar 2025 08:30:00 GMT</pubDate>"
                    f"<description>{article(number)}</description></item>"
                )
                web[f"/page/{number}"] = fakes.answer(
                    f"<html lang=en><head><title>Title {number}</title></head><body><article><h1>Title {number}</h1>"
                    f"<p>{article(number)}</p><p>Page {number}: two of the four patients improved, the team said.</p>"
                    "</article></body></html>",
                    content_type="text/html; charset=utf-8",
                )
            web[f"/feed/{feed}"] = fakes.answer(
                f'<rss version="2.0"><channel><title>Feed {feed}</title><link>{base}/</link>{entries}</channel></rss>'
            )
        return [f"{base}/feed/{feed}" for feed in range(feeds)]

    return build


# --- what tests ask of it ------------------------------------------------------------------------------------------------


def add_feeds(house, addresses):
    return [house.store.add_feed(FeedKind.FEED, url, now=house.now).id for url in addresses]


def subscribe(house, email="ada@example.org", study_id="keio-ips-sci"):
    person = house.store.add_subscriber(email, "Ada", now=house.now, state="active")
    return house.store.subscribe(
        person.id,
        study_id,
        Wishes(at=local_time(7), zone="UTC", weekdays=tuple(range(7)), threshold=Severity.LOW, quiet=True),
        now=house.now,
        due=Due(house.now, house.now.date().isoformat()),
    )


def mentions(house):
    return house.store.search(Query(), limit=1000)


def all_read(house, count):
    """`count` mentions, each with the text of its page."""
    found = mentions(house)
    return len(found) == count and all(mention.text_from is TextFrom.PAGE for mention in found)


def as_written(house, count):
    """Exactly what the newsroom published, once each."""
    return sorted(mention.title for mention in mentions(house)) == sorted(f"Title {number}" for number in range(count))


def ledger(house):
    return [(row.attempt, row.outcome) for row in house.store.deliveries()]


def serve(house, wait_for, **more):
    """Start the pages; returns a function that asks one and says how long it took; its `address` is theirs."""
    process = house.start("serve", "--port", "0", **more)
    said = house.folder / f"serve-{len(house.running) - 1}.log"
    wait_for(lambda: "Hypewatch is at" in said.read_text() or process.poll() is not None, 20, "the pages start")
    address = next(line for line in said.read_text().splitlines() if "Hypewatch is at" in line).split()[-1]

    def ask(path: str = "mentions") -> tuple[int, float]:
        began = time.monotonic()
        try:
            with urllib.request.urlopen(address + path, timeout=10) as answer:
                return answer.status, time.monotonic() - began
        except urllib.error.HTTPError as error:
            return error.code, time.monotonic() - began

    ask.address = address
    return ask


def asked(house, *command, **more):
    """Of a command its exit code, and what it says, on one line."""
    process = house.start(*command, **more)
    code = process.wait(60)
    (log,) = house.folder.glob(f"{command[0]}-{len(house.running) - 1}.log")
    return code, " ".join(log.read_text().split())
