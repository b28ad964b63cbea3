"""A search on Hacker News against the scripted server; with it, what all searches that give the newest first share."""

from __future__ import annotations

import inspect
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.core.entry import Entry, Post
from monitor.core.feed import FeedForPoll, ParsedFeed
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome
from monitor.core.search.query import parse_query
from monitor.pipeline.poll import poll_feed
from monitor.ports import Budget
from monitor.service import Service
from monitor.settings import load
from monitor.sources import json_api as api
from monitor.sources.connector import Setup
from monitor.sources.networks.hackernews import HackerNewsSearch

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)
NEWEST = int((NOW - timedelta(hours=1)).timestamp())
SEARCH = "/api/v1/search_by_date"
FEED = FeedForPoll(id=1, kind=FeedKind.HACKERNEWS_SEARCH, url="Keio iPS")


def hit(number: int) -> dict:
    return {
        "objectID": str(40_000_000 - number),
        "author": "jo",
        "title": f"Keio &amp; iPS {number}",
        "url": "https://example.org/a",
        "points": 3,
        "created_at_i": NEWEST - number,
        "children": [1, 2],
        "_tags": ["story"],
    }


class Index:
    """`total` hits, newest first, in pages as Algolia gives them."""

    def __init__(self, web, fakes, total: int) -> None:
        self.web, self.fakes, self.hits = web, fakes, [hit(number) for number in range(total)]
        web[SEARCH] = self.page

    def page(self, asked):
        query = parse_qs(urlsplit(asked.path).query)
        after = int(query["numericFilters"][0].removeprefix("created_at_i>"))
        size, number = int(query["hitsPerPage"][0]), int(query["page"][0])
        hits = [one for one in self.hits if one["created_at_i"] > after]
        return self.fakes.answer_json(
            {"hits": hits[number * size : (number + 1) * size], "page": number, "nbPages": -(-len(hits) // size)}
        )

    @property
    def asked(self) -> list[dict]:
        return [
            {name: value[0] for name, value in parse_qs(urlsplit(one.path).query).items()} for one in self.web.asked
        ]


@pytest.fixture
def search(web, door):
    return HackerNewsSearch(Setup(door=door, clock=lambda: NOW, address=web.url(""), study_of=None, stored=None))


def test_first_reading_then_nothing_new(web, fakes, search):
    index = Index(web, fakes, 1)
    first = search.read(FEED, rows_left=500)
    assert first.entries == (
        Entry(
            guid="hackernews:40000000",
            url="https://news.ycombinator.com/item?id=40000000",
            title="",
            text="Keio & iPS 0",
            source="@jo",
            author="jo",
            kind=Kind.POST,
            network=Network.HACKERNEWS,
            published=NOW - timedelta(hours=1),
            date_confidence=DateConfidence.EXACT,
            links=("https://example.org/a",),
            likes=3,
        ),
    )
    assert (first.outcome, first.problem, first.cursor, first.rows_paid) == (Outcome.FETCHED, None, str(NEWEST), 0)
    assert index.asked == [
        {
            "query": "Keio iPS",
            "tags": "(story,comment)",
            "numericFilters": f"created_at_i>{int((NOW - timedelta(days=7)).timestamp())}",
            "hitsPerPage": "100",
            "page": "0",
        }
    ]
    again = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert (again.entries, again.cursor) == (first.entries, first.cursor), "met again within the two hours of editing"
    assert index.asked[1]["numericFilters"] == f"created_at_i>{NEWEST - 7200}"
    index.hits = []
    empty = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert (empty.entries, empty.outcome, empty.problem, empty.cursor) == ((), Outcome.FETCHED, None, str(NEWEST))


def test_a_cursor_never_goes_back_and_one_that_is_not_ours_begins_anew(web, fakes, search):
    index = Index(web, fakes, 1)
    later = str(NEWEST + 60)
    assert search.read(replace(FEED, cursor=later), rows_left=500).cursor == later
    assert search.read(replace(FEED, cursor="{}"), rows_left=500).cursor == str(NEWEST)
    far = search.read(replace(FEED, cursor="99999999999"), rows_left=500)
    assert far.cursor == "99999999999", "nothing is newer; the search goes on from now"
    assert index.asked[2]["numericFilters"] == f"created_at_i>{int(NOW.timestamp()) - 7200}"


@pytest.mark.parametrize(
    ("total", "rows_left", "read", "requests"), [(250, 500, 250, 3), (900, 500, 500, 5), (250, 120, 100, 1), (250, 7, 7, 1), (0, 500, 0, 1), (100, 500, 100, 1)]
)  # fmt: skip
def test_never_more_rows_than_are_left(web, fakes, search, total, rows_left, read, requests):
    index = Index(web, fakes, total)
    parsed = search.read(FEED, rows_left=rows_left)
    assert (len(parsed.entries), len(index.asked)) == (read, requests)
    assert len({entry.guid for entry in parsed.entries}) == read
    assert parsed.problem == (
        f"There are more than {read} posts; the older ones were not read. A narrower search misses fewer."
        if read < total
        else None
    )


def test_no_rows_left_asks_nothing(web, fakes, search):
    Index(web, fakes, 1)
    parsed = search.read(FEED, rows_left=0)
    assert (parsed.outcome, parsed.problem, web.asked) == (Outcome.RATE_LIMITED, "No more posts may be read now.", [])


RESET = str(int(NOW.timestamp()) + 600)


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome", "wait", "sentence"),
    [
        (429, {}, {"ratelimit_reset": RESET}, Outcome.RATE_LIMITED, timedelta(minutes=10), "127.0.0.1 was asked too often and wants us to come later (429)."),
        (429, {}, {"x_ratelimit_reset": "2026-03-24T12:05:00.000Z"}, Outcome.RATE_LIMITED, timedelta(minutes=5), "127.0.0.1 was asked too often and wants us to come later (429)."),
        (429, {}, {"retry_after": "60"}, Outcome.RATE_LIMITED, timedelta(minutes=1), "127.0.0.1 was asked too often and wants us to come later (429)."),
        (429, {}, {"ratelimit_reset": "soon"}, Outcome.RATE_LIMITED, None, "127.0.0.1 was asked too often and wants us to come later (429)."),
        (401, {}, {}, Outcome.HARD, None, "127.0.0.1 wants a login (401)."),
        (403, {"message": "Not\nfor you."}, {}, Outcome.HARD, None, "127.0.0.1 refuses to give it to us (403): Not for you."),
        (400, {"error": "bad filter"}, {}, Outcome.HARD, None, "127.0.0.1 does not give it out (status 400): bad filter."),
        (410, {}, {}, Outcome.HARD, None, "127.0.0.1 says that it is gone for good (410)."),
        (502, {}, {}, Outcome.TEMPORARY, None, "127.0.0.1 has a fault of its own (502); it is asked again later."),
        (200, {"hits": "none"}, {}, Outcome.SOFT, None, "127.0.0.1 answered in a form that is not its own."),
        (200, ["hits"], {}, Outcome.SOFT, None, "127.0.0.1 answered in a form that is not its own."),
    ],
)  # fmt: skip
def test_refusals_are_told_in_words(web, fakes, search, status, body, headers, outcome, wait, sentence):
    web[SEARCH] = fakes.answer_json(body, status, **headers)
    parsed = search.read(replace(FEED, cursor=str(NEWEST)), rows_left=500)
    assert (parsed.outcome, parsed.retry_after, parsed.problem, parsed.entries) == (outcome, wait, sentence, ())


@pytest.mark.parametrize("body", ["<html>proxy</html>", "[" * 100_000, b"\xff{"])
def test_what_is_no_json_is_told(web, fakes, search, body):
    web[SEARCH] = fakes.answer(body)
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (Outcome.SOFT, "127.0.0.1 answered in a form that is not its own.")


def test_silence_is_an_ending(web, search):
    web[SEARCH] = b""
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (
        Outcome.TEMPORARY,
        "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP.",
    )


def test_what_was_read_is_kept_when_the_next_page_fails_and_is_read_again(web, fakes, search):
    index = Index(web, fakes, 250)
    web[SEARCH] = [index.page, fakes.answer_json({}, 429, retry_after="60")]
    parsed = search.read(replace(FEED, cursor=str(NEWEST - 3600)), rows_left=500)
    assert (parsed.outcome, len(parsed.entries), parsed.cursor, parsed.retry_after) == (
        Outcome.FETCHED,
        100,
        str(NEWEST - 3600),
        timedelta(minutes=1),
    )
    assert parsed.problem == ("Only a part was read: 127.0.0.1 was asked too often and wants us to come later (429).")


def test_a_reading_ends_in_time(web, fakes, search, monkeypatch):
    Index(web, fakes, 250)
    monkeypatch.setattr(api, "MOST_SECONDS", -1.0)
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, web.asked) == (Outcome.TEMPORARY, [])
    assert parsed.problem == "There was no time left to ask 127.0.0.1; the next reading goes on."


