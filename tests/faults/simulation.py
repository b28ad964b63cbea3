"""A whole installation in one process, from one number: two workers that die and stand still at any call, a clock that jumps, a broker that
loses and repeats, a mail server that refuses or falls silent, feeds that change, readers' Store on a real database.

Each call through a port (Store, Mailer, Fetcher) is a place where the seed may let another process go on, let the call fail, or let the
process die before it or after it. So the n-th call fails for every n, over many seeds. What is then asserted holds whatever happened:
see `broken`. `python -m tests.faults.simulation --runs 2000 [--first SEED]` goes on for longer than the tests do.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestState
from monitor.core.entry import Entry
from monitor.core.errors import (
    MailPermanentError,
    MailTemporaryError,
    MailUnknownError,
    NotFoundError,
    StorageBusyError,
)
from monitor.core.feed import Fetched, ParsedFeed
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome, Work
from monitor.core.wording import ENGLISH
from monitor.home_files import sqlite_url
from monitor.library.load import Library
from monitor.pipeline.deliver import compose_due, deliver_digest, send_digest
from monitor.pipeline.poll import poll_feed, read_page
from monitor.pipeline.subscribe import subscribe
from monitor.ports.digests import Printed, Rendered
from monitor.service import Service
from monitor.settings import load
from monitor.storage.backup import backup, restore
from monitor.storage.store import open_store
from monitor.storage.tables import digests, edition_mentions, mentions
from tests.faults.history import broken_laws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.study import Study
    from monitor.ports import Deps, Store

START = datetime(2026, 3, 24, 5, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
HYPE = (
    "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord. Post {number}."
)
MILD = "Keio University put iPS cells into four injured spinal cords; two of the four improved. Post {number}."
#: What was withdrawn has this word in it, and must be found nowhere afterwards.
CANARY = "withdrawn-{number}-canary"
#: The days that a run lasts, and the calls that its troubles may take.
DAYS, STEPS = 2, 260


class KilledError(BaseException):
    """The process is gone: nothing of it goes on, no `finally` reaches the outside any more."""


class Process(threading.Thread):
    """One task of one worker. It goes on only when it is told to, and stands at each call through a port."""

    def __init__(self, world: World, name: str, act: Callable[[Deps], object]) -> None:
        super().__init__(name=name, daemon=True)
        self.world, self.act, self.dead, self.over = world, act, False, False
        self.error: BaseException | None = None
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self.deps = replace(
            world.deps,
            store=Port(self, world.store),
            mailer=Port(self, world.mailer),
            fetcher=Port(self, world.outside),
            pages=Port(self, world.outside),
            owner=name,
        )

    def run(self) -> None:
        self._go.acquire()
        try:
            self.act(self.deps)
        except (KilledError, StorageBusyError, NotFoundError):
            pass  # the task ends; its lease does not. What a message names may be withdrawn meanwhile
        except Exception as error:  # noqa: BLE001 - told by who waits for it
            self.error = error
        self.over = True
        self._stands.release()

    def step(self) -> None:
        """Go on to the next call through a port, or to the end."""
        self._go.release()
        self._stands.acquire()
        if self.error is not None:
            raise self.error

    def stand(self) -> None:
        """Called at a port: wait until told to go on; the dead do not."""
        self._stands.release()
        self._go.acquire()
        if self.dead:
            raise KilledError


class Port:
    """Everything of a port, with trouble at each call."""

    def __init__(self, process: Process, inner: Any) -> None:
        self._process, self._inner = process, inner

    def __getattr__(self, name: str) -> Any:
        whole = getattr(self._inner, name)
        if not callable(whole):
            return whole

        def call(*args: Any, **more: Any) -> Any:
            process = self._process
            if process.dead:
                raise KilledError
            process.stand()
            trouble = process.world.trouble()
            if trouble == "fails" and self._inner is process.world.store:
                raise StorageBusyError("The database is held by another program.", "Wait a moment and try again.")
            if trouble == "dies":
                process.dead = True
                raise KilledError
            given = whole(*args, **more)
            if trouble == "dies after":
                process.dead = True
                raise KilledError
            return given

        return call


@dataclass
class Outside:
    """One feed, and the pages behind it."""

    world: World
    posts: dict[int, str] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    asked: int = 0

    def publish(self) -> None:
        number = len(self.posts)
        text = (HYPE if self.world.rng.random() < 0.5 else MILD).format(number=number)
        self.posts[number] = f"{text} {CANARY.format(number=number)}"

    def fetch(self, url: str, validators: object = None, *, headers: object = None) -> Fetched:
        self.asked += 1
        outcome = (
            self.world.rng.choice((Outcome.FETCHED,) * 6 + (Outcome.TEMPORARY,))
            if self.world.troubled
            else Outcome.FETCHED
        )
        return fetched(url, outcome, str(self.asked))

    def parse(self, _answer: Fetched, *, now: datetime, feed_lang: str = "") -> ParsedFeed:
        entries = tuple(
            Entry(
                guid=f"p{number}",
                url=f"https://paper{number % 5}.example/{number}",
                title=f"Report {number}",
                text=text,
                source=f"paper{number % 5}.example",
                kind=Kind.POST if number % 2 else Kind.ARTICLE,
                network=Network.WEB,
                published=min(now, START),
                date_confidence=DateConfidence.EXACT,
            )
            for number, text in self.posts.items()
        )
        return ParsedFeed(format="rss20", title="News", entries=entries)

    def read(self, what: str) -> tuple[None, Fetched]:
        """No page can be read: what the feed gave is what there is."""
        return None, fetched(what, Outcome.TEMPORARY, "")


def fetched(url: str, outcome: Outcome, body: str) -> Fetched:
    sentence = "Read." if outcome is Outcome.FETCHED else "The host has a fault of its own."
    return Fetched(
        url=url, final_url=url, outcome=outcome, status=200, headers={}, body=body.encode(), sentence=sentence
    )


@dataclass
class Sink:
    """A mail server that keeps what it took, and does not always say so."""

    world: World
    taken: list[tuple[str, str]] = field(default_factory=list)
    bytes_of: dict[str, set[bytes]] = field(default_factory=dict)

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        how = self.world.rng.random() if self.world.troubled else 1.0
        if how < 0.1:
            raise MailTemporaryError("The server is busy (451).")
        if how < 0.12:
            raise MailPermanentError("The server refuses it (550).")
        message_id = "".join(message_from_bytes(mime)["Message-ID"].split())
        self.taken.append((recipient, message_id))
        self.bytes_of.setdefault(message_id, set()).add(mime)
        if how < 0.22:
            raise MailUnknownError("The server took it, and fell silent.")
        return "250 taken"


class Printer:
    """A mail in a few lines: how it looks is not what is tried."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def wording(self, _language: str) -> Any:
        return ENGLISH

    def rendered(self, digest: Any, _wishes: Any) -> Rendered:
        return Rendered(text=repr(digest), html="")

    def digest(self, _digest: Any, rendered: Rendered, subscription: Any, *, now: datetime) -> Printed:
        mail = EmailMessage()
        mail["Message-ID"] = f"<{self._rng.getrandbits(64):x}@hypewatch.example>"
        mail["To"], mail["Subject"] = subscription.subscriber.email, f"News at {now:%H:%M}"
        mail.set_content(hashlib.sha256(rendered.text.encode()).hexdigest())
        return Printed(
            subject=mail["Subject"], message_id=mail["Message-ID"], mime=mail.as_bytes(), text=rendered.text, html=""
        )


