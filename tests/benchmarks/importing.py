"""How long an import takes: `python -m tests.benchmarks importing [lines] [processes]`. Prints a line a run; pytest never runs it.

Lines are made while they are read, three in five posts, the others articles of twenty sentences, nearly all of them about the study.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from monitor.library.judges import ProcessJudges, cores
from monitor.pipeline.imports import import_rows
from monitor.service import Service
from monitor.settings import load
from monitor.sources.files.rows import read_rows
from tests.benchmarks.backtest import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines(count: int) -> Iterator[str]:
    rng = random.Random(1)
    for number in range(count):
        text, kind = text_of(rng, number)
        yield json.dumps(
            {
                "url": f"https://paper{number % 300}.example/{number}",
                "text": f"Keio University put iPS cells into injured spinal cords. {text}",
                "kind": kind.value,
                "published": "2025-03-24",
                "lang": "en",
            }
        )


def imported(count: int, processes: int) -> float:
    """Seconds of the wall for an import into a new home."""
    with tempfile.TemporaryDirectory() as folder, ProcessJudges(processes) as judges:
        service = Service(load({"HYPEWATCH_HOME": folder}))
        deps, begun = service.deps, time.perf_counter()
        result = import_rows(deps, read_rows(lines(count), "jsonl", "x"), name="x", judges=judges)
        took = time.perf_counter() - begun
        service.store.close()
    if result.written < 0.99 * count:  # a few name another study's maker
        raise RuntimeError(str(result))
    return took


def main(count: int, processes: list[int]) -> None:
    print("| processes | seconds | lines a second | memory of the one that stores |\n|---|---|---|---|")
    for number in processes:
        took = imported(count, number)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"| {number} | {took:.1f} | {count / took:,.0f} | {memory} MB |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000, [int(one) for one in sys.argv[2:]] or [1, cores()])
