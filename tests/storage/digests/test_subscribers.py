"""People and their subscriptions in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import (
    Subscriber,
    SubscriberState,
    Subscription,
)
from monitor.core.judgement import Severity
from monitor.core.model import Work

MINUTE = timedelta(minutes=1)


DAY = timedelta(days=1)


def test_people_are_kept_once(store, make):
    first = store.add_subscriber("Reader@Example.org", "Reader", now=make.NOW)
    assert first == Subscriber(
        id=first.id, email="reader@example.org", name="Reader", state="pending", created_at=make.NOW
    )
    assert store.add_subscriber("reader@example.org", "", now=make.NOW, state=SubscriberState.ACTIVE) == first
    store.set_subscriber(first.id, SubscriberState.REMOVED)
    back = store.add_subscriber("reader@example.org", "Other", now=make.NOW)
    assert back == replace(first, name="Other")
    assert store.subscriber(first.id) == back


def test_a_subscription_is_kept_once_per_person_and_study(newsroom, make):
    one = newsroom.subscribe()
    assert one == Subscription(
        id=one.id,
        subscriber=one.subscriber,
        study_id=make.STUDY,
        at=time(7),
        zone="Asia/Tokyo",
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
        at=time(8, 30),
        zone="Europe/Berlin",
        weekdays=(0, 4),
        threshold=Severity.HIGH,
        quiet=False,
        now=make.NOW + DAY,
        due=Due(make.NOW + DAY, "2025-03-25"),
    )
    assert again == replace(
        one,
        at=time(8, 30),
        zone="Europe/Berlin",
        weekdays=(0, 4),
        threshold=Severity.HIGH,
        quiet=False,
        due_at=make.NOW + DAY,
        due_date="2025-03-25",
    )
    assert newsroom.store.subscriptions() == (again,)


@pytest.mark.parametrize("state", ["pending", "removed"])
def test_who_has_not_confirmed_or_has_left_gets_nothing(newsroom, make, state):
    one = newsroom.subscribe(state=state)
    assert newsroom.store.due(Work.COMPOSE, make.NOW) == ()
    assert newsroom.store.claim_subscription(one.id, "me", make.NOW, MINUTE) is None