class World:
    """Everything of one run. `troubled` is False while it must come to rest."""

    def __init__(self, seed: int, folder: Path, deps: Deps, template: Path) -> None:
        self.seed, self.rng, self.now = seed, random.Random(seed), START
        self.url = sqlite_url(shutil.copy(template, folder / "world.db"))
        self._folder, self._template = folder, template
        self.troubled, self.purged = True, set[int]()
        self.store: Store = open_store(self.url)
        self.outside, self.mailer = Outside(self), Sink(self)
        self.deps = replace(
            deps,
            store=self.store,
            clock=lambda: self.now,
            read_feed=self.outside.parse,
            printer=Printer(self.rng),  # type: ignore[arg-type]
        )
        self.deps = replace(self.deps, fetcher=self.outside, pages=self.outside, mailer=self.mailer)
        self.rate = self.rng.choice((0.0, 0.02, 0.06, 0.15))
        for _ in range(3):
            self.outside.publish()
        self.feed = self.store.add_feed(FeedKind.FEED, "https://paper.example/feed", now=START).id
        for number in range(self.rng.randint(1, 3)):
            zone = self.rng.choice(("UTC", "Asia/Tokyo", "America/New_York"))
            subscribe(
                self.deps, f"reader{number}@example.org", name="Ada", study_id=STUDY, at=hour(self.rng.randrange(24)), zone=zone,
                weekdays=tuple(range(7)), threshold="low", quiet=True, confirmed=True,
            )  # fmt: skip
        self.running: list[Process] = []
        self.begun = 0

    def trouble(self) -> str:
        if not self.troubled or self.rng.random() >= self.rate:
            return ""
        return self.rng.choice(("fails", "dies", "dies after"))

    # --- what may happen ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        for _ in range(STEPS):
            self.rng.choices(
                (self.begin, self.go_on, self.pass_time, self.leap, self.news, self.withdraw, self.kill, self.move),
                (14, 60, 8, 2, 4, 1, 2, 0.3),
            )[0]()
        self.rest()

    def nudges(self) -> list[Callable[[Deps], object]]:
        """What a broker may hand out: what is due, in any order, some of it lost; and what was handed out before, again."""
        found: list[Callable[[Deps], object]] = []
        found += [lambda deps, row=row: poll_feed(deps, row) for row in self.store.due(Work.POLL, self.now, 9)]
        found += [lambda deps, row=row: read_page(deps, row) for row in self.store.due(Work.PAGE, self.now, 9)]
        if composing := list(self.store.due(Work.COMPOSE, self.now, 9)):
            found.append(lambda deps: compose_due(deps, composing, budget=600))
        found += [lambda deps, row=row: send_digest(deps, row) for row in self.store.due(Work.SEND, self.now, 9)]
        return found

    def begin(self) -> None:
        if len(self.running) < 3 and (found := self.nudges()):
            self.begun += 1
            process = Process(self, f"worker-{self.begun}", self.rng.choice(found))
            process.start()
            self.running.append(process)

    def go_on(self) -> None:
        if self.running:
            self._step(self.rng.choice(self.running))

    def _step(self, process: Process) -> None:
        process.step()
        if process.over:
            self.running.remove(process)

    def kill(self) -> None:
        if self.troubled and self.running:
            process = self.rng.choice(self.running)
            process.dead = True
            self._step(process)

    def pass_time(self) -> None:
        self.now += timedelta(seconds=self.rng.choice((5, 30, 100, 400)))

    def leap(self) -> None:
        self.now += timedelta(hours=self.rng.choice((1, 3, 9)))

    def news(self) -> None:
        self.outside.publish()

    def withdraw(self) -> None:
        """Somebody takes a mention out for good, while others work on it."""
        with self.store._db.read() as conn:
            rows = conn.execute(sa.select(mentions.c.id, mentions.c.text)).all()
        if rows:
            row = self.rng.choice(rows)
            self.purged.add(int(row.text.rpartition("withdrawn-")[2].partition("-")[0]))
            self.store.purge(row.id, now=self.now)

    def move(self) -> None:
        """To another database, by a backup: no process lives through that."""
        while self.running:
            self.running[0].dead = True
            self._step(self.running[0])
        name = f"{self.rng.random()}.db"
        copy, other = self._folder / f"copy-{name}", self._folder / name
        backup(self.url, copy)
        self.store.close()
        shutil.copy(self._template, other)
        self.url = sqlite_url(other)
        restore(copy, self.url)
        self.store = open_store(self.url)
        self.deps = replace(self.deps, store=self.store)

    def rest(self) -> None:
        """No more trouble: all that is due is done, until nothing is, for some days."""
        self.troubled = False
        while self.running:
            self._step(self.running[0])
        self.resume()
        end = self.now + timedelta(days=DAYS)
        while self.now < end:
            for act in self.nudges():
                act(self.deps)
            self.now += timedelta(hours=1)
        for row in self.store.due(Work.SEND, self.now, 99):  # what the last hour composed
            send_digest(self.deps, row)

    def resume(self) -> None:
        """What died three times is left alone until a person asks for it, as they are told to."""
        self.now += timedelta(minutes=10)  # no lease outlives its process for longer
        self.store.set_feed(self.feed, due_at=self.now)
        for subscription in self.store.subscriptions():
            deliver_digest(self.deps, subscription.id)

    # --- what must hold ----------------------------------------------------------------------------------------------

    def broken(self) -> Iterator[str]:
        """A sentence for each law that does not hold."""
        yield from broken_laws(self.store, self.mailer.taken)
        yield from (
            f"{key} went out with different bytes." for key, held in self.mailer.bytes_of.items() if len(held) > 1
        )
        with self.store._db.read() as conn:
            stored = dict(conn.execute(sa.select(mentions.c.id, mentions.c.text)).all())
            told = conn.execute(
                sa.select(digests.c.subscription_id, edition_mentions.c.mention_id, sa.func.count())
                .join(edition_mentions, edition_mentions.c.edition_id == digests.c.edition_id)
                .where(digests.c.kind == "daily")
                .group_by(digests.c.subscription_id, edition_mentions.c.mention_id)
            ).all()
        yield from (f"Mention {row[1]} is in {row[2]} digests of subscription {row[0]}." for row in told if row[2] > 1)
        pairs = {(row[0], row[1]) for row in told}
        for subscription in self.store.subscriptions():
            yield from (
                f"Mention {one} was never told to subscription {subscription.id}."
                for one in stored
                if (subscription.id, one) not in pairs
            )
        for number in self.purged:
            yield from (
                f"{number} was withdrawn, and came back."
                for text in stored.values()
                if CANARY.format(number=number) in text
            )
        if len(stored) < len(self.outside.posts) - len(self.purged):
            yield f"{len(self.outside.posts)} were published, {len(self.purged)} withdrawn, and {len(stored)} are stored."
        if len(set(stored.values())) < len(stored):
            yield "A mention is stored twice."
        open_ = [one for one in self.store.digests(10_000) if one.state in {DigestState.READY, DigestState.SENDING}]
        yield from (f"Digest {one.id} is still {one.state}." for one in open_)


