"""How a source stands, in words: one state, one sentence, what to do, what it brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.feed import Feed
from monitor.core.feeds.standing import State, kind_words, standings, trouble_first, weekly
from monitor.core.model import FeedKind, Outcome, Reason

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def feed(number: int = 1, **changes) -> Feed:
    values = {
        "id": number,
        "kind": FeedKind.FEED,
        "url": f"https://paper{number}.example/feed",
        "title": f"Paper {number}",
        "lang": "en",
        "weight": None,
        "paused": False,
        "interval": timedelta(minutes=15),
        "failing": 0.0,
        "due_at": NOW,
        "not_before": None,
        "last_polled_at": NOW,
        "last_success_at": NOW,
        "last_outcome": Outcome.FETCHED,
        "last_sentence": "2 new, 0 changed, 0 as before.",
        "entries": 2,
    }
    return Feed(**(values | changes))


def hard(number: int = 1, **changes) -> Feed:
    said = f"paper{number}.example has nothing at this address (404)."
    return feed(
        number,
        **(
            {"last_outcome": Outcome.HARD, "last_status": 404, "last_sentence": said, "last_reason": Reason.MISSING}
            | changes
        ),
    )


@pytest.mark.parametrize(
    ("one", "state", "sentence", "to_do"),
    [
        (feed(), State.WELL, "It has brought nothing for weeks.", ""),
        (feed(entries=0), State.WELL, "It has brought nothing yet.", ""),
        (feed(last_outcome=None, last_sentence=""), State.NEW, "It was not read yet.", ""),
        (feed(paused=True), State.PAUSED, "It is paused, and not read until somebody resumes it.", ""),
        (hard(), State.FAILING, "paper1.example has nothing at this address (404).", "has moved"),
        (hard(paused=True), State.PAUSED, "It is paused, and not read until somebody resumes it.", ""),
        (
            feed(quarantined=True),
            State.LEFT_ALONE,
            "It is left alone: reading it ended the process three times.",
            "Read it again",
        ),
        (
            feed(
                last_outcome=Outcome.RATE_LIMITED,
                last_sentence="It was asked too often and wants us to come later (429).",
            ),
            State.WAITS,
            "It was asked too often and wants us to come later (429).",
            "Nothing",
        ),
        (
            feed(last_outcome=Outcome.GONE, last_sentence="It is gone (410). `hypewatch feeds resume 1` asks again."),
            State.ENDED,
            "It is gone (410).",
            "has ended",
        ),
        (
            feed(
                kind=FeedKind.X_SEARCH,
                last_outcome=Outcome.HARD,
                last_sentence="X does not know the key (401): check HYPEWATCH_X_BEARER_TOKEN.",
                last_reason=Reason.KEY_UNKNOWN,
            ),
            State.FAILING,
            "X does not know the key (401).",
            "renew its key",
        ),
    ],
)
def test_a_state_its_sentence_and_what_to_do(one, state, sentence, to_do):
    (found,) = standings([one], {})
    assert (found.state, found.sentence) == (state, sentence)
    assert to_do in found.remedy
    assert bool(found.remedy) == bool(to_do)


def test_what_it_brings_and_what_else_its_reading_said():
    said = "It has 2,100 entries; the first 2,000 were read. 2,000 new, 0 changed, 0 as before."
    (found,) = standings([feed(last_sentence=said)], {1: [0] * 49 + [2, 0, 0, 0, 0, 3, 9]})
    assert found.weekly == 14
    assert found.sentence == "It brings about 14 items a week. It has 2,100 entries; the first 2,000 were read."


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((), None),
        ((0, 0), None),
        ((0,) * 55 + (3,), 3.0),
        ((1,) * 56, 7.0),
        ((5,) + (0,) * 55, 0.0),
        ((0,) * 42 + (1,) * 14, 7.0),
    ],
)
def test_items_a_week(counts, expected):
    assert weekly(counts) == expected


def test_a_silent_feed_and_a_host_that_fails_are_told_apart():
    counts = {1: [0] * 10 + [5] * 40 + [0] * 6}
    (silent,) = standings([feed()], counts)
    assert (silent.state, silent.state.troubled) == (State.SILENT, True)
    assert silent.sentence == "It is read, but silent. It used to bring 5 a day and has brought nothing for 6 days."
    many = [hard(number, url=f"https://one.example/{number}") for number in (1, 2, 3)]
    for found in standings(many, {}):
        assert found.state is State.WITH_HOST
        assert found.sentence == "Most sources of one.example fail alike: it is not this source’s fault."
        assert found.remedy.startswith("Nothing: all are asked again")


def test_what_needs_somebody_comes_first():
    every = [feed(1, title="b"), feed(2, title="A"), feed(3, paused=True), hard(4), feed(5, quarantined=True)]
    assert [one.feed.id for one in trouble_first(standings(every, {}))] == [5, 4, 2, 1, 3]


def test_when_it_is_read_next():
    every = [feed(1), feed(2, paused=True), feed(3, last_outcome=Outcome.GONE), feed(4, quarantined=True)]
    assert [one.next_reading for one in standings(every, {})] == [NOW, None, None, None]


@pytest.mark.parametrize(
    ("kind", "url", "words"),
    [
        (FeedKind.FEED, "https://lantern.example/f", "feed"),
        (FeedKind.FEED, "https://www.youtube.com/feeds/videos.xml?channel_id=x", "channel on YouTube"),
        (FeedKind.FEED, "https://news.google.com/rss/search?q=x", "search in Google News"),
        (FeedKind.X_SEARCH, "Keio", "search on X"),
        (FeedKind.MASTODON_SEARCH, "#iPSC", "hashtag on Mastodon"),
        (FeedKind.MASTODON_SEARCH, "iPSC", "search on Mastodon"),
        (FeedKind.BLUESKY_STREAM, "Keio", "live posts on Bluesky"),
        (FeedKind.PUBMED_WATCH, "keio-ips-sci", "PubMed on keio-ips-sci"),
    ],
)
def test_a_kind_in_words(kind, url, words):
    assert kind_words(feed(kind=kind, url=url)) == words


def test_a_watch_names_its_study():
    watch = feed(kind=FeedKind.PUBMED_WATCH, url="keio-ips-sci")
    assert kind_words(watch, {"keio-ips-sci": "The Keio study"}) == "PubMed on The Keio study"
