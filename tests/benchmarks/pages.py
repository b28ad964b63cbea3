"""How soon the pages answer: `python tests/benchmarks/pages.py [mentions] [home]`. Prints a table; pytest never runs it.

Mentions are seeded straight into rows and index (`backtest.py`), one a minute, so that Today is a full day of 1,440. The pages are asked
over HTTP from this machine, each some times; the quickest and the middle answer are told, in milliseconds to the first byte.
"""

from __future__ import annotations

import contextlib
import http.client
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from backtest import NOW, seed

from monitor.core.search.query import parse_query
from monitor.service import Service
from monitor.settings import load
from monitor.web.app import build_app

PORT = 8397
TIMES = 9


def main(count: int, home: Path) -> None:
    """Seed unless the home holds mentions, serve, ask, print."""
    import uvicorn

    service = Service(load({"HYPEWATCH_HOME": str(home), "HYPEWATCH_PORT": str(PORT)}), clock=lambda: NOW)
    if not service.store.count(parse_query("", NOW)):
        seed(service, count)
    (flagged,) = service.store.search(parse_query("flagged:yes", NOW), limit=1)
    server = uvicorn.Server(uvicorn.Config(build_app(service), host="127.0.0.1", port=PORT, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    pages = (
        "/",
        "/mentions",
        "/mentions?q=paralysed",
        "/mentions?q=flagged%3Ayes+reviewed%3Ano",
        "/mentions/facets",
        f"/mentions/{flagged.id}",
        "/reviews",
        "/rules",
        "/rules/above-outcome",
        "/rules-history",
    )
    print(f"{service.store.count(parse_query('', NOW)):,} mentions\n\n| page | quickest | middle |\n|---|---|---|")
    for page in pages:
        asked = sorted(_first_byte(page) for _ in range(TIMES))
        print(f"| `{page}` | {asked[0]:.0f} ms | {statistics.median(asked):.0f} ms |")


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
