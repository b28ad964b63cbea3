"""What a poll shall write, and when the feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.entry import Entry
from monitor.core.feed import FeedForPoll, Fetched, KnownEntry, ParsedFeed, Validators
from monitor.core.feeds.plan import BACK_OFF_MOST, FULL_EVERY, body_hash, plan_poll, same_body
from monitor.core.items.identity import content_hash, entry_identity
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome

NOW = datetime(2025, 3, 24, 7, tzinfo=UTC)
FEED = FeedForPoll(
    id=1, kind=FeedKind.FEED, url="https://example.org/feed", lease="L", validators=Validators(etag="old"), cursor="c0"
)
FETCHED = Fetched(
    url=FEED.url,
    final_url=FEED.url,
    outcome=Outcome.FETCHED,
    status=200,
    headers={},
    body=b"<rss/>",
    sentence="Read.",
    validators=Validators(etag="new"),
)


def entry(number, **changes):
    return replace(
        Entry(
            guid=f"g{number}", url=f"https://example.org/{number}", title=f"T{number}", text="t", source="example.org"
        ),
        **changes,
    )


def parsed(*entries, **changes):
    return replace(ParsedFeed(format="rss20", title="Example", entries=entries), **changes)


def known(one, number=1, **changes):
    return replace(
        KnownEntry(id=number, guid=one.guid, identity=entry_identity(one), content_hash=content_hash(one)), **changes
    )


def ended(outcome, **changes):
    return replace(
        FETCHED, outcome=outcome, status=None, body=b"", sentence="It failed.", validators=Validators(), **changes
    )


def planned(plan):
    return [(one.identity, one.known_id) for one in plan.entries]


def test_new_changed_and_same_entries():
    stored = [known(entry(1), 11), known(entry(2), 12)]
    plan = plan_poll(FEED, FETCHED, parsed(entry(3), entry(1, title="T1, corrected"), entry(2)), stored, NOW)
    assert planned(plan) == [("url:example.org/3", None), ("url:example.org/1", 11)]
    assert (plan.same, plan.sentence, plan.outcome) == (1, "1 new, 1 changed, 1 as before.", Outcome.FETCHED)
    assert (plan.validators, plan.body_hash, plan.title) == (Validators(etag="new"), body_hash(b"<rss/>"), "Example")
    assert (plan.feed_id, plan.lease, plan.at, plan.failing) == (1, "L", NOW, 0.0)


def test_a_guid_outranks_address_and_title():
    moved = entry(1, url="https://example.org/moved", title="T1 again")
    assert planned(plan_poll(FEED, FETCHED, parsed(moved), [known(entry(1), 11)], NOW)) == [("url:example.org/1", 11)]


def test_google_news_with_a_new_guid_and_link_is_the_same():
    one = entry(1, url="https://news.google.com/rss/articles/A", source="asahi.com", source_name="Asahi", published=NOW)
    again = replace(one, guid="other", url="https://news.google.com/rss/articles/B")
    plan = plan_poll(FEED, FETCHED, parsed(again), [known(one)], NOW)
    assert (plan.entries, plan.same) == ((), 1)


def test_the_same_item_in_another_feed_is_no_revision():
    stored = known(entry(1), same_feed=False)
    plan = plan_poll(FEED, FETCHED, parsed(entry(1, text="another summary")), [stored], NOW)
    assert (plan.entries, plan.same) == ((), 1)


def test_entries_that_share_one_address_are_kept_apart():
    both = [entry(number, url="https://example.org/ticker") for number in (1, 2)]
    plan = plan_poll(FEED, FETCHED, parsed(*both), [], NOW)
    assert planned(plan) == [("url:example.org/ticker", None), ("url:example.org/ticker#g2", None)]
    stored = [replace(known(both[0], 11)), replace(known(both[1], 12), identity="url:example.org/ticker#g2")]
    for order in (both, both[::-1]):
        assert planned(plan_poll(FEED, FETCHED, parsed(*order), stored, NOW)) == []
    third = entry(3, url="https://example.org/ticker")
    plan = plan_poll(FEED, FETCHED, parsed(third, *both), stored, NOW)
    assert planned(plan) == [("url:example.org/ticker#g3", None)]


def test_one_guid_for_all_entries_identifies_none():
    plan = plan_poll(FEED, FETCHED, parsed(entry(1, guid="g"), entry(2, guid="g"), entry(2, guid="g")), [], NOW)
    assert planned(plan) == [("url:example.org/1", None), ("url:example.org/2", None)]
    assert [one.entry.guid for one in plan.entries] == [None, None]


def test_deletions_are_named():
    gone = entry(1, deleted=True, text="")
    plan = plan_poll(FEED, FETCHED, parsed(gone, entry(2)), [known(entry(1))], NOW)
    assert (plan.deleted, planned(plan)) == (("url:example.org/1",), [("url:example.org/2", None)])


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from("ab")), max_size=12), st.randoms())
def test_the_same_body_twice_or_shuffled_brings_nothing_new(rows, random):
    entries = [entry(guid, url=f"https://example.org/{url}", title=title) for guid, url, title in rows]
    first = plan_poll(FEED, FETCHED, parsed(*entries), [], NOW)
    stored = [
        KnownEntry(id=at, guid=one.entry.guid, identity=one.identity, content_hash=one.content_hash)
        for at, one in enumerate(first.entries)
    ]
    assert len({one.identity for one in stored}) == len(stored)
    second = plan_poll(FEED, FETCHED, parsed(*entries), stored, NOW)
    assert [one for one in second.entries if one.known_id is None] == []
    random.shuffle(entries)
    third = plan_poll(FEED, FETCHED, parsed(*entries), stored, NOW)
    assert len({one.identity for one in third.entries}) == len(third.entries)


# --- conditional requests --------------------------------------------------------------------------------------------


def test_validators_are_left_out_every_so_often():
    feed, polls = FEED, []
    for _ in range(FULL_EVERY + 1):
        plan = plan_poll(feed, ended(Outcome.NOT_MODIFIED), None, [], NOW)
        polls.append((plan.polls_since_full, plan.validators.etag))
        feed = replace(feed, polls_since_full=plan.polls_since_full, validators=plan.validators)
    assert polls == [*((number, "old") for number in range(1, FULL_EVERY)), (0, None), (1, None)]


def test_the_same_body_counts_as_a_full_read():
    feed = replace(FEED, body_hash=body_hash(b"<rss/>"), polls_since_full=3, failing=2.0)
    assert same_body(feed, FETCHED)
    assert not same_body(FEED, FETCHED)
    plan = plan_poll(feed, FETCHED, None, [], NOW)
    assert (plan.outcome, plan.sentence, plan.polls_since_full, plan.validators, plan.failing, plan.body_hash) == (
        Outcome.NOT_MODIFIED,
        "Read; nothing has changed.",
        0,
        Validators(etag="new"),
        0.0,
        feed.body_hash,
    )


def test_a_feed_that_moved_is_told_only_if_it_is_a_feed_there():
    moved = replace(FETCHED, moved_to="https://new.example/feed")
    assert plan_poll(FEED, moved, parsed(entry(1)), [], NOW).moved_to == "https://new.example/feed"
    login = parsed(outcome=Outcome.SOFT, problem="It is a web page that wants a login, not a feed.")
    plan = plan_poll(FEED, moved, login, [], NOW)
    assert (plan.moved_to, plan.outcome, plan.sentence, plan.body_hash, plan.validators) == (
        None,
        Outcome.SOFT,
        "It is a web page that wants a login, not a feed.",
        None,
        FEED.validators,
    )


# --- when next -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "weight"), [(Outcome.TEMPORARY, 0.25), (Outcome.SOFT, 0.5), (Outcome.HARD, 1.0)])
def test_back_off_is_linear_capped_and_never_for_ever(outcome, weight):
    feed, waits = FEED, []
    for _ in range(3000):
        plan = plan_poll(feed, ended(outcome), None, [], NOW)
        waits.append(plan.due_at - NOW)
        feed = replace(feed, failing=plan.failing)
    assert waits[0] == timedelta(minutes=15) + timedelta(hours=weight)
    assert waits[1] - waits[0] == timedelta(hours=weight)
    assert waits[-1] == BACK_OFF_MOST or weight < 0.3
    assert max(waits) <= BACK_OFF_MOST
    assert plan_poll(feed, FETCHED, parsed(entry(1)), [], NOW).failing == 0.0


def test_gone_is_gone_until_somebody_resumes_it():
    plan = plan_poll(FEED, ended(Outcome.GONE), None, [], NOW)
    assert plan.due_at > NOW + timedelta(days=30_000)
    assert plan.sentence == "It failed. It is not asked again by itself; `hypewatch feeds resume 1` does."


def test_asked_to_come_later_is_obeyed_and_no_failure():
    plan = plan_poll(FEED, ended(Outcome.RATE_LIMITED, retry_after=timedelta(hours=3)), None, [], NOW)
    assert NOW + timedelta(hours=3) <= plan.not_before <= NOW + timedelta(hours=3.3)
    assert (plan.due_at, plan.failing, plan.cursor) == (plan.not_before, 0.0, "c0")
    assert plan_poll(FEED, ended(Outcome.RATE_LIMITED), None, [], NOW).due_at >= NOW + timedelta(minutes=30)
    spread = {
        plan_poll(
            replace(FEED, id=number), ended(Outcome.RATE_LIMITED, retry_after=timedelta(hours=1)), None, [], NOW
        ).due_at
        for number in range(50)
    }
    assert len(spread) == 50


@pytest.mark.parametrize("status", [401, 403, 404, 451])
def test_a_host_that_fails_for_most_of_its_feeds_is_not_a_dead_feed(status):
    failed = replace(ended(Outcome.HARD), status=status)
    same, other = status, 200

    def outcome(*neighbours):
        return plan_poll(FEED, failed, None, [], NOW, neighbours).outcome

    assert outcome(same, same) is Outcome.TEMPORARY  # three of three
    assert outcome(same, same, other, other) is Outcome.TEMPORARY  # three of five
    assert outcome(same, same, other, other, other) is Outcome.HARD  # three of six
    assert outcome(same) is Outcome.HARD
    assert outcome(*[500] * 9) is Outcome.HARD
    assert outcome(*[None] * 9) is Outcome.HARD  # polled by an older version: not known
    plan = plan_poll(FEED, failed, None, [], NOW, (same, same))
    assert (plan.failing, plan.sentence, plan.status) == (FEED.failing + 0.25, failed.sentence, status)


def test_an_address_that_is_refused_or_gone_is_the_feeds_own_fault():
    for failed in (ended(Outcome.HARD), replace(ended(Outcome.GONE), status=410)):
        plan = plan_poll(FEED, failed, None, [], NOW, [failed.status] * 9)
        assert plan.outcome is failed.outcome


def test_a_platform_that_answers_404_is_not_a_dead_feed():
    feed = replace(FEED, url="https://www.youtube.com/feeds/videos.xml?channel_id=1")
    for one, outcome in ((feed, Outcome.TEMPORARY), (FEED, Outcome.HARD)):
        assert plan_poll(one, replace(ended(Outcome.HARD), status=404), None, [], NOW).outcome is outcome


def test_busy_feeds_are_asked_more_often_and_quiet_ones_less():
    feed = replace(FEED, interval=timedelta(hours=1))
    assert plan_poll(feed, FETCHED, parsed(entry(1)), [], NOW).interval == timedelta(minutes=30)
    assert plan_poll(feed, ended(Outcome.NOT_MODIFIED), None, [], NOW).interval == timedelta(minutes=75)
    for interval in (timedelta(minutes=1), timedelta(days=2)):  # set by hand
        by_hand = replace(FEED, interval=interval)
        plan = plan_poll(by_hand, FETCHED, parsed(entry(1)), [], NOW)
        assert plan.interval == (interval if interval < timedelta(minutes=15) else interval / 2)
        assert plan_poll(by_hand, ended(Outcome.NOT_MODIFIED), None, [], NOW).interval == (
            interval * 1.25 if interval < timedelta(hours=2) else interval
        )


def test_a_search_keeps_its_cursor_and_tells_what_it_cost():
    feed = replace(FEED, kind=FeedKind.X_SEARCH, url="iPS")
    plan = plan_poll(feed, FETCHED, parsed(entry(1), cursor="c9", rows_paid=7), [], NOW)
    assert (plan.cursor, plan.rows_paid, plan.body_hash) == ("c9", 7, None)
    plan = plan_poll(
        feed, ended(Outcome.TEMPORARY), parsed(outcome=Outcome.TEMPORARY, problem="p", rows_paid=2), [], NOW
    )
    assert (plan.cursor, plan.rows_paid, plan.outcome) == ("c0", 2, Outcome.TEMPORARY)


def test_what_charges_for_being_asked_is_asked_once_an_hour_at_most():
    feed = replace(FEED, kind=FeedKind.X_SEARCH, url="iPS", interval=timedelta(minutes=20))
    for said in (parsed(rows_paid=1), parsed(entry(1), rows_paid=7)):
        assert plan_poll(feed, FETCHED, said, [], NOW).due_at == NOW + timedelta(hours=1)
    slower = replace(feed, interval=timedelta(minutes=100))
    assert plan_poll(slower, FETCHED, parsed(rows_paid=1), [], NOW).interval == timedelta(hours=2)
    free = replace(feed, kind=FeedKind.HACKERNEWS_SEARCH)
    assert plan_poll(free, FETCHED, parsed(entry(1)), [], NOW).interval == timedelta(minutes=15)


def test_a_stream_is_read_as_often_whatever_it_brings_and_at_once_when_it_is_behind():
    feed = replace(FEED, kind=FeedKind.BLUESKY_STREAM, url="iPS", interval=timedelta(minutes=5))
    for said in (parsed(), parsed(entry(1))):
        plan = plan_poll(feed, FETCHED, said, [], NOW)
        assert (plan.interval, plan.due_at) == (feed.interval, NOW + feed.interval)
        behind = plan_poll(feed, FETCHED, replace(said, more=True, cursor="c2"), [], NOW)
        assert (behind.interval, behind.due_at, behind.cursor) == (feed.interval, NOW, "c2")


def test_items_that_share_their_names_are_all_kept_and_known_again():
    shared = [entry(n, guid="N/A", url="https://example.org/N/A", text=f"words {n}") for n in range(4)]
    first = plan_poll(FEED, FETCHED, parsed(*shared), [], NOW)
    assert len({planned.identity for planned in first.entries}) == 4
    assert [(planned.entry.guid, planned.own_page) for planned in first.entries] == [(None, False)] * 4
    stored = [
        KnownEntry(id=at, guid=None, identity=planned.identity, content_hash=planned.content_hash)
        for at, planned in enumerate(first.entries)
    ]
    assert plan_poll(FEED, FETCHED, parsed(*shared), stored, NOW).entries == ()
    # One of them is left: its id looks like its own now.
    alone = plan_poll(FEED, FETCHED, parsed(shared[2]), stored, NOW)
    assert (alone.entries, alone.same) == ((), 1)
    # The first came alone, and was stored under the names that look like its own.
    lone = known(shared[0])
    more = plan_poll(FEED, FETCHED, parsed(*shared), [lone], NOW)
    assert [planned.entry.title for planned in more.entries] == ["T1", "T2", "T3"]


def test_no_date_from_the_future_is_believed():
    ahead = entry(1, published=NOW + timedelta(days=2), date_confidence=DateConfidence.EXACT)
    zone = entry(2, published=NOW + timedelta(hours=9), date_confidence=DateConfidence.EXACT)
    planned = plan_poll(FEED, FETCHED, parsed(ahead, zone), [], NOW).entries
    assert [one.entry.published for one in planned] == [None, NOW + timedelta(hours=9)]
    assert planned[0].entry.date_confidence is DateConfidence.NONE


def test_a_name_for_an_account_that_another_feed_knows_by_its_number_is_news():
    post = entry(1, kind=Kind.POST, network=Network.BLUESKY, author="dockside.example", source="@dockside.example")
    stored = known(post, 11, same_feed=False, unnamed=True)
    told = plan_poll(FEED, FETCHED, parsed(post), [stored], NOW)
    assert planned(told) == [(stored.identity, None)]
    for other in (replace(stored, unnamed=False), replace(stored, same_feed=True)):
        assert planned(plan_poll(FEED, FETCHED, parsed(post), [other], NOW)) == []
    nameless = replace(post, author="did:plc:a", source="@did:plc:a")
    assert planned(plan_poll(FEED, FETCHED, parsed(nameless), [stored], NOW)) == []
