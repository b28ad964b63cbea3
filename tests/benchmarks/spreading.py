"""What it costs to ask whether a claim spreads, and to make a report: `python tests/benchmarks/spreading.py [mentions]`. Prints a
table; pytest never runs it. `HYPEWATCH_DATABASE_URL` names another database than SQLite (`tests/benchmarks/postgres.py`).

Mentions are seeded straight into rows (`backtest.py`), one a minute: 1,440 of them are of the last 24 hours.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from backtest import NOW, STUDY, seed

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import DigestKind, Wishes
from monitor.pipeline.reports import due_reports, newest_report
from monitor.service import Service
from monitor.settings import load

PEOPLE = 200


def main(count: int, home: Path) -> None:
    """Seed, ask, print."""
    values = {"HYPEWATCH_HOME": str(home)}
    if url := os.environ.get("HYPEWATCH_DATABASE_URL"):
        values["HYPEWATCH_DATABASE_URL"] = url
    service = Service(load(values), clock=lambda: NOW)
    seed(service, count)
    store = service.store
    for number in range(PEOPLE):
        person = store.add_subscriber(f"reader{number}@example.org", "", now=NOW - timedelta(days=50), state="active")
        wishes = Wishes(weekly=True, monthly=True, urgent_from=5)
        store.subscribe(person.id, STUDY, wishes, now=NOW - timedelta(days=50), due=Due(NOW, NOW.date().isoformat()))
    first = store.subscriptions()[0]
    print(f"{count:,} mentions, {PEOPLE} subscribers\n\n| what | milliseconds |\n|---|---|")
    for what, work in (
        ("nothing spreads", lambda: store.spreading(STUDY, NOW - timedelta(days=1), NOW, 10**9)),
        ("something spreads", lambda: store.spreading(STUDY, NOW - timedelta(days=1), NOW, 2)),
        ("who wants urgent mails", lambda: store.urgent_subscriptions(NOW)),
        ("which reports are due", lambda: due_reports(service.deps, NOW)),
        ("a weekly report", lambda: newest_report(service.deps, first, DigestKind.WEEKLY, NOW)),
        ("a monthly report", lambda: newest_report(service.deps, first, DigestKind.MONTHLY, NOW)),
    ):
        work()
        print(f"| {what} | {min(_milliseconds(work) for _ in range(5)):.1f} |")


def _milliseconds(work) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, Path(folder))
