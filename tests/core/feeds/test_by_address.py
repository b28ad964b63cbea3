"""Networks that are followed as feeds: the addresses, and what cannot be one."""

from __future__ import annotations

import pytest

from monitor.core.errors import UsageError
from monitor.core.feeds.by_address import google_news, reddit, youtube

CHANNEL = "UC" + "a-_4" * 5 + "zz"


def test_reddit_and_youtube():
    assert reddit("keio ips&x=1") == "https://www.reddit.com/search.rss?q=keio+ips%26x%3D1&sort=new"
    address = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"
    assert {youtube(CHANNEL), youtube(f"https://www.youtube.com/channel/{CHANNEL}")} == {address}


@pytest.mark.parametrize("wrong", ["@keio", CHANNEL[:-1], f"{CHANNEL}&x=1", f"https://evil.example/channel/{CHANNEL}"])
def test_what_is_no_channel_is_told(wrong):
    with pytest.raises(UsageError, match="is no YouTube channel id: one begins with UC and has 24 characters"):
        youtube(wrong)


@pytest.mark.parametrize(
    ("query", "lang", "rest"),
    [
        ("keio iPS", "en", "q=keio+iPS+when:7d&hl=en-US&gl=US&ceid=US:en"),
        ("keio iPS", "", "q=keio+iPS+when:7d&hl=en-US&gl=US&ceid=US:en"),
        ("keio iPS when:1d", "en-gb", "q=keio+iPS+when:1d&hl=en-GB&gl=GB&ceid=GB:en"),
        ("慶應", "ja", "q=%E6%85%B6%E6%87%89+when:7d&hl=ja&gl=JP&ceid=JP:ja"),
        ("a&b", "zh-TW", "q=a%26b+when:7d&hl=zh-TW&gl=TW&ceid=TW:zh-Hant"),
        ("a", "zh", "q=a+when:7d&hl=zh-CN&gl=CN&ceid=CN:zh-Hans"),
        ("a", "pt", "q=a+when:7d&hl=pt-BR&gl=BR&ceid=BR:pt"),
    ],
)
def test_google_news(query, lang, rest):
    assert google_news(query, lang) == f"https://news.google.com/rss/search?{rest}"


@pytest.mark.parametrize("lang", ["sv", "english", "en&x"])
def test_an_edition_that_is_not_known_is_told(lang):
    with pytest.raises(UsageError, match="Write the language with its country: --lang sv-SE"):
        google_news("a", lang)
