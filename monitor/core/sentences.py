"""Small words of sentences for people: how long something took, and the stop behind what somebody else said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def duration(length: timedelta) -> str:
    """A length of time in its two largest units, rounded down: "2 hours 12 minutes", "1 day", "40 seconds"."""
    left = max(0, int(length.total_seconds()))
    counts = []
    for name, seconds in _UNITS:
        counts.append((left // seconds, name))
        left %= seconds
    first = next((at for at, (count, _) in enumerate(counts) if count), len(counts) - 1)
    told = [(count, name) for count, name in counts[first : first + 2] if count] or [counts[first]]
    return " ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in told)


def closed(sentence: str) -> str:
    """A sentence with its full stop, so that another can follow it; "" stays "". What comes in may be a server's or a file's."""
    sentence = sentence.rstrip()
    return sentence if not sentence or sentence[-1] in ".!?…。！？" else f"{sentence}."
