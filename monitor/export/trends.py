"""Counts over time as rows for JSON and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.trends import Count, Pair, drift_pairs, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.mention import Day
    from monitor.core.trends import Told


def period_rows(told: Told, before: Told) -> dict[str, Any]:
    """The period and the one beside it, by their first and last day, and all that was said in both."""
    days = {
        name: {"since": str(one.period.first), "until": str(one.period.last)}
        for name, one in (("period", told), ("before", before))
    }
    return {**days, "total": _pair(Pair(told.total, before.total))}


def trend_tables(told: Told, before: Told) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Every table of a period: by day and week, and by kind, language and network with the period before beside it."""
    return {
        "days": day_rows("day", told.by_day()),
        "weeks": day_rows("week", told.by_week()),
        "drift": drift_rows(told, before),
        "lang": pair_rows("lang", pairs(told.by_language(), before.by_language())),
        "network": pair_rows("network", pairs(told.by_network(), before.by_network())),
    }


def day_rows(name: str, days: Iterable[Day]) -> Sequence[Mapping[str, Any]]:
    """A row for each day, or for each week by its Monday."""
    return [{name: day.date.isoformat(), **_count(Count(day.all, day.flagged), "")} for day in days]


def pair_rows(name: str, found: Mapping[str, Pair]) -> Sequence[Mapping[str, Any]]:
    """A row for each value, with the period before beside it."""
    return [{name: value, **_pair(pair)} for value, pair in found.items()]


def drift_rows(told: Told, before: Told) -> Sequence[Mapping[str, Any]]:
    """A row for each kind of drift: the mentions that have it."""
    return [
        {"drift": drift.value, "drift_words": drift.words, "mentions": now, "mentions_before": then}
        for drift, (now, then) in drift_pairs(told, before).items()
    ]


def _pair(pair: Pair) -> dict[str, Any]:
    return {**_count(pair.now, ""), **_count(pair.then, "_before")}


def _count(count: Count, ending: str) -> dict[str, Any]:
    share = None if count.share is None else round(count.share, 4)
    return {f"mentions{ending}": count.all, f"too_far{ending}": count.flagged, f"share{ending}": share}
