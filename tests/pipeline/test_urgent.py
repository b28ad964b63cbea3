"""Urgent mails: a claim that spreads is told once, by day, and withdrawn with what it quotes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.judgement import Drift
from monitor.core.model import Work
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_due, send_digest
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.subscribe import pause
from monitor.pipeline.urgent import fastest_spread, watch_spread

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


def asking(deps, reader, **changes):
    return reader(deps, **({"urgent_from": 3} | changes))


def spread(deps, outside, feed_id, entry, *numbers):
    outside.entries = tuple(entry(number) for number in numbers)
    poll_feed(deps, feed_id, force=True)


def made(deps, clock, at=NOW):
    clock.now = at
    return [deps.store.digest(key) for key in watch_spread(deps)]


def test_a_claim_that_enough_make_is_told_at_once_and_once(deps, outside, feed_id, entry, reader, clock):
    subscription = asking(deps, reader)
    spread(deps, outside, feed_id, entry, 1, 2)
    assert made(deps, clock) == []
    assert fastest_spread(deps, deps.store.subscription(subscription), NOW) is None
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    (mail,) = made(deps, clock)
    assert (mail.kind, mail.local_date) == (DigestKind.URGENT, "2025-03-24T09:00")
    assert mail.about
    assert mail.subject.endswith("spreads: 3 mentions in 24 hours")
    assert "3 mentions make the same claim within 24 hours. First of them:" in " ".join(mail.text.split())
    assert "Draft a letter" in mail.text
    assert "Wrong flag" in mail.text
    assert send_digest(deps, mail.id).state is DigestState.SENT
    assert made(deps, clock, NOW + timedelta(minutes=5)) == [], "nor of what else these three say"
    spread(deps, outside, feed_id, entry, *range(1, 12))
    assert made(deps, clock, NOW + timedelta(minutes=6)) == []
    spread(deps, outside, feed_id, entry, *range(1, 13))
    (again,) = made(deps, clock, NOW + timedelta(minutes=7))
    assert again.about == mail.about
    assert "12 mentions" in again.subject


def test_it_takes_nothing_from_the_daily_digest_and_follows_none_that_told_it(
    deps, outside, feed_id, entry, reader, clock
):
    subscription = asking(deps, reader)
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    clock.now = NOW + timedelta(hours=22)
    daily = deliver_due(deps, subscription)
    assert "3 new" in daily.subject
    assert made(deps, clock, NOW + timedelta(hours=22, minutes=5)) == []


def test_after_a_day_it_spreads_no_more(deps, outside, feed_id, entry, reader, clock):
    asking(deps, reader)
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    assert made(deps, clock, NOW + timedelta(hours=24, seconds=1)) == []


def test_hours_of_rest_and_pauses_bring_none(deps, outside, feed_id, entry, reader, clock):
    subscription = asking(deps, reader, hush_from=time(8), hush_until=time(10))
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    assert made(deps, clock) == []
    pause(deps, subscription, NOW + timedelta(hours=2))
    assert made(deps, clock, NOW + timedelta(hours=1)) == []
    assert len(made(deps, clock, NOW + timedelta(hours=2))) == 1


def test_what_is_not_wanted_is_no_spread(deps, outside, feed_id, entry, reader, clock):
    asking(deps, reader, drifts=(Drift.NUMBER_ERROR,))
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    assert made(deps, clock) == []


def test_two_workers_end_with_one(deps, outside, feed_id, entry, reader, clock):
    asking(deps, reader)
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    clock.now = NOW
    with ThreadPoolExecutor(4) as pool:
        numbers = [key for keys in pool.map(lambda _: watch_spread(deps), range(4)) for key in keys]
    assert len(numbers) == len(deps.store.digests()) == 1


def test_a_waiting_mail_goes_with_what_it_quotes(deps, outside, feed_id, entry, reader, clock):
    asking(deps, reader)
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    (mail,) = made(deps, clock)
    gone = deps.store.search(Query())[0].id
    assert gone in [mention.id for mention in deps.store.digest_mentions(mail.id)]
    deps.store.purge(gone, now=NOW)
    assert deps.store.digests() == ()
    assert made(deps, clock, NOW + timedelta(minutes=5)) == [], "two are no spread"


def test_one_that_was_held_up_waits_until_the_hours_of_rest_are_over(deps, outside, feed_id, entry, reader, clock):
    asking(deps, reader, hush_from=time(10), hush_until=time(18))
    spread(deps, outside, feed_id, entry, 1, 2, 3)
    (mail,) = made(deps, clock)
    clock.now = NOW + timedelta(hours=2)
    assert send_digest(deps, mail.id) is None
    assert deps.store.digest(mail.id).state is DigestState.READY
    clock.now = NOW + timedelta(hours=9)
    assert deps.store.due(Work.SEND, clock.now) == (mail.id,)
    assert send_digest(deps, mail.id).state is DigestState.SENT
