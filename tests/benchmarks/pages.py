"""How soon the pages answer: `python tests/benchmarks/pages.py [mentions] [home]`. Prints a table; pytest never runs it.

Mentions are seeded straight into rows and index (`backtest.py`), one a minute, so that Today is a full day of 1,440. The pages are asked
over HTTP from this machine, each some times; the quickest and the middle answer are told, in milliseconds to the first byte. Beside the
mentions there is much of everything else: see `surround`.
"""

from __future__ import annotations

import contextlib
import http.client
import statistics
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from backtest import NOW, STUDY, seed

from monitor.core.changes import Area
from monitor.core.feed import PollPlan
from monitor.core.model import FeedKind, Outcome
from monitor.core.search.query import parse_query
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load
from monitor.web.access import ACCESS
from monitor.web.app import build_app

PORT = 8397
TIMES = 9
#: Answers that are no page of an installation without sign-in from elsewhere.
NO_PAGE = {"/sign-in/oidc/begin", "/sign-in/oidc/back", "/healthz", "/readyz"}
SOURCES, SUBSCRIBERS, CHANGES = 3_000, 1_000, 2_000


def main(count: int, home: Path) -> None:
    """Seed unless the home holds mentions, serve, ask, print."""
    import uvicorn

    service = Service(load({"HYPEWATCH_HOME": str(home), "HYPEWATCH_PORT": str(PORT)}), clock=lambda: NOW)
    if not service.store.count(parse_query("", NOW)):
        seed(service, count)
    if not service.store.feeds():
        surround(service)
    (flagged,) = service.store.search(parse_query("flagged:yes", NOW), limit=1)
    server = uvicorn.Server(uvicorn.Config(build_app(service), host="127.0.0.1", port=PORT, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    named = (
        "/mentions?q=paralysed",
        "/mentions?q=flagged%3Ayes+reviewed%3Ano",
        f"/mentions/{flagged.id}",
        f"/flags/{flagged.flags[0].id}/prevent",
        "/outlets/1",
        "/rules/above-outcome",
        f"/studies/{STUDY}",
        f"/studies/{STUDY}/edit",
        f"/studies/{STUDY}/edit?part=findings.walking",
        f"/studies/{STUDY}/text",
        "/sources?page=9",
        "/sources?q=number+12",
        "/sources/1",
        "/subscribers/1",
        "/help/start",
        "/help?q=rule",
    )
    whole = [path for method, path in ACCESS if method == "GET" and not set("{.") & set(path)]
    pages = [*(path for path in whole if path not in NO_PAGE), *named]
    print(f"{service.store.count(parse_query('', NOW)):,} mentions\n\n| page | quickest | middle |\n|---|---|---|")
    for page in pages:
        asked = sorted(_first_byte(page) for _ in range(TIMES))
        print(f"| `{page}` | {asked[0]:.0f} ms | {statistics.median(asked):.0f} ms |")


def surround(service: Service) -> None:
    """3,000 sources, of which each seventh fails, 1,000 subscribers, and 2,000 changes by people."""
    store = service.store
    for number in range(SOURCES):
        feed = store.add_feed(FeedKind.FEED, f"https://n{number}.example/rss", title=f"Number {number}", now=NOW)
        if number % 7 == 0:
            lease = store.claim_feed(feed.id, "bench", NOW, timedelta(minutes=1), force=True).lease
            plan = PollPlan(
                feed_id=feed.id, lease=lease, at=NOW, outcome=Outcome.HARD, sentence="Nothing is there.", due_at=NOW
            )
            store.save_poll(plan, {}, lambda *_: None)
    for number in range(SUBSCRIBERS):
        subscribe(service.deps, f"reader{number}@example.org", study_id=STUDY, name=f"Reader {number}", confirmed=True)
    for number in range(CHANGES):
        store.note_change(by="Ada", area=Area.SOURCES, did=f"paused the source Number {number}", now=NOW)


def _first_byte(page: str) -> float:
    """Milliseconds until the answer begins."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", PORT)) as connection:
        begun = time.perf_counter()
        connection.request("GET", page)
        answer = connection.getresponse()
        told = (time.perf_counter() - begun) * 1000
        answer.read()
        assert answer.status == 200, (page, answer.status)
    return told


if __name__ == "__main__":
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(prefix="hypewatch-pages-"))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, folder)
