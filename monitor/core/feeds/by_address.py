"""Networks that can be followed as a feed: from what a person writes to the feed's address. Pure; nothing is asked.

Each takes what was asked for and a language ("" if none was named) and raises UsageError with a sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Shown before Google News is followed: its feed carries these terms in its <description>.
GOOGLE_NEWS_NOTICE = (
    "Google says in this feed that it may be used only in a personal feed reader, for “personal, non-commercial use”. "
    "Whether that is so where you work is for you to judge."
)
#: The country whose edition is meant when only a language is named. Google wants both.
_EDITIONS = {
    "de": "DE",
    "en": "US",
    "es": "ES",
    "fr": "FR",
    "it": "IT",
    "ja": "JP",
    "ko": "KR",
    "nl": "NL",
    "pt": "BR",
    "zh": "CN",
}
_SCRIPTS = {"CN": "zh-Hans", "SG": "zh-Hans", "TW": "zh-Hant", "HK": "zh-Hant"}


def reddit(query: str, _lang: str = "") -> str:
    """Reddit's search, newest first."""
    return f"https://www.reddit.com/search.rss?{urlencode({'q': query, 'sort': 'new'})}"


def youtube(channel: str, _lang: str = "") -> str:
    """A channel's videos, by its id or its /channel/ address."""
    found = re.fullmatch(r"(?:https://(?:www\.)?youtube\.com/channel/)?(UC[\w-]{22})/?", channel, re.ASCII)
    if found is None:
        raise UsageError(
            f"{channel!r} is no YouTube channel id: one begins with UC and has 24 characters.",
            "On the channel's page it is under “Share channel”, “Copy channel ID”.",
        )
    return f"https://www.youtube.com/feeds/videos.xml?channel_id={found[1]}"


def google_news(query: str, lang: str = "") -> str:
    """Google News for a query in one language's edition: the last seven days, unless the query itself says `when:`."""
    found = re.fullmatch(r"([a-z]{2})(?:[-_]([A-Za-z]{2}))?", lang or "en")
    country = (found[2] or _EDITIONS.get(found[1], "")).upper() if found else ""
    if found is None or not country:
        raise UsageError(
            f"Google News has no edition {lang!r} that we know.", "Write the language with its country: --lang sv-SE."
        )
    # Some languages are named with their country: en-US, pt-BR, zh-TW; Google sends the others on by themselves.
    named = f"{found[1]}-{country}" if found[1] in {"en", "pt", "zh"} or found[2] else found[1]
    script = _SCRIPTS.get(country, found[1]) if found[1] == "zh" else found[1]
    query = query if re.search(r"(?:^|\s)(?:when|after|before):", query) else f"{query} when:7d"
    return "https://news.google.com/rss/search?" + urlencode(
        {"q": query, "hl": named, "gl": country, "ceid": f"{country}:{script}"}, safe=":"
    )


FEED_ADDRESSES: Mapping[str, Callable[[str, str], str]] = {
    "reddit": reddit,
    "youtube": youtube,
    "google-news": google_news,
}
