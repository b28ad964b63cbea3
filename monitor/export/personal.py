"""Everything that is stored of one person, as one JSON document to be handed to them (GDPR, articles 15 and 20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.export.rows import mention_row, stamp
from monitor.export.subscribers import subscriber_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from monitor.core.digests.subscribers import SentMail, Subscription
    from monitor.core.mention import Mention

SCHEMA = "hypewatch.personal/1"


def personal_document(
    who: str,
    said: Iterable[Mention],
    subscriptions: Iterable[Subscription],
    mails: Iterable[SentMail],
    now: datetime,
) -> dict[str, Any]:
    """What they said, what they asked for, and the mails they were sent. `now`: when it was put together."""
    return {
        "schema": SCHEMA,
        "who": who,
        "at": stamp(now),
        "mentions": [mention_row(mention) for mention in said],
        "subscriptions": [subscriber_row(one, now) for one in subscriptions],
        "mails": [
            {
                "at": stamp(mail.at),
                "for": mail.day,
                "kind": mail.kind,
                "subject": mail.subject,
                "state": mail.state.value,
                "message_id": mail.message_id,
                "to": mail.recipient,
            }
            for mail in mails
        ],
    }
