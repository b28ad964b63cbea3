"""When a claim that spreads makes a mail, and when it does not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digests.claims import ClaimCard, Telling
from monitor.core.digests.subscribers import Wishes
from monitor.core.digests.urgent import Told, claim_to_tell, is_hushed, may_tell

NOW = datetime(2026, 3, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ZONES = ("Europe/London", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tokyo")


def card(key: str, mentions: int) -> ClaimCard:
    """A claim made by so many; who they are decides nothing."""
    telling = Telling(mention=None, flags=(), sentence="", copies=(None,) * (mentions - 1))
    return ClaimCard(key=key, tellings=(telling,))


def wishes(**changes) -> Wishes:
    return Wishes(**({"urgent_from": 5, "urgent_most": 2, "hush_from": time(21), "hush_until": time(7)} | changes))


def told(about="walking", mentions=5, ago=timedelta(hours=3)) -> Told:
    at = NOW - ago
    return Told(at, at.date().isoformat(), about, mentions)


def chosen(cards, past=(), known=None, now=NOW, **changes):
    found = claim_to_tell(cards, wishes(**changes), past, known or {}, now)
    return found and found.key


def test_the_claim_that_spreads_most_is_told():
    assert chosen([card("walking", 9), card("safety", 6)]) == "walking"
    assert chosen([]) is None
    assert chosen([card("walking", 9)], urgent_from=None) is None


def test_the_same_claim_waits_seven_days_or_until_four_times_as_many_make_it():
    assert chosen([card("walking", 19)], [told(mentions=5)]) is None
    assert chosen([card("walking", 20)], [told(mentions=5)]) == "walking"
    assert chosen([card("walking", 19), card("safety", 6)], [told(mentions=5)]) == "safety"
    assert chosen([card("walking", 5)], [told(mentions=5, ago=7 * DAY)]) == "walking"
    assert chosen([card("walking", 30)], [told(mentions=5, ago=5 * DAY), told(mentions=20, ago=2 * DAY)]) is None


def test_a_day_brings_no_more_than_was_asked_for():
    past = [told("a"), told("b")]
    assert chosen([card("walking", 9)], past) is None
    assert chosen([card("walking", 9)], past, urgent_most=3) == "walking"
    assert chosen([card("walking", 9)], [told("a", ago=DAY), told("b", ago=DAY)]) == "walking"


def test_what_another_mail_told_as_a_spread_is_no_alarm():
    assert chosen([card("walking", 9)], known={"walking": 5}) is None
    assert chosen([card("walking", 9)], known={"walking": 4}) == "walking"
    assert chosen([card("walking", 9), card("safety", 6)], known={"walking": 5}) == "safety"


@pytest.mark.parametrize(
    ("hour", "begin", "end", "hushed"),
    [
        (time(20, 59), time(21), time(7), False),
        (time(21), time(21), time(7), True),
        (time(3), time(21), time(7), True),
        (time(7), time(21), time(7), False),
        (time(12), time(11), time(13), True),
        (time(13), time(11), time(13), False),
        (time(0), time(9), time(9), False),
    ],
)
def test_hours_of_rest_are_local_and_go_over_midnight(hour, begin, end, hushed):
    now = datetime.combine(NOW.date(), hour, ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    assert is_hushed(wishes(zone="Asia/Tokyo", hush_from=begin, hush_until=end), now) is hushed


moments = st.integers(0, 10**9).map(lambda seconds: NOW - timedelta(seconds=seconds))


@given(moments, st.sampled_from(ZONES), st.times(), st.times())
def test_no_mail_comes_while_the_persons_clock_stands_within_the_hours_of_rest(now, zone, begin, end):
    """However the clocks are changed that night: what counts is what the person's clock shows."""
    asked = wishes(zone=zone, hush_from=begin, hush_until=end)
    clock = now.astimezone(ZoneInfo(zone)).time()
    inside = begin <= clock < end if begin <= end else not end <= clock < begin
    assert is_hushed(asked, now) is inside
    found = claim_to_tell([card("walking", 50)], asked, [], {}, now)
    assert (found is None) is inside


@given(st.lists(st.integers(0, 72), max_size=12), st.integers(1, 4))
def test_a_local_date_never_has_more_mails_than_wished(hours, most):
    """Every hour of three days is tried, whatever spreads: each claim is another."""
    asked = wishes(urgent_most=most, hush_from=time(0), hush_until=time(0), zone="Pacific/Apia")
    zone, past = ZoneInfo(asked.zone), []
    for at, hour in enumerate(sorted(hours)):
        now = NOW + timedelta(hours=hour)
        if claim_to_tell([card(f"claim-{at}", 9)], asked, past, {}, now):
            past.append(Told(now, now.astimezone(zone).date().isoformat(), f"claim-{at}", 9))
    days = [one.date for one in past]
    assert all(days.count(day) <= most for day in days)
    assert may_tell(asked, past, NOW + timedelta(days=5))
