"""Processes as they are deployed, a broker that can be taken away, and a newsroom of many feeds."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from monitor.service import Service
from monitor.settings import load

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


class Proxy:
    """Stands between us and Redis, and can go away (`down`), fall silent (`freeze`) and come back (`up`)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port or 6379)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self.url = parts._replace(netloc=f"127.0.0.1:{self.port}").geturl()
        self._pipes: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener: socket.socket | None = None

    def up(self) -> None:
        self._flowing.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Like a killed broker: connections break, new ones are refused."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for pipe in list(self._pipes):
            with contextlib.suppress(OSError):
                pipe.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Like a stopped broker: connections stand, new ones are made, and nothing ever answers."""
        self._flowing.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                ours, _ = listener.accept()
                theirs = socket.create_connection(self._target)
            except OSError:
                return
            self._pipes |= {ours, theirs}
            threading.Thread(target=self._pump, args=(ours, theirs), daemon=True).start()

    def _pump(self, ours: socket.socket, theirs: socket.socket) -> None:
        other = {ours: theirs, theirs: ours}
        with ours, theirs, selectors.DefaultSelector() as selector:
            for end in other:
                selector.register(end, selectors.EVENT_READ)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in selector.select():
                        piece = key.fileobj.recv(65536)
                        self._flowing.wait()
                        if not piece:
                            return
                        other[key.fileobj].sendall(piece)
        self._pipes -= {ours, theirs}


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

    def start(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start `hypewatch ...` in a process group of its own; what it says goes into a log in the folder."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
        with (self.folder / f"{command[0]}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", "from monitor.cli import main; main()", *command],
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


@pytest.fixture
def house(request, web, broker, tmp_path) -> Iterator[House]:
    """An installation with Redis and an outbox, on SQLite or on the database fixture that the test's parameter names."""
    url = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    environment = {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_DATABASE_URL": url,
        "HYPEWATCH_BROKER_URL": broker.url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
        "HYPEWATCH_HOST_GAP": "0",
        "HYPEWATCH_SMTP_URL": f"outbox:{tmp_path / 'outbox'}",
    }
    built = House(environment, tmp_path, Service(load(environment)))
    built.service.make_home()
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
