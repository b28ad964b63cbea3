"""Some worlds of `simulation.py`: whatever failed and whoever died, each mention is told once, each mail is in the ledger, and what was
withdrawn stays away. `python -m tests.faults.simulation --runs 2000` runs more of them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.faults.simulation import Simulation, memory

#: Seeds that once broke a law, and the others of a round.
BROKE = (6,)
ROUND = range(1_000, 1_040)


@pytest.fixture(scope="module")
def simulation():
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        yield Simulation(Path(folder))


@pytest.mark.parametrize("seed", [*BROKE, *ROUND])
def test_no_law_is_broken_whatever_fails(simulation, seed):
    assert simulation.broken(seed) == [], f"python -m tests.faults.simulation --first {seed} --runs 1"
