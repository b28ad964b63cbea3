"""Urgent mails: every few minutes it is asked whether a claim spreads, and who wants to be told of it now."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from monitor.core.digests.subscribers import DigestKind, FrozenDigest
from monitor.core.digests.urgent import (
    SAME_CLAIM,
    WINDOW,
    claim_to_tell,
    compose_urgent,
    may_tell,
    mention_ids,
    spreading,
)
from monitor.pipeline.freezing import alone, to_freeze
from monitor.pipeline.subscribe import LEAST_SPREAD
from monitor.pipeline.turns import turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.claims import ClaimCard
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.digests.urgent import Urgent
    from monitor.core.mention import Mention
    from monitor.ports import Deps, Printed

logger = logging.getLogger(__name__)


def watch_spread(deps: Deps) -> Sequence[int]:
    """Make the urgent mails that are called for now; those that wait to be sent, by number. Of several processes one does it."""
    ready: list[int] = []
    with turn(deps, "urgent") as mine:
        if not mine:
            return ready
        now = deps.clock()
        studies: dict[str, list[Subscription]] = defaultdict(list)
        for subscription in deps.store.urgent_subscriptions(now):
            studies[subscription.study_id].append(subscription)
        for study_id, theirs in studies.items():
            least = min(one.wishes.urgent_from or LEAST_SPREAD for one in theirs)
            mentions = deps.store.spreading(study_id, now - WINDOW, now, least)
            if not mentions:
                continue
            for subscription in theirs:
                frozen = alone(
                    f"the urgent mail of subscription {subscription.id}",
                    partial(alarm, deps, subscription, mentions, now),
                )
                if frozen is not None:
                    ready.append(frozen.id)
    return ready


def alarm(deps: Deps, subscription: Subscription, mentions: Sequence[Mention], now: datetime) -> FrozenDigest | None:
    """Tell this person of what spreads, if it is to be told now; None if not. `mentions` are those of the last 24 hours."""
    store, wishes = deps.store, subscription.wishes
    newest = store.newest_digest(subscription.id, DigestKind.URGENT)
    past = store.urgent_told(subscription.id, now - SAME_CLAIM)
    if not may_tell(wishes, past, now):
        return None
    cards = spreading(mentions, wishes)
    known = {
        card.key: store.most_told(subscription.id, mention_ids(card), now - WINDOW, but=card.key) for card in cards
    }
    card = claim_to_tell(cards, wishes, past, known, now)
    if card is None:
        return None
    urgent, printed = urgent_of(deps, subscription, card, now)
    frozen = store.freeze_telling(
        to_freeze(subscription, printed, date=urgent.local_date, kind=DigestKind.URGENT, about=urgent.about, now=now),
        urgent.quoted,
        newest=newest,
        now=now,
    )
    if frozen is not None:
        logger.info("urgent mail %s: %s mentions make the claim %s", frozen.id, card.mentions, card.key)
    return frozen


def urgent_of(deps: Deps, subscription: Subscription, card: ClaimCard, now: datetime) -> tuple[Urgent, Printed]:
    """The mail that tells of a claim. Nothing is written or sent."""
    urgent = compose_urgent(
        card,
        deps.library.study(subscription.study_id),
        wishes=subscription.wishes,
        now=now,
        ruleset=deps.library.ruleset(subscription.study_id).digest,
        wording=deps.printer.wording(subscription.wishes.language),
    )
    return urgent, deps.printer.urgent(urgent, subscription, now=now)


def fastest_spread(deps: Deps, subscription: Subscription, now: datetime) -> Printed | None:
    """What an urgent mail would say of the claim that spreads most now, at whatever hour and whatever was told; None if no two
    mentions of the last 24 hours make the same claim.
    """
    least = subscription.wishes.urgent_from or LEAST_SPREAD
    mentions = deps.store.spreading(subscription.study_id, now - WINDOW, now, least)
    cards = spreading(mentions, replace(subscription.wishes, urgent_from=least))
    return urgent_of(deps, subscription, cards[0], now)[1] if cards else None
