"""What a pasted thing is: an address, a handle, a hashtag, a channel, a paper's number, or words to search for. Pure.

Nothing is asked here. What was recognised are choices: each can be looked at and added as a source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.feeds.addresses import CHANNEL, HANDLE, MOST_WORDS, SUBREDDIT, address_of
from monitor.core.feeds.by_address import GOOGLE_NEWS_NOTICE, google_news, reddit
from monitor.core.feeds.choice import (
    TAG,
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
from monitor.core.model import FeedKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.study import Study

#: Letters that are read of what was pasted: the longest address that browsers take, and no text.
MOST = 2000

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ufeff]+")
_BLUESKY = re.compile(r"@?([\w-]+(?:\.[\w-]+)*\.bsky\.social|did:[a-z]+:[\w.:-]+)")
_NAME = re.compile(r"@(\w{1,50})")
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{1,200})", re.IGNORECASE)
_TRIAL = re.compile(
    r"(?:UMIN-?\d{6,12}|UMIN-CTR:?\s?\w{6,14}|NCT\d{8}|jRCT\w{8,14}|ISRCTN\d{6,10}|DRKS\d{8}|ACTRN\d{14}|ChiCTR[\w-]{6,20})",
    re.IGNORECASE,
)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def recognise(text: str, *, studies: Sequence[Study], own: Callable[[str], Mapping[str, str]]) -> Recognised:
    """What a person pasted. `own` gives the settings of a network by its name; raises UsageError with a sentence."""
    text = _CONTROLS.sub(" ", text).strip()
    if not text:
        raise UsageError("Nothing was pasted.", "Paste an address, a hashtag, or words to search for.")
    if len(text) > MOST:
        raise UsageError("This is too long for an address or a search.", "Paste one address, or a few words.")
    return (
        _watched(text, studies)
        or _handle(text)
        or _network_name(text)
        or _tag(text, own)
        or address_of(text, own)
        or _searches(text, own)
    )


def search_choices(words: str, own: Callable[[str], Mapping[str, str]]) -> tuple[Choice, ...]:
    """The networks on which words can be searched: what can be followed at once comes first."""
    kinds = (
        FeedKind.BLUESKY_STREAM,
        FeedKind.HACKERNEWS_SEARCH,
        FeedKind.MASTODON_SEARCH,
        FeedKind.BLUESKY_SEARCH,
        FeedKind.X_SEARCH,
    )
    asked = [search(kind, words, own) for kind in kinds]
    feeds = [
        Choice(kind=FeedKind.FEED, url=reddit(words), words=f"Search on Reddit: {words}", title=f"Reddit: {words}"),
        Choice(
            kind=FeedKind.FEED,
            url=google_news(words, "ja" if _JAPANESE.search(words) else ""),
            words=f"Search in Google News: {words}",
            title=f"Google News: {words}",
            terms=GOOGLE_NEWS_NOTICE,
        ),
    ]
    every = [*asked, *feeds]
    return tuple(sorted(every, key=lambda choice: bool(choice.lacks)))


def _watched(text: str, studies: Sequence[Study]) -> Recognised | None:
    """A paper's DOI, a number in a registry, or a study's own name: what is asked about the study itself."""
    doi, trial = _DOI.fullmatch(text), _TRIAL.fullmatch(text)
    named = [study for study in studies if text.casefold() in {study.id.casefold(), study.name.casefold()}]
    if not doi and not trial and not named:
        return None
    wanted = (doi[1].rstrip(".,;)") if doi else text).casefold()
    about = named or [study for study in studies if wanted in _numbers(study)]
    what = "the paper with this DOI" if doi else "an entry of a registry of trials" if trial else "one of your studies"
    if not about and trial:
        return None  # words to search for: who writes of it may name its number
    if not about:
        if not studies:
            raise UsageError(
                "This is a DOI, and there is no study yet that it could be watched for.", "Set up a study first."
            )
        raise UsageError(
            "This is a DOI, and the fact sheet of no study names it.",
            "Name it on the fact sheet, and the indexes of papers can be asked about it. To find who writes of it, paste "
            "the title of the paper.",
        )
    return Recognised(
        what=what, choices=tuple(_watch(kind, study) for study in about for kind in FeedKind if kind.watches)
    )


def _watch(kind: FeedKind, study: Study) -> Choice:
    missing = "the address of its entry in a registry, on the fact sheet of the study"
    return Choice(
        kind=kind,
        url=study.id,
        words=f"{kind.label} on {study.name}",
        title=f"{kind.label} on {study.id}",
        lacks=missing if kind is FeedKind.REGISTRY_WATCH and not study.watch.registry else "",
    )


def _numbers(study: Study) -> set[str]:
    return {number.casefold() for number in (*study.watch.dois, *study.watch.numbers)}


def _handle(text: str) -> Recognised | None:
    """@name@server of Mastodon, @name.bsky.social of Bluesky, @name of X."""
    if found := HANDLE.fullmatch(text):
        return feed("an account on Mastodon", f"https://{found[2]}/@{found[1]}.rss", f"Posts of {text}")
    if found := _BLUESKY.fullmatch(text):
        return feed("an account on Bluesky", bluesky(found[1]), f"Posts of @{found[1]} on Bluesky")
    return None


def _network_name(text: str) -> Recognised | None:
    """r/name of Reddit, and a channel of YouTube by its id."""
    if found := SUBREDDIT.fullmatch(text):
        return subreddit(found[1], found[2])
    if CHANNEL.fullmatch(text):
        return channel(text)
    return None


def _tag(text: str, own: Callable[[str], Mapping[str, str]]) -> Recognised | None:
    found = TAG.fullmatch(text)
    return hashtag(found[1], own) if found else None


def _searches(text: str, own: Callable[[str], Mapping[str, str]]) -> Recognised:
    if len(text) > MOST_WORDS:
        raise UsageError(f"A search has at most {MOST_WORDS} letters.", "Search for fewer words.")
    if found := _NAME.fullmatch(text):
        return account_on_x(found[1], own)
    return Recognised(what="words to search for", choices=search_choices(text, own))
