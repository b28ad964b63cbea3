"""An outside that does what a test wants: failures, budgets, lost leases, quiet days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.core.entry import Entry, Page
from monitor.core.feed import Fetched, ParsedFeed
from monitor.core.model import DateConfidence, FeedKind, Outcome
from monitor.pipeline.subscribe import subscribe
from monitor.service import Service
from monitor.settings import load

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def entry(number: int, text: str = HYPE, **changes) -> Entry:
    values = {
        "guid": f"g{number}",
        "url": f"https://paper{number}.example/news",
        "title": f"Title {number}",
        "text": text,
        "source": f"paper{number}.example",
        "published": NOW - timedelta(hours=1),
        "date_confidence": DateConfidence.EXACT,
    }
    return Entry(**(values | changes))


def fetched(url: str, outcome: Outcome = Outcome.FETCHED, **changes) -> Fetched:
    values = {
        "url": url,
        "final_url": url,
        "outcome": outcome,
        "status": 200,
        "headers": {},
        "body": b"the same",
        "sentence": "Read." if outcome is Outcome.FETCHED else f"It went {outcome.value}.",
    }
    return Fetched(**(values | changes))


class Outside:
    """Feeds, pages and networks in one: each answers with what it was told to."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.answer: Fetched | None = None
        self.pages: dict[str, tuple[Page | None, Fetched]] = {}
        self.asked: list[str] = []
        self.rows_left: list[int] = []
        self.number = 0

    def fetch(self, url, validators=None, *, headers=None):
        self.asked.append(url)
        self.number += 1
        return self.answer or fetched(url, body=str(self.number).encode())

    def parse(self, answer, *, now, feed_lang=""):
        return ParsedFeed(format="rss20", title="Fake", entries=self.entries)

    def read(self, what, *, rows_left=None):
        if rows_left is None:
            return self.pages[what]
        self.rows_left.append(rows_left)
        return ParsedFeed(
            format="x", title="", entries=self.entries[:rows_left], rows_paid=len(self.entries[:rows_left])
        )


@pytest.fixture
def outside():
    return Outside()


@pytest.fixture
def deps(store, outside, tmp_path, clock, database_url):
    service = Service(
        load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_SECRET_KEY": "k"}),
        clock=clock,
    )
    clock.now = NOW
    yield replace(service.deps, fetcher=outside, read_feed=outside.parse, pages=outside)
    service.store.close()


@pytest.fixture
def feed_id(deps):
    return deps.store.add_feed(FeedKind.FEED, "https://fake.example/feed", now=NOW).id


def reader(deps, **changes):
    values = {
        "name": "Ada",
        "study_id": STUDY,
        "at": time(7),
        "zone": "UTC",
        "weekdays": tuple(range(7)),
        "threshold": "low",
        "quiet": True,
        "confirmed": True,
    }
    return subscribe(deps, "ada@example.org", **(values | changes)).id


@pytest.fixture(name="entry")
def _entry():
    """`entry(number, text, **changes)`: an Entry as a feed gives it."""
    return entry


@pytest.fixture(name="fetched")
def _fetched():
    """`fetched(url, outcome, **changes)`: how a request ended."""
    return fetched


@pytest.fixture(name="reader")
def _reader():
    """`reader(deps, **changes)`: the id of the subscription of a person who gets mail."""
    return reader
