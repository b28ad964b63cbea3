"""Sources looked at, added, tried, listed and taken over, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.feed import FeedForPoll, ParsedFeed, PollRecord
from monitor.core.feeds.listed import Listed
from monitor.core.feeds.needs import lacking
from monitor.core.model import FeedKind, Outcome
from monitor.pipeline.source_lists import Did, bring, to_list
from monitor.pipeline.source_looks import PAID_LOOK, SHOWN, look, try_source
from monitor.pipeline.sources import (
    change,
    check_lang,
    check_title,
    check_weight,
    meters,
    overview,
    resume,
    save,
    standing_of,
    went_wrong,
)
from monitor.ports import Budget
from monitor.service import Service
from monitor.settings import load
from monitor.sources.feeds.opml import read_opml, write_opml
from monitor.storage.store import open_store

STUDY = "keio-ips-sci"
FEED = "https://fake.example/feed"


class Pages:
    """A site: each address answers with what was told."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def parse(self, fetched, *, now, feed_lang=""):
        self.asked.append(fetched.url)
        return self.answers[fetched.url]


class Network:
    """A network that brings these entries and charges for each."""

    def __init__(self, entries=(), **answer):
        self.entries, self.answer, self.rows = entries, answer, []

    def read(self, feed, *, rows_left):
        self.rows.append(rows_left)
        given = self.entries[:rows_left]
        return ParsedFeed(**({"format": "x", "title": "", "entries": given, "rows_paid": len(given)} | self.answer))


def a_feed(**changes):
    return ParsedFeed(**({"format": "rss20", "title": "The Lantern", "entries": (), "lang": "en-GB"} | changes))


def a_page(*offered):
    said = "It is a web page, not a feed, and it offers none." if not offered else f"It offers one: {offered[0]}"
    return a_feed(format="html", title="", outcome=Outcome.SOFT, problem=said, discovered=offered, lang="")


def seen_of(deps, answers, url=FEED, **changes):
    site = Pages(answers)
    return look(replace(deps, read_feed=site.parse, **changes), FeedKind.FEED, url), site


# --- looked at -------------------------------------------------------------------------------------------------------


def test_a_look_shows_the_first_items_and_stores_nothing(deps, entry):
    entries = tuple(entry(number, published=None) for number in range(SHOWN + 3))
    hostile = entry(99, title="", text="<script>" + "x" * 500, url="javascript:alert(1)")
    found, _ = seen_of(deps, {FEED: a_feed(entries=(hostile, *entries))})
    assert (found.title, found.lang, found.total, len(found.items)) == ("The Lantern", "en", SHOWN + 4, SHOWN)
    assert (found.items[0].link, len(found.items[0].title)) == (None, 200)
    assert found.items[1].link == "https://paper0.example/news"
    assert found.addable
    assert deps.store.feeds() == ()


def test_a_page_with_one_feed_is_followed_to_it_and_of_several_one_is_chosen(deps):
    one, two = "https://fake.example/one", "https://fake.example/two"
    found, site = seen_of(deps, {FEED: a_page(one), one: a_feed()})
    assert (found.url, found.addable, site.asked) == (one, True, [FEED, one])
    found, site = seen_of(deps, {FEED: a_page(one, two, one)})
    assert (found.offered, found.addable, site.asked) == ((one, two), False, [FEED])
    found, _ = seen_of(deps, {FEED: a_page()})
    assert (found.trouble, found.addable) == ("It is a web page, not a feed, and it offers none.", False)
    assert "remove this one" not in found.remedy
    found, site = seen_of(deps, {FEED: a_page(one), one: a_page(two)})
    assert (found.url, found.addable, site.asked) == (one, False, [FEED, one]), "no chain of pages is followed"


def test_what_may_go_by_can_be_added_all_the_same(deps, outside, fetched):
    outside.answer = fetched(FEED, Outcome.TEMPORARY, sentence="fake.example took longer than 30 seconds.")
    found = look(deps, FeedKind.FEED, FEED)
    assert (found.trouble, found.passing, found.addable) == ("fake.example took longer than 30 seconds.", True, True)
    outside.answer = fetched(FEED, Outcome.HARD, status=404, sentence="fake.example has nothing at this address (404).")
    found = look(deps, FeedKind.FEED, FEED)
    assert (found.passing, found.addable) == (False, False)


