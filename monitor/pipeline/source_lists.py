"""Lists of sources: what goes out, and what is brought in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.feeds.listed import Listed
from monitor.core.model import FeedKind
from monitor.pipeline.sources import MOST_TITLE, check_title, checked, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.feed import Feed
    from monitor.ports import Deps


class Did(StrEnum):
    """What became of one source of a list."""

    ADDED = "added"
    KNOWN = "known"
    NOT = "not added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One line of what a list came to."""

    source: Listed
    did: Did
    why: str = ""


def to_list(feeds: Iterable[Feed]) -> list[Listed]:
    """Sources as a list takes them out."""
    return [
        Listed(
            kind=feed.kind.value,
            url=feed.url,
            title=feed.title,
            lang=feed.lang,
            weight=feed.weight,
            paused=feed.paused,
        )
        for feed in feeds
    ]


def bring(deps: Deps, sources: Sequence[Listed]) -> Iterator[Brought]:
    """Add the sources of a list, one after the other; one that is known stays as it is, and the others do not wait for one
    that cannot be read.
    """
    known = {(feed.kind.value, feed.url) for feed in deps.store.feeds()}
    for source in sources:
        try:
            kind = FeedKind(source.kind)
        except ValueError:
            yield Brought(source=source, did=Did.NOT, why="This version does not know sources of its kind.")
            continue
        try:
            url = checked(deps, kind, source.url)
        except UsageError as error:
            why = "no web address" if kind is FeedKind.FEED else error.message
            yield Brought(source=source, did=Did.NOT, why=why)
            continue
        source = replace(source, url=url)  # noqa: PLW2901 - the same source, its address in our form
        if (kind.value, url) in known:
            yield Brought(source=source, did=Did.KNOWN)
            continue
        lang = source.lang.partition("-")[0].lower()
        # Google's terms are not asked for: who followed it elsewhere has read them.
        feed = put(
            deps,
            kind,
            url,
            title=check_title(source.title[:MOST_TITLE]),
            lang=lang if re.fullmatch(r"[a-z]{2,3}", lang) else "",
            weight=source.weight,
        )
        if source.paused:
            deps.store.set_feed(feed.id, paused=True)
        known.add((kind.value, url))
        yield Brought(source=source, did=Did.ADDED)
