"""Weeks and months of reports: in any zone, over clock changes, for who was there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.periods import day_words, kind_of, last_ended, owed_report, period_of
from monitor.core.digests.subscribers import DigestKind, Subscriber, Subscription, Wishes
from monitor.library.wording import wording

WEEKLY, MONTHLY = DigestKind.WEEKLY, DigestKind.MONTHLY
ZONES = ("Pacific/Kiritimati", "Pacific/Honolulu", "Europe/London", "America/Sao_Paulo", "Pacific/Apia", "UTC")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(5 * 10**7, 10**9).map(lambda seconds: LONG_AGO + timedelta(seconds=seconds))


def reader(zone="UTC", at=time(7), weekdays=tuple(range(7)), created_at=LONG_AGO, **wishes) -> Subscription:
    person = Subscriber(id=1, email="ada@example.org", name="Ada", state="active", created_at=created_at)
    asked = Wishes(at=at, zone=zone, weekdays=weekdays, **({"weekly": True, "monthly": True} | wishes))
    return Subscription(id=1, subscriber=person, study_id="s", wishes=asked, created_at=created_at)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Pacific/Kiritimati", datetime(2026, 3, 22, 17, 0, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 3, 23, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_week_ends_where_the_person_lives(zone, due):
    before, after = (owed_report(reader(zone), WEEKLY, due + timedelta(seconds=by)) for by in (-1, 0))
    assert (before.key, after.key) == ("2026-W11", "2026-W12")
    assert after.end == due - timedelta(hours=7)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Pacific/Kiritimati", datetime(2026, 2, 28, 17, 0, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 3, 1, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_month_ends_where_the_person_lives(zone, due):
    before, after = (owed_report(reader(zone), MONTHLY, due + timedelta(seconds=by)) for by in (-1, 0))
    assert (before.key, after.key) == ("2026-01", "2026-02")


def test_it_comes_at_the_first_hour_at_which_the_person_gets_mail():
    thursdays = reader(weekdays=(3,), at=time(9, 30))
    thursday = datetime(2026, 3, 26, 9, 30, tzinfo=UTC)
    assert owed_report(thursdays, WEEKLY, thursday - timedelta(seconds=1)).key == "2026-W11"
    assert owed_report(thursdays, WEEKLY, thursday).key == "2026-W12"


def test_who_was_not_there_yet_or_wants_none_is_owed_none():
    now = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)
    monday = datetime(2026, 3, 23, tzinfo=UTC)
    assert owed_report(reader(created_at=monday), WEEKLY, now) is None
    assert owed_report(reader(created_at=monday - timedelta(seconds=1)), WEEKLY, now).key == "2026-W12"
    assert owed_report(reader(weekly=False), WEEKLY, now) is None
    assert owed_report(reader(monthly=False), MONTHLY, now) is None


def test_an_iso_year_is_not_the_calendars():
    assert period_of(WEEKLY, date(2027, 1, 2), "UTC").key == "2026-W53"
    assert period_of(WEEKLY, date(2024, 12, 30), "UTC").key == "2025-W01"


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.sampled_from([WEEKLY, MONTHLY]),
)
def test_periods_follow_each_other_without_gap_and_their_bars_cover_them(now, zone, kind):
    period = last_ended(kind, now, zone)
    assert period.end <= now
    assert period.before.end == period.begin < period.end
    following = period_of(kind, period.last + timedelta(days=1), zone)
    assert following.end > now
    parts = period.parts()
    assert (parts[0][0], parts[-1][1]) == (period.first, period.last)
    assert all(later[0] - earlier[1] == timedelta(days=1) for earlier, later in pairwise(parts))
    assert kind_of(period.key) is kind


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.times(),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_it_is_owed_once_the_week_is_over_and_before_the_next_is(now, zone, at, weekdays):
    """A catch-up after any time without work owes one report: the newest."""
    owed = owed_report(reader(zone, at.replace(fold=0), tuple(weekdays)), WEEKLY, now)
    assert owed.end <= now
    assert now - owed.end < timedelta(days=15)


def test_what_a_mail_is_for_is_said_in_words():
    told = ("2026-03-24", "2026-W12", "2026-03", "2026-03-24T14:05")
    assert [kind_of(one) for one in told] == [DigestKind.DAILY, WEEKLY, MONTHLY, DigestKind.URGENT]
    assert [day_words(one) for one in told] == [
        "24 March 2026",
        "week 12 of 2026",
        "March 2026",
        "24 March 2026, 14:05",
    ]
    assert [day_words(one, wording("ja")) for one in told[1:3]] == ["2026年第12週", "2026年3月"]