def test_an_address_that_moved_for_good_is_the_one_that_is_added(deps, outside, fetched):
    outside.answer = fetched(FEED, moved_to="https://fake.example/new")
    assert look(deps, FeedKind.FEED, FEED).url == "https://fake.example/new"


def test_what_charges_is_not_asked_by_a_look(deps):
    x = Network()
    found = look(replace(deps, networks={FeedKind.X_SEARCH: x}), FeedKind.X_SEARCH, "Keio")
    assert (x.rows, found.addable) == ([], True)
    assert "charges" in found.note
    assert "from the moment on" in look(deps, FeedKind.BLUESKY_STREAM, "Keio").note


def test_a_search_that_costs_nothing_is_asked(deps, entry):
    news = Network((entry(1), entry(2, deleted=True)))
    found = look(replace(deps, networks={FeedKind.HACKERNEWS_SEARCH: news}), FeedKind.HACKERNEWS_SEARCH, "Keio")
    assert [item.title for item in found.items] == ["Title 1"]


# --- tried -----------------------------------------------------------------------------------------------------------


def paid(deps, network, per_day=12):
    given = replace(deps, networks={FeedKind.X_SEARCH: network}, budgets={"x": Budget(per_day=per_day, per_month=100)})
    return given, given.store.add_feed(FeedKind.X_SEARCH, "Keio", now=given.clock()).id


def test_a_test_of_what_charges_is_metered_and_stops_at_the_budget(deps, entry):
    x = Network(tuple(entry(number) for number in range(50)))
    given, feed_id = paid(deps, x)
    assert try_source(given, feed_id).total == PAID_LOOK
    assert given.store.spent("x", given.clock()) == (PAID_LOOK, PAID_LOOK)
    try_source(given, feed_id)
    assert x.rows == [PAID_LOOK, 2]
    assert given.store.spent("x", given.clock())[0] == 12
    assert given.store.feed(feed_id).last_outcome is None, "nothing of it is stored"
    (meter,) = meters(given, {given.store.feed(feed_id).kind.network})
    assert (meter.network.value, meter.today, meter.per_day, meter.month, meter.per_month) == ("x", 12, 12, 12, 100)


def test_two_readings_do_not_spend_the_same_rest(deps, entry):
    x = Network((entry(1),))
    given, feed_id = paid(deps, x)
    assert given.store.lock("paid:x", "another", given.clock(), timedelta(seconds=30))
    found = try_source(given, feed_id)
    assert (x.rows, found.trouble) == ([], "Another reading of this network goes on; try it again in a minute.")
    assert given.store.spent("x", given.clock()) == (0, 0)


def test_a_test_gives_its_turn_back(deps, entry):
    given, feed_id = paid(deps, Network((entry(1),)))
    try_source(given, feed_id)
    assert given.store.lock("paid:x", "another", given.clock(), timedelta(seconds=30))


def test_a_feed_that_became_a_page_is_told_as_trouble_when_it_is_tested(deps):
    feed_id = deps.store.add_feed(FeedKind.FEED, FEED, now=deps.clock()).id
    site = Pages({FEED: a_page("https://fake.example/one")})
    found = try_source(replace(deps, read_feed=site.parse), feed_id)
    assert (found.trouble, site.asked) == ("It offers one: https://fake.example/one", [FEED])
    assert "remove this one" in found.remedy
    with pytest.raises(NotFoundError):
        try_source(deps, 99)


# --- added and changed -----------------------------------------------------------------------------------------------


def test_each_kind_is_saved_as_it_is_read(deps):
    for kind, url, title, interval in (
        (FeedKind.FEED, FEED, "", timedelta(minutes=15)),
        (FeedKind.X_SEARCH, "Keio", "X: Keio", timedelta(minutes=15)),
        (FeedKind.BLUESKY_STREAM, "Keio", "Bluesky live: Keio", timedelta(minutes=5)),
        (FeedKind.PUBMED_WATCH, STUDY, f"PubMed on {STUDY}", timedelta(days=1)),
    ):
        saved = save(deps, kind, f" {url} ")
        assert (saved.feed.kind, saved.feed.url, saved.feed.title, saved.feed.interval) == (kind, url, title, interval)
        assert (saved.known, save(deps, kind, url, title="other")) == (False, replace(saved, known=True))


