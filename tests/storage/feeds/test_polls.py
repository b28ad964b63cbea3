"""From a plan to rows: what is new, what is a revision, what a page adds; flags and their life; stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Severity
from monitor.core.mention import Review, Source, TextFrom, Verdict
from monitor.core.model import (
    DateConfidence,
    Feed,
    FeedKind,
    Kind,
    Network,
    Outcome,
    PollOutcome,
    PollRecord,
    Validators,
    Work,
)
from monitor.core.search.query import Query

ALL = Query()
TEXT = "He is walking again, and it is a miracle."


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
    from monitor.core.model import PlannedEntry

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


def test_a_corrected_text_is_a_revision_and_closes_the_flag_as_fixed(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", "miracle"))
    (before,) = newsroom.store.search(ALL)
    kept_row = next(stored for stored in before.flags if stored.flag.span.quote == "miracle")
    corrected = "Correction: he is standing, and it is a miracle."
    later = make.NOW + timedelta(hours=1)
    outcome = newsroom.poll(make.draft(1, corrected, "miracle"), now=later)
    assert (outcome.new, outcome.changed, outcome.changed_mentions) == (0, 1, (before.id,))
    after = newsroom.store.mention(before.id)
    assert (after.text, after.revision, after.first_seen, after.story_id) == (
        corrected,
        2,
        before.first_seen,
        before.story_id,
    )
    fixed = next(stored for stored in after.flags if stored.flag.span.quote == "walking again")
    kept = next(stored for stored in after.flags if stored.flag.span.quote == "miracle")
    assert (fixed.state, fixed.closed_at, fixed.closed_in) == ("fixed", later, 2)
    assert (kept.id, kept.state, kept.raised_in) == (kept_row.id, "active", 1)
    assert corrected[kept.flag.span.start : kept.flag.span.end] == "miracle"
    assert [stored.id for stored in newsroom.store.search(ALL)[0].flags] == [kept.id]
    first, second = newsroom.store.revisions(before.id)
    assert (first.number, first.text, first.at, first.text_from) == (1, TEXT, make.NOW, TextFrom.FEED)
    assert (second.number, second.text, second.at) == (2, corrected, later)
    assert first.text_hash != second.text_hash


def test_words_that_come_back_are_a_new_flag_with_the_old_review(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"))
    (before,) = newsroom.store.search(ALL)
    old = before.flags[0]
    newsroom.store.review(Review(flag_id=old.id, verdict=Verdict.DISMISSED, by="ed", at=make.NOW, why="quoted"))
    newsroom.poll(make.draft(1, "He stands."), now=make.NOW + timedelta(hours=1))
    newsroom.poll(make.draft(1, TEXT, "walking again"), now=make.NOW + timedelta(hours=2))
    states = [(stored.state, stored.review) for stored in newsroom.store.mention(before.id).flags]
    assert states == [("fixed", "dismissed"), ("active", "dismissed")]


def test_the_same_words_twice_are_two_flags_each_with_its_own_life(newsroom, make):
    twice = "walking again, yes, walking again."
    flags = [make.flag(twice, "walking again"), make.flag(twice, "walking again")]
    second = replace(flags[1], span=replace(flags[1].span, start=20, end=33))
    draft = replace(make.draft(1, twice), assessment=make.assessed(flags[0], second))
    newsroom.poll(draft)
    (mention,) = newsroom.store.search(ALL)
    assert [stored.flag.span.start for stored in mention.flags] == [0, 20]
    newsroom.poll(make.draft(1, "walking again, no.", "walking again"), now=make.NOW + timedelta(hours=1))
    assert [stored.state for stored in newsroom.store.mention(mention.id).flags] == ["active", "fixed"]


def test_other_rules_withdraw_flags_and_reviews_survive(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again", "miracle"))
    (mention,) = newsroom.store.search(ALL)
    walking, miracle = sorted(mention.flags, key=lambda stored: stored.flag.span.start)
    newsroom.store.review(Review(flag_id=walking.id, verdict=Verdict.UPHELD, by="ed", at=make.NOW))
    assert newsroom.store.judged_otherwise(make.STUDY, "sha256:two") == (mention.id,)
    milder = make.flag(TEXT, "walking again", severity=Severity.LOW)
    later = make.NOW + timedelta(days=1)
    newsroom.store.save_assessment(mention.id, make.assessed(milder, ruleset="sha256:two", score=3), now=later)
    after = newsroom.store.mention(mention.id)
    assert [(s.id, s.state, s.review, s.ruleset, s.flag.severity) for s in after.flags] == [
        (walking.id, "active", "upheld", "sha256:two", Severity.LOW),
        (miracle.id, "withdrawn", None, "sha256:one", Severity.HIGH),
    ]
    assert (after.score, after.ruleset, after.revision) == (3, "sha256:two", 1)
    assert newsroom.store.judged_otherwise(make.STUDY, "sha256:two") == ()
    # Undo: the withdrawn flag is opened again, the same row.
    back = make.assessed(make.flag(TEXT, "walking again"), make.flag(TEXT, "miracle"))
    newsroom.store.save_assessment(mention.id, back, now=later)
    assert [(s.id, s.state, s.closed_at) for s in newsroom.store.mention(mention.id).flags] == [
        (walking.id, "active", None),
        (miracle.id, "active", None),
    ]


def test_reviews_are_kept_newest_first_and_a_repeat_changes_nothing(newsroom, make):
    newsroom.poll(make.draft(1, TEXT, "walking again"))
    flag_id = newsroom.store.search(ALL)[0].flags[0].id
    first = Review(flag_id=flag_id, verdict=Verdict.UPHELD, by="ed", at=make.NOW, why="yes")
    second = Review(flag_id=flag_id, verdict=Verdict.NOT_ABOUT, by="al", at=make.NOW + timedelta(minutes=1))
    for review in (second, first, second, first):
        newsroom.store.review(review)
    assert newsroom.store.reviews(flag_id) == (second, first)
    assert newsroom.store.flag(flag_id).review == "not-about"
    with pytest.raises(NotFoundError):
        newsroom.store.review(replace(first, flag_id=flag_id + 1))


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_page_outranks_the_summary_and_is_read_again_when_that_changes(newsroom, make):
    one = make.draft(1, "Summary: walking again", "walking again", title="T")
    (entry_id,) = newsroom.poll(one, pages=[one.identity]).pages_due
    assert newsroom.store.due(Work.PAGE, make.NOW) == (entry_id,)
    page = newsroom.store.claim_page(entry_id, "me", make.NOW, timedelta(minutes=5))
    assert (page.url, page.identity, page.entry, page.attempts, page.reads) == (
        "https://example.org/1",
        one.identity,
        one.entry,
        1,
        0,
    )
    assert newsroom.store.claim_page(entry_id, "you", make.NOW, timedelta(minutes=5)) is None
    whole = make.draft(1, "The whole article. A miracle.", "miracle", title="T", text_from=TextFrom.PAGE)
    post = make.draft(
        7, "I walk!", network=Network.X, source="@someone", found_on=one.identity, text_from=TextFrom.POST
    )
    soon = make.NOW + timedelta(days=1)
    written = newsroom.store.save_page(page, [whole, post], make.alone, now=make.NOW, next_due=soon, sentence="Read.")
    assert newsroom.store.save_page(page, [whole], make.alone, now=make.NOW, next_due=soon, sentence="Read.") == ()
    assert len(written) == 2
    quoted = next(mention for mention in newsroom.store.search(ALL) if mention.kind is Kind.POST)
    article = newsroom.store.mention(next(key for key in written if key != quoted.id))
    assert quoted.found_on_id == article.id
    assert quoted.source.key == "x:someone"
    assert (article.text_from, article.text, article.revision) == (TextFrom.PAGE, whole.text, 2)
    # The summary's words are not on the page: nobody corrected anything, so the flag is withdrawn, not fixed.
    assert {(s.flag.span.quote, s.state) for s in article.flags} == {
        ("walking again", "withdrawn"),
        ("miracle", "active"),
    }
    assert newsroom.store.due(Work.PAGE, make.NOW + timedelta(hours=1)) == ()
    outcome = newsroom.poll(make.draft(1, "New summary", title="T"), now=make.NOW + timedelta(hours=1))
    assert (outcome.changed, outcome.changed_mentions, outcome.pages_due) == (1, (), (entry_id,))
    assert newsroom.store.mention(article.id).text == whole.text
    assert newsroom.store.due(Work.PAGE, make.NOW + timedelta(hours=1)) == (entry_id,)


def test_a_page_made_due_while_it_is_read_stays_due(newsroom, make):
    one = make.draft(1, "One", title="T")
    (entry_id,) = newsroom.poll(one, pages=[one.identity]).pages_due
    page = newsroom.store.claim_page(entry_id, "me", make.NOW, timedelta(minutes=5))
    later = make.NOW + timedelta(minutes=1)
    newsroom.poll(make.draft(1, "Two", title="T"), now=later, pages=[one.identity])
    newsroom.store.save_page(page, [], make.alone, now=later, next_due=None, sentence="Read.")
    assert newsroom.store.due(Work.PAGE, later) == (entry_id,)


def test_a_quoted_post_does_not_replace_what_its_network_gave(newsroom, make):
    whole = make.draft(7, "All of the post, to its end", network=Network.X, source="@who", text_from=TextFrom.POST)
    article = make.draft(1, "Article", text_from=TextFrom.PAGE)
    newsroom.store.import_mentions([whole, article], make.alone, now=make.NOW)
    cut = make.draft(
        7, "All of the post", network=Network.X, source="@who", text_from=TextFrom.POST, found_on=article.identity
    )
    assert newsroom.store.import_mentions([cut], make.alone, now=make.NOW) == ()
    found = {mention.identity: mention for mention in newsroom.store.search(ALL)}
    assert found[whole.identity].text == whole.text
    assert found[whole.identity].found_on_id == found[article.identity].id


# --- mentions without a feed, dates, sources -------------------------------------------------------------------------


def test_an_import_twice_adds_nothing(store, make):
    drafts = [make.draft(number, f"Text {number}", text_from=TextFrom.IMPORT) for number in range(30)]
    assert len(set(store.import_mentions(drafts, make.alone, now=make.NOW))) == 30
    assert store.import_mentions(drafts, make.alone, now=make.NOW) == ()
    assert store.count(ALL) == 30


def test_many_mentions_of_one_second_get_ids_of_their_own(store, make):
    drafts = [make.draft(number, f"Text {number}") for number in range(3000)]
    ids = store.import_mentions(drafts, make.alone, now=make.NOW)
    assert len(set(ids)) == 3000
    assert {key >> 20 for key in ids} == {int(make.NOW.timestamp())}


def test_a_better_date_is_taken_and_the_id_stays(store, make):
    undated = make.draft(1, "Text", published=None, date_confidence=DateConfidence.NONE)
    (key,) = store.import_mentions([undated], make.alone, now=make.NOW)
    assert store.mention(key).published == make.NOW
    dated = make.draft(1, "Text", hours=48)
    assert store.import_mentions([dated], make.alone, now=make.NOW) == ()
    mention = store.mention(key)
    assert (mention.published, mention.date_confidence) == (make.NOW - timedelta(hours=48), DateConfidence.EXACT)
    assert store.import_mentions([undated], make.alone, now=make.NOW) == ()
    assert store.mention(key) == mention


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


def test_one_item_about_two_studies_is_two_mentions(newsroom, make):
    one = make.draft(1, TEXT)
    plan = newsroom.plan(one)
    newsroom.store.save_poll(plan, {one.identity: [one, replace(one, study_id="other")]}, make.alone)
    assert {mention.study_id for mention in newsroom.store.search(ALL)} == {make.STUDY, "other"}


def test_text_no_database_can_hold_is_kept_in_place(store, make):
    text = "a\x00b \ud800 walking again"
    draft = replace(make.draft(1, text), assessment=make.assessed(make.flag(text, "walking again")))
    (key,) = store.import_mentions([draft], make.alone, now=make.NOW)
    mention = store.mention(key)
    assert mention.text == "a\ufffdb \ufffd walking again"
    span = mention.flags[0].flag.span
    assert mention.text[span.start : span.end] == span.quote
    assert store.import_mentions([draft], make.alone, now=make.NOW) == ()


# --- stories ---------------------------------------------------------------------------------------------------------


def test_stories_keep_their_number_and_know_who_said_it_first(store, make):
    late = make.draft(1, "Copy", hours=1, title="Late")
    (late_id,) = store.import_mentions([late], make.same_words, now=make.NOW)
    story = store.mention(late_id).story_id
    earlier = make.draft(2, "Copy", hours=5, title="Early")
    other = make.draft(3, "Other", hours=3)
    store.import_mentions([other, earlier], make.same_words, now=make.NOW)
    early_id = next(mention.id for mention in store.search(ALL) if mention.title == "Early")
    first = next(found for found in store.stories(ALL) if found.id == story)
    assert (first.title, first.first_mention_id, first.size) == ("Early", early_id, 2)
    assert (first.first_at, first.last_at) == (make.NOW - timedelta(hours=5), make.NOW - timedelta(hours=1))
    assert [mention.id for mention in store.story_members(story)] == [early_id, late_id]
    assert len(store.stories(ALL)) == 2


def test_assign_sees_the_newest_members_first_and_those_of_the_same_batch(store, make):
    seen = []

    def watch(draft, members):
        seen.append((draft.identity[-1], [member.text for member in members]))
        return members[0].story_id if members else None

    store.import_mentions([make.draft(1, "one", hours=2)], watch, now=make.NOW)
    store.import_mentions([make.draft(3, "three"), make.draft(2, "two", hours=1)], watch, now=make.NOW)
    assert seen == [("1", []), ("2", ["one"]), ("3", ["two", "one"])]
    assert [story.size for story in store.stories(ALL)] == [3]


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
        assert told.value.hint


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
