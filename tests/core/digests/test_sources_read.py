"""What a digest says of its sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.digests.digest import FeedHealth
from monitor.core.digests.sources_read import NOT_YET, PAUSED, STOOD_STILL, sources_read
from monitor.core.feed import Feed
from monitor.core.feeds.health import LOOK_BACK_DAYS
from monitor.core.model import FeedKind, Outcome

NOW = datetime(2026, 3, 3, 7, tzinfo=UTC)
WELL = Feed(
    id=1,
    kind=FeedKind.FEED,
    url="https://a.example/feed",
    title="A",
    lang="",
    weight=None,
    paused=False,
    interval=timedelta(minutes=15),
    failing=0.0,
    due_at=NOW,
    not_before=None,
    last_polled_at=NOW,
    last_success_at=NOW,
    last_outcome=Outcome.NOT_MODIFIED,
    last_sentence="Not changed.",
    entries=0,
)


def test_a_source_that_nobody_asked_is_not_read_however_well_it_went_before():
    late, soon = replace(WELL, due_at=NOW - timedelta(hours=7)), replace(WELL, id=2, due_at=NOW - timedelta(hours=5))
    waits = replace(late, id=3, not_before=NOW + timedelta(hours=1))  # its network said when to come again
    health, _ = sources_read([late, soon, waits], {}, {}, NOW)
    assert [one.problem for one in health] == [STOOD_STILL, None, None]


def test_each_is_told_with_its_reason():
    feeds = [
        WELL,
        replace(WELL, id=2, title="", last_outcome=Outcome.TEMPORARY, last_sentence="No connection."),
        replace(WELL, id=3, title="C", paused=True),
        replace(WELL, id=4, title="D", last_outcome=None, last_sentence="", last_success_at=None),
        replace(WELL, id=5, title="E", kind=FeedKind.X_SEARCH, last_outcome=Outcome.FETCHED),
    ]
    health, faults = sources_read(feeds, {1: 3, 5: 1}, {}, NOW)
    assert health == (
        FeedHealth(title="A", last_success_at=NOW, problem=None, read=3),
        FeedHealth(title="https://a.example/feed", last_success_at=NOW, problem="No connection."),
        FeedHealth(title="C", last_success_at=NOW, problem=PAUSED),
        FeedHealth(title="D", last_success_at=None, problem=NOT_YET),
        FeedHealth(title="E", last_success_at=NOW, problem=None, network="x", read=1),
    )
    assert faults == ()


def test_silence_is_told_of_feeds_that_are_read_well_and_of_no_search():
    counts = [5] * (LOOK_BACK_DAYS - 6) + [0] * 6
    feeds = [
        WELL,
        replace(WELL, id=2, kind=FeedKind.X_SEARCH),
        replace(WELL, id=3, last_outcome=Outcome.TEMPORARY),
    ]
    health, _ = sources_read(feeds, {}, {feed.id: counts for feed in feeds}, NOW)
    assert [one.silence is not None for one in health] == [True, False, False]
