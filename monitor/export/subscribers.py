"""Who gets mail as rows for JSON and CSV: the same in commands and pages, and what `subscribers import` reads again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.digests.wish_fields import wish_words
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.digests.search_mail import SearchMail
    from monitor.core.digests.subscribers import Subscription


def search_mail_row(mailed: SearchMail, now: datetime) -> dict[str, Any]:
    """Who is mailed what a saved search finds, how, and whether mail reaches them now."""
    subscription = mailed.subscription
    return {
        "subscription": subscription.id,
        "email": subscription.subscriber.email,
        "name": subscription.subscriber.name,
        "state": subscription.standing(now).value,
        "study": subscription.study_id,
        "when": "at-once" if mailed.at_once else "daily",
        "since": stamp(mailed.since),
    }


def subscriber_row(subscription: Subscription, now: datetime) -> dict[str, Any]:
    """A subscription with its person and all wishes. Who is paused is shown as such, and who gets no mail has no next one."""
    person = subscription.subscriber
    return {
        "id": subscription.id,
        "subscriber": person.id,
        "email": person.email,
        "name": person.name,
        "state": subscription.standing(now).value,
        "study": subscription.study_id,
        **wish_words(subscription.wishes),
        "paused_until": stamp(subscription.paused_until if subscription.is_paused(now) else None),
        "next": stamp(subscription.next_mail(now)),
        "created_at": stamp(subscription.created_at),
        "left_at": stamp(subscription.left_at),
        "suppressed_at": stamp(person.suppressed_at),
        "suppressed_why": person.suppressed_why,
    }
