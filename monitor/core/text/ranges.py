"""Ranges of characters or words, and questions that each cost a search among them instead of a look at every one."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ranges:
    """Any number of ranges [start, end), overlapping or not."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        """They need not be in order."""
        ordered = sorted(ranges)
        self._starts = [start for start, _ in ordered]
        self._farthest = list(accumulate((end for _, end in ordered), max))  # the last end of those that began so far

    def hold(self, start: int, end: int) -> bool:
        """Does one of them begin no later than `start` and end no sooner than `end`?"""
        at = bisect_left(self._starts, start + 1)
        return at > 0 and self._farthest[at - 1] >= end

    def meet(self, start: int, end: int) -> bool:
        """Does one of them share a place with [start, end)?"""
        at = bisect_left(self._starts, end)
        return at > 0 and self._farthest[at - 1] > start
