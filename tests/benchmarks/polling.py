"""How long an unchanged feed takes: `python tests/benchmarks/polling.py [polls]`. Prints a table; pytest never runs it.

A server in a process of its own answers 304 at once and closes, as servers have long done when a feed is asked again after a
quarter of an hour. The yardstick is requests with as many threads, which checks no address, keeps no deadline and asks one host
as often as it likes.
"""

from __future__ import annotations

import itertools
import multiprocessing
import resource
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import requests

from monitor.core.feed import Validators
from monitor.sources.http.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS, HOSTS = 8, 40
ANSWER = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'


def serve(listener: socket.socket) -> None:
    def one(connection: socket.socket) -> None:
        with connection:
            rest = b""
            while b"\r\n\r\n" not in rest:
                piece = connection.recv(65536)
                if not piece:
                    return
                rest += piece
            connection.sendall(ANSWER)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def measured(name: str, polls: int, act: Callable[[str], object], urls: list[str]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(act, itertools.islice(itertools.cycle(urls), polls)))
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    busy = used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime
    print(f"{name:36}{seconds:>9.2f} s{polls / seconds:>12,.0f}/s{busy / polls * 1e6:>12,.0f} us of CPU each")
    return seconds, busy


def main() -> None:
    polls = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    listener = socket.create_server(("0.0.0.0", 0), backlog=1000)
    port = listener.getsockname()[1]
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
    server.start()
    hosts = [f"127.0.0.{number}:{port}" for number in range(1, HOSTS + 1)]
    urls = [f"http://{host}/feed.xml" for host in hosts]
    door = HttpClient(allow_private=frozenset(hosts), contact="", host_gap=0.0, version="bench")
    validators = Validators(etag='"v1"')
    local = threading.local()

    def theirs(url: str) -> int:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        return local.session.get(url, headers={"If-None-Match": '"v1"'}, timeout=30).status_code

    print(f"{polls:,} polls of {HOSTS} hosts that answer 304, {THREADS} threads")
    base, base_cpu = measured("requests, a session for each thread", polls, theirs, urls)
    ours, ours_cpu = measured("Door.fetch", polls, lambda url: door.fetch(url, validators).outcome, urls)
    print(f"{'ratio (ours to theirs)':36}{ours / base:>9.2f}  {'':12}{ours_cpu / base_cpu:>12.2f}")
    print(f"10,000 feeds each 15 minutes: {ours_cpu / polls * 10_000 / 900:.1%} of one core for asking alone")
    server.kill()


if __name__ == "__main__":
    main()
