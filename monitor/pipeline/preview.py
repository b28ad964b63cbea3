"""What a mail would say if it went now. Nothing is sent or recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import DigestKind
from monitor.core.errors import NotFoundError
from monitor.pipeline.deliver import compose_digest
from monitor.pipeline.reports import newest_report
from monitor.pipeline.urgent import fastest_spread

if TYPE_CHECKING:
    from monitor.core.digests.subscribers import Subscription
    from monitor.ports import Deps, Printed


def previewed(deps: Deps, subscription: Subscription, kind: DigestKind) -> Printed:
    """A mail of this kind as it would be now, whether it is wanted or not. Raises NotFoundError if nothing spreads."""
    now = deps.clock()
    if kind is DigestKind.DAILY:
        return compose_digest(deps, subscription, now)[2]
    if kind is not DigestKind.URGENT:
        return newest_report(deps, subscription, kind, now)
    printed = fastest_spread(deps, subscription, now)
    if printed is None:
        least = subscription.wishes.urgent_from or 2
        raise NotFoundError(
            f"Nothing spreads: no {least} mentions of the last 24 hours make the same claim.",
            "An urgent mail comes when there are so many.",
        )
    return printed
