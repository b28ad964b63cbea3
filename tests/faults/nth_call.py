"""A whole installation in one process, whose world is replaced at the ports: clock, network, mail server, and one call that fails.

Everything follows from a seed: what is published and withdrawn when, who reads at which hour, when workers look at what is due.
`Fault(at, how)` lets the `at`-th call to any port go wrong in one of the ways of How; after a crash another process goes on. What must
hold in the end, whatever went wrong, `broken` says in sentences.

    python -m tests.faults.nth_call --seconds 600        # seeds without end; prints the seed and the fault of what is broken
"""

from __future__ import annotations

import enum
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as local_time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.entry import Entry, Page
from monitor.core.errors import HypewatchError, MailTemporaryError, MailUnknownError, StorageError
from monitor.core.feed import Fetched, ParsedFeed
from monitor.core.judgement import Severity
from monitor.core.model import DateConfidence, FeedKind, Outcome, Work
from monitor.core.search.nodes import Query
from monitor.core.wording import ENGLISH
from monitor.pipeline import assess_text
from monitor.pipeline.deliver import deliver_due, send_digest
from monitor.pipeline.poll import poll_feed, read_page
from monitor.pipeline.subscribe import subscribe
from monitor.ports import Printed, Rendered
from monitor.service import Service
from monitor.settings import load
from tests.faults.history import broken_laws

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 3, 24, 0, 0, tzinfo=UTC)
DAYS, READERS, MOST_NEWS = 3, 2, 2
STUDY = "keio-ips-sci"
#: Between two looks at what is due, which is longer than any lease; and how often it is looked after the last day.
STEP, SETTLE = timedelta(hours=6), 8


class How(enum.StrEnum):
    """How a call goes wrong. A zombie's process is taken for dead, and does the call when another has done its work."""

    CRASH_BEFORE = "the process ends before it"
    CRASH_AFTER = "the process ends behind it"
    ERROR_BEFORE = "it fails"
    ERROR_AFTER = "it is done, and its answer is lost"
    ZOMBIE = "it is done much later"


@dataclass(frozen=True)
class Fault:
    """The `at`-th call, counted from 1, goes wrong; 0: none does."""

    at: int = 0
    how: How = How.CRASH_BEFORE


class Dead(BaseException):
    """The process ended: no handler of the product may see it."""


class Port:
    """A part of the world, each call of which may be the one."""

    def __init__(self, world: World, part: object, error: Callable[[bool], Exception]) -> None:
        self._world, self._part, self._error = world, part, error

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found
        return lambda *args, **named: self._world.call(lambda: found(*args, **named), self._error)


def _database_fails(_done: bool) -> Exception:
    return StorageError("The disk does not write.", "Check it.")


def _mail_fails(done: bool) -> Exception:
    if done:
        return MailUnknownError("It got the whole mail, and did not say whether it took it.", "It may have arrived.")
    return MailTemporaryError("The server asks to try later.", "It is tried again.")


class Outside:
    """One feed with its pages, and a mail server."""

    def __init__(self) -> None:
        self.published: list[int] = []
        self.day = 0  # each day the feed is written anew, so that what was withdrawn is read again
        self.taken: list[tuple[str, str]] = []

    def fetch(self, url: str, *_: object, **__: object) -> Fetched:
        return _fetched(url, f"{self.day}: {self.published}".encode())

    def parse(self, *_: object, **__: object) -> ParsedFeed:
        return ParsedFeed(format="rss20", title="Fake", entries=tuple(map(_entry, self.published)))

    def read(self, url: str) -> tuple[Page, Fetched]:
        number = int(url.rpartition("/")[2])
        page = Page(
            url=url,
            canonical_url=None,
            title=f"Title {number}",
            text=f"{_text(number)} It was two of four.",
            author="",
            site="",
            published=None,
            date_confidence=DateConfidence.NONE,
            lang="en",
        )
        return page, _fetched(url, b"page")

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        self.taken.append((recipient, mime.decode()))
        return "taken"


