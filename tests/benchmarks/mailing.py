"""What the mails of many cost against the mail of one: `python tests/benchmarks/mailing.py [mentions] [subscribers]`. Prints a
table; pytest never runs it. `HYPEWATCH_DATABASE_URL` names another database than SQLite (`tests/benchmarks/postgres.py`).

Mentions are seeded straight into rows (`backtest.py`), all of the last days; everybody wants the same study at the same hour. Composing
is reading, deciding and rendering, with links signed for each; keeping is what the database does to each digest then.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from backtest import NOW, STUDY, Watch, seed

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import Wishes
from monitor.pipeline.deliver import Composing, compose_due
from monitor.service import Service
from monitor.settings import load
from monitor.storage.tables import flags

CLAIMS = 12


def main(count: int, people: int, home: Path) -> None:
    """Seed, compose for one and for all, keep what was composed, print."""
    values = {"HYPEWATCH_HOME": str(home)}
    if url := os.environ.get("HYPEWATCH_DATABASE_URL"):
        values["HYPEWATCH_DATABASE_URL"] = url
    clock = Clock(NOW - timedelta(days=9))
    service = Service(load(values), clock=clock)
    store, deps, begun = service.store, service.deps, clock.now
    for number in range(people):
        # They began one after the other, as people do.
        person = store.add_subscriber(f"reader{number}@example.org", "", now=begun, state="active")
        due = Due(clock.now, clock.now.date().isoformat())
        store.subscribe(person.id, STUDY, Wishes(), now=begun + timedelta(seconds=number), due=due)
    everybody = store.subscriptions()
    clock.now = NOW - timedelta(days=8)
    compose_due(deps, [subscription.id for subscription in everybody], budget=3600)  # what came before is told
    clock.now = NOW
    seed(service, count)
    _full(service)
    everybody = store.subscriptions()
    Composing(deps, NOW).digest_of(everybody[0])  # templates and rules are read
    one = min(_composing(service, everybody[:1]) for _ in range(5))
    many = _composing(service, everybody)
    print(f"{count:,} mentions, {people:,} subscribers\n\n| what | CPU seconds | against one |\n|---|---|---|")
    print(f"| composing for one | {one:.2f} | 1 |")
    print(f"| composing for {people:,} | {many:.2f} | {many / one:.1f} |")
    watch = Watch()
    ready = compose_due(deps, [subscription.id for subscription in everybody], budget=3600)
    assert len(ready) == people
    print(f"| composing and keeping for {people:,} | {watch} | {watch.cpu / one:.1f} |")


def _full(service: Service) -> None:
    """Every third mention goes too far, in one of twelve ways: as much as a digest holds."""
    ways = list(service.library.study(STUDY).findings)[:CLAIMS]
    with service.store._db.write() as conn:
        for number, way in enumerate(ways):
            wanted = sa.update(flags).where(flags.c.id % len(ways) == number)
            conn.execute(wanted.values(finding=way, drift="overstated-outcome", confidence=0.95, mailed=True))


class Clock:
    """What time it is for Hypewatch."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _composing(service: Service, subscriptions) -> float:
    """CPU seconds."""
    begun = time.process_time()
    composing = Composing(service.deps, NOW)
    for subscription in subscriptions:
        composing.digest_of(subscription, subscription.due_date)
    return time.process_time() - begun


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="hypewatch-mailing-"))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000, folder)
