"""The sample newsroom: same bytes for the same port and epoch, four formats, validators, and texts that are whole."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

import feedparser
import pytest
import trafilatura

from monitor.core.errors import UsageError
from monitor.library.sample.newsroom import make_edition
from monitor.library.sample.server import BEARER_TOKEN, Newsroom

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
    pages_that_list_it = {f"{base}/news/{slug}" for slug in ("wire-japan", "bakery")}
    assert changed == {f"{base}/atom.xml", f"{base}/news/cured-in-japan", *pages_that_list_it}


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
        assert (status, counts["meta"]) == (200, {"total_tweet_count": 6})
        found = x(room, "/2/tweets/search/recent?query=a&max_results=100")[1]
        assert found["meta"]["result_count"] == 6
        newest = found["meta"]["newest_id"]
        assert x(room, f"/2/tweets/search/recent?query=a&since_id={newest}")[1] == {"meta": {"result_count": 0}}
        room.advance()
        later = x(room, f"/2/tweets/search/recent?query=a&since_id={newest}&expansions=author_id")[1]
    assert [post["text"][:15] for post in later["data"]] == ["Keio has proved"]
    assert [user["username"] for user in later["includes"]["users"]] == ["nervecapital_ex"]


def test_ids_on_x_tell_their_time_as_real_ones_do():
    post = make_edition(1, EPOCH, 1).post("sceptic")
    milliseconds = (post.id >> 22) + 1_288_834_974_657
    assert datetime.fromtimestamp(milliseconds / 1000, UTC) == post.published


def test_places_that_do_not_exist():
    with Newsroom(0, EPOCH) as room:
        assert ask(room, f"http://127.0.0.1:{room.port}/")[0] == 404
        assert ask(room, f"http://nobody.localhost:{room.port}/rss.xml")[0] == 404
        assert ask(room, f"{room.edition.base('axiom-desk')}/nothing")[0] == 404
