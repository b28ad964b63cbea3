"""When two entries are one item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.entry import Entry
from monitor.core.items.identity import content_hash, entry_identity, normalise_title, post_identity, without_publisher
from monitor.core.model import Kind, Network

AT = datetime(2025, 3, 24, 10, tzinfo=UTC)
ARTICLE = Entry(
    guid="g1", url="https://www.example.org/s?utm_source=rss", title="Man stands", text="t", source="example.org"
)
GOOGLE = Entry(
    guid="CBMi1",
    url="https://news.google.com/rss/articles/CBMi1?oc=5",
    title="Man stands",
    text="",
    source="asahi.com",
    source_name="Asahi",
    published=AT,
)


@pytest.mark.parametrize(
    ("entry", "identity"),
    [
        (ARTICLE, "url:example.org/s"),
        (replace(ARTICLE, url="http://example.org/s/#more", guid="g2", title="Other"), "url:example.org/s"),
        (replace(ARTICLE, url="https://example.org/"), "guid:example.org|g1"),
        (replace(ARTICLE, url=None), "guid:example.org|g1"),
        (replace(ARTICLE, url=None, guid=None), "title:example.org|man stands|"),
        (replace(ARTICLE, url="https://twitter.com/a/status/12?s=20"), "x:12"),
        (replace(ARTICLE, kind=Kind.POST, network=Network.X, guid="x:12"), "x:12"),
        (GOOGLE, f"title:asahi.com|man stands|{AT.date().toordinal() // 3}"),
        (
            replace(ARTICLE, url=None, guid=None, title=""),
            "text:example.org|e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8",
        ),
    ],
)
def test_identities(entry, identity):
    assert entry_identity(entry) == identity


def test_google_news_is_known_again_under_another_guid_and_link():
    again = replace(GOOGLE, guid="CBMi2", url="https://news.google.com/rss/articles/CBMi2", title="Man stands - Asahi")
    assert entry_identity(again) == entry_identity(GOOGLE)
    assert entry_identity(replace(again, published=AT + timedelta(days=7))) != entry_identity(GOOGLE)
    assert entry_identity(replace(again, source="bbc.co.uk", source_name="BBC")) != entry_identity(GOOGLE)


def test_post_addresses():
    assert [
        post_identity(url)
        for url in (
            "https://mobile.twitter.com/a/status/12/photo/1",
            "https://x.com/i/web/status/12",
            "https://bsky.app/profile/did:plc:a/post/3k",
            "https://bsky.app/profile/name.example/post/3k",
            "https://news.ycombinator.com/item?id=8863",
            "https://x.com/a",
        )
    ] == ["x:12", "x:12", "bluesky:at://did:plc:a/app.bsky.feed.post/3k", None, "hackernews:8863", None]


ROADS = {
    "url:example.org/news/story": (
        "https://www.example.org/news/story http://example.org/news/story/ https://example.org/news/story?utm_source=x&fbclid=1 "
        "https://example.org/news/story#:~:text=walk https://m.example.org/news/story https://mobile.example.org/news/story "
        "https://amp.example.org/news/story https://example.org/amp/news/story https://example.org/news/story/amp/ "
        "https://example.org/news/story?amp https://EXAMPLE.org:443/news/./story https://www.example.org./news/story "
        "https://example-org.cdn.ampproject.org/c/s/example.org/news/story https://www.google.com/amp/s/www.example.org/news/story/amp/ "
        "https://www.google.com/url?rct=j&url=https://www.example.org/news/story&ct=ga https://touch.example.org/news/story "
        "https://example.org/news/story/index.html https://example.org/news/story/index.php?CMP=share&ICID=x"
    ),
    "x:12": (
        "https://x.com/a/status/12 https://twitter.com/b/statuses/12?s=20 https://mobile.twitter.com/a/status/12/photo/1 "
        "https://x.com/i/web/status/12 https://x.com/i/status/12 https://fxtwitter.com/a/status/12 "
        "https://nitter.net/a/status/12#m https://nitter.poast.org/a/status/12 https://xcancel.com/a/status/12?s=20"
    ),
    "reddit:t3_1abc": (
        "https://www.reddit.com/r/science/comments/1abc/title/ https://old.reddit.com/r/science/comments/1abc/ https://redd.it/1abc "
        "https://www.reddit.com/comments/1ABC https://np.reddit.com/r/science/comments/1abc/title/?utm_source=share"
    ),
    "reddit:t1_k9z": "https://www.reddit.com/r/science/comments/1abc/title/k9z/ https://old.reddit.com/r/science/comments/1abc/_/k9z",
    "mastodon:https://mas.example/users/ada/statuses/112233445566778899": (
        "https://mas.example/@ada/112233445566778899 https://mas.example/users/ada/statuses/112233445566778899 "
        "https://mas.example/@ada/112233445566778899/embed https://mas.example/web/@ada/112233445566778899"
    ),
    "bluesky:at://did:plc:a/app.bsky.feed.post/3k": (
        "https://bsky.app/profile/did:plc:a/post/3k https://bsky.app/profile/did:plc:a/post/3k?ref_src=embed"
    ),
    "hackernews:8863": "https://news.ycombinator.com/item?id=8863 http://news.ycombinator.com/item?id=8863&p=2",
    "url:youtube.com/watch?v=abcdefghijk": (
        "https://www.youtube.com/watch?v=abcdefghijk&t=10s https://youtu.be/abcdefghijk https://m.youtube.com/watch?v=abcdefghijk "
        "https://www.youtube.com/shorts/abcdefghijk https://www.youtube.com/embed/abcdefghijk"
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "identity"), [(url, identity) for identity, urls in ROADS.items() for url in urls.split()]
)
def test_every_spelling_of_an_address_is_one_item(url, identity):
    assert entry_identity(Entry(guid=None, url=url, title="T", text="", source="s")) == identity


@pytest.mark.parametrize(
    "url",
    [
        "https://www.threads.com/@ada/post/C112233",
        "https://www.tiktok.com/@ada/video/7312345678901234567",
        "https://medium.com/@ada/a-story-112233445566",
        "https://mas.example/@ada@other.example/112233445566778899",
        "https://www.reddit.com/r/science/",
        "https://evilreddit.com/r/science/comments/1abc/",
        "https://x.com/a",
    ],
)
def test_other_addresses_are_no_posts(url):
    assert post_identity(url) is None


def test_titles_compare_without_typography():
    assert normalise_title("“Man’s” WALK – again!") == normalise_title('"Man’s" walk - again')
    assert normalise_title("ｉＰＳ細胞、脊髄損傷") == "ips細胞 脊髄損傷"
    assert without_publisher("A - B - Asahi", "Asahi") == "A - B"
    assert without_publisher("Asahi", "Asahi") == "Asahi"


def test_the_hash_sees_words_and_not_their_spacing():
    assert content_hash(ARTICLE) == content_hash(replace(ARTICLE, text=" t\n", url=None, guid=None, published=AT))
    assert content_hash(ARTICLE) != content_hash(replace(ARTICLE, title="Man walks"))


@given(
    st.builds(
        Entry, guid=st.none() | st.text(), url=st.none() | st.text(), title=st.text(), text=st.text(), source=st.text()
    )
)
def test_an_identity_is_short_stable_and_never_empty(entry):
    assert 0 < len(entry_identity(entry)) <= 300
    assert entry_identity(entry) == entry_identity(replace(entry))
