"""What an address is: of a network's account, hashtag or search, or of a page or feed of the web. Pure; nothing is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from monitor.core.errors import UsageError
from monitor.core.feeds.by_address import GOOGLE_NEWS_NOTICE, google_news, reddit
from monitor.core.feeds.choice import (
    Choice,
    Recognised,
    account_on_x,
    bluesky,
    channel,
    feed,
    hashtag,
    search,
    subreddit,
)
from monitor.core.items.urls import feed_address, http_link
from monitor.core.model import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

#: Letters of a search: no network takes more.
MOST_WORDS = 500
HANDLE = re.compile(r"@([\w.-]{1,64})@([\w-]+(?:\.[\w-]+)+(?::\d{1,5})?)")
SUBREDDIT = re.compile(r"/?(r|u|user)/([\w-]{2,50})/?", re.ASCII)
CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_ADDRESS = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)


def address_of(text: str, own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    """An address: of a network's account, tag or search, or of a page or feed of the web."""
    address = feed_address(text)
    if not re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE):
        if not _ADDRESS.fullmatch(address):
            return None
        address = f"https://{address}"
    elif not re.match(r"[a-z][a-z0-9+.-]*:(?://|[^\s/]+$)", address, re.IGNORECASE):
        return None  # "Keio: the first patient" are words
    if " " in address and "://" not in address:
        return None
    link = http_link(address)
    if link is None:
        if "://" not in address and not address.lower().startswith(("javascript:", "data:", "file:", "mailto:")):
            return None  # "title:walking" is a search
        raise UsageError(
            f"“{address[:100]}” is no web address that can be read.", "It begins with https:// and names a site."
        )
    parts = urlsplit(link)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    known = _KNOWN.get(host)
    found = known(parts, own) if known else _fediverse(parts)
    return found or feed("an address", link, link)


def _segments(parts: SplitResult) -> list[str]:
    return [unquote(part) for part in parts.path.split("/") if part]


def _asked(parts: SplitResult, name: str) -> str:
    return parse_qs(parts.query).get(name, [""])[0].strip()[:MOST_WORDS]


def _of_x(parts: SplitResult, own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    match _segments(parts):
        case ["hashtag", name, *_]:
            return hashtag(name, own)
        case ["search"] if words := _asked(parts, "q"):
            return Recognised(what="a search on X", choices=(search(FeedKind.X_SEARCH, words, own),))
        case [name, *_] if re.fullmatch(r"\w{1,50}", name) and name not in {
            "home",
            "explore",
            "i",
            "search",
            "settings",
        }:
            return account_on_x(name, own)
    return None


def _of_bluesky(parts: SplitResult, own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    match _segments(parts):
        case ["hashtag", name, *_]:
            return hashtag(name, own)
        case ["search"] if words := _asked(parts, "q"):
            return Recognised(
                what="a search on Bluesky",
                choices=tuple(search(kind, words, own) for kind in (FeedKind.BLUESKY_STREAM, FeedKind.BLUESKY_SEARCH)),
            )
        case ["profile", name] | ["profile", name, "rss"] if re.fullmatch(r"[\w.:-]{3,300}", name):
            return feed("an account on Bluesky", bluesky(name), f"Posts of {name} on Bluesky")
    return None


def _of_reddit(parts: SplitResult, _own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    match _segments(parts):
        case [letter, name] if SUBREDDIT.fullmatch(f"{letter}/{name}"):
            return subreddit(letter, name)
        case ["search"] if words := _asked(parts, "q"):
            return feed("a search on Reddit", reddit(words), f"Search on Reddit: {words}")
    return None


def _of_youtube(parts: SplitResult, _own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    match _segments(parts):
        case ["channel", number, *_] if CHANNEL.fullmatch(number):
            return channel(number)
        case [("c" | "user"), name, *_]:
            return feed("a channel on YouTube", parts.geturl(), f"Videos of {name} on YouTube")
        case [name, *_] if name.startswith("@"):
            # The channel's page tells its id: it offers the feed.
            return feed(
                "a channel on YouTube",
                f"https://www.youtube.com/{quote(name, safe='@')}",
                f"Videos of {name} on YouTube",
            )
    return None


def _of_google(parts: SplitResult, _own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    words = _asked(parts, "q")
    url = parts.geturl()
    if words and not parts.path.startswith("/rss"):
        lang = _asked(parts, "hl")
        try:
            url = google_news(words, lang)
        except UsageError:
            url = google_news(words)
    title = f"Google News: {words}" if words else "Google News"
    choice = Choice(kind=FeedKind.FEED, url=url, words=title, title=title, terms=GOOGLE_NEWS_NOTICE)
    return Recognised(what="a search in Google News", choices=(choice,))


def _of_hackernews(parts: SplitResult, own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    words = _asked(parts, "q") or _asked(parts, "query")
    if not words:
        return None
    return Recognised(what="a search on Hacker News", choices=(search(FeedKind.HACKERNEWS_SEARCH, words, own),))


def _of_medium(parts: SplitResult, _own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    match _segments(parts):
        case [name] if name.startswith("@"):
            return feed("an author on Medium", f"https://medium.com/feed/{quote(name, safe='@')}", f"{name} on Medium")
    return None


def _closed(parts: SplitResult, _own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    raise UsageError(
        f"{parts.hostname} lets no program read what is posted there.",
        "What articles quote from it is found with them; single posts can be brought in from a file.",
    )


def _fediverse(parts: SplitResult) -> Recognised | None:
    """Mastodon's servers have any name: they are known by the shape of their addresses."""
    match _segments(parts):
        case [name] if found := HANDLE.fullmatch(name):
            return feed("an account on Mastodon", f"https://{found[2]}/@{found[1]}.rss", f"Posts of {name}")
        case [name] if re.fullmatch(r"@[\w.-]{1,64}", name):
            url = f"{parts.scheme}://{parts.netloc}/{name.removesuffix('.rss')}.rss"
            return feed("an account on Mastodon", url, f"Posts of {name.removesuffix('.rss')}@{parts.netloc}")
        case ["tags", name] if re.fullmatch(r"\w{1,100}(?:\.rss)?", name):
            tag = name.removesuffix(".rss")
            url = f"{parts.scheme}://{parts.netloc}/tags/{quote(tag)}.rss"
            return feed("a hashtag on one Mastodon server", url, f"#{tag} on {parts.netloc}")
    return None


_KNOWN: Mapping[str, Callable[[SplitResult, Callable[[str], Mapping[str, str]]], Recognised | None]] = {
    "x.com": _of_x,
    "twitter.com": _of_x,
    "bsky.app": _of_bluesky,
    "reddit.com": _of_reddit,
    "old.reddit.com": _of_reddit,
    "youtube.com": _of_youtube,
    "news.google.com": _of_google,
    "hn.algolia.com": _of_hackernews,
    "medium.com": _of_medium,
    "facebook.com": _closed,
    "instagram.com": _closed,
    "tiktok.com": _closed,
    "threads.net": _closed,
    "threads.com": _closed,
    "linkedin.com": _closed,
}
