"""Run a benchmark on PostgreSQL: `python tests/benchmarks/postgres.py backtest.py [arguments]`. The server is the tests' own, with the
durability of a real one, and is gone afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))


def main(name: str, arguments: list[str]) -> int:
    from tests.conftest import running_postgres

    with running_postgres(quick=False) as url:
        asked = [sys.executable, str(HERE / name), *arguments]
        return subprocess.run(asked, check=False, env=os.environ | {"HYPEWATCH_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
