"""How long 500 feeds take, everything on: `python tests/benchmarks/cycle.py [feeds]`. Prints a table; pytest never runs it.

A server in a process of its own gives out feeds in four formats with 25 entries each, every fifth with an article about
the study, and answers 304 to who sends the ETag back. They are polled by the worker that `hypewatch run` starts: fetched,
parsed in the child, compared, judged, stored and indexed. The yardstick is what a script would do: requests and
feedparser in as many threads, which checks no address, keeps no deadline and stores nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import socket
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import requests

from monitor.core.model import FeedKind, Outcome
from monitor.core.search.nodes import Query
from monitor.service import Service
from monitor.settings import load
from workers.local import LocalWorkers
from workers.tasks import dispatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.ports import Store

ENTRIES, EVERY = 25, 5
#: What must hold on two cores, in seconds.
COLD, UNCHANGED = 60, 15
NOW = datetime.now(UTC)
ABOUT = (
    "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord. "
    "The team of Hideyuki Okano treated four patients; two of them improved, one of them by two grades. "
)
OTHER = (
    "The council of town {a} voted on the budget of district {b} yesterday, and the library in street {c} stays open. "
    "Trains on line {a} run later this week because bridge {b} is repaired; buses take over between stops {c} and {a}. "
)


def entry(feed: int, number: int) -> tuple[str, str, str, datetime]:
    """Link path, title, text, date of one entry; texts differ from each other."""
    key = feed * ENTRIES + number
    about = number == 3 and feed % EVERY == 0
    text = OTHER.format(a=key, b=key * 7 % 991, c=key * 13 % 877)
    title = f"Paralysed man walks again, report {key}" if about else f"Council {key} votes on budget"
    text = f"{ABOUT}Our reporter {key} asked doctor {key % 83} about it. {text}" if about else text * 2
    return f"/article/{key}", title, text, NOW - timedelta(minutes=key % 3000)


def feed_body(feed: int, base: str) -> tuple[bytes, str]:
    """One feed and its Content-Type: RSS 2.0, Atom, RDF and JSON Feed in turn."""
    rows = [entry(feed, number) for number in range(ENTRIES)]
    if feed % 4 == 3:
        items = [
            {"id": path, "url": base + path, "title": title, "content_text": text, "date_published": at.isoformat()}
            for path, title, text, at in rows
        ]
        made = {"version": "https://jsonfeed.org/version/1.1", "title": f"Paper {feed}", "items": items}
        return json.dumps(made).encode(), "application/feed+json"
    if feed % 4 == 1:
        items = "".join(
            f'<entry><id>{base}{path}</id><title>{escape(title)}</title><link href="{base}{path}"/>'
            f"<updated>{at.isoformat()}</updated><summary>{escape(text)}</summary></entry>"
            for path, title, text, at in rows
        )
        return (
            f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Paper {feed}</title>{items}</feed>'
        ).encode(), "application/atom+xml"
    if feed % 4 == 2:
        items = "".join(
            f'<item rdf:about="{base}{path}"><title>{escape(title)}</title><link>{base}{path}</link>'
            f"<description>{escape(text)}</description><dc:date>{at.isoformat()}</dc:date></item>"
            for path, title, text, at in rows
        )
        return (
            '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>Paper {feed}</title></channel>{items}</rdf:RDF>"
        ).encode(), "application/rdf+xml"
    items = "".join(
        f"<item><guid>{base}{path}</guid><title>{escape(title)}</title><link>{base}{path}</link>"
        f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate><description><![CDATA[<p>{text}</p>]]></description></item>"
        for path, title, text, at in rows
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Paper {feed}</title>{items}</channel></rss>'
    ).encode(), "application/rss+xml"


def serve(listener: socket.socket, feeds: int) -> None:
    """Feeds with an ETag each, and an article for every link."""
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = {f"/feed/{feed}": feed_body(feed, base) for feed in range(feeds)}

    def answer(path: str, head: str) -> bytes:
        if path in made:
            body, kind = made[path]
            tag = f'W/"{path}"'
            if f"if-none-match: {tag}".lower() in head.lower():
                return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n".encode()
            more = f"Content-Type: {kind}; charset=utf-8\r\nETag: {tag}\r\n"
        elif path.startswith("/article/"):
            key = int(path.rpartition("/")[2])
            _, title, text, _ = entry(key // ENTRIES, key % ENTRIES)
            body = f"<html lang=en><title>{title}</title><article><h1>{title}</h1><p>{text * 4}</p></article>".encode()
            more = "Content-Type: text/html; charset=utf-8\r\n"
        else:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        return f"HTTP/1.1 200 OK\r\n{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body

    def one(connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and (piece := connection.recv(65536)):
                head += piece
            if head:
                connection.sendall(answer(head.split(b" ", 2)[1].decode(), head.decode("latin-1")))

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def theirs(urls: list[str], threads: int) -> float:
    """What a script would do; returns the seconds."""
    local = threading.local()

    def read(url: str) -> int:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        answer = local.session.get(url, timeout=30)
        if "json" in answer.headers["content-type"]:
            return len(answer.json()["items"])
        return len(feedparser.parse(answer.content).entries)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        found = sum(pool.map(read, urls))
    seconds = time.perf_counter() - began
    if found != ENTRIES * len(urls):
        sys.exit(f"the script read {found} entries, {ENTRIES * len(urls)} were to be read")
    return seconds


def cpu() -> float:
    """CPU seconds of this process and of its children that ended."""
    return sum(
        part
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        for part in (resource.getrusage(who).ru_utime, resource.getrusage(who).ru_stime)
    )


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def polled(store: Store, since: datetime, outcome: Outcome) -> int:
    return sum(
        feed.last_polled_at is not None and feed.last_polled_at >= since and feed.last_outcome is outcome
        for feed in store.feeds()
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    port = listener.getsockname()[1]
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listener, count), daemon=True)
    server.start()
    urls = [f"http://127.0.0.1:{port}/feed/{feed}" for feed in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HYPEWATCH_HOME": folder, "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": f"127.0.0.1:{port}"}
        for name in [name for name in os.environ if name.startswith("HYPEWATCH_")]:
            del os.environ[name]
        service = Service(load(environment, database_url=f"sqlite:///{Path(folder) / 'bench.db'}"))
        store = service.store
        ids = [store.add_feed(FeedKind.FEED, url, now=service.clock()).id for url in urls]
        print(
            f"{count} feeds with {ENTRIES} entries each, every {EVERY}th with one about the study; {os.cpu_count()} CPUs"
        )
        base = theirs(urls, 4)
        with LocalWorkers(service, beat=False) as workers:
            used, since, began = cpu(), service.clock(), time.perf_counter()
            dispatch.nudge()
            until(lambda: polled(store, since, Outcome.FETCHED) == count, 600, "all feeds are read")
            cold, cold_cpu = time.perf_counter() - began, cpu() - used
            about = len(range(0, count, EVERY))
            until(
                lambda: sum(m.text_from.value == "page" for m in store.search(Query(), limit=1000)) == about,
                600,
                "all pages are read",
            )
            pages = time.perf_counter() - began
            for feed_id in ids:
                store.set_feed(feed_id, due_at=service.clock())
            used, since, began = cpu(), service.clock(), time.perf_counter()
            dispatch.nudge()
            until(lambda: polled(store, since, Outcome.NOT_MODIFIED) == count, 600, "all feeds are asked again")
            again, again_cpu = time.perf_counter() - began, cpu() - used
            threads = workers.concurrency
        print(
            f"{'what, in ' + str(threads) + ' threads':52}{'seconds':>9}{'feeds/s':>9}{'CPU s':>8}{'ratio':>7}{'bar':>7}"
        )
        for what, seconds, busy, bar in (
            ("requests + feedparser, nothing stored", base, 0.0, 0),
            ("cold: fetched, parsed, judged, stored, indexed", cold, cold_cpu, COLD),
            (f"  the same, and {about} article pages read", pages, 0.0, 0),
            ("nothing changed: 304", again, again_cpu, UNCHANGED),
        ):
            print(
                f"{what:52}{seconds:>9.2f}{count / seconds:>9,.0f}{f'{busy:.1f}' if busy else '':>8}"
                f"{seconds / base:>7.2f}{f'{bar}' if bar else '':>7}"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{len(store.search(Query(), limit=1000))} mentions stored; the worker's process had {peak:.0f} MB at most"
        )
        store.close()
    server.kill()
    if cold > COLD or again > UNCHANGED:
        sys.exit("a bar was missed")


if __name__ == "__main__":
    main()
