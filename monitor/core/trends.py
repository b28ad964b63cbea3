"""What was said over time: counts by day and week, by kind, language and network, and one period beside another. Pure.

A mention counts on the UTC day on which it was published: the days are those that a search means by `since:2026-03-01`, so every
number is the count of a search. It goes too far if it has a standing flag that is mailed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.judgement import Drift
from monitor.core.mention import Day
from monitor.core.reviews import wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: The longest period, in days: ten years, which a chart of weeks still shows.
LONGEST = 3_660
#: More days are shown week by week.
DAYS_SHOWN = 31
#: Days that are counted where nobody chose.
USUAL = 30
#: Years of days that are counted; later ones leave no room for a period behind them.
FIRST_YEAR, LAST_YEAR = 1970, 9900
#: Mentions from which on a share is compared at all.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Period:
    """Whole UTC days: the first, and how many."""

    first: date
    days: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.begin + timedelta(days=self.days)

    @property
    def query(self) -> str:
        """What finds its mentions in a search."""
        return f"since:{self.first} until:{self.last}"

    def before(self) -> Period:
        """The same number of days that end where this begins."""
        return Period(self.first - timedelta(days=self.days), self.days)

    def __str__(self) -> str:
        """As a reader says it: 1 to 31 March 2026."""
        first, last = self.first, self.last
        end = f"{last.day} {last:%B %Y}"
        if first == last:
            return end
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} to {end}"
        return f"{first.day} {first:%B}{f' {first.year}' if first.year != last.year else ''} to {end}"


def period_of(first: date, last: date) -> Period:
    """From one day to another, both included. Raises UsageError if it is none, or longer than LONGEST."""
    days = (last - first).days + 1
    if not 1 <= days <= LONGEST:
        raise UsageError(
            f"From {first} to {last} is no period.",
            f"The first day comes first, and at most {LONGEST:,} days are shown.",
        )
    if first.year < FIRST_YEAR:
        raise UsageError(f"Nothing is counted before {FIRST_YEAR}.", "Choose a later first day.")
    return Period(first, days)


def periods_of(today: date, *, since: date | None, until: date | None, versus: date | None) -> tuple[Period, Period]:
    """The period that is asked for, and the one beside it. Without days the last USUAL ones until today; beside it stands one as long
    from `versus` on, or that ends where it begins. Raises UsageError as `period_of` does, and for days that no period reaches.
    """
    for day in (since, until, versus):
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise UsageError(f"{day} is not counted.", f"Choose a day of the years {FIRST_YEAR} to {LAST_YEAR}.")
    last = until or today
    now = period_of(since or last - timedelta(days=USUAL - 1), last)
    return now, Period(versus, now.days) if versus else now.before()


@dataclass(frozen=True, slots=True)
class Count:
    """Mentions, and those of them that go too far."""

    all: int = 0
    flagged: int = 0

    @property
    def share(self) -> float | None:
        """The share that goes too far, 0 to 1; None of nothing."""
        return self.flagged / self.all if self.all else None

    def __add__(self, other: Count) -> Count:
        return Count(self.all + other.all, self.flagged + other.flagged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The mentions of one day, language and network."""

    day: date
    lang: str
    network: str
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said in a period, as storage counts it: `drifts` are the mentions with a standing mailed flag of each kind."""

    period: Period
    cells: Sequence[Cell]
    drifts: Mapping[Drift, int]

    @property
    def total(self) -> Count:
        return sum((cell.count for cell in self.cells), Count())

    def by_language(self) -> Mapping[str, Count]:
        """By language, the most mentions first."""
        return self._by(lambda cell: cell.lang)

    def by_network(self) -> Mapping[str, Count]:
        """By network, the most mentions first."""
        return self._by(lambda cell: cell.network)

    def _by(self, key: Callable[[Cell], str]) -> Mapping[str, Count]:
        counts: dict[str, Count] = defaultdict(Count)
        for cell in self.cells:
            counts[key(cell)] += cell.count
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1].all, pair[0])))

    def by_day(self) -> tuple[Day, ...]:
        """Every day of the period, oldest first."""
        return by_day(self.period, self._dated())

    def by_week(self) -> tuple[Day, ...]:
        """Every week that the period touches, by its Monday, oldest first; the first and last may be parts."""
        return by_week(self.period, self._dated())

    def _dated(self) -> Iterator[tuple[date, Count]]:
        return ((cell.day, cell.count) for cell in self.cells)


def by_day(period: Period, counted: Iterable[tuple[date, Count]]) -> tuple[Day, ...]:
    """Every day of a period, oldest first."""
    return _summed([period.first + timedelta(days=at) for at in range(period.days)], counted)


def by_week(period: Period, counted: Iterable[tuple[date, Count]]) -> tuple[Day, ...]:
    """Every week that a period touches, by its Monday."""
    monday = _monday(period.first)
    weeks = [monday + timedelta(weeks=at) for at in range((period.last - monday).days // 7 + 1)]
    return _summed(weeks, ((_monday(day), count) for day, count in counted))


def _summed(dates: Sequence[date], counted: Iterable[tuple[date, Count]]) -> tuple[Day, ...]:
    counts: dict[date, Count] = defaultdict(Count)
    for day, count in counted:
        counts[day] += count
    return tuple(Day(date=one, all=counts[one].all, flagged=counts[one].flagged) for one in dates)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Pair:
    """One number of a period beside that of another."""

    now: Count
    then: Count

    @property
    def more(self) -> int:
        """How many mentions more."""
        return self.now.all - self.then.all

    @property
    def points(self) -> int | None:
        """By how many percentage points the share grew; None where there is none to compare."""
        if self.now.share is None or self.then.share is None:
            return None
        return round(100 * self.now.share) - round(100 * self.then.share)


def pairs(now: Mapping[str, Count], then: Mapping[str, Count]) -> Mapping[str, Pair]:
    """Both, name by name: those of now first, then those that are gone."""
    return {
        name: Pair(now.get(name, Count()), then.get(name, Count()))
        for name in (*now, *(n for n in then if n not in now))
    }


def drift_pairs(now: Told, then: Told) -> Mapping[Drift, tuple[int, int]]:
    """By kind, the mentions now and then; the most first, kinds without any left out."""
    kinds = [drift for drift in Drift if now.drifts.get(drift) or then.drifts.get(drift)]
    ranked = sorted(kinds, key=lambda drift: (-now.drifts.get(drift, 0), -then.drifts.get(drift, 0), drift.value))
    return {drift: (now.drifts.get(drift, 0), then.drifts.get(drift, 0)) for drift in ranked}


def compared(pair: Pair) -> str:
    """The two periods in a sentence, honest about small numbers and about chance."""
    now, then = pair.now, pair.then
    if not now.all and not then.all:
        return "Nothing was said in either period."
    if not now.all:
        return f"Nothing was said; before it was {then.all:,}, of which {then.flagged:,} too far."
    if not then.all:
        return f"{_far(now)}; nothing was said before."
    said, before = _far(now), f"before it was {then.flagged:,} of {then.all:,}"
    if min(now.all, then.all) < ENOUGH:
        return f"{said}; {before}. That is too few to compare shares."
    low, high = difference(pair)
    if low <= 0 <= high:
        return f"{said} ({_per_cent(now)}); {before} ({_per_cent(then)}). So small a difference can be chance."
    size = "larger" if low > 0 else "smaller"
    return f"{said} ({_per_cent(now)}); {before} ({_per_cent(then)}). A {size} share goes too far."


def _far(count: Count) -> str:
    return f"{count.flagged:,} of {count.all:,} mentions {'goes' if count.flagged == 1 else 'go'} too far"


def difference(pair: Pair) -> tuple[float, float]:
    """95 % interval of the difference of the two shares (Newcombe's method 10, of two Wilson intervals)."""
    now, then = pair.now, pair.then
    one, other = now.flagged / now.all, then.flagged / then.all
    (low, high), (low_then, high_then) = wilson(now.flagged, now.all), wilson(then.flagged, then.all)
    return (
        one - other - math.hypot(one - low, high_then - other),
        one - other + math.hypot(high - one, other - low_then),
    )


def _per_cent(count: Count) -> str:
    return f"{round(100 * (count.share or 0))} %"
