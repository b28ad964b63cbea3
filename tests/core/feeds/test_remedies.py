"""What to do about a reading that did not go well, asked with what the rooms which read really tell."""

from __future__ import annotations

import re

import httpcore2
import pytest

from monitor.core.feed import FeedForPoll, Fetched
from monitor.core.feeds.remedies import BY_OUTCOME, BY_OUTCOME_OF_SEARCHES, OF_FEEDS, OF_SEARCHES, for_page, remedy
from monitor.core.model import FeedKind, Outcome, Reason
from monitor.deadline import DeadlineError
from monitor.service import Service
from monitor.settings import load
from monitor.sources.feeds.parse import parse_feed
from monitor.sources.http.decoders import BrokenError, TooLargeError
from monitor.sources.http.outcomes import (
    Answer,
    BusyError,
    DrippingError,
    LostError,
    Trail,
    UnreachableError,
    failure,
    read_answer,
)

URL = "https://lantern.example/feed"
GENERAL = {one.do for one in (*BY_OUTCOME.values(), *BY_OUTCOME_OF_SEARCHES.values())}
STATUSES = {
    401: "login",
    402: "paying",
    403: "turns programs away",
    404: "has moved",
    408: "asked again",
    410: "has ended",
    425: "asked again",
    429: "Fewer sources of one site",
    451: "where Hypewatch runs",
    500: "fault is on its side",
    503: "fault is on its side",
}
FAILURES = [
    (httpcore2.ConnectTimeout(), "stays slow"),
    (DrippingError(), "stays slow"),
    (DeadlineError(), "stays slow"),
    (httpcore2.ConnectError(), "warns of its certificate"),
    (httpcore2.NetworkError(), "asked again by itself"),
    (httpcore2.RemoteProtocolError(), "asked again by itself"),
    (BrokenError(), "no feed that can be read"),
    (TooLargeError(), "no feed that can be read"),
    (TooLargeError("9 KB"), "no feed that can be read"),
    (BusyError(), "asked again by itself"),
    (LostError("lantern.example sends us in a circle."), "was moved"),
    (UnreachableError("There is no host called lantern.exampel, or the name could not be looked up."), "spelling"),
    (OSError(), "asked again by itself"),
]


@pytest.mark.parametrize(("status", "words"), STATUSES.items())
def test_each_refusal_of_a_host_has_its_remedy(status, words):
    fetched = read_answer(Answer(status, {}), Trail(URL), conditional=False)
    assert words in remedy(fetched.outcome, fetched.reason)
    assert "remove this one" not in remedy(fetched.outcome, fetched.reason, first=True), "nothing is there to remove"


@pytest.mark.parametrize(
    ("error", "words"), FAILURES, ids=lambda one: type(one).__name__ if isinstance(one, Exception) else ""
)
def test_each_way_to_fail_has_its_remedy(error, words):
    ending = failure(error, Trail(URL), 30.0, 8_000_000)
    assert words in remedy(ending.outcome, ending.reason), ending


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no feed that can be read"),
        (b"plain words", "no feed that can be read"),
        (b"<other/>", "no feed that can be read"),
        (b"{}", "no feed that can be read"),
        (b"<html><body>x</body></html>", "has a feed elsewhere"),
        (b'<html><form><input type="password"></form></html>', "needs a login"),
        (b'<html><head><link rel="alternate" type="application/rss+xml" href="/f"></head></html>', "leads to a feed"),
        (b'<opml version="2.0"><body/></opml>', "Bring sources along"),
    ],
)
def test_what_is_no_feed_has_its_remedy(body, words, clock):
    fetched = Fetched(
        url=URL, final_url=URL, outcome=Outcome.FETCHED, status=200, headers={}, body=body, sentence="Read."
    )
    parsed = parse_feed(fetched, now=clock())
    told = remedy(parsed.outcome, parsed.reason)
    assert words in told, parsed.problem
    assert "`" not in for_page(parsed.problem or "x")


def test_each_network_that_is_not_set_up_says_who_can_help(tmp_path, sqlite_url):
    service = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}))
    asked = 0
    for kind in (FeedKind.X_SEARCH, FeedKind.BLUESKY_SEARCH, FeedKind.MASTODON_SEARCH):
        parsed = service.deps.networks[kind].read(FeedForPoll(id=0, kind=kind, url="Keio"), rows_left=10)
        assert remedy(parsed.outcome, parsed.reason, feed=False) == (
            "Its key is missing: ask whoever looks after this Hypewatch to set it."
        )
        shown = for_page(parsed.problem)
        assert "HYPEWATCH_" not in shown, "names of settings are for who sets them"
        assert re.fullmatch(r"(\w+ is not set up|Mastodon searches words only for an account)\.", shown)
        asked += 1
    service.store.close()
    assert asked == 3


def test_what_went_well_needs_nothing_and_every_failure_something():
    assert [remedy(outcome, Reason.SLOW) for outcome in (None, Outcome.FETCHED, Outcome.NOT_MODIFIED)] == ["", "", ""]
    for outcome in Outcome:
        if outcome.failed or outcome is Outcome.RATE_LIMITED:
            for feed in (True, False):
                assert remedy(outcome, None, feed=feed) in GENERAL


def test_each_reason_has_its_remedy():
    assert set(OF_FEEDS) | set(OF_SEARCHES) == set(Reason)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (
            "lantern.example says that it is gone for good (410). It is not asked again by itself; `hypewatch feeds resume 3` does.",
            "lantern.example says that it is gone for good (410).",
        ),
        (
            "x-search is not set up: its key is missing (see `hypewatch help operations`).",
            "x-search is not set up: its key is missing.",
        ),
        ("X does not know the key (401): check HYPEWATCH_X_BEARER_TOKEN.", "X does not know the key (401)."),
        (
            "It is a list of feeds (OPML), not a feed: `hypewatch feeds import` takes it.",
            "It is a list of feeds (OPML), not a feed.",
        ),
        ("2 new, 0 changed, 0 as before.", "2 new, 0 changed, 0 as before."),
        (
            "The budget for X is used up on 3 March: nothing more is read until midnight UTC. HYPEWATCH_X_POSTS_PER_DAY sets it.",
            "The budget for X is used up on 3 March: nothing more is read until midnight UTC.",
        ),
    ],
)
def test_a_page_is_told_no_command_and_no_setting(stored, shown):
    assert for_page(stored) == shown


def test_no_remedy_sends_a_reader_of_pages_into_a_shell():
    for one in (*OF_FEEDS.values(), *OF_SEARCHES.values(), *BY_OUTCOME.values(), *BY_OUTCOME_OF_SEARCHES.values()):
        for told in filter(None, (one.do, one.first)):
            assert not re.search(r"`|HYPEWATCH_|hypewatch ", told), told
            assert told.endswith(".")
