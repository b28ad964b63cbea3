"""Counts over time: whole days and weeks, and two periods beside each other, honest about small numbers and chance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import UsageError
from monitor.core.judgement import Drift
from monitor.core.mention import Day
from monitor.core.trends import (
    ENOUGH,
    LONGEST,
    Cell,
    Count,
    Pair,
    Period,
    Told,
    compared,
    difference,
    drift_pairs,
    pairs,
    period_of,
    periods_of,
)

MARCH = Period(date(2026, 3, 1), 31)


def told(*cells: tuple[int, str, str, int, int], period: Period = MARCH, drifts=None) -> Told:
    """(day of March, language, network, all, flagged) each."""
    return Told(
        period=period,
        cells=[
            Cell(day=date(2026, 3, day), lang=lang, network=network, count=Count(n, far))
            for day, lang, network, n, far in cells
        ],
        drifts=drifts or {},
    )


def test_a_period_is_whole_utc_days_and_the_search_for_it():
    assert (MARCH.last, MARCH.begin, MARCH.end) == (
        date(2026, 3, 31),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert MARCH.query == "since:2026-03-01 until:2026-03-31"
    assert MARCH.before() == Period(date(2026, 1, 29), 31)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2026, 3, 1), (2026, 3, 31), "1 to 31 March 2026"),
        ((2026, 3, 1), (2026, 3, 1), "1 March 2026"),
        ((2026, 2, 27), (2026, 3, 2), "27 February to 2 March 2026"),
        ((2025, 12, 31), (2026, 1, 1), "31 December 2025 to 1 January 2026"),
    ],
)
def test_a_period_is_said_as_a_reader_says_it(first, last, words):
    assert str(period_of(date(*first), date(*last))) == words


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(2000, 1, 1), date(2000, 1, 1) + timedelta(days=LONGEST)),
        (date(1969, 12, 31), date(1970, 1, 1)),
    ],
)
def test_what_is_no_period_is_told(first, last):
    with pytest.raises(UsageError):
        period_of(first, last)


def test_days_without_mentions_are_there_and_weeks_begin_on_mondays():
    found = told((1, "en", "web", 3, 1), (1, "ja", "x", 2, 0), (9, "en", "web", 4, 4))
    days = found.by_day()
    assert len(days) == 31
    assert [day for day in days if day.all] == [
        Day(date=date(2026, 3, 1), all=5, flagged=1),
        Day(date=date(2026, 3, 9), all=4, flagged=4),
    ]
    weeks = found.by_week()
    assert [(week.date.isoformat(), week.all) for week in weeks] == [
        ("2026-02-23", 5),
        ("2026-03-02", 0),
        ("2026-03-09", 4),
        ("2026-03-16", 0),
        ("2026-03-23", 0),
        ("2026-03-30", 0),
    ]
    assert found.total == Count(9, 5)


@given(
    st.dates(date(1971, 1, 1), date(2100, 1, 1)),
    st.integers(1, 400),
    st.lists(st.tuples(st.integers(0, 399), st.integers(1, 9)), max_size=20),
)
def test_nothing_is_lost_or_counted_twice_by_day_or_week(first, days, said):
    period = Period(first, days)
    cells = [
        Cell(day=first + timedelta(days=at % days), lang="en", network="web", count=Count(n, n // 2)) for at, n in said
    ]
    found = Told(period=period, cells=cells, drifts={})
    for dated in (found.by_day(), found.by_week()):
        assert sum(day.all for day in dated) == found.total.all
        assert sum(day.flagged for day in dated) == found.total.flagged
        assert [day.date for day in dated] == sorted({day.date for day in dated})
    assert len(found.by_day()) == days


def test_by_language_and_network_the_most_come_first_and_those_that_are_gone_last():
    now = told((1, "ja", "x", 2, 0), (2, "en", "web", 4, 1), (3, "en", "x", 1, 1))
    then = told((1, "de", "web", 3, 0), (1, "en", "web", 1, 1))
    assert now.by_language() == {"en": Count(5, 2), "ja": Count(2, 0)}
    assert list(now.by_network()) == ["web", "x"]
    found = pairs(now.by_language(), then.by_language())
    assert list(found) == ["en", "ja", "de"]
    assert (found["en"].points, found["ja"].points, found["de"].more) == (-60, None, -3)


def test_kinds_now_and_then():
    now = told(drifts={Drift.AVAILABILITY: 1, Drift.NUMBER_ERROR: 3})
    then = told(drifts={Drift.FACT_ERROR: 2})
    assert drift_pairs(now, then) == {Drift.NUMBER_ERROR: (3, 0), Drift.AVAILABILITY: (1, 0), Drift.FACT_ERROR: (0, 2)}


@pytest.mark.parametrize(
    ("now", "then", "says"),
    [
        (Count(), Count(), "Nothing was said in either period."),
        (Count(55, 21), Count(), "21 of 55 mentions go too far; nothing was said before."),
        (Count(), Count(55, 1), "Nothing was said; before it was 55, of which 1 too far."),
        (
            Count(5, 1),
            Count(200, 40),
            "1 of 5 mentions goes too far; before it was 40 of 200. That is too few to compare shares.",
        ),
        (
            Count(100, 22),
            Count(100, 20),
            "22 of 100 mentions go too far (22 %); before it was 20 of 100 (20 %). So small a difference can be chance.",
        ),
        (
            Count(1000, 300),
            Count(1000, 200),
            "300 of 1,000 mentions go too far (30 %); before it was 200 of 1,000 (20 %). A larger share goes too far.",
        ),
        (
            Count(1000, 200),
            Count(1000, 300),
            "200 of 1,000 mentions go too far (20 %); before it was 300 of 1,000 (30 %). A smaller share goes too far.",
        ),
        (
            Count(ENOUGH, 0),
            Count(ENOUGH, 0),
            f"0 of {ENOUGH} mentions go too far (0 %); before it was 0 of {ENOUGH} (0 %). So small a difference can be chance.",
        ),
    ],
)
def test_two_periods_in_a_sentence(now, then, says):
    assert compared(Pair(now, then)) == says


def test_the_interval_is_newcombes():
    """56 of 70 against 48 of 80, the example (a) of Newcombe 1998, table II: 0.0524 to 0.3339 by his method 10."""
    low, high = difference(Pair(Count(70, 56), Count(80, 48)))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.data())
def test_an_interval_holds_its_difference_and_stays_within_one(n, m, data):
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    low, high = difference(Pair(Count(n, a), Count(m, b)))
    assert -1.0000001 <= low <= a / n - b / m <= high <= 1.0000001


def test_the_periods_are_those_that_are_asked_for_or_the_last_thirty_days():
    today = date(2026, 3, 31)
    now, then = periods_of(today, since=None, until=None, versus=None)
    assert (now, then) == (Period(date(2026, 3, 2), 30), Period(date(2026, 1, 31), 30))
    now, then = periods_of(today, since=date(2026, 3, 1), until=None, versus=date(2025, 3, 1))
    assert (now, then) == (MARCH, Period(date(2025, 3, 1), 31))


@pytest.mark.parametrize("name", ["since", "until", "versus"])
@pytest.mark.parametrize("day", [date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31)])
def test_a_day_that_no_period_reaches_is_refused(name, day):
    with pytest.raises(UsageError):
        periods_of(date(2026, 3, 31), **{"since": None, "until": None, "versus": None, name: day})
