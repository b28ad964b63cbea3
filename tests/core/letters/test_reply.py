"""Replies to posts: counted as each network counts, and never cut."""

from __future__ import annotations

import pytest

from monitor.core.letters.points import Point
from monitor.core.letters.reply import LIMITS, bluesky_length, graphemes, mastodon_length, reply_to_post, x_length
from monitor.core.model import Network
from monitor.core.translation import Said

URL = "https://registry.example/trials/" + "7" * 60


def point(found: str, instead: str | None, source: str = "Registry, entry 1", url: str = URL) -> Point:
    return Point(
        number=1, headline=False, sentence="s", words="w", also=(), adds=False, found=Said(words=found), source=source,
        source_url=url, instead=None if instead is None else Said(words=instead),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "x", "bluesky", "mastodon"),
    [
        ("abc", 3, 3, 3),
        ("歩行", 4, 2, 2),
        ("é", 1, 1, 1),
        ("e\u0301", 1, 1, 1),
        ("👩‍🔬", 2, 1, 1),
        ("👍🏽", 2, 1, 1),
        ("🇯🇵🇪🇸", 4, 2, 2),
        ("“x” — y…", 9, 8, 8),
        (f"a {URL}", 25, 2 + len(URL), 25),
    ],
)
def test_lengths_are_those_of_the_networks(text, x, bluesky, mastodon):
    assert (x_length(text), bluesky_length(text), mastodon_length(text)) == (x, bluesky, mastodon)


def test_a_flag_is_two_signs_and_a_third_begins_another():
    assert graphemes("🇯🇵🇯") == ["🇯🇵", "🇯"]


def test_the_fullest_that_fits_is_taken():
    reply = reply_to_post(Network.MASTODON, point("One of four patients stands.", "One stands."), "en")
    assert reply is not None
    assert reply.text == f"One of four patients stands.\nSource: Registry, entry 1 {URL}"
    assert (reply.length, reply.most) == (mastodon_length(reply.text), 500)


@pytest.mark.parametrize("network", LIMITS)
@pytest.mark.parametrize("size", [50, 150, 230, 270, 290, 480])
def test_no_reply_is_too_long_and_each_is_a_whole_sentence(network, size):
    long, short = "word " * (size // 5 - 1) + "end.", "A short sentence."
    reply = reply_to_post(network, point(long, short), "en")
    assert reply is not None
    count, most = LIMITS[network]
    assert count(reply.text) == reply.length <= most
    assert reply.text.split("\n")[0] in {long, short}


def test_japanese_counts_twice_on_x_so_the_shorter_sentence_is_told():
    found, instead = "四人の患者のうち一人が立つことができる。" * 7, "一人が立つことができる。"
    reply = reply_to_post(Network.X, point(found, instead), "ja")
    assert reply is not None
    assert reply.text.startswith(f"{instead}\n出典：")
    assert reply_to_post(Network.BLUESKY, point(found, instead, url=""), "ja").text.startswith(found)  # type: ignore[union-attr]


def test_what_does_not_fit_at_all_is_not_told_and_an_article_has_no_reply():
    assert reply_to_post(Network.X, point("x" * 400, None), "en") is None
    assert reply_to_post(Network.WEB, point("Short.", None), "en") is None