class Plain:
    """A printer without templates: which mails there are is what counts."""

    def wording(self, _language: str) -> object:
        return ENGLISH

    def rendered(self, *_: object) -> Rendered:
        return Rendered(text="t", html="h")

    def digest(self, digest: Any, _rendered: object, subscription: Any, **_: object) -> Printed:
        key = f"<{subscription.id}.{digest.local_date}@example.org>"
        return Printed(subject="s", message_id=key, mime=key.encode(), text="t", html="h")


def _text(number: int) -> str:
    return (
        f"Report {number}: a paralysed man is walking again after Keio University put iPS cells into his spinal cord."
    )


def _entry(number: int) -> Entry:
    return Entry(
        guid=f"g{number}",
        url=f"https://paper.example/{number}",
        title=f"Title {number}",
        text=_text(number),
        source="paper.example",
        published=BEGIN,
        date_confidence=DateConfidence.EXACT,
    )


def _fetched(url: str, body: bytes) -> Fetched:
    return Fetched(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, headers={}, body=body, sentence="Read.")


class World:
    """`service` has an empty database, and goes by the clock that it is given."""

    def __init__(self, seed: int, fault: Fault, service: Service, clock: Clock) -> None:
        self.random, self.fault, self.clock = random.Random(seed), fault, clock
        clock.now = BEGIN
        self.calls, self.processes, self.faulty = 0, 0, False
        self.late: list[Callable[[], object]] = []
        self.withdrawn: set[str] = set()
        self.outside = Outside()
        self.store = service.store
        self.deps = replace(
            service.deps,
            store=Port(self, self.store, _database_fails),
            fetcher=self.outside,
            read_feed=self.outside.parse,
            pages=self.outside,
            mailer=Port(self, self.outside, _mail_fails),
            printer=Plain(),
        )
        self.feed_id = self.store.add_feed(FeedKind.FEED, "https://paper.example/feed", now=self.clock.now).id
        for number in range(READERS):
            at = local_time(self.random.randrange(24), self.random.choice([0, 30]))
            subscribe(
                replace(self.deps, store=self.store),
                f"reader{number}@example.org",
                study_id=STUDY,
                at=at,
                zone=self.random.choice(["UTC", "Asia/Tokyo", "America/Los_Angeles"]),
                weekdays=tuple(range(7)),
                threshold=Severity.LOW,
                quiet=True,
                confirmed=True,
            )

    def call(self, act: Callable[[], Any], error: Callable[[bool], Exception]) -> Any:
        """One call to a port."""
        if not self.faulty:
            return act()
        self.calls += 1
        if self.calls != self.fault.at:
            return act()
        how = self.fault.how
        if how in {How.CRASH_AFTER, How.ERROR_AFTER}:
            act()
        if how is How.ZOMBIE:
            self.late.append(act)
        if how in {How.ERROR_BEFORE, How.ERROR_AFTER}:
            raise error(how is How.ERROR_AFTER)
        raise Dead

    def live(self) -> None:
        """All days, and what is left after them."""
        self.faulty = True
        for day in range(DAYS):
            self.outside.day = day
            for _ in range(self.random.randint(0, MOST_NEWS)):
                self.outside.published.append(len(self.outside.published) + 1)
            for _look in range(4):
                self.clock.now += STEP
                self.look()
            if self.random.random() < 0.5:
                self.withdraw()
        for _ in range(SETTLE):
            self.clock.now += STEP
            self.look()
        for act in self.late:  # the zombie wakes
            try:
                act()
            except HypewatchError:
                continue  # it is told that it has lost its lease
        self.clock.now += STEP
        self.look()

    def look(self) -> None:
        """What workers do at a tick; a process that ended is followed by the next."""
        for work, act in (
            (Work.POLL, poll_feed),
            (Work.PAGE, read_page),
            (Work.COMPOSE, deliver_due),
            (Work.SEND, send_digest),
        ):
            for number in self.store.due(work, self.clock.now):
                try:
                    act(replace(self.deps, owner=f"process-{self.processes}"), number)
                except Dead:
                    self.processes += 1
                except StorageError:
                    continue  # the task failed, and its row is found again

    def withdraw(self) -> None:
        """A person takes one mention back, by a command that has no fault."""
        found = [mention for mention in self.store.search(Query()) if mention.title not in self.withdrawn]
        if found:
            chosen = self.random.choice(sorted(found, key=lambda mention: mention.title))
            self.withdrawn.add(chosen.title)
            self.store.purge(chosen.id, now=self.clock.now)