class FewRules:
    """A Library with one study and three rules: how well it judges is not what is tried, and judging would be most of the time."""

    def __init__(self) -> None:
        whole = Library(Path("no folder"), {}, classifier=None)
        self._study = whole.study(STUDY)
        rules = whole.ruleset(STUDY)
        few = tuple(rule for rule in rules.rules if rule.id in {"above-outcome", "wrong-cells", "miracle"})
        self._ruleset = replace(rules, rules=few)

    def current(self) -> FewRules:
        return self

    def studies(self) -> tuple[Study, ...]:
        return (self._study,)

    def study(self, _study_id: str) -> Study:
        return self._study

    def ruleset(self, _study_id: str) -> RuleSet:
        return self._ruleset

    def broken(self) -> dict[str, tuple[()]]:
        return {}


class Simulation:
    """Runs worlds one after the other, on databases made from one template."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._template = folder, folder / "template.db"
        store = open_store(sqlite_url(self._template))
        store.upgrade()
        store.close()
        service = Service(load({"HYPEWATCH_HOME": str(folder), "HYPEWATCH_SECRET_KEY": "k"}))
        self._deps = replace(service.deps, library=FewRules())

    def broken(self, seed: int) -> list[str]:
        """The laws that a seed breaks; none is what is hoped for."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            world = World(seed, Path(folder), self._deps, self._template)
            try:
                world.run()
                return list(world.broken())
            finally:
                for process in world.running:
                    process.dead = True
                    process._go.release()
                world.store.close()


def memory() -> str | None:
    """A folder in memory, where there is one: a database is made and thrown away for each run."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=2_000)
    asked.add_argument("--first", type=int, default=1)
    given = asked.parse_args()
    begun, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        simulation = Simulation(Path(folder))
        for seed in range(given.first, given.first + given.runs):
            if laws := simulation.broken(seed):
                failed += 1
                print(f"seed {seed}: {' '.join(laws[:5])}", flush=True)
    took = time.monotonic() - begun
    print(f"{given.runs} runs in {took:.0f} s ({60 * given.runs / took:,.0f} a minute), {failed} broke a law")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
