"""Every call to the database and the mail server goes wrong once, in a small world that is made from a seed."""

from __future__ import annotations

import random

import pytest

from monitor.core.model import Work
from tests.faults.nth_call import Fault, How, Worlds

#: A world with news, two readers and something withdrawn; one run tries each EACH-th call of it, from a random one on, and so many others.
#: `python -m tests.faults.nth_call` goes on for as long as it is told to.
SEED, EACH, OTHERS = 2, 5, 8


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    made = Worlds(tmp_path_factory.mktemp("worlds"))
    yield made
    made.close()


def test_a_world_without_faults_is_whole(worlds):
    said, calls = worlds.live(SEED, Fault())
    assert said == []
    assert calls > 100


def test_every_call_goes_wrong_once(worlds):
    """Each in one of the ways; several runs try every call."""
    _, calls = worlds.live(SEED, Fault())
    for at in range(random.randint(1, EACH), calls + 1, EACH):
        fault = Fault(at, random.choice(list(How)))
        said, _ = worlds.live(SEED, fault)
        assert said == [], f"seed {SEED}, {fault}"


def test_other_worlds(worlds):
    for _ in range(OTHERS):
        seed = random.randrange(10**9)
        _, calls = worlds.live(seed, Fault())
        fault = Fault(random.randint(1, calls), random.choice(list(How)))
        said, _ = worlds.live(seed, fault)
        assert said == [], f"seed {seed}, {fault}"


@pytest.mark.parametrize("stops", [Work.POLL, Work.COMPOSE])
def test_a_world_that_lacks_something_is_seen(worlds, monkeypatch, stops):
    """Else the laws would prove nothing."""
    due = type(worlds.store).due
    monkeypatch.setattr(
        type(worlds.store), "due", lambda self, work, *more: () if work is stops else due(self, work, *more)
    )
    said, _ = worlds.live(SEED, Fault())
    assert said != []
