"""Local hours over DST, and waiting."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import UsageError
from monitor.core.schedule import local_date, next_local, next_page_read, retry_in, schedule_words

EVERY = (0, 1, 2, 3, 4, 5, 6)
ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu")


@pytest.mark.parametrize(
    ("at", "zone", "now", "due"),
    [
        (time(7), "Asia/Tokyo", datetime(2025, 3, 24, 0, tzinfo=UTC), datetime(2025, 3, 24, 22, tzinfo=UTC)),
        (time(7), "Asia/Tokyo", datetime(2025, 3, 23, 22, tzinfo=UTC), datetime(2025, 3, 24, 22, tzinfo=UTC)),
        # 30 March 2025, London: 01:00 -> 02:00. 01:30 does not exist: the first instant after is 02:00 BST.
        (time(1, 30), "Europe/London", datetime(2025, 3, 30, 0, tzinfo=UTC), datetime(2025, 3, 30, 1, tzinfo=UTC)),
        # 26 October 2025, London: 01:30 occurs twice, first in BST.
        (
            time(1, 30),
            "Europe/London",
            datetime(2025, 10, 26, 0, tzinfo=UTC),
            datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        ),
        (
            time(1, 30),
            "Europe/London",
            datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
            datetime(2025, 10, 27, 1, 30, tzinfo=UTC),
        ),
        # Lord Howe moves by half an hour: 5 October 2025, 02:00 -> 02:30.
        (
            time(2, 15),
            "Australia/Lord_Howe",
            datetime(2025, 10, 4, 15, tzinfo=UTC),
            datetime(2025, 10, 4, 15, 30, tzinfo=UTC),
        ),
        # Cairo's midnight of 25 April 2025 does not exist.
        (time(0, 0), "Africa/Cairo", datetime(2025, 4, 24, 12, tzinfo=UTC), datetime(2025, 4, 24, 22, tzinfo=UTC)),
        # Samoa skipped 30 December 2011.
        (time(7), "Pacific/Apia", datetime(2011, 12, 30, 0, tzinfo=UTC), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_the_next_local_hour(at, zone, now, due):
    assert next_local(at, zone, EVERY, now) == due


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(microsecond=0, second=0)),
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sets(st.integers(0, 6), min_size=1),
)
def test_the_hour_lies_ahead_and_is_what_was_asked(zone, at, now, weekdays):
    due = next_local(at, zone, tuple(weekdays), now)
    assert now < due <= now + timedelta(days=8)
    local = due.astimezone(ZoneInfo(zone))
    if local.time() != at:  # only in a gap, and then it is its end
        before = (due - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        assert before.utcoffset() < local.utcoffset()
    else:
        assert local.weekday() in weekdays


@pytest.mark.parametrize("zone", ["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_two_years_of_days_have_one_digest_each(zone):
    now, dates = datetime(2024, 12, 31, 12, tzinfo=UTC), []
    for _ in range(730):
        now = next_local(time(2, 15), zone, EVERY, now)
        dates.append(local_date(now, zone))
    assert len(set(dates)) == 730
    days = [date.fromisoformat(day) for day in dates]
    assert {later - earlier for earlier, later in itertools.pairwise(days)} == {timedelta(days=1)}


def test_no_weekday_is_a_mistake_with_a_sentence():
    with pytest.raises(UsageError, match="names no weekday"):
        next_local(time(7), "UTC", (), datetime(2025, 1, 1, tzinfo=UTC))


def test_words():
    assert [
        schedule_words(time(7), "Asia/Tokyo", days) for days in (EVERY, (0, 1, 2, 3, 4), (0, 3), (6,), (0, 2, 4))
    ] == [
        "every day at 07:00, Asia/Tokyo time",
        "Monday to Friday at 07:00, Asia/Tokyo time",
        "Monday and Thursday at 07:00, Asia/Tokyo time",
        "every Sunday at 07:00, Asia/Tokyo time",
        "Monday, Wednesday and Friday at 07:00, Asia/Tokyo time",
    ]


def test_pages_are_read_again_and_failures_wait_longer():
    now = datetime(2025, 3, 24, tzinfo=UTC)
    assert [next_page_read(reads, now) for reads in (1, 2, 3, 4)] == [
        now + timedelta(days=1),
        now + timedelta(days=2),
        now + timedelta(days=11),
        None,
    ]
    assert [retry_in(attempts) for attempts in (0, 1, 2, 5, 1000)] == [
        timedelta(minutes=2),
        timedelta(minutes=2),
        timedelta(minutes=4),
        timedelta(minutes=32),
        timedelta(hours=6),
    ]
