"""A mail that was printed becomes the row that no later attempt changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import DigestKind, DigestState, FrozenDigest
from monitor.core.errors import HypewatchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.core.digests.subscribers import Subscription
    from monitor.ports import Printed

logger = logging.getLogger(__name__)


def to_freeze(
    subscription: Subscription,
    printed: Printed,
    *,
    date: str,
    through: str | None = None,
    kind: DigestKind = DigestKind.DAILY,
    about: str = "",
    unwanted: str = "",
    now: datetime,
) -> FrozenDigest:
    """The row: for which local date (or week, month, minute), to be sent, or not if `unwanted` says why."""
    return FrozenDigest(
        id=0,
        subscription_id=subscription.id,
        local_date=date,
        through_date=date if through is None else through,
        subject=printed.subject,
        message_id=printed.message_id,
        recipient=subscription.subscriber.email,
        mime=printed.mime,
        text=printed.text,
        html=printed.html,
        state=DigestState.SKIPPED if unwanted else DigestState.READY,
        created_at=now,
        kind=kind,
        about=about,
        sentence=unwanted,
    )


def alone(what: str, make: Callable[[], FrozenDigest | None]) -> FrozenDigest | None:
    """Make one of several mails: what stops it stops none of the others; the log says why, and the next tick tries again."""
    try:
        return make()
    except Exception as error:  # whatever stops it is told in the log
        sentence = str(error) if isinstance(error, HypewatchError) else f"{type(error).__name__}: {error}"
        logger.exception(
            "%s could not be composed, and is tried again: %s",
            what,
            sentence,
            exc_info=not isinstance(error, HypewatchError),  # of what people can mend the sentence is enough
        )
    return None
