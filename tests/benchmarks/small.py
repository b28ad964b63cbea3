"""What is dear, beside what somebody would take instead, each in a second or two: `python -m tests.benchmarks --small`.

A ratio is our cost over the other's in one run, so that it hardly depends on the machine; less is better. All are processor time of
this process (and its children), but for the two that are about several processes. `ratios.json` holds what each was when it was last
kept; `--check` fails if one is half as much again, which is to say that the speed fell by a third.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import requests
import sqlalchemy as sa

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import Wishes
from monitor.core.drift import assess
from monitor.core.feed import Validators
from monitor.core.items.stories import RETELLING
from monitor.core.model import Kind
from monitor.core.search.nodes import Query
from monitor.home_files import sqlite_url
from monitor.library.judges import ProcessJudges
from monitor.library.load import Library
from monitor.pipeline.backtests import begin_backtest
from monitor.pipeline.deliver import Composing
from monitor.service import Service
from monitor.settings import load
from monitor.sources.feeds.parse import parse_feed
from monitor.sources.http.client import HttpClient
from monitor.storage.store import open_store
from monitor.storage.tables import mentions
from tests.benchmarks import backtest, judging, polling, storing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 5


def cpu(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of this process in the quickest of a few rounds: what else the machine does can only make one longer."""
    act()
    took = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        act()
        took.append(time.process_time() - begun)
    return min(took)


def commands(*command: str, home: Path, rounds: int = ROUNDS) -> float:
    """Seconds of a command's process, start and all."""
    took = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *command],
            check=False,
            capture_output=True,
            input=judging.HYPE.encode(),
            env=os.environ | {"HYPEWATCH_HOME": str(home)},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


@contextmanager
def seeded(count: int) -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder:
        service = Service(load({"HYPEWATCH_HOME": folder}), clock=lambda: backtest.NOW)
        backtest.seed(service, count)
        yield service
        service.store.close()


# --- each is one ratio -----------------------------------------------------------------------------------------------


def starting() -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ours = "from monitor.cli import main; main()"
        commands("-c", ours, "init", "--study", backtest.STUDY, "--no-input", home=home, rounds=1)
        with_yaml = commands("-c", "import click, yaml, re, json, sqlite3", home=home)
        yield "check a line / Python with click and YAML", commands("-c", ours, "check", home=home) / with_yaml
        sql = commands("-c", "import click, sqlalchemy.dialects.sqlite", home=home)
        yield "an empty search / Python with click and SQLAlchemy", commands("-c", ours, "mentions", home=home) / sql


def judged() -> Iterator[tuple[str, float]]:
    library = Library(Path("no folder"), {})
    study = library.study(backtest.STUDY)
    ruleset = library.ruleset(study.id)
    plain = judging.plain_expressions(ruleset)
    for name, text, kind in (
        ("a post", judging.HYPE.strip(), Kind.POST),
        ("an article of 500 words", judging.article(), Kind.ARTICLE),
    ):
        ours = cpu(lambda text=text, kind=kind: [assess("", text, study, ruleset, kind=kind) for _ in range(10)])
        theirs = cpu(lambda text=text: [[one.search(text) for one in plain] for _ in range(10)])
        yield f"judging {name} / an expression for each word", ours / theirs


def asked() -> Iterator[tuple[str, float]]:
    listener = socket.create_server(("0.0.0.0", 0), backlog=1000)
    port = listener.getsockname()[1]
    server = get_context("fork").Process(target=polling.serve, args=(listener,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port}/feed.xml"
    door = HttpClient(allow_private=frozenset({f"127.0.0.1:{port}"}), host_gap=0.0)
    session = requests.Session()

    def theirs() -> None:
        for _ in range(200):
            session.get(url, headers={"If-None-Match": '"v1"'}, timeout=30)

    def ours() -> None:
        for _ in range(200):
            door.fetch(url, Validators(etag='"v1"'))

    yield "an unchanged feed / requests", cpu(ours) / cpu(theirs)
    server.kill()


def read() -> Iterator[tuple[str, float]]:
    item = "<item><title>Report {n}</title><link>https://example.org/{n}</link><guid>{n}</guid><description>{t}</description></item>"
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
        + "".join(item.format(n=number, t=judging.FILLER * 8) for number in range(50))
        + "</channel></rss>"
    ).encode()
    fetched = replace(
        HttpClient().fetch("http://localhost:1/"),
        body=body,
        headers={"content-type": "application/rss+xml"},
        status=200,
    )

    def both(act: Callable[[], object]) -> float:
        """The child that parses is a process of its own."""
        act()
        begun = time.perf_counter()
        for _ in range(10):
            act()
        return time.perf_counter() - begun

    ours = min(both(lambda: parse_feed(fetched, now=backtest.NOW)) for _ in range(3))
    theirs = min(both(lambda: feedparser.parse(body)) for _ in range(3))
    yield "reading a feed, in the child / feedparser", ours / theirs