@pytest.mark.parametrize(
    ("kind", "url", "said"),
    [
        (FeedKind.FEED, "lantern", "no web address"),
        (FeedKind.FEED, "javascript:alert(1)", "no web address"),
        (FeedKind.FEED, "https://a.example/\nHost: b", "no address and no search"),
        (FeedKind.FEED, "https://a.example/" + "x" * 3000, "no address and no search"),
        (FeedKind.X_SEARCH, "x" * 501, "no address and no search"),
        (FeedKind.X_SEARCH, "  ", "Nothing was named"),
        (FeedKind.BLUESKY_STREAM, "lang:ja", "at least one word"),
        (FeedKind.PUBMED_WATCH, "no-such-study", "no-such-study"),
        (FeedKind.FEED, "https://news.google.com/rss/search?q=x", "personal, non-commercial use"),
    ],
)
def test_what_cannot_be_read_is_not_saved(deps, kind, url, said):
    with pytest.raises(UsageError, match=said):
        save(deps, kind, url)
    assert deps.store.feeds() == ()


def test_fields_are_checked():
    assert [check_weight(""), check_weight("5")] == [None, 5]
    assert (check_title(" a\n\x00 b "), check_lang("ja"), check_lang("")) == ("a b", "ja", "")
    for check, wrong in ((check_weight, "6"), (check_weight, "²"), (check_title, "x" * 201), (check_lang, "klingon")):
        with pytest.raises(UsageError):
            check(wrong)


def test_a_source_is_changed_and_put_back(deps):
    feed_id = save(deps, FeedKind.X_SEARCH, "Keio", title="Ours", weight=3).feed.id
    changed = change(deps.store, feed_id, title="Yours", lang="ja", weight=5)
    assert (changed.title, changed.lang, changed.weight) == ("Yours", "ja", 5)
    changed = change(deps.store, feed_id, title="", lang="", weight=None)
    assert (changed.title, changed.lang, changed.weight) == ("X: Keio", "", None)
    deps.store.set_feed(feed_id, lang="tlh")
    assert change(deps.store, feed_id, title="", lang="tlh", weight=None).lang == "tlh", "what is there may stay"


def test_a_paused_source_goes_on_at_once(deps, clock):
    feed_id = save(deps, FeedKind.FEED, FEED).feed.id
    deps.store.set_feed(feed_id, paused=True, due_at=clock() + timedelta(days=9))
    resume(deps.store, feed_id, clock())
    assert (deps.store.feed(feed_id).paused, deps.store.feed(feed_id).due_at) == (False, clock())
    assert [one.feed.id for one in overview(deps.store, clock())] == [feed_id]
    assert standing_of(deps.store, feed_id, clock()).state.value == "not read yet"


def test_the_last_things_that_went_wrong(clock):
    def record(outcome, sentence, hour):
        return PollRecord(
            at=clock() - timedelta(hours=hour),
            outcome=outcome,
            sentence=sentence,
            new=0,
            changed=0,
            same=0,
            seconds=1.0,
        )

    slow, gone = "a.example took longer than 30 seconds.", "a.example has nothing at this address (404)."
    records = [
        record(Outcome.HARD, gone, 1),
        record(Outcome.HARD, gone, 2),
        record(Outcome.FETCHED, "0 new", 3),
        record(Outcome.TEMPORARY, slow, 4),
        record(Outcome.RATE_LIMITED, "a.example was asked too often and wants us to come later (429).", 5),
        record(Outcome.SOFT, "It is no feed.", 6),
    ]
    wrong = went_wrong(FeedKind.FEED, records)
    assert [one.at for one in wrong] == [clock() - timedelta(hours=hour) for hour in (1, 4, 5)]
    assert [one.sentence for one in wrong[:2]] == [gone, slow]
    assert all(one.remedy for one in wrong)


