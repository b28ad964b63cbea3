"""Digests: each mention in one, each sent once, and what happens when nobody saw how sending ended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from monitor.core.digests.subscribers import (
    Delivery,
    DeliveryOutcome,
    DigestState,
    FrozenDigest,
)
from monitor.core.errors import NotFoundError, StorageBusyError
from monitor.core.model import Work
from monitor.core.search.query import parse_query
from monitor.storage.tables import digests, edition_mentions

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TEXT = "He is walking again."


def test_each_mention_is_in_exactly_one_digest_of_a_subscription(newsroom, make):
    one, two = newsroom.subscribe(), newsroom.subscribe(email="other@example.org")
    told = {one.id: [], two.id: []}
    for day in range(4):
        now = make.NOW + day * DAY
        newsroom.poll(make.draft(day, f"{TEXT} {day}", hours=-24 * day + 100), now=now)
        for subscription in (one, two):
            if subscription is two and day in {1, 2}:
                continue  # paused: what was missed is told at once afterwards
            frozen = newsroom.freeze(subscription, now=now)
            told[subscription.id].append(sorted(m.identity[-1] for m in newsroom.store.digest_mentions(frozen.id)))
    assert told == {one.id: [["0"], ["1"], ["2"], ["3"]], two.id: [["0"], ["1", "2", "3"]]}


def test_a_digest_is_frozen_once_per_local_date(newsroom, make):
    newsroom.poll(make.draft(1, TEXT))
    subscription = newsroom.subscribe()
    first = newsroom.freeze(subscription, words="first")
    newsroom.poll(make.draft(2, TEXT), now=make.NOW + MINUTE)
    second = newsroom.freeze(subscription, words="second", now=make.NOW + MINUTE)
    assert second == first
    assert (first.mime, first.state, first.attempts) == (b"first", "ready", 0)
    assert newsroom.store.digest_for(subscription.id, "2025-03-24") == first
    assert newsroom.store.digest_for(subscription.id, "2025-03-25") is None
    assert newsroom.store.digests() == (first,)
    assert len(newsroom.store.digest_mentions(first.id)) == 1
    assert newsroom.store.subscription(subscription.id).due_at == make.NOW + MINUTE + DAY


def test_who_lost_the_lease_cannot_freeze(newsroom, make):
    subscription = newsroom.subscribe()
    frozen = newsroom.freeze(subscription)
    other = replace(frozen, local_date="2025-03-25", through_date="2025-03-25", message_id="<other>")
    with pytest.raises(StorageBusyError):
        newsroom.store.freeze_digest(other, [], [], lease="me/not-mine", next_due=None)
    assert newsroom.store.digests() == (frozen,)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_sent_digest_is_claimed_once(newsroom, make):
    frozen = newsroom.freeze(newsroom.subscribe())
    store = newsroom.store
    assert store.due(Work.SEND, make.NOW) == (frozen.id,)
    claimed = store.claim_digest(frozen.id, "me", make.NOW, MINUTE)
    assert claimed == replace(frozen, state="sending", attempts=1, lease=claimed.lease)
    assert store.claim_digest(frozen.id, "you", make.NOW, MINUTE) is None
    assert store.due(Work.SEND, make.NOW) == ()
    done = make.NOW + timedelta(seconds=2)
    assert store.finish_digest(
        claimed, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250 ok", now=done, retry_at=None
    )
    assert not store.finish_digest(
        claimed, outcome=DeliveryOutcome.PERMANENT, state=DigestState.FAILED, reply="550", now=done, retry_at=None
    )
    assert store.digest(frozen.id).state == "sent"
    assert store.claim_digest(frozen.id, "you", make.NOW + DAY, MINUTE) is None
    assert store.due(Work.SEND, make.NOW + DAY) == ()
    assert store.deliveries(frozen.id) == (
        Delivery(
            digest_id=frozen.id,
            attempt=1,
            started_at=make.NOW,
            ended_at=done,
            outcome=DeliveryOutcome.SENT,
            reply="250 ok",
        ),
    )
    assert not store.digest_input(newsroom.subscribe(), make.NOW).first


def test_a_temporary_failure_waits_and_a_permanent_one_stays_failed(newsroom, make):
    frozen = newsroom.freeze(newsroom.subscribe())
    store = newsroom.store
    first = store.claim_digest(frozen.id, "me", make.NOW, MINUTE)
    again = make.NOW + timedelta(minutes=10)
    assert store.finish_digest(
        first,
        outcome=DeliveryOutcome.TEMPORARY,
        state=DigestState.READY,
        reply="451 later",
        now=make.NOW,
        retry_at=again,
    )
    assert store.claim_digest(frozen.id, "me", make.NOW + MINUTE, MINUTE) is None
    assert (store.due(Work.SEND, make.NOW + MINUTE), store.due(Work.SEND, again)) == ((), (frozen.id,))
    assert store.oldest_due(Work.SEND, again + MINUTE) == MINUTE
    second = store.claim_digest(frozen.id, "me", again, MINUTE)
    assert (second.attempts, second.mime, second.message_id) == (2, frozen.mime, frozen.message_id)
    assert store.finish_digest(
        second,
        outcome=DeliveryOutcome.PERMANENT,
        state=DigestState.FAILED,
        reply="550 no such user",
        now=again,
        retry_at=None,
    )
    assert (store.digest(frozen.id).state, store.digest(frozen.id).sentence) == ("failed", "550 no such user")
    assert [delivery.outcome for delivery in store.deliveries()] == ["permanent", "temporary"]


def test_an_unseen_ending_is_sent_once_more_with_the_same_bytes_then_never(newsroom, make):
    frozen = newsroom.freeze(newsroom.subscribe())
    store = newsroom.store
    lost = store.claim_digest(frozen.id, "me", make.NOW, MINUTE)
    assert store.due(Work.SEND, make.NOW + timedelta(seconds=59)) == ()
    later = make.NOW + MINUTE
    assert store.due(Work.SEND, later) == (frozen.id,)
    second = store.claim_digest(frozen.id, "you", later, MINUTE)
    assert (second.mime, second.message_id, second.attempts) == (frozen.mime, frozen.message_id, 2)
    assert not store.finish_digest(
        lost, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250", now=later, retry_at=None
    )
    last = make.NOW + 2 * MINUTE
    assert store.claim_digest(frozen.id, "they", last, MINUTE) is None
    assert store.digest(frozen.id).state == "unknown"
    assert store.digest(frozen.id).sentence
    assert store.due(Work.SEND, last + DAY) == ()
    assert store.claim_digest(frozen.id, "they", last + DAY, MINUTE) is None
    assert [(delivery.attempt, delivery.outcome) for delivery in store.deliveries(frozen.id)] == [
        (2, "unknown"),
        (1, "unknown"),
    ]


def test_who_leaves_before_sending_gets_no_mail(newsroom, make):
    subscription = newsroom.subscribe()
    frozen = newsroom.freeze(subscription)
    newsroom.store.end_subscription(subscription.id, make.NOW)
    assert newsroom.store.claim_digest(frozen.id, "me", make.NOW, MINUTE) is None
    assert newsroom.store.digest(frozen.id).state == "skipped"
    assert newsroom.store.due(Work.SEND, make.NOW) == ()


def test_a_skipped_digest_is_never_due(newsroom, make):
    frozen = newsroom.freeze(newsroom.subscribe(), state="skipped")
    assert newsroom.store.due(Work.SEND, make.NOW + DAY) == ()
    assert newsroom.store.claim_digest(frozen.id, "me", make.NOW, MINUTE) is None
    with pytest.raises(NotFoundError):
        newsroom.store.claim_digest(404, "me", make.NOW, MINUTE)


# --- what is not there -----------------------------------------------------------------------------------------------


def test_what_could_not_be_composed_or_sent_is_listed_with_its_reason(newsroom, make):
    store = newsroom.store
    stuck, refused = newsroom.subscribe(), newsroom.subscribe(email="refused@example.org")
    claimed = store.claim_subscription(stuck.id, "me", make.NOW, MINUTE)
    again = make.NOW + 2 * MINUTE
    assert store.postpone(Work.COMPOSE, stuck.id, claimed.lease, until=again, error="The sheet is gone.")
    frozen = newsroom.freeze(refused)
    sending = store.claim_digest(frozen.id, "me", make.NOW, MINUTE)
    store.finish_digest(
        sending,
        outcome=DeliveryOutcome.PERMANENT,
        state=DigestState.FAILED,
        reply="550 no such user",
        now=make.NOW,
        retry_at=None,
    )
    composing, sent = store.failing_digests(make.NOW)
    assert (composing.step, composing.local_date, composing.next_try, composing.sentence) == (
        Work.COMPOSE,
        "2025-03-24",
        again,
        "The sheet is gone.",
    )
    assert (sent.step, sent.digest_id, sent.recipient, sent.next_try, sent.sentence) == (
        Work.SEND,
        frozen.id,
        "refused@example.org",
        None,
        "550 no such user",
    )
    assert [one.step for one in store.failing_digests(make.NOW + 8 * DAY)] == [Work.COMPOSE]
    store.end_subscription(stuck.id, make.NOW)
    assert store.failing_digests(make.NOW + 8 * DAY) == ()


def test_a_lease_that_runs_out_three_times_in_a_row_is_left_alone(newsroom, make):
    store, subscription, now = newsroom.store, newsroom.subscribe(), make.NOW
    for _ in range(2):
        assert store.claim_subscription(subscription.id, "killed", now, MINUTE) is not None
        now += 2 * MINUTE
    claimed = store.claim_subscription(subscription.id, "lives", now, MINUTE)
    store.postpone(Work.COMPOSE, subscription.id, claimed.lease, until=now, error="It said why.")
    for _ in range(3):
        assert store.claim_subscription(subscription.id, "killed", now, MINUTE) is not None
        now += 2 * MINUTE
    assert store.claim_subscription(subscription.id, "late", now, MINUTE) is None
    assert store.failing_digests(now)[0].next_try is None
    assert store.claim_subscription(subscription.id, "by hand", now, MINUTE, force=True) is not None


def test_a_catch_up_speaks_for_each_of_its_dates(newsroom, make):
    store, subscription = newsroom.store, newsroom.subscribe()
    claimed = store.claim_subscription(subscription.id, "me", make.NOW, MINUTE)
    frozen = store.freeze_digest(
        FrozenDigest(
            id=0,
            subscription_id=claimed.id,
            local_date="2025-03-20",
            through_date="2025-03-24",
            subject="s",
            message_id="<m>",
            recipient="a@example.org",
            mime=b"x",
            text="x",
            html="x",
            state=DigestState.READY,
            created_at=make.NOW,
        ),
        [],
        [],
        lease=claimed.lease,
        next_due=None,
    )
    for day in ("2025-03-20", "2025-03-22", "2025-03-24"):
        assert store.digest_for(subscription.id, day) == frozen
    for day in ("2025-03-19", "2025-03-25"):
        assert store.digest_for(subscription.id, day) is None
    assert store.withdrawn_digests() == ()


def test_two_digest_composers_freeze_one(newsroom, make):
    subscription = newsroom.subscribe()

    def claim(number):
        return newsroom.store.claim_subscription(subscription.id, f"t{number}", make.NOW, MINUTE)

    with ThreadPoolExecutor(8) as pool:
        assert sum(found is not None for found in pool.map(claim, range(8))) == 1
    frozen_twice = newsroom.store.claim_subscription(subscription.id, "late", make.NOW + MINUTE, MINUTE)
    assert frozen_twice is not None


# --- editions --------------------------------------------------------------------------------------------------------


def editions_held(newsroom):
    with newsroom.store._db.read() as conn:
        told = conn.execute(sa.select(digests.c.edition_id).order_by(digests.c.id)).scalars().all()
        rows = conn.scalar(sa.select(sa.func.count()).select_from(edition_mentions))
        return told, rows


def test_digests_that_tell_the_same_share_what_they_tell(newsroom, make):
    newsroom.poll(*(make.draft(number, "Words.") for number in range(1, 5)))
    people = [newsroom.subscribe(email=f"reader{number}@example.org") for number in range(3)]
    for one in people:
        newsroom.freeze(one)
    (first, second, third), rows = editions_held(newsroom)
    assert first == second == third
    assert rows == 4
    assert [len(newsroom.store.digest_mentions(digest.id)) for digest in newsroom.store.digests()] == [4, 4, 4]
    # A day without a mention tells nothing, and needs no edition.
    newsroom.freeze(people[0], now=make.NOW + DAY)
    assert editions_held(newsroom) == ([first, first, first, None], 4)


def test_what_was_withdrawn_from_an_edition_is_not_told_again_to_anybody(newsroom, make):
    newsroom.poll(make.draft(1, "One."), make.draft(2, "Two."))
    told, late = newsroom.subscribe(), newsroom.subscribe(email="late@example.org")
    sent = newsroom.store.claim_digest(newsroom.freeze(told).id, "me", make.NOW, MINUTE)
    assert sent is not None
    (victim,) = newsroom.store.search(parse_query("two", make.NOW))
    newsroom.store.purge(victim.id, now=make.NOW)
    newsroom.freeze(late)
    (first, second), rows = editions_held(newsroom)
    assert first != second  # it is no longer what it was when it was shared
    assert rows == 2
    assert newsroom.store.digest_input(told, make.NOW + DAY).mentions == ()


def test_editions_of_digests_that_are_gone_go_too(newsroom, make):
    newsroom.poll(make.draft(1, "One."))
    newsroom.freeze(newsroom.subscribe())
    newsroom.store.housekeeping(make.NOW)
    assert editions_held(newsroom)[1] == 1
    with newsroom.store._db.write() as conn:
        conn.execute(sa.delete(digests))
    newsroom.store.housekeeping(make.NOW)
    assert editions_held(newsroom) == ([], 0)
