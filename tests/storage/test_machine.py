"""Work and leases beside a model of a few lines, by whatever steps: claims, lapsed leases, late owners, waits, times that pass. What hypothesis
finds is shrunk to the fewest steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from monitor.core.model import FeedKind, Work
from monitor.storage.work import CRASHES_MAX

if TYPE_CHECKING:
    from monitor.ports import Store

START = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=80)
SECONDS = st.sampled_from([1, 30, 79, 80, 81, 300])
NAMES = st.sampled_from(["housekeeping", "judging"])
OWNERS = st.sampled_from(["one", "two"])


@dataclass
class Row:
    """What must be true of a feed."""

    due_at: datetime
    not_before: datetime | None = None
    lease: str | None = None
    until: datetime | None = None
    attempts: int = 0
    left_alone: bool = False

    def free(self, now: datetime) -> bool:
        return self.until is None or self.until <= now

    def due(self, now: datetime) -> bool:
        waits = self.not_before is not None and self.not_before > now
        return self.due_at <= now and not waits and not self.left_alone and self.free(now)


class Leases(RuleBasedStateMachine):
    """Two workers, a few feeds, and tokens that may be used long after their time."""

    store: ClassVar[Store]
    runs: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.rows: dict[int, Row] = {}
        self.tokens: list[tuple[int, str]] = []
        self.locks: dict[str, tuple[str, datetime]] = {}

    @initialize(count=st.integers(1, 3))
    def feeds(self, count: int) -> None:
        type(self).runs += 1
        for feed in self.store.feeds():
            self.store.remove_feed(feed.id)
        for number in range(count):
            url = f"https://paper.example/{self.runs}/{number}"
            self.rows[self.store.add_feed(FeedKind.FEED, url, now=self.now).id] = Row(self.now)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(owner=OWNERS, at=st.integers(0, 2))
    def claim(self, owner: str, at: int) -> None:
        feed_id = sorted(self.rows)[at % len(self.rows)]
        row = self.rows[feed_id]
        if row.lease and row.free(self.now) and row.attempts >= CRASHES_MAX:
            row.lease, row.until, row.left_alone = None, None, True  # it ended its process too often
        expected = row.due(self.now)
        feed = self.store.claim_feed(feed_id, owner, self.now, LEASE)
        assert (feed is not None) == expected
        if feed is not None:
            assert feed.lease not in {token for _, token in self.tokens}
            row.lease, row.until, row.attempts = feed.lease, self.now + LEASE, row.attempts + 1
            self.tokens.append((feed_id, feed.lease))

    def _held(self, at: int) -> tuple[int, str, Row, bool] | None:
        if not self.tokens:
            return None
        feed_id, token = self.tokens[at % len(self.tokens)]
        return feed_id, token, self.rows[feed_id], self.rows[feed_id].lease == token

    @rule(at=st.integers(0, 20), seconds=SECONDS)
    def give_back(self, at: int, seconds: int) -> None:
        """By whoever had it once: only who has it now changes anything."""
        if held := self._held(at):
            feed_id, token, row, mine = held
            until = self.now + timedelta(seconds=seconds)
            assert self.store.release(Work.POLL, feed_id, token, until=until) is mine
            if mine:
                row.not_before = max(until, row.not_before or until)
                row.lease, row.until, row.attempts = None, None, row.attempts - 1

    @rule(at=st.integers(0, 20), seconds=SECONDS)
    def put_off(self, at: int, seconds: int) -> None:
        if held := self._held(at):
            feed_id, token, row, mine = held
            until = self.now + timedelta(seconds=seconds)
            assert self.store.postpone(Work.POLL, feed_id, token, until=until, error="It failed.") is mine
            if mine:
                row.not_before, row.lease, row.until = until, None, None

    @rule(at=st.integers(0, 2))
    def ask_for_it(self, at: int) -> None:
        """A person wants it read now: that ends every wait, and being left alone."""
        feed_id = sorted(self.rows)[at % len(self.rows)]
        row = self.rows[feed_id]
        self.store.set_feed(feed_id, due_at=self.now)
        row.due_at, row.not_before, row.left_alone, row.attempts = self.now, None, False, 0

    @rule(name=NAMES, owner=OWNERS, seconds=SECONDS)
    def lock(self, name: str, owner: str, seconds: int) -> None:
        holder, until = self.locks.get(name, ("", START - timedelta(days=1)))
        free = until <= self.now or holder == owner
        mine = f"{name}/{self.runs}"
        assert self.store.lock(mine, owner, self.now, timedelta(seconds=seconds)) is free
        if free:
            self.locks[name] = owner, self.now + timedelta(seconds=seconds)
        assert self.store.held_until(mine) == self.locks[name][1]

    @invariant()
    def what_is_due_is_what_the_model_says(self) -> None:
        due = [feed_id for feed_id, row in self.rows.items() if row.due(self.now)]
        assert sorted(self.store.due(Work.POLL, self.now)) == sorted(due)
        assert (self.store.oldest_due(Work.POLL, self.now) is None) == (not due)
        assert self.store.backlog(Work.POLL, self.now).due == len(due)
        waits = [
            self.now - max(row.due_at, row.not_before or row.due_at) for row in self.rows.values() if row.due(self.now)
        ]
        assert self.store.oldest_due(Work.POLL, self.now) == max(waits, default=None)


def test_leases_are_those_of_the_model(store):
    Leases.store = store
    checked = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Leases, settings=checked)
