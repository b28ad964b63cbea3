"""Who speaks, as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.model import FeedKind, Network
from monitor.core.search.nodes import Query

ALL = Query()


def test_counts_followers_and_reach_are_brought_up_to_date(store, make):
    feed = store.add_feed(FeedKind.FEED, "https://example.org/f", weight=5, now=make.NOW)
    room = make.Newsroom(store, feed.id)
    room.poll(make.draft(1, "Text"))
    assert store.search(ALL)[0].source.weight == 5
    post = make.draft(2, "Post", network=Network.X, source="@A", reposts=1, likes=2, followers=100)
    (key,) = store.import_mentions([post], make.alone, now=make.NOW)
    more = make.draft(2, "Post", network=Network.X, source="@a", reposts=9, likes=8, followers=120)
    assert store.import_mentions([more], make.alone, now=make.NOW) == ()
    mention = store.mention(key)
    assert (mention.reposts, mention.likes, mention.source.followers, mention.source.key) == (9, 8, 120, "x:a")


def test_a_reach_that_a_person_set_is_not_changed_by_a_feed(store, make):
    feed = store.add_feed(FeedKind.FEED, "https://example.org/f", weight=5, now=make.NOW)
    room = make.Newsroom(store, feed.id)
    room.poll(make.draft(1, "Text"))
    outlet = store.search(ALL)[0].source
    changed = store.set_outlet(outlet.id, weight=2, contact="desk@example.org", language="ja")
    assert (changed.weight, changed.contact, changed.language) == (2, "desk@example.org", "ja")
    room.poll(make.draft(2, "More"), now=make.NOW + timedelta(hours=1))
    assert store.search(ALL)[0].source == changed
    assert store.set_outlet(outlet.id, contact="") == replace(changed, contact="")
    assert store.outlet_named("example.org") == store.outlet(outlet.id)
    for ask in (lambda: store.outlet(999), lambda: store.outlet_named("nobody.example"), lambda: store.set_outlet(999)):
        with pytest.raises(NotFoundError):
            ask()


def test_the_record_of_an_outlet_counts_what_goes_too_far(newsroom, make):
    store = newsroom.store
    newsroom.poll(make.draft(1, "He is walking again.", "is walking again"), make.draft(2, "He stands.", hours=24 * 40))
    newsroom.poll(make.draft(3, "Well.", source="other.example"), now=make.NOW + timedelta(hours=1))
    first, second = store.outlet_records()
    assert (first.source.key, first.mentions, first.flagged, first.share) == ("example.org", 2, 1, 0.5)
    assert (second.source.key, second.flagged, second.asked) == ("other.example", 0, 0)
    assert sorted(store.outlet_mentions(first.source.id)) == [(make.NOW - timedelta(days=40), False), (make.NOW, True)]
    assert store.outlet_records(source_id=second.source.id) == (second,)
    assert store.outlet_records(limit=1) == (first,)
