"""How a story spread: steps that fit its life, in the reader's days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.items.spread import STEPS_MOST, Unit, spread

AT = datetime(2025, 3, 24, 7, 40, tzinfo=UTC)
EARLIEST, LATEST = (datetime(year, 1, 1) for year in (1971, 2200))  # noqa: DTZ001 - hypothesis asks for naive ones


@pytest.mark.parametrize(
    ("apart", "unit"),
    [
        (timedelta(0), Unit.HOUR),
        (timedelta(hours=50), Unit.HOUR),
        (timedelta(hours=60), Unit.DAY),
        (timedelta(days=57), Unit.DAY),
        (timedelta(days=60), Unit.WEEK),
        (timedelta(weeks=60), Unit.FOUR_WEEKS),
        (timedelta(weeks=300), Unit.YEAR),
    ],
)
def test_a_step_is_as_long_as_a_life_is(apart, unit):
    found = spread([(AT, False), (AT + apart, True)])
    assert found.unit is unit
    assert (found.steps[0].all, found.steps[-1].flagged) == ((2, 1) if not apart else (1, 1))


def test_steps_are_without_gaps_and_count_what_goes_too_far():
    told = [(AT, True), (AT + timedelta(minutes=15), False), (AT + timedelta(hours=3), True)]
    steps = spread(told).steps
    assert [(step.begins.hour, step.all, step.flagged) for step in steps] == [
        (7, 2, 1),
        (8, 0, 0),
        (9, 0, 0),
        (10, 1, 1),
    ]


def test_days_are_the_readers():
    late = datetime(2025, 3, 24, 16, tzinfo=UTC)  # the 25th in Tokyo
    steps = spread([(late, False), (late + timedelta(days=4), False)], ZoneInfo("Asia/Tokyo")).steps
    assert [step.begins.day for step in steps] == [25, 26, 27, 28, 29]
    assert [step.all for step in steps] == [1, 0, 0, 0, 1]


def test_a_day_is_a_day_where_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    told = [(datetime(2025, 3, day, 23, 30, tzinfo=berlin), False) for day in (28, 29, 30, 31)]
    steps = spread(told, berlin).steps
    assert [(step.begins.day, step.begins.hour, step.all) for step in steps] == [
        (day, 0, 1) for day in (28, 29, 30, 31)
    ]


def test_nothing_told_has_no_steps():
    assert spread([]).steps == ()


@given(st.lists(st.tuples(st.datetimes(EARLIEST, LATEST), st.booleans()), min_size=1, max_size=20))
def test_every_telling_is_counted_once(told):
    found = spread([(moment.replace(tzinfo=UTC), flagged) for moment, flagged in told])
    assert sum(step.all for step in found.steps) == len(told)
    assert sum(step.flagged for step in found.steps) == sum(flagged for _, flagged in told)
    assert found.unit is Unit.YEAR or len(found.steps) <= STEPS_MOST
