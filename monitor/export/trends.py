"""Counts over time as rows for JSON and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.trends import Count, drift_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.mention import Day
    from monitor.core.trends import Pair, Told


def day_rows(name: str, days: Iterable[Day]) -> Sequence[Mapping[str, Any]]:
    """A row for each day, or for each week by its Monday."""
    return [{name: day.date.isoformat(), **_count(Count(day.all, day.flagged), "")} for day in days]


def pair_rows(name: str, found: Mapping[str, Pair]) -> Sequence[Mapping[str, Any]]:
    """A row for each value, with the period before beside it."""
    return [{name: value, **_count(pair.now, ""), **_count(pair.then, "_before")} for value, pair in found.items()]


def drift_rows(told: Told, before: Told) -> Sequence[Mapping[str, Any]]:
    """A row for each kind of drift: the mentions that have it."""
    return [
        {"drift": drift.value, "drift_words": drift.words, "mentions": now, "mentions_before": then}
        for drift, (now, then) in drift_pairs(told, before).items()
    ]


def _count(count: Count, ending: str) -> dict[str, Any]:
    share = None if count.share is None else round(count.share, 4)
    return {f"mentions{ending}": count.all, f"too_far{ending}": count.flagged, f"share{ending}": share}
