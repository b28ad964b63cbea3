"""Stretches of time as words of the index, by which PostgreSQL finds the newest first.

Its index of words knows no order: for the newest fifty it would read and sort all that holds the words, or compare the words of every
mention from the newest back until it has fifty, which for a rare word is every mention there is. With the era as one more word it
intersects the two lists and reads only what lies in both. FTS5 reads from the newest back by itself and needs none of it.

An era is the higher bits of a mention's number, whose lower 20 are no time (`core/items/mention_id.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.search import tokens as words

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Lower bits that the numbers of one era do not share, the shortest era first: 68 minutes, 36 hours, 49 days.
BITS = (32, 37, 42)
#: Eras that one search names at most.
NAMED_MOST = 32
#: How many times as far back one look may reach as the one before.
FURTHER = 16


def tags_of(number: int) -> list[str]:
    """The words that a mention stands under."""
    return [_tag(bits, number >> bits) for bits in BITS]


def era_words(begin: int, end: int) -> tuple[Sequence[str], int]:
    """The eras that hold all numbers from `begin` until before `end`, and the number at which the first of them begins.

    No eras and 0 if that is before all time, or too long to be named.
    """
    for bits in BITS:
        first, last = begin >> bits, end - 1 >> bits
        if last - first < NAMED_MOST:
            return ([_tag(bits, era) for era in range(first, last + 1)], first << bits) if first > 0 else ((), 0)
    return (), 0


def _tag(bits: int, era: int) -> str:
    return words.tag(f"era{bits}", era)