def broken(world: World) -> list[str]:
    """What does not hold in the end, in sentences."""
    store, said = world.store, []
    said += broken_laws(store, world.outside.taken)
    stored = Counter(mention.title for mention in store.search(Query(), limit=1000))
    wanted = {f"Title {number}" for number in world.outside.published} - world.withdrawn
    if stored != Counter(wanted):
        said.append(f"Stored is {sorted(stored.elements())}, published {sorted(wanted)}.")
    digests = store.digests(1000)
    for subscription in store.subscriptions():
        ours = [digest for digest in digests if digest.subscription_id == subscription.id]
        days = [date for digest in ours for date in _dates(digest)]
        if len(days) != len(set(days)):
            said.append(f"A local date has two digests: {sorted(days)}.")
        told = Counter(mention.title for digest in ours for mention in store.digest_mentions(digest.id))
        if any(count > 1 for count in told.values()):
            said.append(f"A mention is in two digests: {told}.")
        if set(told) != wanted:
            said.append(f"Told is {sorted(told)}, published {sorted(wanted)}.")
    copies = Counter(world.outside.taken)
    spare = int(world.fault.at > 0)
    if sum(copies.values()) - len(copies) > spare:
        said.append(f"More copies than faults: {copies}.")
    return said


def _dates(digest: Any) -> list[str]:
    first, last = (datetime.fromisoformat(date) for date in (digest.local_date, digest.through_date))
    return [f"{first + timedelta(days=ahead):%Y-%m-%d}" for ahead in range((last - first).days + 1)]


class Clock:
    """Stands still until it is set."""

    now = BEGIN

    def __call__(self) -> datetime:
        return self.now


class Worlds:
    """Makes one after the other in one database, which is emptied between them: statements are compiled once."""

    def __init__(self, folder: Path) -> None:
        self._clock = Clock()
        named = {"HYPEWATCH_HOME": str(folder), "HYPEWATCH_SECRET_KEY": "k"}
        self._service = Service(load(named), clock=self._clock)
        self._service.library.ruleset(STUDY)
        self._path, self._empty = folder / "hypewatch.db", folder / "empty.db"
        self._copy(self._path, self._empty)
        # Judging is a pure function, and texts repeat in all worlds.
        assess_text.assess = _remembered(assess_text.assess)

    @property
    def store(self) -> Any:
        """The database that all of them have in turn."""
        return self._service.store

    def live(self, seed: int, fault: Fault) -> tuple[list[str], int]:
        """What is broken in the end, and how many calls there were."""
        self._copy(self._empty, self._path)
        world = World(seed, fault, self._service, self._clock)
        world.live()
        return broken(world), world.calls

    def close(self) -> None:
        """The worlds are over."""
        self._service.store.close()
        assess_text.assess = assess_text.assess.judge

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)


def _remembered(judge: Callable[..., Any]) -> Any:
    known: dict[tuple[object, ...], Any] = {}

    def assess(title: str, text: str, *rest: Any, **named: Any) -> Any:
        key = (title, text, named["lang"], named["kind"])
        if key not in known:
            known[key] = judge(title, text, *rest, **named)
        return known[key]

    assess.judge = judge  # type: ignore[attr-defined]
    return assess


def main() -> None:
    """Seeds without end, for so many seconds."""
    seconds = float(sys.argv[2]) if sys.argv[1:2] == ["--seconds"] else 60.0
    end, runs, chosen = time.monotonic() + seconds, 0, random.SystemRandom()
    with tempfile.TemporaryDirectory() as folder:
        worlds = Worlds(Path(folder))
        while time.monotonic() < end:
            seed = chosen.randrange(10**9)
            said, calls = worlds.live(seed, Fault())
            for fault in [Fault(), *(Fault(chosen.randint(1, calls), how) for how in How)]:
                said, _ = worlds.live(seed, fault)
                runs += 1
                if said:
                    sys.exit(f"seed {seed}, {fault}: {' '.join(said)}")
    sys.stdout.write(f"{runs} runs in {seconds:.0f} s, and nothing was broken\n")


if __name__ == "__main__":
    main()
