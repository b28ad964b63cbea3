"""Who gets mail, and when the next one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.digests.schedule import next_due
from monitor.core.digests.subscribers import Subscriber, SubscriberState, Subscription, Wishes
from monitor.core.judgement import Severity

BEGAN = datetime(2027, 3, 1, 12, tzinfo=UTC)


def subscription(
    at: time = time(23, 55), zone: str = "Europe/Paris", begun: datetime = BEGAN, weekdays=tuple(range(7)), **changes
):
    due = next_due(at, zone, weekdays, begun)
    person = Subscriber(id=1, email="a@example.org", name="", state=SubscriberState.ACTIVE, created_at=begun)
    made = Subscription(
        id=1,
        subscriber=person,
        study_id="s",
        wishes=Wishes(at=at, zone=zone, weekdays=weekdays),
        created_at=begun,
        due_at=due.at,
        due_date=due.date,
    )
    return replace(made, **changes)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def test_the_next_mail_of_who_is_paused_or_gets_none():
    now = paris("2027-03-01T13:00")
    paused = subscription(paused_until=paris("2027-03-08T13:00"))
    assert paused.next_mail(now) == paris("2027-03-08T23:55")
    assert subscription().next_mail(now) == paris("2027-03-01T23:55")
    pending = replace(paused.subscriber, state=SubscriberState.PENDING)
    suppressed = replace(paused.subscriber, suppressed_at=now)
    for changes, standing in (
        ({"subscriber": pending}, "pending"),
        ({"left_at": now}, "left"),
        ({"left_at": now, "asked_at": now + timedelta(1)}, "pending"),
        ({"subscriber": suppressed}, "suppressed"),
    ):
        gone = subscription(**changes)
        assert (gone.standing(now), gone.next_mail(now)) == (standing, None)
    assert subscription().wishes.threshold is Severity.LOW


def test_it_is_due_from_its_hour_on_until_it_was_composed():
    sub = subscription()
    assert sub.due_at is not None
    assert [sub.is_due(sub.due_at + timedelta(seconds=late)) for late in (-1, 0, 1)] == [False, True, True]
    assert not replace(sub, due_at=None).is_due(sub.due_at)


def test_a_pause_ends_by_itself():
    sub = subscription(paused_until=BEGAN)
    assert [sub.is_paused(BEGAN + timedelta(seconds=late)) for late in (-1, 0)] == [True, False]
    assert not subscription().is_paused(BEGAN)


@pytest.mark.parametrize("at", [time(0), time(7)])
def test_a_pause_until_a_day_does_not_cost_the_mail_of_its_midnight(at):
    now, day = paris("2027-03-01T13:00"), paris("2027-03-08T00:00")
    assert subscription(at=at, paused_until=day).next_mail(now) == day + timedelta(hours=at.hour)
