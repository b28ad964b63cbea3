"""How soon a search is answered: `python tests/benchmarks/searching.py [mentions] [home]`. Prints a table; pytest never runs it.

Mentions are seeded straight into rows and index (`backtest.py`). `HYPEWATCH_DATABASE_URL` names another database than the home's
SQLite. Beside each search stands what a user would pick instead where that can be asked the same: SQL's LIKE over the texts.
"""

from __future__ import annotations

import http.client
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from backtest import NOW, STUDY, seed

from monitor.core.search.nodes import Query
from monitor.service import Service
from monitor.settings import load
from monitor.storage.tables import mentions
from monitor.web.app import build_app
from monitor.web.chips import COUNTED, facets_of
from monitor.web.mentions import PAGE

PORT = 8396
TIMES = 60
#: What is asked, of each kind several: words that many mentions hold, few, and none.
ASKED = {
    "words": ("patients", "walking", "iPS cells", "moonshot", "zebra", "Keio NOT cure"),
    "phrases": ('"spinal cord"', '"four patients"', '"moonshot for mankind"', '"blue zebra"'),
    "filters": ("flagged:yes", f"study:{STUDY}", "source:paper7.example", "tier:confirmed", "score:>50 moonshot", "-flagged:yes", "has:correction cure"),
    "OR and brackets": ("(cure OR healed OR walking) patients", "moonshot OR zebra", "cure~ OR patient~"),
    "dates": ("walking since:7d", "until:2026-11-01 cure", "read:24h"),
    "prefixes": ("walk*", "paraly*", "moonsh*", "zeb*"),
    "NEAR": ("cure NEAR patients", "moonshot NEAR/3 mankind", "walking NEAR/2 zebra"),
    "author:": ("author:Byron", 'author:"Élise Tanaka"', "author:Chi", "author:nobody"),
}  # fmt: skip


def main(count: int, home: Path) -> None:
    """Seed unless the home holds mentions, ask, print."""
    service = Service(load({"HYPEWATCH_HOME": str(home), "HYPEWATCH_PORT": str(PORT)} | _database()), clock=lambda: NOW)
    store = service.store
    if not store.count(Query(), most=1):
        seed(service, count)
    held = store.count(Query())
    where = "SQLite" if store._db.sqlite else "PostgreSQL"
    print(f"{held:,} mentions, {where}\n\n| asked | middle | p95 | slowest |\n|---|---|---|---|")
    for kind, texts in ASKED.items():
        _row(kind, [lambda text=text: store.search(service.ask(text), limit=PAGE + 1) for text in texts])
    every = [text for texts in ASKED.values() for text in texts]
    _row(
        f"numbers, to {COUNTED:,}",
        [lambda text=text: store.count(service.ask(text), most=COUNTED + 1) for text in every],
    )
    _row("facets", [lambda text=text: facets_of(store, text, service.ask(text)) for text in ("", *every)])
    deep = [_at(store, share) for share in (0.1, 0.5, 0.9)]
    _row(
        "deep pages",
        [lambda before=before: store.search(service.ask("patients"), limit=PAGE, before=before) for before in deep],
    )
    with store._db.read() as conn:
        for word in ("moonshot", "zebra"):
            like = (
                sa.select(mentions.c.id)
                .where(mentions.c.text.contains(word))
                .order_by(mentions.c.id.desc())
                .limit(PAGE)
            )
            begun = time.perf_counter()
            conn.execute(like).all()
            print(f"| LIKE for {word} | {1000 * (time.perf_counter() - begun):,.0f} ms | | |")
    _pages(service, every)


def _database() -> dict[str, str]:
    url = os.environ.get("HYPEWATCH_DATABASE_URL", "")
    return {"HYPEWATCH_DATABASE_URL": url} if url else {}


def _at(store: object, share: float) -> int:
    """The id of a mention with such a share of them behind it."""
    with store._db.read() as conn:
        least, most = conn.execute(sa.select(sa.func.min(mentions.c.id), sa.func.max(mentions.c.id))).one()
    return round(least + share * (most - least))


def _row(kind: str, asks: list) -> None:
    rng, taken = random.Random(1), []
    for ask in asks:
        ask()
    while len(taken) < TIMES:
        ask = rng.choice(asks)
        begun = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    print(
        f"| {kind} | {statistics.median(taken):.1f} ms | {taken[int(0.95 * TIMES) - 1]:.1f} ms | {taken[-1]:.1f} ms |",
        flush=True,
    )


def _pages(service: Service, texts: list[str]) -> None:
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(build_app(service), host="127.0.0.1", port=PORT, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    for what, path in (("Mentions page", "/mentions"), ("its counts", "/mentions/facets")):
        _row(
            f"{what}, first byte",
            [lambda text=text, path=path: _first_byte(f"{path}?q={quote(text)}") for text in ("", *texts)],
        )
    server.should_exit = True


def _first_byte(path: str) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", PORT)
    asked.request("GET", path)
    answer = asked.getresponse()
    answer.read()
    asked.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        main(count, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(count, Path(folder))
