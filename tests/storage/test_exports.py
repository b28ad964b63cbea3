"""All that a query finds, on each database: the same as its pages, in the same order."""

from __future__ import annotations

import pytest

from monitor.core.search.query import parse_query


@pytest.fixture
def stored(newsroom, make):
    """Seven mentions an hour apart, one in Japanese, every second flagged."""
    drafts = [
        make.draft(n, f"A man is walking again, says paper {n}.", *(["walking again"] if n % 2 else []), hours=n)
        for n in range(6)
    ]
    drafts.append(make.draft(9, "慶応のiPS細胞", hours=9, lang="ja"))
    newsroom.poll(*drafts)
    return newsroom.store


@pytest.mark.parametrize(
    "q", ["", "walking", "flagged:yes", "flagged:yes since:2025-03-24", "author:writer", "慶応", "zebra"]
)
def test_ids_are_those_of_the_search_newest_first(stored, make, q):
    query = parse_query(q, make.NOW)
    ids = stored.found_ids(query)
    assert list(ids) == [one.id for one in stored.search(query, limit=100)]
    assert len(ids) == stored.count(query)
    assert stored.found_ids(query, most=1) == ids[:1]
    assert ids.itemsize == 8


def test_mentions_come_in_the_order_that_is_asked_for_with_their_active_flags(stored, make):
    whole = stored.search(parse_query("", make.NOW), limit=100)
    ids = [one.id for one in reversed(whole)]
    assert stored.told_mentions(ids) == tuple(reversed(whole))
    assert stored.told_mentions([]) == ()


def test_a_mention_that_was_withdrawn_meanwhile_is_left_out(stored, make):
    ids = stored.found_ids(parse_query("", make.NOW))
    stored.purge(ids[2], now=make.NOW)
    assert [one.id for one in stored.told_mentions(ids)] == [id_ for id_ in ids if id_ != ids[2]]
