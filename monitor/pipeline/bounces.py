"""Mail that came back, at once or in a notice: kept, and when it is enough nothing is sent to that address any more."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.digests.bounces import Bounce, enough, is_hard, shown
from monitor.core.digests.notices import Kind, read_notice
from monitor.core.errors import RefusedAt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.digests.notices import Returned
    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.core.errors import MailPermanentError
    from monitor.ports import Deps

#: Did the mail server take anything at all lately?
A_DAY = timedelta(days=1)

logger = logging.getLogger(__name__)


class Became(StrEnum):
    """What became of one address of a notice."""

    SUPPRESSED = "suppressed"  # nothing is sent there any more
    KEPT = "kept"  # it counts, and is not enough
    UNPROVEN = "unproven"  # kept to be seen: the notice names no mail of ours that went there
    KNOWN = "known"  # read before
    NOBODY = "nobody"  # no subscriber has that address


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One address of a notice, and what became of it."""

    address: str
    status: str
    hard: bool
    became: Became
    reply: str

    @property
    def ours(self) -> bool:
        return self.became is not Became.NOBODY


def note_refusal(deps: Deps, digest: FrozenDigest, error: MailPermanentError) -> None:
    """The mail server did not take a digest, and said so at once: keep it, if it speaks of the address."""
    if error.at is RefusedAt.SENDER:
        return
    person, now = deps.store.subscription(digest.subscription_id).subscriber.id, deps.clock()
    _count(
        deps,
        Bounce(
            subscriber_id=person,
            at=now,
            status=error.status,
            hard=refused_for_good(error),
            reply=shown(error.message),
            # A server that tells no status may refuse everybody, and not this address: then it is kept to be seen.
            message_id=digest.message_id if error.status or deps.store.any_sent(now - A_DAY) else "",
        ),
    )


def refused_for_good(error: MailPermanentError) -> bool:
    """Does it say that the address takes no mail at all?"""
    return is_hard(error.status, error.at)


def note_returned(deps: Deps, raw: bytes) -> tuple[Kind, Sequence[Noted]]:
    """Read one mail that came to the address for mail that comes back: what it is, and what became of each address that it
    names. One that is no bounce changes nothing.
    """
    notice = read_notice(raw)
    return notice.kind, tuple(_note(deps, returned, notice.message_id) for returned in notice.returned)


def _note(deps: Deps, returned: Returned, message_id: str) -> Noted:
    people = [person for address in returned.addresses if (person := deps.store.subscriber_at(address))]
    noted = Noted(
        address=people[0].email if people else returned.addresses[0],
        status=returned.status,
        hard=returned.hard,
        became=Became.NOBODY,
        reply=returned.reply,
    )
    if not people:
        return noted
    proven = [person for person in people if message_id and deps.store.was_sent(message_id, person.id)]
    person = proven[0] if proven else people[0]
    bounce = Bounce(
        subscriber_id=person.id,
        at=deps.clock(),
        status=returned.status,
        hard=returned.hard and bool(proven),
        reply=returned.reply,
        message_id=message_id if proven else "",
    )
    became = _count(deps, bounce)
    return replace(noted, address=person.email, hard=bounce.hard, became=became)


def _count(deps: Deps, bounce: Bounce) -> Became:
    """Keep one, and suppress its address if that is enough. Telling of the same mail twice changes nothing."""
    if not deps.store.add_bounce(bounce):
        # Whoever kept it may have ended before it counted.
        return Became.SUPPRESSED if _suppressed(deps, bounce) else Became.KNOWN
    if not bounce.message_id:
        return Became.UNPROVEN
    return Became.SUPPRESSED if _suppressed(deps, bounce) else Became.KEPT


def _suppressed(deps: Deps, bounce: Bounce) -> bool:
    why = enough(deps.store.bounces(bounce.subscriber_id), deps.clock())
    if not why or not deps.store.suppress(bounce.subscriber_id, why, deps.clock()):
        return False
    logger.warning("nothing is sent to subscriber %s any more. %s", bounce.subscriber_id, why)
    return True
