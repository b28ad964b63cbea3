"""Which digest is owed, what follows an attempt to compose or to send it, and when the next attempt is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.digests.schedule import Due, last_due, local_date, retry_in
from monitor.core.digests.subscribers import DeliveryOutcome, DigestState

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription

#: A mail that could not be handed over this often stays "failed" and is shown.
SEND_ATTEMPTS = 8
#: A digest that cannot be composed is tried again at least this often, without end: whoever mends the cause (a fact
#: sheet that was taken away) wants the mail soon, and need not ask for it.
COMPOSE_WAIT_MOST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Owed:
    """The digest to compose: the local date it is for, the last date it speaks for, and what is due after it.

    `then` is None if what is due stays as it is, because this digest was asked for by hand.
    """

    date: str
    through: str
    then: Due | None


def owed(subscription: Subscription, now: datetime, day: str | None = None) -> Owed:
    """What is due; or, asked for by hand, the digest for `day` (ISO date; default: what is due, else today where the person lives).

    What was due on several dates while nothing ran is one catch-up: it keeps the first date, and speaks for the others.
    """
    if subscription.is_due(now) and day in {None, subscription.due_date}:
        newest = last_due(subscription.at, subscription.zone, subscription.weekdays, now)
        date = subscription.due_date or newest.date
        return Owed(date, max(date, newest.date), subscription.next_due(now))
    date = day or local_date(now, subscription.zone)
    return Owed(date, date, None if subscription.due_at else subscription.next_due(now))


def after_attempt(outcome: DeliveryOutcome, attempts: int, now: datetime) -> tuple[DigestState, datetime | None]:
    """Where a digest stands after its `attempts`-th attempt to send it, and when the next one is, if there is one."""
    if outcome is DeliveryOutcome.SENT:
        return DigestState.SENT, None
    if outcome is DeliveryOutcome.TEMPORARY and attempts < SEND_ATTEMPTS:
        return DigestState.READY, now + retry_in(attempts)
    return DigestState.FAILED, None


def compose_again(attempts: int, now: datetime) -> datetime:
    """When a digest that could not be composed `attempts` times is tried again: 2 minutes, doubling, at most 10."""
    return now + min(retry_in(attempts), COMPOSE_WAIT_MOST)
