"""A saved search on X against the scripted server: counts first, the budget, refusals in words, long and edited posts."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Network, Outcome
from monitor.sources.connector import Setup
from monitor.sources.networks.x import XSearch

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)
COUNTS, SEARCH = "/2/tweets/counts/recent", "/2/tweets/search/recent"
FEED = FeedForPoll(id=1, kind=FeedKind.X_SEARCH, url="(Keio OR 慶應) iPS")


def snowflake(moment, number=0):
    return str(((int(moment.timestamp() * 1000) - 1288834974657) << 22) + number)


def tweet(number, **more):
    return {
        "id": snowflake(NOW - timedelta(hours=1), number),
        "text": f"Post {number} &amp; more",
        "author_id": "7",
        "created_at": "2026-03-24T11:00:00.000Z",
        "edit_history_tweet_ids": [snowflake(NOW - timedelta(hours=1), number)],
        **more,
    }


class Api:
    """X on the scripted server: `total` posts match; pages are given out as they are asked for."""

    def __init__(self, web, fakes, total):
        self.web, self.fakes = web, fakes
        self.tweets = [tweet(number) for number in range(total, 0, -1)]
        web[COUNTS] = lambda _: fakes.answer_json({"data": [], "meta": {"total_tweet_count": len(self.tweets)}})
        web[SEARCH] = self.page

    def page(self, asked):
        query = parse_qs(urlsplit(asked.path).query)
        start, size = int(query.get("next_token", ["0"])[0]), int(query["max_results"][0])
        page = self.tweets[start : start + size]
        meta = {"result_count": len(page), **({"newest_id": page[0]["id"]} if page else {})}
        if start + size < len(self.tweets):
            meta["next_token"] = str(start + size)
        return self.fakes.answer_json({**({"data": page} if page else {}), "meta": meta})

    @property
    def asked(self):
        rows = [(urlsplit(one.path).path, parse_qs(urlsplit(one.path).query)) for one in self.web.asked]
        return [(path.rpartition("/")[0].rpartition("/")[2], query.get("max_results", [""])[0]) for path, query in rows]


@pytest.fixture
def search(web, door):
    return made(door, "s3cret", web.url(""))


def made(door, key, address, stored=(), days="0"):
    own = {"bearer_token": key, "recheck_days": days}

    def known(_, prefixes):
        assert prefixes == ["x:"]
        return frozenset(f"x:{one}" for one in stored)

    return XSearch(Setup(door=door, clock=lambda: NOW, address=address, own=own, study_of=None, stored=known))


def test_zero_results_cost_the_count_and_no_post(web, fakes, search):
    api = Api(web, fakes, 0)
    parsed = search.read(FEED, rows_left=100)
    assert (parsed.entries, parsed.outcome, parsed.rows_paid, parsed.cursor) == ((), Outcome.FETCHED, 1, None)
    assert api.asked == [("counts", "")]
    headers = web.asked[0].headers
    assert (headers["authorization"], headers["user-agent"][:9]) == ("Bearer s3cret", "Hypewatch")
    assert parse_qs(urlsplit(web.asked[0].path).query)["query"] == [FEED.url]


def test_an_empty_page_after_a_count_is_no_fault(web, fakes, search):
    web[COUNTS] = fakes.answer_json({"meta": {"total_tweet_count": 3}})
    web[SEARCH] = fakes.answer_json({"meta": {"result_count": 0}})  # data is not there at all
    parsed = search.read(FEED, rows_left=100)
    assert (parsed.entries, parsed.outcome, parsed.problem) == ((), Outcome.FETCHED, None)


def test_posts_are_read_from_the_cursor_on(web, fakes, search):
    api = Api(web, fakes, 3)
    cursor = snowflake(NOW - timedelta(hours=2))
    from dataclasses import replace

    parsed = search.read(replace(FEED, cursor=cursor), rows_left=1000)
    assert [(entry.guid, entry.text, entry.source, entry.network) for entry in parsed.entries] == [
        (f"x:{row['id']}", row["text"].replace("&amp;", "&"), "id:7", Network.X) for row in api.tweets
    ]
    assert (parsed.cursor, parsed.rows_paid, parsed.problem) == (api.tweets[0]["id"], 3 + 1, None)
    assert [parse_qs(urlsplit(one.path).query)["since_id"] for one in web.asked] == [[cursor]] * 2


def test_a_cursor_that_is_too_old_for_recent_search_is_left_out(web, fakes, search):
    Api(web, fakes, 0)
    from dataclasses import replace

    parsed = search.read(replace(FEED, cursor=snowflake(NOW - timedelta(days=8))), rows_left=1000)
    assert ("since_id" in web.asked[0].path, parsed.outcome) == (False, Outcome.FETCHED)


@pytest.mark.parametrize(
    ("total", "rows_left", "read", "pages"),
    [(250, 1000, 250, ["100", "100", "50"]), (250, 121, 120, ["100", "20"]), (250, 105, 100, ["100"]), (250, 101, 100, ["100"]), (3, 5, 3, ["10"]), (3, 4, 3, ["10"]), (900, 9000, 500, ["100"] * 5)],
)  # fmt: skip
def test_never_more_than_the_budget_has_left(web, fakes, search, total, rows_left, read, pages):
    api = Api(web, fakes, total)
    parsed = search.read(FEED, rows_left=rows_left)
    assert (parsed.rows_paid, len(parsed.entries), [size for kind, size in api.asked if kind == "search"]) == (
        read + 1,  # the count costs as much as a post
        read,
        pages,
    )
    assert parsed.rows_paid <= rows_left
    assert parsed.problem == (
        f"{total - read:,} older posts were not read, to stay within the budget; a narrower search misses fewer."
        if read < total
        else None
    )


@given(st.integers(0, 300), st.integers(0, 300))
def test_no_pair_of_total_and_budget_reads_too_many(total, rows_left):
    """Without a server: what is asked for is never more than what may be read or what is there."""
    served = []

    class Fake:
        def request(self, _method, url, *, headers=None, content=b""):
            query = parse_qs(urlsplit(url).query)
            if "counts" in url:
                return answered({"meta": {"total_tweet_count": total}})
            start, size = int(query.get("next_token", ["0"])[0]), int(query["max_results"][0])
            page = [tweet(number) for number in range(start, min(start + size, total))]
            served.extend(page)
            return answered({"data": page, "meta": {"next_token": str(start + size)} if start + size < total else {}})

    parsed = made(Fake(), "k", "https://api.x.com").read(FEED, rows_left=rows_left)
    assert len(served) == len(parsed.entries) <= total
    assert parsed.rows_paid == (len(served) + 1 if rows_left else 0) <= rows_left


def answered(value):
    import json

    from monitor.core.feed import Fetched

    return Fetched(
        url="",
        final_url="",
        outcome=Outcome.FETCHED,
        status=200,
        headers={},
        body=json.dumps(value).encode(),
        sentence="",
    )


def test_a_budget_that_is_used_up_asks_nothing(web, fakes, search):
    Api(web, fakes, 5)
    parsed = search.read(FEED, rows_left=0)
    assert (parsed.outcome, parsed.retry_after, web.asked) == (Outcome.RATE_LIMITED, timedelta(hours=12), [])
    assert parsed.problem == (
        "The budget for X is used up on 24 March: nothing more is read until midnight UTC, or the next month. "
        "HYPEWATCH_X_POSTS_PER_DAY and HYPEWATCH_X_POSTS_PER_MONTH set it."
    )


def test_a_rest_too_small_for_a_page_is_told(web, fakes, search):
    api = Api(web, fakes, 50)
    parsed = search.read(FEED, rows_left=5)
    assert (parsed.outcome, parsed.rows_paid, api.asked) == (Outcome.RATE_LIMITED, 1, [("counts", "")])
    assert parsed.problem.startswith("50 posts wait on X, but only 4 may still be read today")


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome", "wait", "sentence"),
    [
        (429, {}, {"x_rate_limit_reset": str(int(NOW.timestamp()) + 600)}, Outcome.RATE_LIMITED, timedelta(minutes=10), "X was asked too often and wants us to come later (429)."),
        (429, {}, {"x_rate_limit_reset": "99999999999"}, Outcome.RATE_LIMITED, timedelta(hours=24), "X was asked too often and wants us to come later (429)."),
        (429, {}, {}, Outcome.RATE_LIMITED, timedelta(minutes=15), "X was asked too often and wants us to come later (429)."),
        (402, {"title": "CreditsDepleted"}, {}, Outcome.RATE_LIMITED, timedelta(hours=12), "X wants its credit topped up before it gives out more (402); the search rests for half a day."),
        (401, {"title": "Unauthorized"}, {}, Outcome.HARD, None, "X does not know the key (401): check HYPEWATCH_X_BEARER_TOKEN."),
        (403, {"detail": "Client is not\nenrolled."}, {}, Outcome.HARD, None, "X does not let this key search (403): Client is not enrolled."),
        (400, {"errors": [{"message": "Rules must not be {empty}"}]}, {}, Outcome.HARD, None, "X cannot read the search (400): Rules must not be {empty}."),
        (503, {}, {}, Outcome.TEMPORARY, None, "X has a fault of its own (503); it is asked again later."),
        (200, ["not", "ours"], {}, Outcome.SOFT, None, "X answered in a form that is not its own (AttributeError)."),
    ],
)  # fmt: skip
def test_refusals_are_told_in_words(web, fakes, search, status, body, headers, outcome, wait, sentence):
    web[COUNTS] = fakes.answer_json(body, status, **headers)
    parsed = search.read(FEED, rows_left=100)
    # X charges for what it answers.
    paid = int(status == 200)
    assert (parsed.outcome, parsed.retry_after, parsed.problem, parsed.rows_paid) == (outcome, wait, sentence, paid)


def test_what_was_paid_for_is_kept_when_the_next_page_fails(web, fakes, search):
    api = Api(web, fakes, 250)
    first, second = api.page, fakes.answer_json({}, 429, x_rate_limit_reset=str(int(NOW.timestamp()) + 60))
    web[SEARCH] = [first, second]
    parsed = search.read(FEED, rows_left=1000)
    assert (parsed.outcome, parsed.rows_paid, len(parsed.entries), parsed.retry_after) == (
        Outcome.FETCHED,
        101,
        100,
        timedelta(minutes=1),
    )
    assert parsed.problem == "Only a part was read: X was asked too often and wants us to come later (429)."


# --- what was removed --------------------------------------------------------------------------------------------------

STORED = [snowflake(NOW - timedelta(days=day)) for day in (1, 2, 3)]
OLD = snowflake(NOW - timedelta(days=40))


def lookup(web, fakes, *, gone=(), hidden=()):
    """X's answer to stored posts' ids: those that are there, and errors for the others."""

    def answer(asked):
        ids = parse_qs(urlsplit(asked.path).query)["ids"][0].split(",")
        kinds = {**dict.fromkeys(gone, "resource-not-found"), **dict.fromkeys(hidden, "not-authorized-for-resource")}
        there = [{"id": one, "text": "Still here."} for one in ids if one not in kinds]
        base = "https://api.twitter.com/2/problems/"
        errors = [{"resource_id": one, "type": base + kinds[one]} for one in ids if one in kinds]
        return fakes.answer_json({**({"data": there} if there else {}), **({"errors": errors} if errors else {})})

    web["/2/tweets"] = answer


def test_stored_posts_are_asked_for_once_a_day_and_those_that_are_gone_come_as_deletions(web, fakes, door):
    from dataclasses import replace

    Api(web, fakes, 0)
    lookup(web, fakes, gone=[STORED[0]], hidden=[STORED[1]])
    search = made(door, "s3cret", web.url(""), stored=[*STORED, OLD], days="30")
    cursor = snowflake(NOW - timedelta(hours=2))
    parsed = search.read(replace(FEED, cursor=cursor), rows_left=100)
    assert sorted((entry.guid, entry.deleted) for entry in parsed.entries) == sorted(
        (f"x:{one}", True) for one in STORED[:2]
    )
    assert (parsed.rows_paid, parsed.problem) == (1 + 1, None)  # the count, and the post that is still there
    assert parsed.cursor == f"{cursor} checked:2026-03-24"
    (asked,) = [one.path for one in web.asked if urlsplit(one.path).path == "/2/tweets"]
    assert sorted(parse_qs(urlsplit(asked).query)["ids"][0].split(",")) == sorted(STORED)  # not the one of 40 days ago

    again = search.read(replace(FEED, cursor=parsed.cursor), rows_left=100)
    assert (again.entries, again.rows_paid, again.cursor) == ((), 1, parsed.cursor)
    assert parse_qs(urlsplit(web.asked[-1].path).query)["since_id"] == [cursor]
    another = search.read(replace(FEED, url="another search"), rows_left=100)
    assert (another.entries, another.rows_paid, another.cursor) == ((), 1, " checked:2026-03-24")
    fresh = made(door, "s3cret", web.url(""), stored=STORED, days="30")
    yesterday = fresh.read(replace(FEED, cursor=f"{cursor} checked:2026-03-23"), rows_left=100)
    assert len(yesterday.entries) == 2


def test_stored_posts_are_asked_for_within_the_budget(web, fakes, door):
    Api(web, fakes, 0)
    lookup(web, fakes)
    search = made(door, "s3cret", web.url(""), stored=STORED, days="30")
    parsed = search.read(FEED, rows_left=3)
    assert (parsed.entries, parsed.rows_paid, parsed.outcome) == ((), 1, Outcome.FETCHED)
    assert parsed.problem == "3 stored posts were not asked for again, to stay within the budget."
    assert parsed.cursor == " checked:2026-03-24"  # not again before tomorrow's budget


def test_stored_posts_are_not_asked_for_unless_it_is_wished(web, fakes, door):
    Api(web, fakes, 0)
    parsed = made(door, "s3cret", web.url(""), stored=STORED).read(FEED, rows_left=100)
    assert (parsed.rows_paid, parsed.cursor) == (1, None)
    assert [urlsplit(one.path).path for one in web.asked] == [COUNTS]


def test_html_and_silence_are_endings(web, fakes, search):
    web[COUNTS] = fakes.answer("<html>proxy</html>", content_type="text/html")
    assert search.read(FEED, rows_left=100).outcome in {Outcome.SOFT, Outcome.TEMPORARY}
    web[COUNTS] = b""
    parsed = search.read(FEED, rows_left=100)
    assert (parsed.outcome, parsed.problem) == (
        Outcome.TEMPORARY,
        "127.0.0.1 broke off in the middle of its answer, or does not speak HTTP.",
    )


def test_the_key_is_in_no_log(web, fakes, search, caplog):
    Api(web, fakes, 1)
    logging.getLogger("tweepy").setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG):
        search.read(FEED, rows_left=100)
    assert "s3cret" not in caplog.text


# --- payloads --------------------------------------------------------------------------------------------------------
