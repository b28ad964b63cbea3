"""Local hours over DST, and waiting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.schedule import Due, due_at, last_due, next_due, next_page_read, retry_in, schedule_words
from monitor.core.errors import UsageError

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
    assert next_due(at, zone, EVERY, now).at == due


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(microsecond=0, second=0)),
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sets(st.integers(0, 6), min_size=1),
)
def test_the_hour_lies_ahead_and_is_what_was_asked(zone, at, now, weekdays):
    due = next_due(at, zone, tuple(weekdays), now).at
    assert now < due <= now + timedelta(days=8)
    local = due.astimezone(ZoneInfo(zone))
    if local.time() != at:  # only in a gap, and then it is its end
        before = (due - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        assert before.utcoffset() < local.utcoffset()
    else:
        assert local.weekday() in weekdays


def dates(zone: str, at: time, begin: datetime, count: int) -> list[date]:
    """What `count` digests in a row are for."""
    found, now = [], begin
    for _ in range(count):
        due = next_due(at, zone, EVERY, now)
        found.append(date.fromisoformat(due.date))
        now = due.at
    return found


@pytest.mark.parametrize("zone", ["America/Nuuk", "America/Scoresbysund"])
def test_an_hour_that_a_clock_change_moves_past_midnight_belongs_to_the_date_before(zone):
    """There clocks go forward late on a Saturday evening: a quarter to twelve does not exist, and becomes Sunday."""
    moved = []
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for _ in range(60):
        due = next_due(time(23, 45), zone, EVERY, now)
        there = due.at.astimezone(ZoneInfo(zone))
        if there.date().isoformat() != due.date:
            moved.append((due.date, there.strftime("%Y-%m-%d %H:%M")))
        now = due.at
    assert moved == [("2026-03-28", "2026-03-29 00:00")]


def test_a_date_that_never_was_has_no_digest_and_the_next_one_has():
    """Samoa skipped 30 December 2011: its midnight and that of the 31st are the same instant."""
    days = dates("Pacific/Apia", time(0), datetime(2011, 12, 28, 12, tzinfo=UTC), 4)
    assert [day.isoformat() for day in days] == ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Nuuk", "Pacific/Apia", "Asia/Kathmandu"])
def test_the_newest_that_was_due_is_the_one_before_the_next(zone):
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    for _ in range(20):
        due = next_due(time(23, 45), zone, (0, 2, 5, 6), now)
        assert last_due(time(23, 45), zone, (0, 2, 5, 6), due.at) == due
        assert last_due(time(23, 45), zone, (0, 2, 5, 6), due.at + timedelta(hours=14)) == due
        assert due_at(time(23, 45), zone, (0, 2, 5, 6), due.at) == due
        now = due.at


def test_an_instant_outside_of_the_schedule_has_the_date_that_it_is_there():
    instant = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)
    assert due_at(time(7), "Asia/Tokyo", EVERY, instant) == Due(instant, "2026-03-21")


def test_no_weekday_is_a_mistake_with_a_sentence():
    with pytest.raises(UsageError, match="names no weekday"):
        next_due(time(7), "UTC", (), datetime(2025, 1, 1, tzinfo=UTC))


def test_words():
    assert [
        schedule_words(time(7), "Asia/Tokyo", days) for days in (EVERY, (0, 1, 2, 3, 4), (0, 3), (6,), (0, 2, 4))
    ] == [
        "every day at 07:00, Asia/Tokyo time",
        "Monday to Friday at 07:00, Asia/Tokyo time",
        "every Monday and Thursday at 07:00, Asia/Tokyo time",
        "every Sunday at 07:00, Asia/Tokyo time",
        "every Monday, Wednesday and Friday at 07:00, Asia/Tokyo time",
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
