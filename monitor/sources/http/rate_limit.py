"""Turns at hosts that all processes of an installation keep: a short named lease for each host, in the database."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from monitor.ports import WorkQueue

logger = logging.getLogger(__name__)


class SharedRateLimit:
    """Implements ports.Turns. Inside one process the door's own locks come first; this is asked by one thread a host."""

    def __init__(self, queue: WorkQueue, clock: Callable[[], datetime]) -> None:
        """`clock` returns aware UTC. Each instance is an owner of its own."""
        self._queue, self._clock = queue, clock
        self._owner = f"turns/{secrets.token_hex(8)}"

    def acquire(self, host: str, seconds: float) -> bool:
        try:
            return self._queue.lock(f"host:{host}", self._owner, self._clock(), timedelta(seconds=seconds))
        except StorageError as error:
            # Without its database a process does nothing anyway: what it was to read is found again by its row.
            logger.warning("No turn at %s: %s", host, error)
            return False

    def release(self, host: str, gap: float) -> None:
        self.acquire(host, gap)