@pytest.mark.parametrize(
    ("kind", "query"),
    [(FeedKind.X_SEARCH, "Keio"), (FeedKind.BLUESKY_SEARCH, "Keio"), (FeedKind.MASTODON_SEARCH, "#iPSC")],
)
def test_what_a_page_says_is_missing_is_what_the_network_refuses_for(kind, query, tmp_path, sqlite_url):
    """The words for a page and the classes that read say the same of an installation without a single key."""
    service = Service(load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": sqlite_url}))
    parsed = service.deps.networks[kind].read(FeedForPoll(id=0, kind=kind, url=query), rows_left=5)
    assert (bool(lacking(kind, query, service.settings.of)), parsed.outcome) == (True, Outcome.HARD)
    for free in (FeedKind.HACKERNEWS_SEARCH, FeedKind.BLUESKY_STREAM, FeedKind.PUBMED_WATCH):
        assert lacking(free, query, service.settings.of) == ""
    service.store.close()


# --- lists -----------------------------------------------------------------------------------------------------------


def told(store):
    return [(one.kind, one.url, one.title, one.lang, one.weight, one.paused) for one in to_list(store.feeds())]


def test_a_list_taken_out_and_brought_into_an_empty_installation_gives_the_same_sources(deps, tmp_path):
    elsewhere = open_store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    elsewhere.upgrade()
    first = replace(deps, store=elsewhere)
    save(first, FeedKind.FEED, "https://a.example/?x=1&y=2", title='A & B "daily" <x>', lang="ja", weight=5)
    save(first, FeedKind.FEED, "https://news.google.com/rss/search?q=keio", terms=True)
    save(first, FeedKind.X_SEARCH, '(Keio OR 慶應) "spinal cord"', weight=2)
    save(first, FeedKind.MASTODON_SEARCH, "#iPSC", lang="en")
    save(first, FeedKind.BLUESKY_STREAM, "Keio iPS")
    save(first, FeedKind.PUBMED_WATCH, STUDY)
    for feed_id in (1, 5):
        elsewhere.set_feed(feed_id, paused=True)
    text = write_opml(to_list(elsewhere.feeds()))
    before = told(elsewhere)
    before[1] = (*before[1][:2], before[1][1], *before[1][3:])  # it has no name yet: its address stands for one
    assert [one.did for one in bring(deps, read_opml(text.encode(), "x").listed)] == [Did.ADDED] * 6
    assert told(deps.store) == before
    assert {feed.interval for feed in deps.store.feeds()} == {feed.interval for feed in elsewhere.feeds()}
    assert [one.did for one in bring(deps, read_opml(text.encode(), "x").listed)] == [Did.KNOWN] * 6, (
        "twice adds nothing"
    )
    assert told(deps.store) == before
    elsewhere.close()


def test_what_cannot_be_brought_does_not_hold_up_the_others(deps):
    lines = list(
        bring(
            deps,
            [
                Listed(kind="feed", url="ftp://a.example/"),
                Listed(kind="smoke-signal", url="Keio"),
                Listed(kind="pubmed-watch", url="no-such-study"),
                Listed(kind="feed", url="feed://b.example/", title="x" * 500, lang="<script>"),
                Listed(kind="feed", url="http://b.example/"),
            ],
        )
    )
    assert [one.did for one in lines] == [Did.NOT, Did.NOT, Did.NOT, Did.ADDED, Did.KNOWN]
    assert all(one.why for one in lines[:3])
    (feed,) = deps.store.feeds()
    assert (feed.url, len(feed.title), feed.lang) == ("http://b.example/", 200, "")


def test_a_long_list_asks_once_what_is_known(deps, monkeypatch):
    asked = []
    feeds = deps.store.feeds
    monkeypatch.setattr(deps.store, "feeds", lambda: asked.append(1) or feeds())
    sources = [Listed(kind="feed", url=f"https://a.example/{number}") for number in range(30)]
    assert [one.did for one in bring(deps, sources)] == [Did.ADDED] * 30
    assert len(asked) == 1
