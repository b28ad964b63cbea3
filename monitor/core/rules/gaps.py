"""Gaps of a phrase: the words behind which a match under way may go on, when up to so many may stand between."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.text.doc import Word

#: State of a match under way: index of the next word -> (words skipped by gaps, numbers caught).
States = dict[int, tuple[int, tuple[float, ...]]]


def keep(states: States, at: int, state: tuple[int, tuple[float, ...]]) -> None:
    """Of two ways to the same word the one with fewer skipped words stands."""
    known = states.get(at)
    if known is None or state[0] < known[0]:
        states[at] = state


def over(words: Sequence[Word], most: int, at: int, last: int) -> Iterator[int]:
    """Words that a gap may end before: it never crosses a colon, a semicolon or a spaced dash."""
    here = words[at - 1].part
    for end in range(at, min(at + most, last) + 1):
        if end < last and words[end].part != here:
            return
        yield end


def over_all(words: Sequence[Word], most: int, states: States, last: int) -> States:
    """A gap behind each of many words: every word behind it is reached from the word that skips least, found once."""
    out: States = {}
    waiting = sorted(states, reverse=True)
    near: deque[int] = deque()  # where the gap may begin, the best first
    end = waiting[-1]
    while end <= last and (waiting or near):
        if end < last and words[end].part != words[end - 1].part:
            near.clear()
            if waiting and waiting[-1] == end:
                waiting.pop()  # no gap begins behind a colon either
        elif waiting and waiting[-1] == end:
            at = waiting.pop()
            while near and states[near[-1]][0] - near[-1] > states[at][0] - at:
                near.pop()
            near.append(at)
        while near and near[0] + most < end:
            near.popleft()
        if near:
            skipped, numbers = states[near[0]]
            out[end] = (skipped + end - near[0], numbers)
        elif waiting and waiting[-1] > end:
            end = waiting[-1]
            continue
        end += 1
    return out
