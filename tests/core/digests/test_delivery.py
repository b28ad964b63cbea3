"""Which digest is owed, and what follows an attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from monitor.core.digests.delivery import (
    HELD,
    SEND_ATTEMPTS,
    UNSEEN,
    AfterWithdrawal,
    Owed,
    after_attempt,
    after_lapse,
    after_withdrawal,
    compose_again,
    composed_again,
    may_go_again,
    next_after,
    owed,
    unseen_words,
)
from monitor.core.digests.schedule import Due, next_due
from monitor.core.digests.subscribers import (
    DeliveryOutcome,
    DigestState,
    Subscriber,
    SubscriberState,
    Subscription,
    Wishes,
)

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


def test_what_is_composed_after_midnight_is_for_the_date_before_and_the_next_keeps_its_hour():
    assert owed(subscription(), paris("2027-03-02T00:05")) == Owed(
        "2027-03-01", "2027-03-01", Due(paris("2027-03-02T23:55"), "2027-03-02")
    )


def test_what_was_sent_by_hand_for_tomorrow_is_not_sent_by_itself_and_the_next_is_named():
    """20:00 in London is tomorrow in Tokyo: the digest that was due in the morning there is told already."""
    tokyo, evening = subscription(time(7), "Asia/Tokyo"), datetime(2027, 3, 1, 20, tzinfo=UTC)
    assert tokyo.due_date == "2027-03-02"
    assert next_after(tokyo, "2027-03-02", evening).date == "2027-03-03"
    assert next_after(tokyo, "2027-03-01", evening) == Due(tokyo.due_at, "2027-03-02")
    assert next_after(replace(tokyo, due_at=None, due_date=None), "2027-03-02", evening).date == "2027-03-03"
    assert next_after(tokyo, "9999-12-31", evening) is None
    late = datetime(2027, 3, 2, 5, tzinfo=UTC)
    assert next_after(tokyo, "2027-03-01", late).date == "2027-03-02", "what is overdue comes first"


def test_who_chose_mondays_gets_mondays():
    weekly = subscription(weekdays=(0,))
    assert owed(weekly, paris("2027-03-02T00:20")) == Owed(
        "2027-03-01", "2027-03-01", Due(paris("2027-03-08T23:55"), "2027-03-08")
    )


def test_days_without_work_are_one_catch_up_that_speaks_for_all():
    assert owed(subscription(), paris("2027-03-05T10:00")) == Owed(
        "2027-03-01", "2027-03-04", Due(paris("2027-03-05T23:55"), "2027-03-05")
    )


def test_by_hand_it_is_what_is_due_else_today_and_the_evening_stays_due():
    assert owed(subscription(), paris("2027-03-02T00:05"), "2027-03-01").then is not None
    assert owed(subscription(), paris("2027-03-01T15:00")) == Owed("2027-03-01", "2027-03-01", None)
    assert owed(subscription(), paris("2027-03-02T00:05"), "2027-02-20") == Owed("2027-02-20", "2027-02-20", None)


@pytest.mark.parametrize("late", [timedelta(minutes=20), timedelta(hours=14)], ids=["20-min", "14-h"])
@pytest.mark.parametrize("at", [time(0), time(2, 30), time(23, 45)])
def test_every_zone_has_one_digest_for_each_local_date_however_late(at, late):
    """Two months around the clock changes of the north, each digest composed late: dates without gap or repetition."""
    wrong = {}
    for zone in [*sorted(available_timezones())[::4], "America/Nuuk", "America/Scoresbysund", "Africa/Cairo"]:
        one, dates = subscription(at, zone, datetime(2027, 3, 1, 12, tzinfo=UTC)), []
        for _ in range(60):
            plan = owed(one, one.due_at + late)
            dates += [plan.date] if plan.date == plan.through else [plan.date, "and", plan.through]
            one = replace(one, due_at=plan.then.at, due_date=plan.then.date)
        first = datetime.fromisoformat(dates[0])
        if dates != [(first + timedelta(days=day)).date().isoformat() for day in range(60)]:
            wrong[zone] = dates
    assert wrong == {}


def test_a_clock_that_jumps_ahead_and_back_repeats_nothing():
    one = subscription()
    plan = owed(one, one.due_at + timedelta(days=1))
    assert (plan.date, plan.through) == ("2027-03-01", "2027-03-02")
    one = replace(one, due_at=plan.then.at, due_date=plan.then.date)
    assert not one.is_due(BEGAN + timedelta(hours=22))
    assert plan.then.date == "2027-03-03"


def test_what_follows_an_attempt():
    now = BEGAN
    assert after_attempt(DeliveryOutcome.SENT, 1, now) == (DigestState.SENT, None)
    assert after_attempt(DeliveryOutcome.PERMANENT, 1, now) == (DigestState.FAILED, None)
    assert after_attempt(DeliveryOutcome.TEMPORARY, 1, now) == (DigestState.READY, now + timedelta(minutes=2))
    busy, unseen = DeliveryOutcome.TEMPORARY, DeliveryOutcome.UNKNOWN
    assert after_attempt(busy, SEND_ATTEMPTS - 1, now)[0] is DigestState.READY
    assert {after_attempt(busy, SEND_ATTEMPTS + more, now) for more in (0, 1)} == {(DigestState.FAILED, None)}
    assert after_attempt(unseen, 3, now, unknowns=2, resends=1) == (DigestState.UNKNOWN, None)


def test_what_cannot_be_composed_is_tried_within_ten_minutes_without_end():
    waits = [(compose_again(attempts, BEGAN) - BEGAN) / timedelta(minutes=1) for attempts in (1, 2, 3, 4, 100)]
    assert waits == [2, 4, 8, 10, 10]


def test_what_may_have_arrived_is_sent_once_more_and_no_more():
    assert [after_lapse(unknowns) for unknowns in (0, 1, 2)] == [
        DigestState.SENDING, DigestState.UNKNOWN, DigestState.UNKNOWN,
    ]  # fmt: skip


def test_what_the_server_did_not_answer_is_sent_once_more_or_held():
    now = BEGAN
    unseen = DeliveryOutcome.UNKNOWN
    assert after_attempt(unseen, 1, now) == (DigestState.READY, now + timedelta(minutes=2))
    assert after_attempt(unseen, 2, now, unknowns=1) == (DigestState.UNKNOWN, None)
    assert after_attempt(unseen, 1, now, resends=0) == (DigestState.UNKNOWN, None)
    assert after_lapse(0, resends=0) is DigestState.UNKNOWN
    assert [unseen_words(count) for count in (1, 2, 3)] == [HELD, UNSEEN, UNSEEN]


def test_a_person_may_send_again_what_was_held_or_refused():
    again = {state for state in DigestState if may_go_again(state, withdrawn=False)}
    assert again == {DigestState.UNKNOWN, DigestState.FAILED}
    assert not any(may_go_again(state, withdrawn=True) for state in DigestState)


def test_only_a_digest_that_nobody_has_is_composed_anew_after_a_withdrawal():
    found = {state: after_withdrawal(state, unknowns=0) for state in DigestState}
    assert found.pop(DigestState.READY) is AfterWithdrawal.COMPOSE_ANEW
    assert found.pop(DigestState.SENDING) is AfterWithdrawal.STOP
    assert set(found.values()) == {AfterWithdrawal.REMOVE_WORDS}


def test_a_digest_that_may_have_arrived_is_not_composed_anew_after_a_withdrawal():
    found = {state: after_withdrawal(state, unknowns=1) for state in DigestState}
    assert {state for state, what in found.items() if what is AfterWithdrawal.STOP} == {
        DigestState.READY,
        DigestState.SENDING,
    }
    assert AfterWithdrawal.COMPOSE_ANEW not in found.values()


def test_the_first_of_several_digests_taken_back_speaks_for_the_later_ones():
    queued = [(1, "2027-03-03"), (1, "2027-03-02"), (2, "2027-03-05")]
    assert composed_again(queued) == {1: "2027-03-02", 2: "2027-03-05"}
