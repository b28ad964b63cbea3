"""Saved searches through the whole poll: settings, the table of networks, the door, a real Store, and the same again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.model import FeedKind, Network, Outcome
from monitor.core.search.nodes import Query
from monitor.pipeline.poll import poll_feed
from monitor.ports import Budget
from monitor.service import Service
from monitor.settings import load
from monitor.sources import connector as setup

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
WRITTEN = "2025-03-24T08:00:00.000Z"


@pytest.fixture
def start(store, tmp_path, clock, database_url, web):
    """A World from settings; every network is the scripted server, if `here`."""
    clock.now = NOW
    opened = []

    def started(*, here=True, **settings):
        given = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_SECRET_KEY": "k"}
        if here:
            given |= {
                "HYPEWATCH_BLUESKY_API_URL": web.url("/"),
                "HYPEWATCH_BLUESKY_HANDLE": "jo.example",
                "HYPEWATCH_BLUESKY_PASSWORD": "p",
                "HYPEWATCH_HACKERNEWS_API_URL": web.url("/"),
                "HYPEWATCH_MASTODON_SERVERS": web.url("/"),
            }
        service = Service(load(given | settings), clock=clock)
        opened.append(service)
        return service.deps

    yield started
    for service in opened:
        service.store.close()


@pytest.fixture
def networks(web, fakes):
    """Each network tells one post that is about the study."""
    status = {
        "id": "101",
        "uri": "https://there.example/users/jo/statuses/1",
        "url": "https://there.example/@jo/1",
        "created_at": WRITTEN,
        "content": f"<p>{HYPE}</p>",
        "account": {"acct": "jo@there.example"},
    }
    web["/api/v1/timelines/tag/iPSC"] = [fakes.answer_json([status]), fakes.answer_json([])]
    hit = {"objectID": "1", "author": "jo", "comment_text": HYPE, "created_at_i": int(NOW.timestamp()) - 3600}
    web["/api/v1/search_by_date"] = fakes.answer_json({"hits": [hit], "nbPages": 1})
    web["/xrpc/com.atproto.server.createSession"] = fakes.answer_json({"accessJwt": "a", "refreshJwt": "r"})
    view = {
        "uri": "at://did:plc:a/app.bsky.feed.post/1",
        "author": {"handle": "jo.example"},
        "record": {"text": HYPE, "createdAt": WRITTEN},
    }
    web["/xrpc/app.bsky.feed.searchPosts"] = fakes.answer_json({"posts": [view]})


def test_every_line_of_the_table_is_read_by_its_class(start):
    deps = start()
    assert set(deps.networks) == set(FeedKind) - {FeedKind.FEED}
    stored = {kind.value: kind.network for kind in FeedKind}
    # A line more breaks nothing; these are in databases.
    assert (
        stored.items()
        >= {
            "feed": Network.WEB,
            "x-search": Network.X,
            "bluesky-search": Network.BLUESKY,
            "bluesky-stream": Network.BLUESKY,
            "mastodon-search": Network.MASTODON,
            "hackernews-search": Network.HACKERNEWS,
            "pubmed-watch": Network.WEB,
            "europepmc-watch": Network.WEB,
            "crossref-watch": Network.WEB,
            "openalex-watch": Network.WEB,
            "registry-watch": Network.WEB,
        }.items()
    )


def test_only_what_has_a_budget_in_the_settings_charges(start):
    deps = start(here=False, HYPEWATCH_X_POSTS_PER_DAY="7", HYPEWATCH_X_POSTS_PER_MONTH="70")
    assert deps.budgets == {"x": Budget(per_day=7, per_month=70)}


def test_a_class_is_given_its_own_settings_and_nobody_elses(start, monkeypatch):
    given = {}
    monkeypatch.setattr(setup, "connector", lambda kind: lambda its: given.setdefault(kind, its))
    start(
        HYPEWATCH_X_BEARER_TOKEN="x-secret",
        HYPEWATCH_MASTODON_SERVERS="a.example,b.example",
        HYPEWATCH_BLUESKY_STREAM_URL="ws://127.0.0.1:9/",
        HYPEWATCH_CONTACT="press@example.org",
    )
    assert set(given) == set(FeedKind) - {FeedKind.FEED}
    assert (given[FeedKind.X_SEARCH].own["bearer_token"], given[FeedKind.X_SEARCH].address) == (
        "x-secret",
        "https://api.x.com",
    )
    assert given[FeedKind.MASTODON_SEARCH].own == {"servers": "a.example,b.example", "token": ""}
    assert given[FeedKind.BLUESKY_STREAM].address == "ws://127.0.0.1:9"
    assert (given[FeedKind.REGISTRY_WATCH].own, given[FeedKind.REGISTRY_WATCH].address) == ({}, "")
    assert {its.contact for its in given.values()} == {"press@example.org"}
    told = [kind for kind, its in given.items() if "x-secret" in str(its)]
    assert told == [FeedKind.X_SEARCH]


@pytest.mark.parametrize(
    ("kind", "query", "who", "url"),
    [
        (FeedKind.MASTODON_SEARCH, "#iPSC", "@jo@there.example", "https://there.example/@jo/1"),
        (FeedKind.HACKERNEWS_SEARCH, "Keio iPS", "@jo", "https://news.ycombinator.com/item?id=1"),
        (FeedKind.BLUESKY_SEARCH, "Keio iPS", "@jo.example", "https://bsky.app/profile/did:plc:a/post/1"),
    ],
)
def test_what_a_network_says_is_stored_once(start, networks, web, clock, kind, query, who, url):
    deps = start()
    feed_id = deps.store.add_feed(kind, query, now=NOW).id
    first = poll_feed(deps, feed_id)
    assert (first.outcome, first.new, first.sentence) == (Outcome.FETCHED, 1, "1 new, 0 changed, 0 as before.")
    (mention,) = deps.store.search(Query())
    assert (mention.network, mention.source.name, mention.url, mention.text, mention.published) == (kind.network, who, url, HYPE, NOW - timedelta(hours=1))  # fmt: skip
    assert mention.flags, "it is judged like any other"
    clock.forward(hours=1)
    again = poll_feed(deps, feed_id)
    assert (again.outcome, again.new, again.changed) == (Outcome.FETCHED, 0, 0)
    assert len(deps.store.search(Query())) == 1
    claimed = deps.store.claim_feed(feed_id, "test", clock.forward(hours=3), timedelta(minutes=1))
    assert claimed.cursor == (
        json.dumps({web.url(""): "101"}) if kind is FeedKind.MASTODON_SEARCH else str(int(NOW.timestamp()) - 3600)
    )


def test_what_is_not_set_up_is_told_at_the_poll(start, web):
    deps = start(here=False)
    told = {}
    for kind in (FeedKind.X_SEARCH, FeedKind.BLUESKY_SEARCH, FeedKind.MASTODON_SEARCH):
        outcome = poll_feed(deps, deps.store.add_feed(kind, "Keio iPS", now=NOW).id)
        told[kind.network.value] = (outcome.outcome, outcome.sentence.partition(":")[0])
    assert told == {
        "x": (Outcome.HARD, "X is not set up"),
        "bluesky": (Outcome.HARD, "Bluesky is not set up"),
        "mastodon": (Outcome.HARD, "Mastodon is not set up"),
    }


def test_asked_too_often_the_search_rests_until_it_may_go_on(start, web, fakes, clock):
    web["/api/v1/search_by_date"] = fakes.answer_json({}, 429, retry_after="7200")
    deps = start()
    feed_id = deps.store.add_feed(FeedKind.HACKERNEWS_SEARCH, "Keio iPS", now=NOW).id
    assert poll_feed(deps, feed_id).outcome is Outcome.RATE_LIMITED
    clock.forward(minutes=119)
    assert poll_feed(deps, feed_id) is None
    assert len(web.asked) == 1


def test_only_addresses_that_were_set_may_be_in_ones_own_network(start, web, fakes):
    """A Mastodon server without a port is a public one: it is not let into the private network."""
    deps = start(here=False, HYPEWATCH_MASTODON_SERVERS="127.0.0.1")
    outcome = poll_feed(deps, deps.store.add_feed(FeedKind.MASTODON_SEARCH, "#iPSC", now=NOW).id)
    assert outcome.sentence.startswith("127.0.0.1 was not asked: it leads into a private network")


def test_a_post_that_x_no_longer_has_is_withdrawn_the_next_day(start, web, fakes, clock):
    post = {"id": "1904100000000000001", "text": HYPE, "author_id": "7", "created_at": WRITTEN}
    web["/2/tweets/counts/recent"] = [fakes.answer_json({"meta": {"total_tweet_count": total}}) for total in (1, 0)]
    web["/2/tweets/search/recent"] = fakes.answer_json({"data": [post], "meta": {"newest_id": post["id"]}})
    gone = {"errors": [{"resource_id": post["id"], "type": "https://api.twitter.com/2/problems/resource-not-found"}]}
    web["/2/tweets"] = fakes.answer_json(gone)
    deps = start(HYPEWATCH_X_API_URL=web.url(""), HYPEWATCH_X_BEARER_TOKEN="t", HYPEWATCH_X_RECHECK_DAYS="30")
    feed = deps.store.add_feed(FeedKind.X_SEARCH, "Keio", now=NOW).id
    assert poll_feed(deps, feed).new == 1
    assert [mention.text for mention in deps.store.search(Query())] == [HYPE]
    clock.now = NOW + timedelta(days=1)
    assert poll_feed(deps, feed, force=True).outcome is Outcome.FETCHED
    assert list(deps.store.search(Query())) == []
