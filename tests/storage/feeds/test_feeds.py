"""Feeds as they are stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.backlog import FeedCounts
from monitor.core.errors import NotFoundError
from monitor.core.feed import Feed
from monitor.core.model import FeedKind


def test_a_feed_is_added_once_and_comes_back_after_removal(store, make):
    feed = store.add_feed(FeedKind.FEED, "https://example.org/a.xml", title="A", weight=4, now=make.NOW)
    assert feed == Feed(
        id=feed.id,
        kind=FeedKind.FEED,
        url="https://example.org/a.xml",
        title="A",
        lang="",
        weight=4,
        paused=False,
        interval=timedelta(minutes=15),
        failing=0.0,
        due_at=make.NOW,
        not_before=None,
        last_polled_at=None,
        last_success_at=None,
        last_outcome=None,
        last_sentence="",
        entries=0,
    )
    again = store.add_feed(FeedKind.FEED, "https://example.org/a.xml", title="B", now=make.NOW + timedelta(days=1))
    assert again == feed
    store.remove_feed(feed.id)
    assert store.feeds() == ()
    with pytest.raises(NotFoundError):
        store.feed(feed.id)
    later = make.NOW + timedelta(days=2)
    back = store.add_feed(FeedKind.FEED, "https://example.org/a.xml", title="C", now=later)
    assert back == replace(feed, title="C", weight=None, due_at=later)


def test_what_is_set_of_a_feed_and_what_is_left(store, make):
    feed = store.add_feed(FeedKind.FEED, "https://example.org/a.xml", title="A", lang="en", weight=4, now=make.NOW)
    store.set_feed(feed.id, title="B\x00", lang="ja")
    assert store.feed(feed.id) == replace(feed, title="B\ufffd", lang="ja")
    store.set_feed(feed.id, weight=0)
    assert store.feed(feed.id).weight is None, "0 takes the reach away"
    store.set_feed(feed.id, title="", weight=5)
    assert (store.feed(feed.id).title, store.feed(feed.id).weight, store.feed(feed.id).lang) == ("", 5, "ja")
    store.set_feed(feed.id)
    assert store.feed(feed.id).weight == 5
    with pytest.raises(NotFoundError):
        store.set_feed(99, title="x")


def test_feeds_are_counted_by_how_they_stand(newsroom, make):
    store = newsroom.store
    assert store.feed_counts() == FeedCounts(well=0, failing=0, new=1, paused=0, last_success_at=None)
    newsroom.poll(make.draft(1, "walking"))
    for at in range(3):
        store.add_feed(FeedKind.FEED, f"https://example.org/{at}", now=make.NOW)
    _, paused, removed, _ = store.feeds()
    store.set_feed(paused.id, paused=True)
    store.remove_feed(removed.id)
    counts = store.feed_counts()
    assert (counts.well, counts.failing, counts.new, counts.paused) == (1, 0, 1, 1)
    assert counts.last_success_at == store.feeds()[0].last_success_at
