"""People and their subscriptions in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import (
    Subscriber,
    SubscriberState,
    Subscription,
    Wishes,
)
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network, Work

MINUTE = timedelta(minutes=1)


DAY = timedelta(days=1)


def test_people_are_kept_once(store, make):
    first = store.add_subscriber("Reader@Example.org", "Reader", now=make.NOW)
    assert first == Subscriber(
        id=first.id, email="reader@example.org", name="Reader", state="pending", created_at=make.NOW
    )
    assert store.add_subscriber("reader@example.org", "", now=make.NOW, state=SubscriberState.ACTIVE) == first
    back = store.add_subscriber("reader@example.org", "Other", now=make.NOW)
    assert back == replace(first, name="Other")
    assert store.subscriber(first.id) == back


def test_a_subscription_is_kept_once_per_person_and_study(newsroom, make):
    one = newsroom.subscribe()
    assert one == Subscription(
        id=one.id,
        subscriber=one.subscriber,
        study_id=make.STUDY,
        wishes=Wishes(at=time(7), zone="Asia/Tokyo"),
        created_at=make.NOW,
        due_at=make.NOW,
        due_date="2025-03-24",
    )
    newsroom.store.set_subscription(one.id, paused_until=make.NOW + DAY)
    assert newsroom.store.claim_subscription(one.id, "me", make.NOW, MINUTE) is None
    assert newsroom.store.due(Work.COMPOSE, make.NOW) == ()
    assert newsroom.store.due(Work.COMPOSE, make.NOW + DAY) == (one.id,)
    again = newsroom.store.subscribe(
        one.subscriber.id,
        make.STUDY,
        Wishes(at=time(8, 30), zone="Europe/Berlin", weekdays=(0, 4), threshold=Severity.HIGH, quiet=False),
        now=make.NOW + DAY,
        due=Due(make.NOW + DAY, "2025-03-25"),
    )
    assert again == replace(
        one,
        wishes=Wishes(at=time(8, 30), zone="Europe/Berlin", weekdays=(0, 4), threshold=Severity.HIGH, quiet=False),
        due_at=make.NOW + DAY,
        due_date="2025-03-25",
    )
    assert newsroom.store.subscriptions() == (again,)


def test_who_ended_it_gets_nothing_until_they_begin_again(newsroom, make):
    store, one, other = newsroom.store, newsroom.subscribe(), newsroom.subscribe(email="other@example.org")
    assert [store.end_subscription(one.id, make.NOW + at * DAY) for at in range(2)] == [True, False]
    left = store.subscription(one.id)
    assert (left.left_at, left.subscriber.state, left.is_asked) == (make.NOW, "active", False)
    assert store.due(Work.COMPOSE, make.NOW) == (other.id,)
    store.note_asked(one.id, make.NOW + DAY)
    assert store.subscription(one.id).is_asked
    assert store.claim_subscription(one.id, "me", make.NOW + DAY, MINUTE, force=True) is None
    store.begin_subscription(one.id, Due(make.NOW + DAY, "2025-03-25"))
    back = store.subscription(one.id)
    assert (back.left_at, back.asked_at, back.due_date) == (None, None, "2025-03-25")
    assert store.due(Work.COMPOSE, make.NOW + DAY) == (other.id, one.id)


def test_all_wishes_are_kept(newsroom, make):
    one = newsroom.subscribe()
    wishes = Wishes(
        at=time(6, 15),
        zone="America/Bogota",
        weekdays=(0, 3),
        threshold=Severity.MEDIUM,
        quiet=False,
        language="es",
        drifts=(Drift.NUMBER_ERROR, Drift.AVAILABILITY),
        networks=(Network.WEB, Network.X),
        languages=("en", "es"),
        weekly=True,
        monthly=True,
        urgent_from=5,
        urgent_most=1,
        hush_from=time(22, 30),
        hush_until=time(6),
    )
    newsroom.store.set_wishes(one.id, wishes)
    assert newsroom.store.subscription(one.id) == replace(one, wishes=wishes)


def test_who_has_not_confirmed_gets_nothing(newsroom, make):
    one = newsroom.subscribe(state="pending")
    assert newsroom.store.due(Work.COMPOSE, make.NOW) == ()
    assert newsroom.store.claim_subscription(one.id, "me", make.NOW, MINUTE) is None
