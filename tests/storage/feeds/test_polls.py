"""From a plan to rows: what is new, what is a revision, what a page adds; flags and their life; stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.feed import PollOutcome, PollRecord, Validators
from monitor.core.mention import Source, TextFrom
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome
from monitor.core.search.nodes import Query

ALL = Query()
TEXT = "He is walking again, and it is a miracle."


def test_a_poll_writes_entries_mentions_and_the_feeds_state(newsroom, make):
    one, two = make.draft(1, TEXT, "walking again", title="First"), make.draft(2, "Four patients.", hours=3)
    outcome = newsroom.poll(
        one, two, validators=Validators(etag='"e"', last_modified="Mon"), title="The feed", body_hash="b", cursor="c"
    )
    newest = newsroom.store.search(ALL)
    assert outcome == PollOutcome(
        feed_id=newsroom.feed_id,
        outcome=Outcome.FETCHED,
        sentence="Read.",
        new=2,
        changed_mentions=(newest[1].id, newest[0].id),
    )
    mention = newest[0]
    assert (mention.id >> 20) == int(make.NOW.timestamp())
    assert mention.id < 2**53
    assert (mention.title, mention.text, mention.author, mention.lang) == ("First", TEXT, "A. Writer", "en")
    assert (mention.kind, mention.network, mention.url) == (Kind.ARTICLE, Network.WEB, "https://example.org/1")
    assert (mention.published, mention.first_seen, mention.date_confidence) == (
        make.NOW,
        make.NOW,
        DateConfidence.EXACT,
    )
    assert mention.source == Source(
        id=mention.source.id, key="example.org", name="Example.Org", network=Network.WEB, weight=2, followers=None
    )
    assert (mention.because, mention.score, mention.score_parts) == (("iPS", "Keio"), 10, {"drift": 10.0})
    assert (mention.caveats_present, mention.caveats_missing) == (("small-study",), ("not-peer-reviewed",))
    assert (mention.revision, mention.ruleset, mention.text_from) == (1, "sha256:one", TextFrom.FEED)
    (stored,) = mention.flags
    assert stored.flag == make.flag(TEXT, "walking again")
    assert (stored.state, stored.raised_at, stored.raised_in, stored.ruleset) == ("active", make.NOW, 1, "sha256:one")
    assert newsroom.store.flag(stored.id) == stored
    claimed = newsroom.store.claim_feed(newsroom.feed_id, "you", make.NOW, timedelta(minutes=1), force=True)
    assert (claimed.validators, claimed.body_hash, claimed.cursor, claimed.title) == (
        Validators(etag='"e"', last_modified="Mon"),
        "b",
        "c",
        "The feed",
    )
    assert newsroom.store.poll_outcomes(newsroom.feed_id) == (
        PollRecord(at=make.NOW, outcome=Outcome.FETCHED, sentence="Read.", new=2, changed=0, same=0, seconds=0.0),
    )


def test_the_same_plan_twice_writes_once(newsroom, make):
    one = make.draft(1, TEXT, "walking again")
    plan = newsroom.plan(one)
    first = newsroom.store.save_poll(plan, {one.identity: [one]}, make.alone, [one.identity])
    second = newsroom.store.save_poll(plan, {one.identity: [one]}, make.alone, [one.identity])
    assert (first.new, len(first.changed_mentions), len(first.pages_due)) == (1, 1, 1)
    assert (second.new, second.changed, second.changed_mentions, second.pages_due) == (0, 0, (), ())
    assert newsroom.store.count(ALL) == 1
    assert len(newsroom.store.poll_outcomes(newsroom.feed_id)) == 1


def test_the_same_entries_planned_as_new_again_are_the_same(newsroom, make):
    one = make.draft(1, TEXT, "walking again")
    newsroom.poll(one)
    plan = newsroom.plan(one)
    fresh = newsroom.store.save_poll(
        replace(plan, same=0, entries=(replace_known(newsroom, make, one),)), {one.identity: [one]}, make.alone
    )
    assert (fresh.new, fresh.changed, fresh.same) == (0, 0, 1)
    assert newsroom.store.count(ALL) == 1


def replace_known(newsroom, make, one):
    from monitor.core.feed import PlannedEntry

    return PlannedEntry(entry=one.entry, identity=one.identity, content_hash="other", names=one.names)


def test_who_lost_the_lease_writes_nothing(newsroom, make):
    one = make.draft(1, TEXT)
    late = newsroom.plan(one)
    taken = newsroom.plan(one, now=make.NOW + timedelta(minutes=11), owner="you")
    assert newsroom.store.save_poll(late, {one.identity: [one]}, make.alone).new == 0
    assert newsroom.store.count(ALL) == 0
    assert newsroom.store.save_poll(taken, {one.identity: [one]}, make.alone).new == 1


def test_a_moved_feed_takes_its_new_address_unless_that_is_taken(newsroom, make):
    newsroom.poll(moved_to="https://new.example.org/feed")
    assert newsroom.store.feed(newsroom.feed_id).url == "https://new.example.org/feed"
    newsroom.store.add_feed(FeedKind.FEED, "https://taken.example.org/", now=make.NOW)
    newsroom.poll(moved_to="https://taken.example.org/")
    assert newsroom.store.feed(newsroom.feed_id).url == "https://new.example.org/feed"


def test_known_entries_tell_whose_they_are(newsroom, make):
    newsroom.poll(make.draft(1, TEXT))
    other = newsroom.store.add_feed(FeedKind.FEED, "https://other.example.org/", now=make.NOW)
    (mine,) = newsroom.store.known_entries(newsroom.feed_id, ["g1", "g2"], [])
    assert (mine.guid, mine.identity, mine.same_feed) == ("g1", "url:example.org/1", True)
    assert newsroom.store.known_entries(other.id, ["g1"], []) == ()
    (theirs,) = newsroom.store.known_entries(other.id, ["g1"], ["url:example.org/1"])
    assert theirs == replace(mine, same_feed=False)
    newsroom.store.remove_feed(newsroom.feed_id)
    assert newsroom.store.known_entries(other.id, [], ["url:example.org/1"]) == (mine,)


# --- revisions and the life of flags ---------------------------------------------------------------------------------
# --- pages -----------------------------------------------------------------------------------------------------------
# --- mentions without a feed, dates, sources -------------------------------------------------------------------------
# --- stories ---------------------------------------------------------------------------------------------------------


def test_unknown_ids_are_told(store):
    for ask in (
        store.mention,
        store.flag,
        store.feed,
        store.revisions,
        store.reviews,
        store.subscription,
        store.digest,
    ):
        with pytest.raises(NotFoundError) as told:
            ask(404)
        assert told.value.hint or told.value.command


def test_of_many_identities_those_that_are_stored_are_found(newsroom, make):
    """Entries and mentions alike: a post that a page quotes is a mention without an entry of its own."""
    store = newsroom.store
    newsroom.poll(*(make.draft(number, TEXT) for number in (1, 2, 21)))
    store.import_mentions([make.draft(3, TEXT)], make.alone, now=make.NOW)
    begin = "url:example.org/"
    strangers = [f"{begin}{number}" for number in range(1000, 3000)]
    assert store.stored_identities([*strangers, f"{begin}2", f"{begin}3", f"{begin}\x00"]) == {f"{begin}2", f"{begin}3"}
    assert store.stored_identities([], [f"{begin}2", "url:other"]) == {f"{begin}2", f"{begin}21"}
    assert store.stored_identities([f"{begin}1"], ["url:%", "url:_"]) == {f"{begin}1"}
    assert store.stored_identities([]) == frozenset()


def test_an_account_that_the_stream_told_by_its_number_gets_its_name_from_whoever_tells_it(newsroom, make):
    by_number = {"author": "did:plc:a", "source": "@did:plc:a", "source_name": "An account on Bluesky"}
    by_name = {"author": "dockside.example", "source": "@dockside.example", "source_name": "Dockside Reposts"}
    newsroom.poll(make.draft(1, TEXT, network=Network.BLUESKY, **by_number))
    assert newsroom.store.search(ALL)[0].source.name == "An account on Bluesky"
    other = make.draft(1, "Its beginning …", network=Network.BLUESKY, **by_name)
    plan = newsroom.plan(other)
    plan = replace(plan, entries=tuple(replace(entry, known_id=None) for entry in plan.entries))  # of another feed
    named = newsroom.store.save_poll(plan, {other.identity: [other]}, make.alone, [])
    (mention,) = newsroom.store.search(ALL)
    assert (mention.source.name, mention.author) == ("Dockside Reposts", "dockside.example")
    assert (named.new, named.changed) == (0, 0)
    again = newsroom.poll(make.draft(1, TEXT, network=Network.BLUESKY, **by_number))
    assert again.changed_mentions == ()
    assert newsroom.store.search(ALL)[0].source.name == "Dockside Reposts"
