"""Subscribe a person, with double opt-in: the first mail asks whether the address is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.core.address import check_address
from monitor.core.errors import UsageError
from monitor.core.schedule import next_local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time

    from monitor.core.people import Subscription
    from monitor.ports import World


def subscribe(
    world: World,
    address: str,
    *,
    name: str,
    study_id: str,
    at: time,
    zone: str,
    weekdays: Sequence[int],
    threshold: str,
    quiet: bool,
    confirmed: bool,
) -> Subscription:
    """Add a subscriber and a subscription; unless `confirmed`, send the mail that asks.

    Raises UsageError for an address that is not exactly one, or a zone that does not exist; NotFoundError for an
    unknown study; MailError if the asking mail cannot be handed over (the subscription is stored; adding again asks again).
    """
    email = check_address(address)
    zone = check_zone(zone)
    study = world.library.study(study_id)
    now = world.clock()
    subscriber = world.store.add_subscriber(email, name, now=now, state="active" if confirmed else "pending")
    if confirmed and subscriber.state != "active":
        world.store.set_subscriber(subscriber.id, "active")
    subscription = world.store.subscribe(
        subscriber.id,
        study.id,
        at=at,
        zone=zone,
        weekdays=tuple(weekdays),
        threshold=threshold,
        quiet=quiet,
        now=now,
        due_at=next_local(at, zone, tuple(weekdays), now),
    )
    if subscription.subscriber.state == "pending":
        mime = world.printer.confirmation(subscription.subscriber, study.name, now=now)
        world.mailer.send(mime=mime, sender=world.mail_from, recipient=email)
    return subscription


def check_zone(zone: str) -> str:
    """The zone's name, if it exists; raises UsageError with a suggestion."""
    import difflib
    from zoneinfo import available_timezones

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
