"""What could be followed: a feed, a search on a network, a hashtag, an account. Pure; nothing is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from monitor.core.feeds.needs import CHARGES, lacking
from monitor.core.model import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The largest server of Mastodon: most hashtags reach it.
ONE_SERVER = "mastodon.social"
TAG = re.compile(r"[#＃](\w{1,100})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that could be followed. `words` name it; `url` is its address, its query, or the study's id.

    `lacks` says what is missing here before it can be read ("" if nothing); `terms` what must be agreed to first.
    `shows`: its first items can be looked at without a charge.
    """

    kind: FeedKind
    url: str
    words: str
    title: str = ""
    lacks: str = ""
    terms: str = ""
    shows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What was pasted, in words ("a hashtag"), and what of it could be followed: at least one Choice."""

    what: str
    choices: tuple[Choice, ...]


def is_google_news_search(url: str) -> bool:
    """Is it a feed of Google News, whose terms must be read first?"""
    try:
        return urlsplit(url).hostname == "news.google.com"
    except ValueError:
        return False


def search(kind: FeedKind, words: str, own: Callable[[str], Mapping[str, str]]) -> Choice:
    """A search on a network, or live posts; `own` gives the settings of a network by its name."""
    tag = kind is FeedKind.MASTODON_SEARCH and TAG.fullmatch(words)
    what = "Hashtag" if tag else "Live posts" if kind.streams else "Search"
    return Choice(
        kind=kind,
        url=words,
        words=f"{what} on {kind.label}: {words}",
        title=f"{kind.label}{' live' if kind.streams else ''}: {words}",
        lacks=lacking(kind, words, own),
        shows=not kind.streams and kind.slug not in CHARGES,
    )


def feed(what: str, url: str, words: str) -> Recognised:
    """What is followed as a feed, and nothing else."""
    return Recognised(what=what, choices=(Choice(kind=FeedKind.FEED, url=url, words=words),))


def bluesky(name: str) -> str:
    """The feed of an account, by its handle or number."""
    return f"https://bsky.app/profile/{name}/rss"


def subreddit(letter: str, name: str) -> Recognised:
    """`r` and a subreddit, or `u` and an account."""
    if letter == "r":
        return feed("a subreddit", f"https://www.reddit.com/r/{name}/new/.rss", f"r/{name} on Reddit")
    return feed("an account on Reddit", f"https://www.reddit.com/user/{name}/.rss", f"u/{name} on Reddit")


def channel(number: str) -> Recognised:
    """A channel of YouTube by its id."""
    address = f"https://www.youtube.com/feeds/videos.xml?channel_id={number}"
    return feed("a channel on YouTube", address, "Videos of a YouTube channel")


def hashtag(name: str, own: Callable[[str], Mapping[str, str]]) -> Recognised:
    """A hashtag, written without its sign, on each network that knows such; what can be followed at once comes first."""
    tag = f"#{name}"
    kinds = (FeedKind.MASTODON_SEARCH, FeedKind.BLUESKY_STREAM, FeedKind.BLUESKY_SEARCH, FeedKind.X_SEARCH)
    # A live stream is filtered by words; the sign is none of them.
    choices = [search(kind, name if kind.streams else tag, own) for kind in kinds]
    # One large server answers without being set up: part of what is posted is better than nothing.
    url, words = f"https://{ONE_SERVER}/tags/{quote(name)}.rss", f"Hashtag on one Mastodon server, {ONE_SERVER}: {tag}"
    if choices[0].lacks:
        choices.append(Choice(kind=FeedKind.FEED, url=url, words=words, title=f"{ONE_SERVER}: {tag}"))
    return Recognised(what="a hashtag", choices=tuple(sorted(choices, key=lambda choice: bool(choice.lacks))))


def account_on_x(name: str, own: Callable[[str], Mapping[str, str]]) -> Recognised:
    """An account of X, which is followed as a search for what it posts."""
    told = search(FeedKind.X_SEARCH, f"from:{name}", own)
    words = f"Posts of @{name} on X"
    return Recognised(
        what="an account on X (one of Mastodon is written @name@server)",
        choices=(Choice(kind=told.kind, url=told.url, words=words, title=words, lacks=told.lacks, shows=False),),
    )
