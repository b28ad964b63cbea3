"""The sample newsroom: same bytes for the same port and epoch, four formats, validators, and texts that are whole."""

import json
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import httpcore2
import pytest
import trafilatura

from monitor.core.errors import UsageError
from monitor.core.feed import FeedForPoll, Fetched
from monitor.core.model import FeedKind, Outcome
from monitor.demo import bluesky
from monitor.demo.newsroom import make_edition
from monitor.demo.server import BEARER_TOKEN, BLUESKY_QUERY, MASTODON_TAG, STREAM_QUERY, Newsroom
from monitor.sources.connector import Setup
from monitor.sources.networks.bluesky import BlueskySearch
from monitor.sources.networks.jetstream import BlueskyStream
from monitor.sources.networks.mastodon import MastodonSearch
from monitor.sources.networks.x_payload import read_posts as x_posts

EPOCH = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def ask(room: Newsroom, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One GET, to loopback whatever the host's name: not every system resolves names below .localhost."""
    parts = urlsplit(url)
    request = urllib.request.Request(
        f"http://127.0.0.1:{room.port}{parts.path}{'?' + parts.query if parts.query else ''}",
        headers={"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def everything(room: Newsroom) -> dict[str, bytes]:
    urls = [feed.url for feed in room.feeds] + [room.edition.address(article) for article in room.edition.articles]
    found = {url: ask(room, url) for url in urls}
    assert {status for status, _, _ in found.values()} == {200}
    return {url: body for url, (_, _, body) in found.items()}


def test_the_same_port_and_epoch_give_the_same_bytes():
    with Newsroom(0, EPOCH) as room:
        port, first = room.port, everything(room)
    with Newsroom(port, EPOCH) as room:
        assert everything(room) == first


def test_the_second_round_changes_one_article_and_its_feed():
    with Newsroom(0, EPOCH) as room:
        first = everything(room)
        room.advance()
        second = everything(room)
        base = room.edition.base("pinecroft-courier")
    changed = {url for url, body in second.items() if first[url] != body}
    pages_that_list_it = {f"{base}/news/{slug}" for slug in ("wire-japan", "bakery", "sorrel-gym", "sponsored-swim")}
    assert changed == {f"{base}/atom.xml", f"{base}/news/cured-in-japan", *pages_that_list_it}


def test_what_is_older_than_the_results_keeps_its_date():
    for epoch in (EPOCH, EPOCH + timedelta(days=400)):
        edition = make_edition(80, epoch, 1)
        assert edition.article("harbour-wire/plan-cleared").published == datetime(2019, 3, 8, 5, 20, tzinfo=UTC)
        assert edition.article("harbour-wire/walks-again").published == epoch - timedelta(hours=20)


def test_a_port_that_is_taken_is_told_in_one_sentence():
    with Newsroom(0, EPOCH) as room, pytest.raises(UsageError, match=f"needs port {room.port} again"):
        Newsroom(room.port, EPOCH)


def test_validators_give_304_until_the_text_changes():
    with Newsroom(0, EPOCH) as room:
        url = room.feeds[2].url
        status, headers, body = ask(room, url)
        assert (status, bool(body)) == (200, True)
        by_tag = ask(room, url, If_None_Match=headers["ETag"])
        by_date = ask(room, url, If_Modified_Since=headers["Last-Modified"])
        assert [(by_tag[0], by_tag[2]), (by_date[0], by_date[2])] == [(304, b""), (304, b"")]
        room.advance()
        assert ask(room, url, If_None_Match=headers["ETag"])[0] == 200
        assert ask(room, url, If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_every_feed_is_well_formed_and_holds_its_outlets_articles():
    with Newsroom(0, EPOCH) as room:
        for feed in room.feeds:
            outlet = next(o for o in room.edition.outlets.values() if o.name == feed.title)
            _, headers, body = ask(room, feed.url)
            wanted = [(article.title, room.edition.address(article)) for article in room.edition.of(outlet.slug)]
            if outlet.format == "json":
                items = json.loads(body)["items"]
                assert [(item["title"], item["url"]) for item in items] == wanted
                continue
            parsed = feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]})
            assert not parsed.bozo, parsed.get("bozo_exception")
            assert [(entry.title, entry.link) for entry in parsed.entries] == wanted


def test_an_article_page_gives_its_whole_text():
    with Newsroom(0, EPOCH) as room:
        article = room.edition.article("axiom-desk/four-patients")
        _, _, body = ask(room, room.edition.address(article))
    text = trafilatura.extract(body.decode())
    assert [part for part in article.paragraphs if part not in text] == []
    assert "cookies" not in text


def test_posts_are_embedded_and_pasted():
    with Newsroom(0, EPOCH) as room:
        edition = room.edition
        embedded = ask(room, edition.address(edition.article("futurebeat/walks-again-japan")))[2].decode()
        pasted = ask(room, edition.address(edition.article("morning-lantern/miracle-of-tokyo")))[2].decode()
        post = edition.post("future-walks")
    assert '<blockquote class="twitter-tweet">' in embedded
    assert f"https://twitter.com/futurebeat_ex/status/{post.id}" in embedded
    assert "<p>— Odd from Pier 9 (@pier9_ex) March 1, 2026</p>" in pasted


def x(room: Newsroom, path: str, token: str = BEARER_TOKEN) -> tuple[int, dict]:
    status, _, body = ask(room, f"{room.x_api_url}{path}", Authorization=f"Bearer {token}")
    return status, json.loads(body)


def test_x_counts_and_finds_what_is_newer_than_since_id():
    with Newsroom(0, EPOCH) as room:
        assert x(room, "/2/tweets/counts/recent?query=a", token="other")[0] == 401
        status, counts = x(room, "/2/tweets/counts/recent?query=a")
        assert (status, counts["meta"]) == (200, {"total_tweet_count": 9})
        found = x(room, "/2/tweets/search/recent?query=a&max_results=100")[1]
        assert found["meta"]["result_count"] == 9
        newest = found["meta"]["newest_id"]
        assert x(room, f"/2/tweets/search/recent?query=a&since_id={newest}")[1] == {"meta": {"result_count": 0}}
        room.advance()
        later = x(room, f"/2/tweets/search/recent?query=a&since_id={newest}&expansions=author_id")[1]
    assert [post["text"][:15] for post in later["data"] if "text" in post] == ["Keio has proved"]
    assert [user["username"] for user in later["includes"]["users"]] == ["nervecapital_ex"]


def test_x_tells_once_that_a_post_was_removed():
    with Newsroom(0, EPOCH) as room:
        post = room.edition.post("regrets")
        before = x(room, "/2/tweets/search/recent?query=a&max_results=100")[1]
        room.advance()
        after = x(room, f"/2/tweets/search/recent?query=a&max_results=100&since_id={post.id}")[1]
        later = x(room, f"/2/tweets/search/recent?query=a&max_results=100&since_id={after['meta']['newest_id']}")[1]
    assert [row["id"] for row in before["data"]].count(str(post.id)) == 1
    assert [(one.id, one.deleted) for one in x_posts(after)] == [
        (str(room.edition.post("bookable").id), False),
        (str(post.id), True),
    ]
    assert later == {"meta": {"result_count": 0}}
    assert post not in room.edition.posts


BLUESKY = FeedForPoll(id=1, kind=FeedKind.BLUESKY_SEARCH, url=BLUESKY_QUERY)
MASTODON = FeedForPoll(id=2, kind=FeedKind.MASTODON_SEARCH, url=MASTODON_TAG)


class HttpClient:
    """What the networks' clients ask through, to loopback whatever the host's name."""

    def request(self, method, url, *, headers=None, content=b""):
        parts = urlsplit(url)
        where = f"http://127.0.0.1:{parts.port}{parts.path}{'?' + parts.query if parts.query else ''}"
        request = urllib.request.Request(
            where, data=content or None, headers={**(headers or {}), "Host": parts.netloc}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                outcome, status, body = Outcome.FETCHED, answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                outcome, status, body = Outcome.HARD, error.code, error.read()
        return Fetched(
            url=url, final_url=url, outcome=outcome, status=status, headers={}, body=body, sentence=f"status {status}"
        )


def bluesky_search(room: Newsroom, password: str = bluesky.PASSWORD) -> BlueskySearch:
    return BlueskySearch(setup(address=room.bluesky_api_url, own={"handle": bluesky.HANDLE, "password": password}))


def setup(**given) -> Setup:
    return Setup(door=HttpClient(), clock=lambda: EPOCH, study_of=None, stored=None, **given)


def written(room: Newsroom, network: str) -> list[tuple]:
    """What the sample's files say, in the form of `read`."""

    def words(post) -> str:
        # Bluesky shows a link as a card with the article's title.
        card = [room.edition.article(post.link).title] if post.link and network == "bluesky" else []
        return "\n".join([post.text, *card])

    return [
        (
            words(post),
            post.name,
            post.lang,
            post.published,
            post.reposts,
            post.likes,
            [room.edition.address(room.edition.article(post.link))] if post.link else [],
        )
        for post in room.edition.on(network)
    ]


def read(parsed) -> list[tuple]:
    assert (parsed.outcome, parsed.problem) == (Outcome.FETCHED, None)
    return [
        (
            # Mastodon shows the link under the words.
            entry.text.split("\nhttp://")[0],
            entry.source_name,
            entry.lang,
            entry.published,
            entry.reposts,
            entry.likes,
            list(entry.links),
        )
        for entry in parsed.entries
    ]


def test_bluesky_is_read_by_its_client_word_for_word():
    with Newsroom(0, EPOCH) as room:
        search = bluesky_search(room)
        parsed = search.read(BLUESKY, rows_left=500)
        assert read(parsed) == written(room, "bluesky")
        assert len({entry.guid for entry in parsed.entries}) == len(parsed.entries) == 6
        again = search.read(replace(BLUESKY, cursor=parsed.cursor), rows_left=500)
        assert again.entries == parsed.entries[:1]


def test_bluesky_is_read_live_and_tells_what_was_removed():
    class HttpClient:
        user_agent = "Hypewatch/test"

        def open(self, url, seconds):
            parts = urlsplit(url)
            return httpcore2.SyncBackend().connect_tcp(parts.hostname, parts.port, timeout=seconds)

    now = datetime.now(UTC)
    with Newsroom(0, now) as room:
        made = Setup(door=HttpClient(), clock=lambda: datetime.now(UTC), study_of=None, stored=lambda uris, _: set(uris), own={}, address=room.bluesky_stream_url)  # fmt: skip
        stream = BlueskyStream(made, quiet=1)
        feed = FeedForPoll(id=3, kind=FeedKind.BLUESKY_STREAM, url=STREAM_QUERY)
        first = stream.read(feed, rows_left=500)
        assert (first.outcome, first.problem, first.more) == (Outcome.FETCHED, None, False)
        told = {entry.guid: entry.text for entry in first.entries}
        search = bluesky_search(room).read(BLUESKY, rows_left=500)
        # The search knows all but the newest; the stream is filtered by its own words.
        assert {entry.guid for entry in search.entries} & set(told)
        (regret,) = [guid for guid, text in told.items() if "throw the wheelchair away" in text]
        assert regret not in {entry.guid for entry in search.entries}
        room.advance()
        later = stream.read(replace(feed, cursor=first.cursor), rows_left=500)
        assert [(entry.guid, entry.deleted) for entry in later.entries] == [(regret, True)]
        again = stream.read(replace(feed, cursor=later.cursor), rows_left=500)
        assert (again.outcome, again.problem) == (Outcome.FETCHED, None)


def test_bluesky_gives_pages_and_says_which_is_the_last():
    with Newsroom(0, EPOCH) as room:
        path = f"{room.bluesky_api_url}/xrpc/app.bsky.feed.searchPosts?q=a&limit=3"
        first, second = (
            json.loads(ask(room, f"{path}{more}", Authorization="Bearer sample-access")[2])
            for more in ("", "&cursor=3")
        )
        assert (len(first["posts"]), first["cursor"]) == (3, "3")
        assert (len(second["posts"]), "cursor" in second) == (3, False)


def test_bluesky_marks_hashtags_in_bytes():
    with Newsroom(0, EPOCH) as room:
        url = f"{room.bluesky_api_url}/xrpc/app.bsky.feed.searchPosts?q=a"
        posts = json.loads(ask(room, url, Authorization="Bearer sample-access")[2])["posts"]
    found = [
        (post["record"]["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), feature)
        for post in posts
        for facet in post["record"]["facets"]
        for feature in facet["features"]
    ]
    kind = "app.bsky.richtext.facet#tag"
    assert found == [(f"#{tag}", {"$type": kind, "tag": tag}) for tag in ("iPSC", "MedicalMiracle", "Keio", "iPSC")]


def test_bluesky_lets_nobody_else_in():
    with Newsroom(0, EPOCH) as room:
        parsed = bluesky_search(room, password="other").read(BLUESKY, rows_left=500)
        assert (parsed.outcome, parsed.entries) == (Outcome.HARD, ())
        assert "HYPEWATCH_BLUESKY_PASSWORD" in parsed.problem
        assert ask(room, f"{room.bluesky_api_url}/xrpc/app.bsky.feed.searchPosts?q=a")[0] == 401
        assert ask(room, f"{room.bluesky_api_url}/xrpc/app.bsky.feed.getTimeline")[0] == 501


@pytest.mark.parametrize(
    ("host", "path", "body", "status"),
    [
        ("bluesky.localhost", "/xrpc/com.atproto.server.createSession", b"no JSON", 401),
        ("bluesky.localhost", "/xrpc/com.atproto.server.deleteAccount", b"{}", 501),
        ("bluesky.localhost", "/xrpc/com.atproto.server.createSession", b" " * 10_001, 413),
        ("axiom-desk.localhost", "/atom.xml", b"{}", 404),
    ],
)
def test_what_else_is_posted_changes_nothing(host, path, body, status):
    with Newsroom(0, EPOCH) as room:
        assert HttpClient().request("POST", f"http://{host}:{room.port}{path}", content=body).status == status


def test_mastodon_is_read_by_its_client_and_goes_on_where_it_was():
    with Newsroom(0, EPOCH) as room:
        search = MastodonSearch(setup(own={"servers": room.mastodon_server, "token": ""}))
        parsed = search.read(MASTODON, rows_left=500)
        assert read(parsed) == written(room, "mastodon")
        assert {entry.source.rpartition("@")[2] for entry in parsed.entries} == {"tidepool.localhost"}
        going_on = replace(MASTODON, cursor=parsed.cursor)
        assert search.read(going_on, rows_left=500).entries == ()
        room.advance()
        later = search.read(going_on, rows_left=500)
        assert read(later) == written(room, "mastodon")[:1]
        page = ask(room, later.entries[0].url)[2].decode()
    assert "Keio has cured paralysis" in page


def test_mastodon_gives_what_comes_right_after_min_id():
    with Newsroom(0, EPOCH) as room:
        url = f"{room.mastodon_server}/api/v1/timelines/tag/ipsc"
        newest_first = [row["id"] for row in json.loads(ask(room, url)[2])]
        after = json.loads(ask(room, f"{url}?limit=2&min_id={newest_first[-1]}")[2])
        assert [row["id"] for row in after] == newest_first[-3:-1]
        assert json.loads(ask(room, f"{room.mastodon_server}/api/v1/timelines/tag/soup")[2]) == []
        assert ask(room, f"{room.mastodon_server}/api/v1/timelines/home")[0] == 404
        assert ask(room, f"{room.mastodon_server}/@nobody/1")[0] == 404


def test_the_same_words_are_on_three_networks():
    posts = make_edition(1, EPOCH, 1).posts
    words = next(post.text for post in posts if post.key == "future-walks")
    copies = {post.network: post.text.removesuffix(" #iPSC") for post in posts if post.text.startswith(words)}
    assert copies == {"x": words, "bluesky": words, "mastodon": words}


def test_ids_on_x_tell_their_time_as_real_ones_do():
    post = make_edition(1, EPOCH, 1).post("sceptic")
    milliseconds = (post.id >> 22) + 1_288_834_974_657
    assert datetime.fromtimestamp(milliseconds / 1000, UTC) == post.published


def test_places_that_do_not_exist():
    with Newsroom(0, EPOCH) as room:
        assert ask(room, f"http://127.0.0.1:{room.port}/")[0] == 404
        assert ask(room, f"http://nobody.localhost:{room.port}/rss.xml")[0] == 404
        assert ask(room, f"{room.edition.base('axiom-desk')}/nothing")[0] == 404
