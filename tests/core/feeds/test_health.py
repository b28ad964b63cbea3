"""Feeds that have gone silent against their own history, and hosts that fail as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feed import Feed
from monitor.core.feeds.health import (
    HISTORY_DAYS,
    LOOK_BACK_DAYS,
    HostFault,
    Silence,
    fails_as_a_whole,
    host_faults,
    host_of,
    silence,
)
from monitor.core.model import FeedKind, Outcome

NOW = datetime(2025, 3, 24, 9, tzinfo=UTC)
WEEK = (5, 7, 4, 6, 5, 0, 0)  # Monday to Friday


def days(*last, pattern=(5,)):
    """LOOK_BACK_DAYS counts that repeat a pattern and end with `last`."""
    whole = list(pattern) * LOOK_BACK_DAYS
    return [*whole[: LOOK_BACK_DAYS - len(last)], *last]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (days(0, 0, 0, 0), Silence(usual=5, days=4)),
        (days(*[0] * 20), Silence(usual=5, days=20)),
        (days(0, 0, 0), None),  # a long weekend
        (days(2, 0, 0, 0, 0, 0), Silence(usual=5, days=5)),
        (days(0, 0, 0, 0, 1), None),  # it is back
        (days(pattern=WEEK), None),
        (days(*[0] * 4, pattern=WEEK), None),  # Monday is a holiday: its longest pause has three days already
        (days(*[0] * 6, pattern=WEEK), None),
        (days(*[0] * 8, pattern=WEEK), Silence(usual=5, days=9)),
        (days(*[0] * 20, pattern=(3, 0, 0, 0, 0, 0, 0)), None),  # a weekly has no usual day
        (days(*[0] * 20, pattern=(9, 0)), None),  # every second day is not most days
        (days(*[0] * 20, pattern=(1,)), Silence(usual=1, days=20)),
        (days(*[0] * 29), None),  # it has become what the feed usually does
        ([0] * LOOK_BACK_DAYS, None),
        ([0] * 40 + [20, *[5] * 10] + [0] * 5, None),  # added eleven days ago: too short a history
        ((), None),
    ],
)
def test_a_feed_that_used_to_bring_more_is_told_and_a_weekly_is_not(counts, expected):
    assert silence(counts) == expected


def test_the_sentence_of_a_silence():
    assert str(silence(days(0, 0, 0, 0))) == "It used to bring 5 a day and has brought nothing for 4 days."


@given(st.lists(st.integers(0, 9), max_size=LOOK_BACK_DAYS))
def test_an_alarm_needs_a_history_and_a_real_pause(counts):
    found = silence(counts)
    if found:
        assert counts[-4:] == [0, 0, 0, 0]
        assert found.usual >= 1
        assert sum(map(bool, counts[: -found.days])) > HISTORY_DAYS / 2


# --- hosts -----------------------------------------------------------------------------------------------------------


def feed(number, host="www.videos.example", sentence="videos.example has nothing at this address (404).", **changes):
    values = {
        "id": number,
        "kind": FeedKind.FEED,
        "url": f"https://{host}/feed?{number}",
        "title": f"Feed {number}",
        "lang": "",
        "weight": None,
        "paused": False,
        "interval": timedelta(minutes=15),
        "failing": 1.0,
        "due_at": NOW,
        "not_before": None,
        "last_polled_at": NOW,
        "last_success_at": NOW - timedelta(hours=number),
        "last_outcome": Outcome.TEMPORARY,
        "last_sentence": sentence,
        "entries": 3,
        "last_status": 404,
    }
    return Feed(**(values | changes))


def well(number, **changes):
    well = {"sentence": "Read; nothing has changed.", "last_outcome": Outcome.NOT_MODIFIED, "last_status": 304}
    return feed(number, **(well | changes))


def test_most_feeds_of_a_host_that_fail_alike_are_one_fault():
    feeds = [feed(1), feed(2, last_outcome=Outcome.HARD), feed(3), well(4), feed(5, host="other.example")]
    (fault,) = host_faults(feeds)
    assert fault == HostFault(
        host="videos.example",
        failing=frozenset({1, 2, 3}),
        asked=4,
        since=NOW - timedelta(hours=1),
        sentence="videos.example has nothing at this address (404).",
    )
    assert fault.words("2025-03-24 08:00") == (
        "videos.example fails for 3 of 4 feeds since 2025-03-24 08:00: not your feeds. "
        "videos.example has nothing at this address (404)."
    )
    (never,) = host_faults([feed(number, last_success_at=None) for number in (1, 2, 3)])
    assert never.words("").startswith("videos.example fails for 3 of 3 feeds and was never read well: not your feeds.")


@pytest.mark.parametrize(
    "feeds",
    [
        [feed(1), feed(2)],  # too few
        [feed(1), feed(2), feed(3), well(4), well(5), well(6)],  # half is not most
        [feed(1), feed(2), feed(3, sentence="videos.example wants a login (401).", last_status=401)],  # not alike
        [feed(n, last_status=None) for n in range(3)],  # polled by an older version: not known
        [feed(n, sentence="a was not asked: it leads into a private network.", last_outcome=Outcome.HARD, last_status=None) for n in range(3)],
        [feed(n, sentence="It is a web page, not a feed.", last_outcome=Outcome.SOFT, last_status=200) for n in range(3)],
        [feed(n, paused=True) for n in range(3)],
        [feed(n, last_polled_at=None) for n in range(3)],
        [feed(n, kind=FeedKind.X_SEARCH, url="words") for n in range(3)],
        [feed(n, host=f"host{n}.example") for n in range(5)],
        [],
    ],
)  # fmt: skip
def test_what_is_no_fault_of_a_host(feeds):
    assert host_faults(feeds) == ()


def test_three_and_more_than_half():
    assert [(f, a) for f in range(6) for a in range(f, 8) if fails_as_a_whole(f, a)] == [
        (3, 3), (3, 4), (3, 5), (4, 4), (4, 5), (4, 6), (4, 7), (5, 5), (5, 6), (5, 7),
    ]  # fmt: skip


def test_the_host_of_an_address():
    assert [host_of(url) for url in ("https://u:p@A.example:8080/x", "http://a.example", "words", "http://[x")] == [
        "a.example:8080",
        "a.example",
        "",
        "",
    ]


def test_no_sentence_decides():
    """Sentences are for people: other words, or another language, change nothing."""
    (fault,) = host_faults([feed(1, sentence="eins"), feed(2, sentence="deux"), feed(3, sentence="three")])
    assert fault.failing == frozenset({1, 2, 3})
