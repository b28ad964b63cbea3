"""What a pasted thing is: addresses, accounts, hashtags, channels, a paper's number, words. Nothing is asked."""

from __future__ import annotations

import pytest

from monitor.core.errors import UsageError
from monitor.core.feeds.recognise import MOST, recognise
from monitor.core.model import FeedKind
from monitor.library.load import Library

CHANNEL = "UC" + "a-_4" * 5 + "zz"
ALL = {
    "x": {"bearer_token": "k"},
    "bluesky": {"handle": "h", "password": "p"},
    "mastodon": {"servers": "one.example", "token": "t"},
}


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    return Library(tmp_path_factory.mktemp("studies"), {}).studies()


def settings(given):
    return lambda slug: given.get(slug, {})


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("https://lantern.example/feed.xml", "https://lantern.example/feed.xml"),
        ("  https://lantern.example/feed.xml\n", "https://lantern.example/feed.xml"),
        ("lantern.example", "https://lantern.example"),
        ("lantern.example/science?x=1", "https://lantern.example/science?x=1"),
        ("feed://lantern.example/rss", "http://lantern.example/rss"),
        ("@ada@social.example", "https://social.example/@ada.rss"),
        ("https://social.example/@ada", "https://social.example/@ada.rss"),
        ("https://social.example/@ada@other.example", "https://other.example/@ada.rss"),
        ("https://social.example/@ada.rss", "https://social.example/@ada.rss"),
        ("https://social.example/tags/iPSC", "https://social.example/tags/iPSC.rss"),
        ("r/science", "https://www.reddit.com/r/science/new/.rss"),
        ("https://old.reddit.com/r/science/", "https://www.reddit.com/r/science/new/.rss"),
        ("https://www.reddit.com/user/ada", "https://www.reddit.com/user/ada/.rss"),
        ("https://www.reddit.com/search/?q=keio%20ips", "https://www.reddit.com/search.rss?q=keio+ips&sort=new"),
        (CHANNEL, f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"),
        (
            f"https://m.youtube.com/channel/{CHANNEL}/videos",
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        ("https://www.youtube.com/@keio/videos", "https://www.youtube.com/@keio"),
        ("https://bsky.app/profile/ada.example", "https://bsky.app/profile/ada.example/rss"),
        ("@ada.bsky.social", "https://bsky.app/profile/ada.bsky.social/rss"),
        ("https://medium.com/@ada", "https://medium.com/feed/@ada"),
    ],
)
def test_what_is_followed_as_a_feed(pasted, url, studies):
    (choice,) = recognise(pasted, studies=studies, own=settings({})).choices
    assert (choice.kind, choice.url, choice.lacks) == (FeedKind.FEED, url, "")


@pytest.mark.parametrize(
    ("pasted", "kind", "url"),
    [
        ("https://x.com/keio", FeedKind.X_SEARCH, "from:keio"),
        ("@keio", FeedKind.X_SEARCH, "from:keio"),
        ("https://twitter.com/search?q=keio%20ips", FeedKind.X_SEARCH, "keio ips"),
        ("https://hn.algolia.com/?q=keio", FeedKind.HACKERNEWS_SEARCH, "keio"),
    ],
)
def test_addresses_that_are_searches(pasted, kind, url, studies):
    (choice,) = recognise(pasted, studies=studies, own=settings(ALL)).choices
    assert (choice.kind, choice.url, choice.lacks) == (kind, url, "")


def test_a_hashtag_is_followed_where_it_can_be(studies):
    for pasted in ("#iPSC", "＃iPSC", "https://x.com/hashtag/iPSC?src=x", "https://bsky.app/hashtag/iPSC"):
        told = recognise(pasted, studies=studies, own=settings(ALL))
        assert told.what == "a hashtag"
        assert [(choice.kind, choice.url) for choice in told.choices] == [
            (FeedKind.MASTODON_SEARCH, "#iPSC"),
            (FeedKind.BLUESKY_STREAM, "iPSC"),
            (FeedKind.BLUESKY_SEARCH, "#iPSC"),
            (FeedKind.X_SEARCH, "#iPSC"),
        ]
    without = recognise("#iPSC", studies=studies, own=settings({})).choices
    possible = [choice.url for choice in without if not choice.lacks]
    assert possible == ["iPSC", "https://mastodon.social/tags/iPSC.rss"]
    assert without[: len(possible)] == tuple(choice for choice in without if not choice.lacks), "those come first"


def test_words_are_searched_and_what_is_missing_is_said(studies):
    told = recognise("慶應 iPS", studies=studies, own=settings({}))
    lacking = {choice.kind: choice.lacks for choice in told.choices if choice.lacks}
    assert lacking == {
        FeedKind.MASTODON_SEARCH: "a list of Mastodon servers to ask",
        FeedKind.BLUESKY_SEARCH: "the app password of a Bluesky account",
        FeedKind.X_SEARCH: "the key of an X developer account",
    }
    google = next(choice for choice in told.choices if "news.google.com" in choice.url)
    assert google.terms
    assert "hl=ja" in google.url, "words in Japanese are searched in the Japanese edition"
    keyless = recognise("Keio", studies=studies, own=settings({"mastodon": {"servers": "one.example"}}))
    (mastodon,) = [choice for choice in keyless.choices if choice.kind is FeedKind.MASTODON_SEARCH]
    assert "a #hashtag needs none" in mastodon.lacks
    assert not any(choice.lacks for choice in recognise("Keio", studies=studies, own=settings(ALL)).choices)
    paid = [choice.kind for choice in told.choices if not choice.shows]
    assert paid == [FeedKind.BLUESKY_STREAM, FeedKind.X_SEARCH], "what charges is not looked at unasked"


@pytest.mark.parametrize(
    "pasted", ["title:walking", "Keio: the first patient", "e.g. walking again", "(Keio OR 慶應) iPS"]
)
def test_words_with_signs_of_addresses_stay_words(pasted, studies):
    told = recognise(pasted, studies=studies, own=settings({}))
    assert (told.what, told.choices[0].url) == ("words to search for", pasted)


@pytest.mark.parametrize(
    "pasted",
    ["keio-ips-sci", "UMIN000035074", "10.1016/j.reth.2021.08.005", "https://doi.org/10.1016/J.RETH.2021.08.005"],
)
def test_a_study_is_watched_by_its_name_and_its_numbers(pasted, studies):
    choices = recognise(pasted, studies=studies, own=settings({})).choices
    assert {choice.kind for choice in choices} == {kind for kind in FeedKind if kind.watches}
    assert {choice.url for choice in choices} == {"keio-ips-sci"}


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Nothing was pasted"),
        (" \x00\n ", "Nothing was pasted"),
        ("x" * (MOST + 1), "too long"),
        ("two words " * 60, "at most 500 letters"),
        ("javascript:alert(1)", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("ftp://lantern.example/feed", "no web address"),
        ("https://user@evil.example/", "no web address"),
        ("https://[::1", "no web address"),
        ("https://www.instagram.com/keio", "lets no program read"),
        ("10.1038/s41586-021-0", "fact sheet of no study names it"),
    ],
)
def test_what_cannot_be_followed_is_told(pasted, said, studies):
    with pytest.raises(UsageError, match=said):
        recognise(pasted, studies=studies, own=settings({}))


def test_a_doi_before_there_is_a_study():
    with pytest.raises(UsageError, match="no study yet"):
        recognise("10.1038/s41586-021-0", studies=(), own=settings({}))