def stored() -> Iterator[tuple[str, float]]:
    rows, size, said = storing.drafts(1_000), storing.BATCH, []

    def ours(path: Path, *, listened: bool = False) -> float:
        store = open_store(sqlite_url(path))
        store.upgrade()
        if listened:
            sa.event.listen(store._db.engine, "connect", lambda raw, _: raw.set_trace_callback(said.append))
            store._db.engine.dispose()
        begun = time.process_time()
        for start in range(0, len(rows), size):
            store.import_mentions(rows[start : start + size], storing.ALONE, now=storing.NOW)
        took = time.process_time() - begun
        store.close()
        return took

    def theirs(path: Path) -> float:
        store = open_store(sqlite_url(path))
        store.upgrade()
        store.close()
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.execute("PRAGMA synchronous=FULL")
            conn.execute("PRAGMA secure_delete=ON")
            begun = time.process_time()
            for one in writes:
                conn.execute(one)
            return time.process_time() - begun

    with tempfile.TemporaryDirectory() as folder:
        ours(Path(folder) / "said.db", listened=True)
        # What triggers do ("-- ") is done again by themselves.
        writes = [one for one in said if one.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT"}]
        took = {
            act: min(act(Path(folder) / f"{act.__name__}{number}.db") for number in range(3)) for act in (ours, theirs)
        }
        yield "storing a mention / the same rows into the same tables by sqlite3", took[ours] / took[theirs]


def searched() -> Iterator[tuple[str, float]]:
    with seeded(10_000) as service:
        store, query = service.store, service.ask("moonshot")
        ours = cpu(lambda: [store.search(query, limit=51) for _ in range(20)])
        like = sa.select(mentions).where(mentions.c.text.contains("moonshot")).order_by(mentions.c.id.desc()).limit(51)

        def theirs() -> None:
            with store._db.read() as conn:
                conn.execute(like).all()

        yield "a search of 10,000 / SQL's LIKE", ours / 20 / cpu(theirs)
        every = backtest.judging(service) * store.count(Query())
        files = {"our-rule.yaml": backtest.RULE.format(phrase="moonshot for mankind", example="moonshot for mankind")}
        begun = time.process_time()
        found = begin_backtest(service.deps, files, author="bench", budget=600)
        if found.running:
            raise RuntimeError("The back-test did not end.")
        yield "a back-test of a rare phrase / judging everything", (time.process_time() - begun) / every


def retold() -> Iterator[tuple[str, float]]:
    """One mention among many, over one among few: it must not grow with what is stored."""
    rng, took = random.Random(4), {}
    rows = storing.drafts(2_200)
    for many in (200, 2_000):
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(sqlite_url(Path(folder) / "many.db"))
            store.upgrade()
            for start in range(0, many, 200):
                store.import_mentions(
                    [own_words(row, rng) for row in rows[start : start + 200]], RETELLING, now=storing.NOW
                )
            more = [own_words(row, rng) for row in rows[many : many + 200]]
            begun = time.process_time()
            for one in more:
                store.import_mentions([one], RETELLING, now=storing.NOW)
            took[many] = time.process_time() - begun
            store.close()
    yield "storing one among 2,000 / among 200", took[2_000] / took[200]


def own_words(row, rng):
    """A mention that tells another story than all others."""
    words = [f"{rng.choice('bcdfgklmnprst')}{rng.choice('aeiou')}{rng.randrange(10_000)}" for _ in range(80)]
    return replace(row, text=f"iPS cells. {' '.join(words)}.", title=f"{words[0]} {words[1]} {words[2]}")


def composed() -> Iterator[tuple[str, float]]:
    with seeded(1_000) as service:
        before = backtest.NOW - timedelta(days=3)
        for number in range(50):
            person = service.store.add_subscriber(f"reader{number}@example.org", "", now=before, state="active")
            due = Due(backtest.NOW, backtest.NOW.date().isoformat())
            service.store.subscribe(person.id, backtest.STUDY, Wishes(), now=before, due=due)
        everybody = service.store.subscriptions()

        def composing(some) -> None:
            together = Composing(service.deps, backtest.NOW)
            for one in some:
                together.digest_of(one, one.due_date)

        yield (
            "the mails of 50 / the mail of one",
            cpu(lambda: composing(everybody), 3) / cpu(lambda: composing(everybody[:1]), 3),
        )


def together() -> Iterator[tuple[str, float]]:
    """Seconds of the wall: the machine must have two cores free."""
    library = Library(Path("no folder"), {})
    rng = random.Random(2)
    texts = [backtest.text_of(rng, number)[0] for number in range(600)]
    begin, texts = texts[:200], texts[200:]  # what was read once is remembered for a while
    with ProcessJudges(2) as two:
        list(two.each(library, judge, begin))  # both have begun
        begun = time.perf_counter()
        list(two.each(library, judge, texts))
        ours = time.perf_counter() - begun
    for text in begin:
        judge(library, text)
    begun = time.perf_counter()
    for text in texts:
        judge(library, text)
    yield "judging in two processes / in one", ours / (time.perf_counter() - begun)


def judge(library: Library, text: str):
    return assess("", text, library.study(backtest.STUDY), library.ruleset(backtest.STUDY))


ALL = (starting, judged, asked, read, stored, searched, retold, composed, together)
