"""Hashtags on several Mastodon servers and a search on one, against the scripted server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Outcome
from monitor.sources.connector import Setup
from monitor.sources.networks.mastodon import MastodonSearch

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)
TAG, SEARCH, INSTANCE = "/api/v1/timelines/tag/iPSC", "/api/v2/search", "/api/v2/instance"
FEED = FeedForPoll(id=1, kind=FeedKind.MASTODON_SEARCH, url="#iPSC")
WORDS = replace(FEED, url="Keio iPS")


def status(number: int, acct: str = "jo@there.example") -> dict:
    return {
        "id": str(100 + number),
        "uri": f"https://there.example/users/jo/statuses/{number}",
        "url": f"https://there.example/@jo/{number}",
        "created_at": "2026-03-24T11:00:00.000Z",
        "content": f"<p>Post {number}</p>",
        "account": {"acct": acct, "display_name": "Jo", "followers_count": 9},
        "quote": {
            "quoted_status": {"id": "1", "uri": "u", "content": "<p>not asked for</p>", "account": {"acct": "x"}}
        },
    }


def closed(local: str, remote: str) -> dict:
    return {"configuration": {"timelines_access": {"hashtag_feeds": {"local": local, "remote": remote}}}}


def query(asked) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}


def asked(web, path: str) -> list[dict[str, str]]:
    return [query(one) for one in web.asked if urlsplit(one.path).path == path]


class Timeline:
    """Statuses 1 to `total`: the newest page, or with min_id the ones right after it; both newest first."""

    def __init__(self, web, fakes, total: int) -> None:
        self.fakes, self.total = fakes, total
        web[TAG] = self.page

    def page(self, one):
        asked = query(one)
        numbers = range(1, self.total + 1)
        if "min_id" in asked:
            numbers = [number for number in numbers if number + 100 > int(asked["min_id"])][: int(asked["limit"])]
        return self.fakes.answer_json([status(number) for number in numbers][::-1][: int(asked["limit"])])


@pytest.fixture
def make(web, door):
    """A search on the servers named, with a token or none."""
    return lambda *servers, token="": made(door, servers or (web.url("/"),), token)


def made(door, servers, token):
    own = {"servers": ",".join(servers), "token": token}
    return MastodonSearch(Setup(door=door, clock=lambda: NOW, own=own, study_of=None, stored=None))


def test_first_reading_then_nothing_new_then_from_the_cursor(web, fakes, make):
    timeline, search, server = Timeline(web, fakes, 2), make(), web.url("")
    first = search.read(FEED, rows_left=500)
    assert [(entry.guid, entry.url, entry.source, entry.text) for entry in first.entries] == [
        (f"mastodon:https://there.example/users/jo/statuses/{n}", f"https://there.example/@jo/{n}", "@jo@there.example", f"Post {n}")
        for n in (2, 1)
    ]  # fmt: skip
    assert (first.outcome, first.problem, json.loads(first.cursor)) == (Outcome.FETCHED, None, {server: "102"})
    again = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert (again.entries, again.problem, again.cursor) == ((), None, first.cursor)
    timeline.total = 92
    more = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    assert ({entry.text for entry in more.entries}, json.loads(more.cursor)) == (
        {f"Post {number}" for number in range(3, 93)},
        {server: "192"},
    )
    assert asked(web, TAG) == [{"limit": "40"}, *({"limit": "40", "min_id": at} for at in ("102", "102", "142", "182", "192"))]  # fmt: skip
    assert len(asked(web, INSTANCE)) == 1, "what a server says of its timelines is believed for a day"


def test_never_more_rows_than_are_left_and_the_next_reading_goes_on(web, fakes, make):
    Timeline(web, fakes, 300)
    server = web.url("")
    parsed = make().read(replace(FEED, cursor=json.dumps({server: "101"})), rows_left=100)
    assert ([entry.text for entry in parsed.entries][39], len(parsed.entries), json.loads(parsed.cursor)) == ("Post 2", 80, {server: "181"})  # fmt: skip
    assert parsed.problem == "127.0.0.1 may have more posts; the next reading goes on from here."
    parsed = make().read(FEED, rows_left=3)
    assert [entry.text for entry in parsed.entries] == ["Post 300", "Post 299", "Post 298"]
    assert make().read(FEED, rows_left=0).problem == "No more posts of 127.0.0.1 may be read now."


def test_many_new_pages_are_walked_without_a_gap_however_long_it_takes(web, fakes, make):
    """A page after min_id holds the oldest of what is new, newest first: the walk goes on from its largest id."""
    timeline, search, server = Timeline(web, fakes, 1), make(), web.url("")
    cursor, found = search.read(FEED, rows_left=500).cursor, []
    timeline.total = 1001
    for reading in range(9):
        timeline.total += 7  # posts go on arriving between two readings
        parsed = search.read(replace(FEED, cursor=cursor), rows_left=170)
        found += [entry.text for entry in parsed.entries]
        left = "127.0.0.1 may have more posts; the next reading goes on from here."
        assert (parsed.problem, len(found)) == ((left, 160 * (reading + 1)) if reading < 6 else (None, len(found)))
        cursor = parsed.cursor
    assert sorted(found, key=lambda text: int(text.split()[1])) == [f"Post {number}" for number in range(2, 1065)]
    assert json.loads(cursor) == {server: "1164"}


def test_a_page_with_its_newest_last_moves_on_all_the_same(web, fakes, make):
    web[TAG] = lambda one: fakes.answer_json(
        [status(n) for n in (897, 899, 900, 901) if 100 + n > int(query(one)["min_id"])]
    )
    parsed = make().read(replace(FEED, cursor=json.dumps({web.url(""): "997"})), rows_left=500)
    assert ([entry.text for entry in parsed.entries], json.loads(parsed.cursor), parsed.problem) == (
        ["Post 899", "Post 900", "Post 901"],
        {web.url(""): "1001"},
        None,
    )


def test_a_server_that_does_not_know_min_id_is_not_asked_for_ever(web, fakes, make):
    web[TAG] = fakes.answer_json([status(3), status(2)])
    parsed = make().read(replace(FEED, cursor=json.dumps({web.url(""): "103"})), rows_left=500)
    assert (len(parsed.entries), json.loads(parsed.cursor), len(asked(web, TAG))) == (2, {web.url(""): "103"}, 1)


def test_a_server_that_refuses_half_way_loses_nothing(web, fakes, make):
    timeline, server = Timeline(web, fakes, 100), web.url("")
    web[TAG] = [timeline.page, fakes.answer("", 429, Retry_After="60"), timeline.page]
    search = make()
    first = search.read(replace(FEED, cursor=json.dumps({server: "101"})), rows_left=500)
    assert (first.outcome, len(first.entries), json.loads(first.cursor), first.problem) == (
        Outcome.FETCHED,
        40,
        {server: "141"},
        "Only a part was read: 127.0.0.1 was asked too often and wants us to come later (429).",
    )
    rest = search.read(replace(FEED, cursor=first.cursor), rows_left=500)
    read = [int(entry.text.split()[1]) for entry in (*first.entries, *rest.entries)]
    assert (sorted(read), rest.problem) == (list(range(2, 101)), None)


def test_several_servers_and_one_that_fails(web, fakes, make):
    """The same post seen on two servers has one identity; a dead server is told and keeps its cursor."""
    Timeline(web, fakes, 1)
    dead, other = "http://127.0.0.1:1", web.url("/other")
    web[f"/other{TAG}"] = fakes.answer_json([status(1), status(2)])
    parsed = make(web.url(""), dead).read(replace(FEED, cursor=json.dumps({dead: "7"})), rows_left=500)
    assert (parsed.outcome, len(parsed.entries)) == (Outcome.FETCHED, 1)
    assert json.loads(parsed.cursor) == {web.url(""): "101", dead: "7"}
    assert parsed.problem.startswith("127.0.0.1 was not asked: port 1 is not one that pages are served on")
    both = make(web.url(""), other).read(FEED, rows_left=500)
    assert sorted(entry.guid.rpartition("/")[2] for entry in both.entries) == ["1", "1", "2"], "by `uri`: two posts"
    assert (both.problem, set(json.loads(both.cursor))) == (None, {web.url(""), other})
    neither = make(dead, "http://127.0.0.1:2").read(FEED, rows_left=500)
    assert (neither.outcome, neither.problem.count("was not asked")) == (Outcome.HARD, 2)


def test_an_account_of_the_server_itself_gets_its_name(web, fakes, make):
    web[TAG] = fakes.answer_json([status(1, acct="jo")])
    assert make().read(FEED, rows_left=500).entries[0].source == "@jo@127.0.0.1"


@pytest.mark.parametrize(
    ("local", "remote", "token", "sides", "sentence"),
    [
        ("authenticated", "authenticated", "", None, "127.0.0.1 shows hashtags only to its own members."),
        ("authenticated", "authenticated", "t", {}, None),
        ("disabled", "disabled", "t", None, "127.0.0.1 shows hashtags to nobody."),
        ("public", "disabled", "", {"local": "true"}, "127.0.0.1 shows only posts of its own members."),
        ("disabled", "public", "", {"remote": "true"}, "127.0.0.1 shows only posts from other servers."),
        ("public", "public", "", {}, None),
    ],
)
def test_what_a_server_opens_is_read_first_and_closed_ones_are_told(web, fakes, make, local, remote, token, sides, sentence):  # fmt: skip
    Timeline(web, fakes, 1)
    web[INSTANCE] = fakes.answer_json(closed(local, remote))
    parsed = make(token=token).read(FEED, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (Outcome.HARD if sides is None else Outcome.FETCHED, sentence)
    assert asked(web, TAG) == ([] if sides is None else [{"limit": "40", **sides}])


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "wait", "sentence"),
    [
        (401, {}, Outcome.HARD, None, "127.0.0.1 shows this only to its own members (401)."),
        (422, {}, Outcome.HARD, None, "127.0.0.1 shows this only to its own members (422): No."),
        (403, {}, Outcome.HARD, None, "127.0.0.1 refuses to give it to us (403): No."),
        (404, {}, Outcome.HARD, None, "127.0.0.1 has nothing at this address (404)."),
        (410, {}, Outcome.HARD, None, "127.0.0.1 says that it is gone for good (410)."),
        (429, {"x_ratelimit_reset": "2026-03-24T12:05:00.123456Z"}, Outcome.RATE_LIMITED, timedelta(minutes=5), "127.0.0.1 was asked too often and wants us to come later (429)."),
        (503, {}, Outcome.TEMPORARY, None, "127.0.0.1 has a fault of its own (503); it is asked again later."),
        (200, {}, Outcome.SOFT, None, "127.0.0.1 answered in a form that is not its own."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [TAG, INSTANCE])
def test_refusals_are_told_in_words(web, fakes, make, path, status, headers, outcome, wait, sentence):
    Timeline(web, fakes, 0)
    web[path] = fakes.answer_json({"error": "No."}, status, **headers)
    parsed = make().read(FEED, rows_left=500)
    if path == INSTANCE and status in {200, 404}:
        assert (parsed.outcome, parsed.problem) == (Outcome.FETCHED, None), "older servers do not tell, and are open"
    else:
        told = (parsed.outcome, parsed.retry_after and timedelta(seconds=round(parsed.retry_after.total_seconds())))
        assert (*told, parsed.problem) == (outcome, wait, sentence)


def test_rows_that_are_no_statuses_are_told(web, fakes, make):
    web[TAG] = fakes.answer_json([status(1), {"id": "2"}])
    assert make().read(FEED, rows_left=500).problem == "127.0.0.1 answered in a form that is not its own."


def test_a_query_is_asked_of_the_first_server_with_the_token(web, fakes, make):
    found = [status(number) for number in range(1, 60)][::-1]

    def page(one):
        start, size = int(query(one)["offset"]), int(query(one)["limit"])
        return fakes.answer_json({"accounts": [], "statuses": found[start : start + size], "hashtags": []})

    web[SEARCH] = page
    search = make(web.url(""), "http://127.0.0.1:1", token="s3cret")
    first = search.read(WORDS, rows_left=500)
    assert (len(first.entries), first.problem, json.loads(first.cursor)) == (40, None, {web.url(""): "159"})
    later = search.read(replace(WORDS, cursor=json.dumps({web.url(""): "100"})), rows_left=500)
    assert (len(later.entries), later.problem, json.loads(later.cursor)) == (59, None, {web.url(""): "159"})
    few = search.read(replace(WORDS, cursor=json.dumps({web.url(""): "100"})), rows_left=50)
    assert (len(few.entries), few.problem) == (
        40,
        "127.0.0.1 has more than 40 posts; the older ones were not read. A narrower search misses fewer.",
    )
    common = {"q": "Keio iPS", "type": "statuses", "limit": "40"}
    assert asked(web, SEARCH) == [{**common, "offset": "0"}, *({**common, "offset": at, "min_id": "100"} for at in ("0", "40", "59", "0"))]  # fmt: skip
    assert {one.headers["authorization"] for one in web.asked} == {"Bearer s3cret"}


def test_the_token_goes_to_the_first_server_alone(web, fakes, make):
    Timeline(web, fakes, 1)
    make("http://127.0.0.1:1", web.url(""), token="s3cret").read(FEED, rows_left=500)
    assert [one.headers.get("authorization") for one in web.asked] == [None, None]


def test_a_wrong_token_is_told(web, fakes, make):
    web[SEARCH] = fakes.answer_json({"error": "The access token is invalid"}, 401)
    parsed = make(token="wrong").read(WORDS, rows_left=500)
    assert (parsed.outcome, parsed.problem) == (
        Outcome.HARD,
        "127.0.0.1 does not know the token (401): check HYPEWATCH_MASTODON_TOKEN, a token of the first server named.",
    )


def test_missing_settings_are_told_and_nothing_is_asked(web, door, make):
    nowhere = made(door, (), "t").read(FEED, rows_left=500)
    assert (nowhere.outcome, nowhere.problem) == (
        Outcome.HARD,
        "Mastodon is not set up: HYPEWATCH_MASTODON_SERVERS names no server.",
    )
    words = make().read(WORDS, rows_left=500)
    assert (words.outcome, words.problem) == (
        Outcome.HARD,
        "Mastodon searches words only for an account: set HYPEWATCH_MASTODON_TOKEN, or follow a #hashtag.",
    )
    assert web.asked == []


@pytest.mark.parametrize("cursor", ["7", "[]", "{", "null"])
def test_a_cursor_that_is_not_ours_begins_anew(web, fakes, make, cursor):
    Timeline(web, fakes, 1)
    assert len(make().read(replace(FEED, cursor=cursor), rows_left=500).entries) == 1
    assert asked(web, TAG) == [{"limit": "40"}]
