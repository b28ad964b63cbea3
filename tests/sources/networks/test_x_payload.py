"""Payloads of X as posts, whichever of its shapes they have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.entry import Post
from monitor.core.model import Network
from monitor.sources.networks.x_payload import read_posts, snowflake_time

NOW = datetime(2026, 3, 24, 12, tzinfo=UTC)


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


def test_long_edited_and_linked_posts():
    first, newest = snowflake(NOW - timedelta(hours=2)), snowflake(NOW - timedelta(hours=1))
    row = {
        "id": newest,
        "text": "A paralyzed man is… https://t.co/a",
        "note_tweet": {"text": "A paralyzed man is able to stand &amp; wait", "entities": {"urls": [{"expanded_url": "https://example.org/long"}]}},
        "author_id": "7",
        "lang": "en",
        "edit_history_tweet_ids": [first, newest],
        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://bit.ly/a", "unwound_url": "https://example.org/s"}, {"expanded_url": "javascript:x"}]},
        "public_metrics": {"retweet_count": 3, "like_count": 4},
        "withheld": {"copyright": False, "country_codes": ["DE"]},
    }  # fmt: skip
    page = {"data": [row], "includes": {"users": [{"id": "7", "username": "jo", "name": "Jo", "public_metrics": {"followers_count": 9}}], "tweets": [tweet(1)]}}  # fmt: skip
    (post,) = read_posts(page)
    assert post == Post(
        network=Network.X,
        id=newest,
        author="jo",
        author_name="Jo",
        text="A paralyzed man is able to stand & wait",
        published=snowflake_time(newest),
        url=f"https://x.com/jo/status/{newest}",
        links=("https://example.org/s", "https://bit.ly/a", "https://example.org/long"),
        lang="en",
        reposts=3,
        likes=4,
        followers=9,
        edit_of=first,
    )
    assert post.as_entry().guid == f"x:{first}"


def test_old_payloads():
    user = {"screen_name": "jo", "name": "Jo", "id_str": "7", "followers_count": 9}
    quoted = {
        "id_str": "11",
        "text": "inner",
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "user": user,
        "lang": "und",
    }
    outer = {
        "id": 872836479608733700,
        "id_str": "872836479608733696",
        "text": "cut…",
        "extended_tweet": {
            "full_text": "the whole &lt;text&gt;",
            "entities": {"urls": [{"expanded_url": "https://example.org/"}]},
        },
        "created_at": "Thu Jun 08 15:23:27 +0000 2017",
        "user": {**user, "status": {"id_str": "99", "text": "newest of the user"}},
        "quoted_status": quoted,
    }
    deleted = {"delete": {"status": {"id_str": "12", "user_id_str": "7"}}}
    posts = list(read_posts([outer, deleted, {"sender_id": 1, "id": 5, "text": "direct", "user": user}]))
    assert [(post.id, post.author, post.text, post.lang, post.deleted) for post in posts] == [
        ("872836479608733696", "jo", "the whole <text>", "", False),
        ("11", "jo", "inner", "", False),
        ("12", "id:7", "", "", True),
    ]
    assert posts[0].links == ("https://example.org/",)
    assert posts[1].published == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "id", "text", "user", "includes", "users", "entities", "urls", "delete", "status", "note_tweet", "created_at", "id_str"]), inner, max_size=4)))  # fmt: skip
def test_no_payload_raises(document):
    assert all(isinstance(post, Post) for post in read_posts(document))
