"""`python -m tests.benchmarks NAME [arguments]` prints a benchmark's table; without a name it lists them. `--small` runs the ratios of
`small.py`, `--check` fails if one fell by a third, `--keep` keeps them.
"""

from __future__ import annotations

import json
import runpy
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE / "ratios.json"
#: A cost that is half as much again: the speed fell by a third.
MOST = 1.5
#: A ratio that fell is measured again before it is told: a machine can be busy for a moment. What is kept is the median of as many.
TIMES = 5


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    if arguments and arguments[0] in {"--small", "--check", "--keep"}:
        return small(arguments[0])
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_") and path.stem != "small")
    if not arguments or arguments[0] not in names:
        print(f"python -m tests.benchmarks NAME, with NAME one of: {', '.join(names)}; or --small, --check, --keep")
        return 0 if not arguments else 2
    sys.argv = arguments
    runpy.run_module(f"tests.benchmarks.{arguments[0]}", run_name="__main__")
    return 0


def small(how: str) -> int:
    from tests.benchmarks.small import ALL

    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    measured: dict[str, list[float]] = {}
    print(f"{'ours / the other, less is better':72}{'now':>9}{'kept':>9}{'seconds':>9}")
    for one in ALL:
        for _ in range(1 if how == "--small" else TIMES):
            begun = time.perf_counter()
            found = dict(one())
            for name, ratio in found.items():
                measured.setdefault(name, []).append(ratio)
                told = f"{kept[name]:9.3g}" if name in kept else f"{'-':>9}"
                print(f"{name:72}{ratio:>9.3g}{told}{time.perf_counter() - begun:>9.1f}", flush=True)
            if how == "--check" and not any(slower(ratio, kept.get(name)) for name, ratio in found.items()):
                break
    if how == "--keep":
        medians = {name: float(f"{statistics.median(ratios):.3g}") for name, ratios in measured.items()}
        KEPT.write_text(json.dumps(medians, indent=2) + "\n")
    if how != "--check":
        return 0
    gone = sorted(kept.keys() - measured.keys())
    fell = {name: min(ratios) for name, ratios in measured.items() if slower(min(ratios), kept.get(name))}
    for name, ratio in fell.items():
        print(f"{name}: {ratio:.3g}, and it was {kept[name]:.3g}: the speed fell by a third or more.", file=sys.stderr)
    for name in gone:
        print(f"{name} is not measured any more: `--keep` keeps what is.", file=sys.stderr)
    return 1 if fell or gone else 0


def slower(ratio: float, kept: float | None) -> bool:
    """One that was never kept is no slower than anything."""
    return kept is not None and ratio > MOST * kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