def test_a_network_is_one_file_and_one_line():
    """Where a network is named outside of its file, as the operations page tells it."""
    root = Path(api.__file__).parents[1]
    told = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"has `read`: {len(inspect.getsource(HackerNewsSearch).splitlines())} lines in `hackernews.py`" in told
    places = Counter(
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if path.name != "hackernews.py" and "migrations" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if "hackernews" in line.lower()
    )
    assert places == {
        "core/model.py": 1,  # its line in the table
        # What it can do without:
        "core/feeds/addresses.py": 3,  # an address of its search, pasted, is that search
        "core/feeds/recognise.py": 1,  # words that are pasted may be searched there
        "core/items/identity.py": 1,  # a post that is met by its address is the post that the search brings
        "sources/files/rows.py": 1,  # whose addresses these are in a file
        "storage/tables/collecting.py": 1,  # the column's description tells what kinds there were when it was made
        "sources/networks/reddit.py": 1,  # borrows how a time is read
    }


def test_a_network_needs_nothing_but_a_class_with_read(sqlite_url, tmp_path, clock):
    class Parrot:
        def read(self, feed, *, rows_left):
            post = Post(network=Network.HACKERNEWS, id="1", author="polly", text=f"{feed.url}: iPS cells of Keio University", published=clock(), url=None)  # fmt: skip
            return ParsedFeed(format="parrot", title="", entries=(post.as_entry(),), rows_paid=1)

    service = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}), clock=clock)
    deps = replace(
        service.deps,
        networks={FeedKind.HACKERNEWS_SEARCH: Parrot()},
        budgets={"hackernews": Budget(per_day=5, per_month=5)},
    )
    feed = deps.store.add_feed(FeedKind.HACKERNEWS_SEARCH, "polly", now=clock())
    assert poll_feed(deps, feed.id).new == 1
    (mention,) = deps.store.search(parse_query("network:hackernews author:polly", clock()))
    assert (mention.source.key, mention.identity) == ("hackernews:polly", "hackernews:1")
    assert deps.store.rows_left("hackernews", clock(), per_day=5, per_month=5) == 4
    service.store.close()
