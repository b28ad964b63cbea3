"""A reply to a post: what the study found with its source, as long as the post's network takes. Pure.

Nothing is cut: what is too long is told in a shorter sentence, then with its address alone, then without.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.model import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitor.core.letters.points import Point

_URL = re.compile(r"https?://\S+")
#: What X and Mastodon count any address as: they shorten it.
URL_LENGTH = 23
#: Characters that X counts as one; any other counts as two (twitter-text, configuration v3).
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_JOINER, _LAST_FLAG, _FIRST_FLAG = "\u200d", "\U0001f1ff", "\U0001f1e6"
_SKINS = ("\U0001f3fb", "\U0001f3ff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text for a network: `length` as that network counts it, of at most `most`."""

    network: Network
    text: str
    length: int
    most: int


def graphemes(text: str) -> list[str]:
    """What a reader sees as one character each: with its accents, an emoji with all it is joined of, a flag."""
    found: list[str] = []
    for char in text:
        joined = bool(found) and (_extends(char) or found[-1].endswith(_JOINER) or _second_of_flag(found[-1], char))
        if joined:
            found[-1] += char
        else:
            found.append(char)
    return found


def _extends(char: str) -> bool:
    return char == _JOINER or unicodedata.category(char) in {"Mn", "Me", "Mc"} or _SKINS[0] <= char <= _SKINS[1]


def _second_of_flag(before: str, char: str) -> bool:
    return len(before) == 1 and all(_FIRST_FLAG <= one <= _LAST_FLAG for one in (before, char))


def x_length(text: str) -> int:
    """As X counts: letters of most scripts 1, Chinese, Japanese, Korean and emoji 2, any address 23."""
    text = unicodedata.normalize("NFC", text)
    rest, urls = _URL.subn("", text)
    return urls * URL_LENGTH + sum(_weight(one) for one in graphemes(rest))


def _weight(grapheme: str) -> int:
    if len(grapheme) > 1 and not _light(grapheme[0]):
        return 2  # an emoji, however many it is joined of
    return sum(1 if _light(char) else 2 for char in grapheme)


def _light(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _LIGHT)


def bluesky_length(text: str) -> int:
    """As Bluesky counts: graphemes, addresses as they are."""
    return len(graphemes(text))


def mastodon_length(text: str) -> int:
    """As Mastodon counts: graphemes, any address 23."""
    rest, urls = _URL.subn("", text)
    return urls * URL_LENGTH + len(graphemes(rest))


#: By network: how it counts, and how much it takes.
LIMITS: Mapping[Network, tuple[Callable[[str], int], int]] = {
    Network.X: (x_length, 280),
    Network.BLUESKY: (bluesky_length, 300),
    Network.MASTODON: (mastodon_length, 500),
}


#: What stands before a source, by language.
_SOURCE = {"en": "Source: ", "ja": "出典：", "es": "Fuente: "}


def reply_to_post(network: Network, point: Point, language: str) -> Reply | None:
    """The longest reply that fits; None for a network without replies of ours, or if no whole sentence fits."""
    if network not in LIMITS:
        return None
    count, most = LIMITS[network]
    for text in _wordings(point, _SOURCE[language]):
        if (length := count(text)) <= most:
            return Reply(network=network, text=text, length=length, most=most)
    return None


def _wordings(point: Point, before: str) -> Iterator[str]:
    """The longest first: what was found, then the correction alone; with the source's title and address, one of them, none."""
    sentences = [point.found.words, *([point.instead.words] if point.instead else [])]
    named = f"{point.source} {point.source_url}".strip()
    for source in dict.fromkeys((named, point.source_url, "" if point.source_url else point.source)):
        if source:
            yield from (f"{sentence}\n{before}{source}" for sentence in sentences)
    yield from sentences
