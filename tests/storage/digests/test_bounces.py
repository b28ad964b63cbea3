"""Mail that came back, in the database: counted once, and nothing goes where it is of no use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.digests.bounces import Bounce
from monitor.core.errors import NotFoundError
from monitor.core.model import Work

MINUTE = timedelta(minutes=1)


def bounce(subscription, make, **changes) -> Bounce:
    whole = Bounce(
        subscriber_id=subscription.subscriber.id,
        at=make.NOW,
        status="5.1.1",
        hard=True,
        reply="550 5.1.1 nobody here",
        message_id="<one@example.org>",
    )
    return replace(whole, **changes)


def test_the_same_mail_comes_back_once(newsroom, make):
    store, one, other = newsroom.store, newsroom.subscribe(), newsroom.subscribe(email="other@example.org")
    first = bounce(one, make)
    assert [store.add_bounce(first), store.add_bounce(replace(first, at=make.NOW + MINUTE))] == [True, False]
    later = replace(first, message_id="<two@example.org>", at=make.NOW + MINUTE, hard=False, status="4.2.2")
    unnamed = replace(first, message_id="", at=make.NOW + 2 * MINUTE, reply="x", hard=False)
    assert [store.add_bounce(later), store.add_bounce(unnamed), store.add_bounce(unnamed)] == [True, True, False]
    assert store.add_bounce(replace(first, subscriber_id=other.subscriber.id)), "another person's mail is another mail"
    kept = store.bounces(one.subscriber.id)
    assert [replace(row, id=0) for row in kept] == [unnamed, later, first], "whole, and newest first"
    assert len(store.bounces()) == 4
    assert len(store.bounces(limit=1)) == 1
    with pytest.raises(NotFoundError, match="There is no subscriber 99"):
        store.add_bounce(replace(first, subscriber_id=99))


def test_nothing_goes_to_a_suppressed_address_until_that_is_lifted(newsroom, make):
    store, one = newsroom.store, newsroom.subscribe()
    person = one.subscriber.id
    waiting = newsroom.freeze(one)
    store.add_bounce(bounce(one, make))
    assert store.subscription(one.id).standing(make.NOW) == "active", "one that is kept does nothing by itself"
    assert [store.suppress(person, why, make.NOW) for why in ("Gone.", "Again.")] == [True, False]
    known = store.subscription(one.id)
    assert (known.standing(make.NOW), known.subscriber.suppressed_at, known.subscriber.suppressed_why) == (
        "suppressed",
        make.NOW,
        "Gone.",
    )
    day = make.NOW + timedelta(days=2)
    assert store.due(Work.COMPOSE, day) == ()
    assert store.claim_subscription(one.id, "me", day, MINUTE, force=True) is None
    assert store.claim_digest(waiting.id, "me", make.NOW, MINUTE) is None
    assert (store.digest(waiting.id).state, store.digest(waiting.id).sentence) == (
        "skipped",
        "Mail to this address came back before it was sent.",
    )
    assert [store.lift_suppression(person), store.lift_suppression(person)] == [True, False]
    assert store.due(Work.COMPOSE, day) == (one.id,)
    assert [row.answered for row in store.bounces(person)] == [True], "it counts no more, and is not read in once more"
    assert not store.add_bounce(bounce(one, make))
    for act in (lambda: store.suppress(99, "x", make.NOW), lambda: store.lift_suppression(99)):
        with pytest.raises(NotFoundError, match="There is no subscriber 99"):
            act()


def test_a_mail_is_known_by_its_number_and_its_reader(newsroom, make):
    store, one, other = newsroom.store, newsroom.subscribe(), newsroom.subscribe(email="other@example.org")
    digest = newsroom.freeze(one)
    person = one.subscriber.id
    assert not store.was_sent(digest.message_id, person), "it was not handed over yet"
    store.claim_digest(digest.id, "me", make.NOW, MINUTE)
    assert store.was_sent(digest.message_id, person)
    assert not store.was_sent(digest.message_id, other.subscriber.id)
    assert not store.was_sent("<other@example.org>", person)
    assert store.subscriber_at("Reader@Example.ORG") == one.subscriber
    assert store.subscriber_at("nobody@example.org") is None
