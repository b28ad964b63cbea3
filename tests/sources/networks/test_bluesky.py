"""A search on Bluesky against the scripted server: one login that is kept and renewed, the cursor, refusals in words."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Outcome
from monitor.sources.connector import Setup
from monitor.sources.networks.bluesky import BlueskySearch, read_posts

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
LOGIN, RENEW = "/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.server.refreshSession"
FEED = FeedForPoll(id=1, kind=FeedKind.BLUESKY_SEARCH, url="Keio iPS")
EXPIRED = {"error": "ExpiredToken", "message": "Token has expired"}


def view(number: int, written: str = "2026-03-24T11:00:00.000Z") -> dict:
    quoted = {"$type": "app.bsky.embed.record#view", "record": {"uri": "at://did:plc:z/app.bsky.feed.post/q"}}
    return {
        "uri": f"at://did:plc:a/app.bsky.feed.post/{number}",
        "author": {"did": "did:plc:a", "handle": "jo.example", "displayName": "Jo"},
        "record": {"text": f"Post {number}", "createdAt": written, "langs": ["en"]},
        "embed": quoted,
        "repostCount": 1,
        "likeCount": 2,
    }


@pytest.fixture
def server(web, fakes):
    """Logins are counted: access-1, access-2 ..."""
    web.logins = 0

    def login(_asked):
        web.logins += 1
        return fakes.answer_json({"accessJwt": f"access-{web.logins}", "refreshJwt": f"refresh-{web.logins}"})

    web[LOGIN] = web[RENEW] = login
    web[SEARCH] = fakes.answer_json({"posts": [view(1)]})
    return web


@pytest.fixture
def search(web, door):
    return made(web, door, handle="@jo.example", password="app-pass")


def made(web, door, **own):
    return BlueskySearch(Setup(door=door, clock=lambda: NOW, address=web.url(""), own=own, study_of=None, stored=None))


def told(web) -> list[tuple[str, str]]:
    return [(urlsplit(one.path).path.rpartition(".")[2], one.headers.get("authorization", "")) for one in web.asked]


def query(asked) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}


def test_first_reading_then_from_the_cursor_with_the_same_login(server, search):
    first = search.read(FEED, rows_left=500)
    assert [(entry.guid, entry.source, entry.source_name, entry.text, entry.lang, entry.likes) for entry in first.entries] == [
        ("bluesky:at://did:plc:a/app.bsky.feed.post/1", "@jo.example", "Jo", "Post 1", "en", 2)
    ]  # fmt: skip
    eleven = str(int((NOW - timedelta(hours=1)).timestamp()))
    assert (first.outcome, first.problem, first.cursor, first.rows_paid) == (Outcome.FETCHED, None, eleven, 0)
    again = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert (again.entries, again.cursor) == (first.entries, eleven)
    assert told(server) == [
        ("createSession", ""),
        ("searchPosts", "Bearer access-1"),
        ("searchPosts", "Bearer access-1"),
    ]
    assert json.loads(server.asked[0].body) == {"identifier": "jo.example", "password": "app-pass"}
    common = {"q": "Keio iPS", "sort": "latest", "limit": "100"}
    assert [query(one) for one in server.asked[1:]] == [
        {**common, "since": "2026-03-17T12:00:00Z"},
        {**common, "since": "2026-03-24T10:45:00Z"},
    ]


def test_nothing_new(server, fakes, search):
    server[SEARCH] = fakes.answer_json({"posts": [], "cursor": "7"})
    parsed = search.read(replace(FEED, cursor="1774000000"), rows_left=500)
    assert (parsed.entries, parsed.outcome, parsed.problem, parsed.cursor) == ((), Outcome.FETCHED, None, "1774000000")


def test_pages_until_the_last_or_the_limit(server, fakes, search):
    pages = [{"posts": [view(number) for number in range(start, start + 100)], "cursor": str(start + 100)} for start in (0, 100)]  # fmt: skip
    server[SEARCH] = [*map(fakes.answer_json, pages), fakes.answer_json({"posts": [view(200)]})]
    parsed = search.read(FEED, rows_left=500)
    assert (len(parsed.entries), parsed.problem) == (201, None)
    assert [query(one).get("cursor") for one in server.asked[1:]] == [None, "100", "200"]
    server[SEARCH] = [*map(fakes.answer_json, pages)]
    parsed = search.read(FEED, rows_left=200)
    assert (len(parsed.entries), parsed.problem) == (
        200,
        "There are more than 200 posts; the older ones were not read. A narrower search misses fewer.",
    )


def test_a_post_from_the_future_does_not_end_the_search(server, fakes, search):
    server[SEARCH] = fakes.answer_json({"posts": [view(1, "2031-01-01T00:00:00Z"), view(2)]})
    parsed = search.read(FEED, rows_left=500)
    assert (len(parsed.entries), parsed.cursor) == (2, str(int((NOW - timedelta(hours=1)).timestamp())))


@pytest.mark.parametrize(("status", "body"), [(400, EXPIRED), (401, {})])
def test_a_login_that_ran_out_is_renewed(server, fakes, search, status, body):
    server[SEARCH] = [fakes.answer_json(body, status), fakes.answer_json({"posts": [view(1)]})]
    assert len(search.read(FEED, rows_left=500).entries) == 1
    assert told(server) == [
        ("createSession", ""),
        ("searchPosts", "Bearer access-1"),
        ("refreshSession", "Bearer refresh-1"),
        ("searchPosts", "Bearer access-2"),
    ]


def test_a_login_that_cannot_be_renewed_is_made_anew(server, fakes, search):
    server[SEARCH] = [fakes.answer_json(EXPIRED, 400), fakes.answer_json({"posts": [view(1)]})]
    server[RENEW] = fakes.answer_json(EXPIRED, 400)
    assert len(search.read(FEED, rows_left=500).entries) == 1
    assert [name for name, _ in told(server)] == ["createSession", "searchPosts", "refreshSession", "createSession", "searchPosts"]  # fmt: skip


def test_a_login_that_is_never_accepted_is_an_ending(server, fakes, search):
    server[SEARCH] = fakes.answer_json({}, 401)
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem, len(server.asked)) == (
        Outcome.HARD,
        "Bluesky does not accept the login that it gave (401).",
        4,
    )


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome", "wait", "sentence"),
    [
        (401, {"error": "AuthenticationRequired"}, {}, Outcome.HARD, None, "Bluesky does not know the account or its app password (401): check HYPEWATCH_BLUESKY_HANDLE and HYPEWATCH_BLUESKY_PASSWORD."),
        (429, {"error": "RateLimitExceeded"}, {"ratelimit_reset": str(int(NOW.timestamp()) + 300)}, Outcome.RATE_LIMITED, timedelta(minutes=5), "127.0.0.1 was asked too often and wants us to come later (429)."),
        (503, {}, {}, Outcome.TEMPORARY, None, "127.0.0.1 has a fault of its own (503); it is asked again later."),
        (200, {"accessJwt": ""}, {}, Outcome.SOFT, None, "127.0.0.1 answered in a form that is not its own."),
        (200, [], {}, Outcome.SOFT, None, "127.0.0.1 answered in a form that is not its own."),
    ],
)  # fmt: skip
def test_a_refused_login_is_told_in_words(server, fakes, search, status, body, headers, outcome, wait, sentence):
    server[LOGIN] = fakes.answer_json(body, status, **headers)
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.retry_after, parsed.problem) == (outcome, wait, sentence)
    assert [name for name, _ in told(server)] == ["createSession"]


@pytest.mark.parametrize(
    ("status", "body", "outcome", "sentence"),
    [
        (403, {"message": "Search is for members."}, Outcome.HARD, "127.0.0.1 refuses to give it to us (403): Search is for members."),
        (400, {"error": "BadQueryString"}, Outcome.HARD, "127.0.0.1 does not give it out (status 400): BadQueryString."),
        (200, {"posts": None}, Outcome.SOFT, "127.0.0.1 answered in a form that is not its own."),
    ],
)  # fmt: skip
def test_a_refused_search_is_told_in_words(server, fakes, search, status, body, outcome, sentence):
    server[SEARCH] = fakes.answer_json(body, status)
    parsed = search.read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (outcome, sentence)


@pytest.mark.parametrize("missing", ["handle", "password"])
def test_missing_settings_are_told_and_nothing_is_asked(web, door, missing):
    account = {"handle": "jo.example", "password": "p", missing: ""}
    parsed = made(web, door, **account).read(FEED, rows_left=500)
    assert (parsed.outcome, web.asked) == (Outcome.HARD, [])
    assert parsed.problem == (
        "Bluesky is not set up: HYPEWATCH_BLUESKY_HANDLE and HYPEWATCH_BLUESKY_PASSWORD (an app password) "
        "name the account that searches."
    )


def test_password_and_login_are_in_no_log(server, search, caplog):
    with caplog.at_level(logging.DEBUG):
        search.read(FEED, rows_left=500)
    assert [secret for secret in ("app-pass", "access-1", "refresh-1") if secret in caplog.text] == []


def test_an_account_whose_name_leads_nowhere_is_known_by_its_number():
    view = {
        "uri": "at://did:plc:abc/app.bsky.feed.post/1",
        "author": {"did": "did:plc:abc", "handle": "handle.invalid"},
        "record": {"text": "x"},
    }
    assert [post.author for post in read_posts([view, view | {"author": {"handle": "jo.example"}}])] == [
        "did:plc:abc",
        "jo.example",
    ]
