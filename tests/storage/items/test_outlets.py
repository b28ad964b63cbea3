"""Who speaks, as rows."""

from __future__ import annotations

from monitor.core.model import (
    FeedKind,
    Network,
)
from monitor.core.search.query import Query

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
