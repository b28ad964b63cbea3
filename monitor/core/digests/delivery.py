"""Which digest is owed, what follows an attempt to compose or to send it, and when the next attempt is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from monitor.core.digests.schedule import Due, last_due, local_date, retry_in
from monitor.core.digests.subscribers import DeliveryOutcome, DigestState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription

#: A mail that could not be handed over this often stays "failed" and is shown.
SEND_ATTEMPTS = 8
#: How often a digest whose ending nobody saw goes out once more by itself, if the settings do not say that it is held.
RESENDS = 1
#: What a person reads where it then stops.
UNSEEN = "Nobody saw how two attempts ended: it may have arrived, so it is not sent again."
HELD = "Nobody saw how the attempt ended: it may have arrived, so it is held until somebody sends it again."
#: A digest that cannot be composed is tried again at least this often, without end: whoever mends the cause (a fact
#: sheet that was taken away) wants the mail soon, and need not ask for it.
COMPOSE_WAIT_MOST = timedelta(minutes=10)
#: Dates that are looked through for the next one that is not told already.
MOST_AHEAD = 370


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
    wishes = subscription.wishes
    if subscription.is_due(now) and day in {None, subscription.due_date}:
        newest = last_due(wishes.at, wishes.zone, wishes.weekdays, now)
        date = subscription.due_date or newest.date
        return Owed(date, max(date, newest.date), wishes.next_due(now))
    date = day or local_date(now, wishes.zone)
    return Owed(date, date, None if subscription.due_at else wishes.next_due(now))


def next_after(subscription: Subscription, through: str, now: datetime) -> Due | None:
    """The first digest that comes by itself after one that speaks for the dates up to `through` (ISO): what is due for them is
    told already. None if that date lies more than a year ahead.
    """
    wishes = subscription.wishes
    due = wishes.next_due(now)
    if subscription.due_at is not None:
        due = Due(subscription.due_at, subscription.due_date)
    for _ in range(MOST_AHEAD):
        if due.date > through:
            return due
        due = wishes.next_due(due.at)
    return None


def after_attempt(
    outcome: DeliveryOutcome, attempts: int, now: datetime, *, unknowns: int = 0, resends: int = RESENDS
) -> tuple[DigestState, datetime | None]:
    """Where a digest stands after its `attempts`-th attempt to send it, and when the next one is, if there is one.

    `unknowns`: of how many attempts before nobody saw the ending; `resends`: how often it may go out again all the same.
    """
    if outcome is DeliveryOutcome.SENT:
        return DigestState.SENT, None
    if outcome is DeliveryOutcome.UNKNOWN:
        stopped = unknowns >= resends
        return (DigestState.UNKNOWN, None) if stopped else (DigestState.READY, now + retry_in(attempts))
    if outcome is DeliveryOutcome.TEMPORARY and attempts < SEND_ATTEMPTS:
        return DigestState.READY, now + retry_in(attempts)
    return DigestState.FAILED, None


def compose_again(attempts: int, now: datetime) -> datetime:
    """When a digest that could not be composed `attempts` times is tried again: 2 minutes, doubling, at most 10."""
    return now + min(retry_in(attempts), COMPOSE_WAIT_MOST)


def after_lapse(unknowns: int, resends: int = RESENDS) -> DigestState:
    """Where a digest stands whose process was gone before it said how handing it over ended; `unknowns`: how often that was
    so before. It may be sent again `resends` times with the same bytes, and then no more.
    """
    return DigestState.UNKNOWN if unknowns >= resends else DigestState.SENDING


def unseen_words(unknowns: int) -> str:
    """Why it stopped, after so many attempts whose ending nobody saw."""
    return HELD if unknowns < 2 else UNSEEN


def may_go_again(state: DigestState, *, withdrawn: bool) -> bool:
    """May a person have it sent once more, with the same bytes? What it told of may have been withdrawn since."""
    return state in {DigestState.UNKNOWN, DigestState.FAILED} and not withdrawn


class AfterWithdrawal(Enum):
    """What becomes of a digest when something that it tells of is withdrawn."""

    COMPOSE_ANEW = auto()  # nobody has it yet
    STOP = auto()  # somebody may have it, or is being handed it; it must not go out again: its words are removed
    REMOVE_WORDS = auto()  # it went out, or will not


def after_withdrawal(state: DigestState, *, unknowns: int) -> AfterWithdrawal:
    """See AfterWithdrawal. A digest of which nobody saw how an attempt ended (`unknowns`) waits to go out once more, and may have
    arrived: composed anew it would be a second mail for its date, and the ledger would know nothing of the first.
    """
    if state is DigestState.READY and not unknowns:
        return AfterWithdrawal.COMPOSE_ANEW
    waits = state in {DigestState.READY, DigestState.SENDING}
    return AfterWithdrawal.STOP if waits else AfterWithdrawal.REMOVE_WORDS


def composed_again(queued: Iterable[tuple[int, str]]) -> Mapping[int, str]:
    """For which local date each subscription's digest is composed anew: (subscription, local date) of each that was taken
    back. Of several of one person the first speaks for the later ones too.
    """
    dates: dict[int, str] = {}
    for subscription_id, day in queued:
        dates[subscription_id] = min(day, dates.get(subscription_id, day))
    return dates
