"""How soon trends and claims are counted: `python tests/benchmarks/trends.py [mentions] [home]`. Prints a table; pytest never runs it.

Mentions are seeded straight into rows and index (`backtest.py`), one a minute; every third goes too far, a third of those about a
finding. Told is the quickest of three. `HYPEWATCH_DATABASE_URL` names another database than the home's SQLite (`postgres.py` starts one).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from backtest import NOW, seed

from monitor.core.trends import period_of
from monitor.service import Service
from monitor.settings import load
from monitor.storage.tables import flags

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 3


def quickest(act: Callable[[], object]) -> str:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return f"{min(taken) * 1000:.0f} ms"


def too_far(service: Service) -> None:
    """What the seed flags is mailed, and a third of it is about a finding."""
    about = sa.case((flags.c.id % 3 == 0, "walking"), else_=None)
    with service.store._db.write() as conn:
        conn.execute(sa.update(flags).values(confidence=0.9, mailed=True, finding=about))


def main(count: int, home: Path) -> None:
    url = os.environ.get("HYPEWATCH_DATABASE_URL")
    given = {"HYPEWATCH_DATABASE_URL": url} if url else {}
    service = Service(load({"HYPEWATCH_HOME": str(home), **given}), clock=lambda: NOW)
    store = service.store
    if not store.count(service.ask("")):
        seed(service, count)
        too_far(service)
    print(f"{store.count(service.ask('')):,} mentions\n\n| what | quickest |\n|---|---|")
    last = NOW.date()
    for days in (7, 30, 90):
        period = period_of(last - timedelta(days=days - 1), last)
        for q in ("", "paralysed"):
            query = service.ask(q)
            told = store.told(query, period)
            took = quickest(lambda query=query, period=period: store.told(query, period))
            print(f"| {days} days{f' of `{q}`' if q else ''}: {told.total.all:,} mentions | {took} |", flush=True)
    claims = store.claims()
    print(f"| all claims | {quickest(store.claims)} |")
    for claim in claims[:2]:
        took = quickest(lambda key=claim.key: store.claim(key))
        print(f"| one claim, in {claim.mentions:,} mentions | {took} |", flush=True)
    store.close()


if __name__ == "__main__":
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(prefix="hypewatch-trends-"))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, folder)
