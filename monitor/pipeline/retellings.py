"""What was stored before stories had keys, or under older ones, is looked at again bit by bit: nothing waits for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from monitor.core.items import stories

if TYPE_CHECKING:
    from monitor.ports import Deps

logger = logging.getLogger(__name__)

#: Mentions in one transaction, a fraction of a second in which nobody else writes; and transactions in one housekeeping.
BATCH, BATCHES = 200, 50


def catch_up(deps: Deps) -> int:
    """Find what stored mentions retell that were never asked; returns how many were looked at. The next call goes on."""
    looked_at = 0
    for _ in range(BATCHES):
        found = deps.store.key_stories(stories.RETELLING, BATCH)
        looked_at += found
        if found < BATCH:
            break
    if looked_at:
        logger.info("%s stored mentions were looked at for what they retell", looked_at)
    return looked_at
