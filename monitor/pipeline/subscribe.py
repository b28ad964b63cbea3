"""Subscribe a person, with double opt-in: the first mail asks whether the address is theirs. And changing, pausing, leaving, coming back."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzlocal

from monitor.core.digests.address import check_address
from monitor.core.digests.schedule import MOST_PAUSE, Due
from monitor.core.digests.subscribers import Standing, SubscriberState, Wishes
from monitor.core.errors import UsageError
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription, WishChanges
    from monitor.ports import Deps

#: Files beside the zones that are none, or mean another one on each machine.
NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
#: An urgent mail tells that a claim spreads: one mention is no spread, and nobody reads more than so many mails a day.
LEAST_SPREAD, MOST_SPREAD, MOST_URGENT = 2, 1000, 24


def subscribe(
    deps: Deps,
    address: str,
    *,
    study_id: str,
    name: str = "",
    confirmed: bool = False,
    paused_until: datetime | None = None,
    **changes: Unpack[WishChanges],
) -> Subscription:
    """Add a subscriber and a subscription; unless `confirmed`, send the mail that asks. Who had left is asked again.

    What `changes` does not name is as it was for an address that is known, else as Wishes has it. Raises UsageError for an
    address that is not exactly one, or wishes that cannot be (`checked`); NotFoundError for an unknown study; MailError if
    the asking mail cannot be handed over (the subscription is stored; adding again asks again).
    """
    email = check_address(address)
    study = deps.library.study(study_id)
    now = deps.clock()
    known = deps.store.subscription_of(email, study.id)
    before = known.wishes if known else Wishes()
    wishes = checked(replace(before, **changes))
    subscriber = deps.store.add_subscriber(
        email, name, now=now, state=SubscriberState.ACTIVE if confirmed else SubscriberState.PENDING
    )
    if paused_until is None and known and known.is_paused(now):
        paused_until = known.paused_until
    due = _due(known, wishes, now, paused_until)
    subscription = deps.store.subscribe(subscriber.id, study.id, wishes, paused_until=paused_until, now=now, due=due)
    lifted = _lift(deps, subscriber.id)
    if confirmed:
        deps.store.begin_subscription(subscription.id, due)
    elif lifted or subscription.left_at is not None or subscription.subscriber.state is SubscriberState.PENDING:
        _ask(deps, subscription.id)
    return deps.store.subscription(subscription.id)


def _lift(deps: Deps, subscriber_id: int) -> bool:
    """Mail may go there again; but whether the address is (still) theirs, for any study, they must say first."""
    lifted = deps.store.lift_suppression(subscriber_id)
    if lifted:
        deps.store.set_subscriber(subscriber_id, SubscriberState.PENDING)
    return lifted


def _ask(deps: Deps, subscription_id: int) -> None:
    """Send the mail that asks whether the address is theirs."""
    now, subscription = deps.clock(), deps.store.subscription(subscription_id)
    study = deps.library.study(subscription.study_id)
    mime = deps.printer.confirmation(subscription, study.name_in(subscription.wishes.language), now=now)
    deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=subscription.subscriber.email)
    deps.store.note_asked(subscription.id, now)


def _due(known: Subscription | None, wishes: Wishes, now: datetime, paused_until: datetime | None) -> Due:
    """The next by these wishes; what a person is owed at this moment stays due."""
    if known is not None and known.due_at is not None and known.standing(now) is Standing.ACTIVE and known.is_due(now):
        return Due(known.due_at, known.due_date)
    return wishes.first_from(paused_until) if paused_until is not None and paused_until > now else wishes.next_due(now)


def change(deps: Deps, subscription_id: int, **changes: Unpack[WishChanges]) -> Subscription:
    """Change what a person asked for; the next mail comes by it. Raises UsageError for what cannot be (`checked`)."""
    now, known = deps.clock(), deps.store.subscription(subscription_id)
    wishes = checked(replace(known.wishes, **changes))
    if wishes != known.wishes:
        hours = (known.wishes.at, known.wishes.zone, known.wishes.weekdays) != (wishes.at, wishes.zone, wishes.weekdays)
        due = _due(known, wishes, now, known.paused_until) if hours else None
        deps.store.set_wishes(subscription_id, wishes, due=due)
    return deps.store.subscription(subscription_id)


def confirm(deps: Deps, subscriber_id: int, subscription_id: int | None = None) -> bool:
    """The address is theirs: the first digest comes at the next hour they chose. False for who left since they were asked, or has
    confirmed. Links of earlier versions name the person alone: then all that they were asked about.
    """
    now = deps.clock()
    asked = [
        subscription
        for subscription in deps.store.subscriptions()
        if subscription.subscriber.id == subscriber_id
        and subscription_id in {None, subscription.id}
        and subscription.is_asked
    ]
    for subscription in asked:
        deps.store.begin_subscription(subscription.id, subscription.wishes.next_due(now))
    return bool(asked)


def pause(deps: Deps, subscription_id: int, until: datetime) -> Subscription:
    """Send nothing before `until`; the first mail comes at the person's next hour after it. A moment that is past ends a pause. Raises
    UsageError for who left, and for a moment more than MOST_PAUSE ahead.
    """
    now = deps.clock()
    subscription = deps.store.subscription(subscription_id)
    if subscription.left_at is not None and not subscription.is_asked:
        raise UsageError(f"{subscription.subscriber.email} left: there is nothing to pause.", "No mail comes anyway.")
    if check_pause(until, now) > now:
        due = subscription.wishes.first_from(until)
    elif subscription.is_due(now) and not subscription.is_paused(now):
        due = None  # no pause, nothing to end
    else:
        due = subscription.wishes.next_due(now)
    deps.store.set_subscription(subscription_id, paused_until=until, due=due)
    return deps.store.subscription(subscription_id)


class Resumed(StrEnum):
    """What resuming did."""

    GOES_ON = "goes-on"  # a pause ended
    ASKED = "asked"  # the person was asked whether the address is theirs
    WENT_ON = "went-on"  # nothing stood in its way before


def resume(deps: Deps, subscription_id: int) -> Resumed:
    """Let mail come again that was paused, or that stopped because mail came back; then, and where the answer is still
    awaited, the person is asked (again). Raises UsageError for who left, whom only a new question brings back; MailError if the
    question cannot be handed over (resuming again asks again).
    """
    now, subscription = deps.clock(), deps.store.subscription(subscription_id)
    match subscription.standing(now):
        case Standing.PAUSED:
            pause(deps, subscription_id, now)
            return Resumed.GOES_ON
        case Standing.PENDING | Standing.SUPPRESSED:
            _lift(deps, subscription.subscriber.id)
            _ask(deps, subscription_id)
            return Resumed.ASKED
        case Standing.LEFT:
            raise UsageError(
                f"{subscription.subscriber.email} left, and mail comes again only if they want it.",
                "Add the address again: they are asked.",
            )
        case Standing.ACTIVE:
            return Resumed.WENT_ON


def check_pause(until: datetime, now: datetime) -> datetime:
    """The end of a pause, if it can be; raises UsageError for one that is too far ahead."""
    if until > now + MOST_PAUSE + timedelta(days=1):
        raise UsageError("A pause cannot last longer than two years.", "Who wants no mail for so long leaves.")
    return until


def leave(deps: Deps, subscription_id: int) -> bool:
    """Send nothing of this study to this person any more; False if that was so before. Other studies go on."""
    return deps.store.end_subscription(subscription_id, deps.clock())


def come_back(deps: Deps, subscription_id: int) -> Subscription:
    """The person, and nobody else, says that it shall come again: by a link from their own mail."""
    subscription = deps.store.subscription(subscription_id)
    if subscription.left_at is not None:
        deps.store.begin_subscription(subscription_id, subscription.wishes.next_due(deps.clock()))
    return deps.store.subscription(subscription_id)


def checked(wishes: Wishes) -> Wishes:
    """The wishes, if they can be; raises UsageError that says what cannot."""
    if not wishes.weekdays:
        raise UsageError("The schedule names no weekday.", "Name at least one: mon, tue, wed, thu, fri, sat, sun.")
    if wishes.language not in LANGUAGES:
        raise UsageError(f"Mails cannot be had in {wishes.language!r}.", f"Choose one of: {', '.join(LANGUAGES)}.")
    if wishes.urgent_from is not None and not LEAST_SPREAD <= wishes.urgent_from <= MOST_SPREAD:
        raise UsageError(
            f"An urgent mail cannot come from {wishes.urgent_from} mentions on.",
            f"Say a number from {LEAST_SPREAD} to {MOST_SPREAD:,}.",
        )
    if not 1 <= wishes.urgent_most <= MOST_URGENT:
        raise UsageError(
            f"{wishes.urgent_most} urgent mails a day cannot be.", f"Say a number from 1 to {MOST_URGENT}."
        )
    return replace(wishes, zone=check_zone(wishes.zone))


def check_zone(zone: str) -> str:
    """The zone's name, if it exists; raises UsageError with a suggestion."""
    try:
        if zone in NO_PLACES:
            raise ValueError(zone)  # noqa: TRY301 - as for one that does not exist
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = near_zone(zone)
        raise UsageError(
            f"{zone!r} is no time zone.",
            f"Did you mean {near}?" if near else "Write it as Asia/Tokyo or Europe/Berlin.",
        ) from None
    return zone


@cache
def places() -> Sequence[str]:
    """The names of all time zones, sorted."""
    return sorted(available_timezones() - NO_PLACES)


def machine_zone() -> str:
    """The time zone of this machine, to be proposed; UTC where it does not tell one that is known."""
    try:
        name = tzlocal.get_localzone_name()
        return ZoneInfo(name).key if name and name not in NO_PLACES else "UTC"
    except (LookupError, ValueError, OSError):  # none of that name, a broken link, or a file that is no zone
        return "UTC"


def near_zone(zone: str) -> str:
    """The zone that somebody may have meant who wrote this: "tokyo" is Asia/Tokyo; "" if none is near."""
    tails = {place.rpartition("/")[2].lower(): place for place in places()}
    near = difflib.get_close_matches(zone, places(), n=1) or [
        tails[tail] for tail in difflib.get_close_matches(zone.lower().replace(" ", "_"), tails, n=1)
    ]
    return near[0] if near else ""
