"""Subscribe a person, with double opt-in: the first mail asks whether the address is theirs. And pausing, and leaving."""

from __future__ import annotations

import difflib
from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from monitor.core.digests.address import check_address
from monitor.core.digests.schedule import Due, next_due
from monitor.core.digests.subscribers import SubscriberState
from monitor.core.errors import UsageError
from monitor.core.judgement import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription
    from monitor.ports import Deps

#: What a person gets who names nothing else.
AT, ZONE, WEEKDAYS = time(7), "UTC", (0, 1, 2, 3, 4, 5, 6)


def subscribe(
    deps: Deps,
    address: str,
    *,
    study_id: str,
    name: str = "",
    at: time | None = None,
    zone: str | None = None,
    weekdays: Sequence[int] | None = None,
    threshold: Severity | None = None,
    quiet: bool | None = None,
    language: str | None = None,
    confirmed: bool = False,
) -> Subscription:
    """Add a subscriber and a subscription; unless `confirmed`, send the mail that asks.

    What is None is as it was for an address that is known, else 07:00 UTC on every day, everything told in full, two lines on
    quiet days, and in English. Raises UsageError for an address that is not exactly one, or a zone that does not exist;
    NotFoundError for an unknown study; MailError if the asking mail cannot be handed over (the subscription is stored;
    adding again asks again).
    """
    email = check_address(address)
    zone = check_zone(zone) if zone is not None else None
    study = deps.library.study(study_id)
    now = deps.clock()
    known = _known(deps, email, study.id)
    subscriber = deps.store.add_subscriber(
        email, name, now=now, state=SubscriberState.ACTIVE if confirmed else SubscriberState.PENDING
    )
    if confirmed and subscriber.state is not SubscriberState.ACTIVE:
        deps.store.set_subscriber(subscriber.id, SubscriberState.ACTIVE)
    at = at if at is not None else known.at if known else AT
    zone = zone or (known.zone if known else ZONE)
    days = tuple(weekdays) if weekdays is not None else known.weekdays if known else WEEKDAYS
    subscription = deps.store.subscribe(
        subscriber.id,
        study.id,
        at=at,
        zone=zone,
        weekdays=days,
        threshold=threshold or (known.threshold if known else Severity.LOW),
        quiet=quiet if quiet is not None else known.quiet if known else True,
        language=language or (known.language if known else "en"),
        paused_until=known.paused_until if known and known.is_paused(now) else None,
        now=now,
        due=_due(known, at, zone, days, now),
    )
    if subscription.subscriber.state is SubscriberState.PENDING:
        mime = deps.printer.confirmation(subscription, study.name_in(subscription.language), now=now)
        deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=email)
    return subscription


def _known(deps: Deps, email: str, study_id: str) -> Subscription | None:
    """This person's subscription to this study, also of who had left."""
    for subscription in deps.store.subscriptions():
        if subscription.subscriber.email == email.lower() and subscription.study_id == study_id:
            return subscription
    return None


def _due(known: Subscription | None, at: time, zone: str, days: tuple[int, ...], now: datetime) -> Due:
    """The next by this schedule; what an active person is owed at this moment stays due."""
    owes = known is not None and known.subscriber.state is SubscriberState.ACTIVE and known.is_due(now)
    if known is not None and owes and known.due_at is not None:
        return Due(known.due_at, known.due_date)
    begins = now
    if known is not None and known.paused_until is not None:
        begins = max(now, known.paused_until)
    return next_due(at, zone, days, begins)


def confirm(deps: Deps, subscriber_id: int) -> None:
    """The address is theirs: the first digest comes at the next hour they chose. Does nothing for who left or has confirmed."""
    if deps.store.subscriber(subscriber_id).state is not SubscriberState.PENDING:
        return
    now = deps.clock()
    for subscription in deps.store.subscriptions():
        if subscription.subscriber.id == subscriber_id:
            deps.store.set_subscription(subscription.id, due=subscription.next_due(now))
    deps.store.set_subscriber(subscriber_id, SubscriberState.ACTIVE)


def pause(deps: Deps, subscription_id: int, until: datetime) -> Subscription:
    """Send nothing before `until`; the first mail comes at the person's next hour after it. A moment that is past ends a pause."""
    now = deps.clock()
    subscription = deps.store.subscription(subscription_id)
    if until > now:
        due = subscription.next_due(until)
    elif subscription.is_due(now) and not subscription.is_paused(now):
        due = None  # no pause, nothing to end
    else:
        due = subscription.next_due(now)
    deps.store.set_subscription(subscription_id, paused_until=until, due=due)
    return deps.store.subscription(subscription_id)


def leave(deps: Deps, subscription_id: int) -> None:
    """Send this person no more mail."""
    deps.store.set_subscriber(deps.store.subscription(subscription_id).subscriber.id, SubscriberState.REMOVED)


def check_zone(zone: str) -> str:
    """The zone's name, if it exists; raises UsageError with a suggestion."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        places = available_timezones()
        tails = {place.rpartition("/")[2].lower(): place for place in places}
        near = difflib.get_close_matches(zone, places, n=1) or [
            tails[tail] for tail in difflib.get_close_matches(zone.lower().replace(" ", "_"), tails, n=1)
        ]
        raise UsageError(
            f"{zone!r} is no time zone.",
            f"Did you mean {near[0]}?" if near else "Write it as Asia/Tokyo or Europe/Berlin.",
        ) from None
    return zone
