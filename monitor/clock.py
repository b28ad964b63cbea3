"""The one clock of an installation: that of its database, which all processes ask, on however many machines they run.

Leases compare times that different processes wrote. By clocks of their own, a worker five minutes ahead would take every lease of
the others for one that ran out, and send again what they are just sending.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Between two looks at the database's clock, seconds: a machine's clock drifts by milliseconds in that time.
ASK_EACH_S = 60.0
#: A database that could not be asked is asked again so much later, seconds.
ASK_AGAIN_S = 5.0
#: An answer that took longer says too little, and a clock that jumped by more is asked about at once, seconds.
NEAR_S = 1.0


def utc_now() -> datetime:
    """By this machine's own clock."""
    return datetime.now(UTC)


class SharedClock:
    """The database's time, aware UTC: this machine's, put right by how far it is from that. Can be asked from many threads.

    `ask` returns the database's time or raises StorageError. While it does, the last answer holds; before the first one, the
    machine's own clock.
    """

    def __init__(self, ask: Callable[[], datetime]) -> None:
        self._ask = ask
        self._off = timedelta(0)  # what is added to this machine's clock
        self._known = False
        self._asked, self._wall = 0.0, 0.0  # when it was looked last, by the steady clock and by the wall's
        self._next = 0.0  # when it is looked again, by the steady clock
        self._asking = threading.Lock()

    def __call__(self) -> datetime:
        steady = time.monotonic()
        # A machine that slept, or whose clock was set, is as far off as it was not a moment ago.
        jumped = abs((time.time() - self._wall) - (steady - self._asked)) > NEAR_S
        # Who comes while another asks takes the last answer, so that a database that hangs holds up one; the first has none to take.
        if (steady >= self._next or jumped) and self._asking.acquire(blocking=not self._known):
            try:
                self._look()
            finally:
                self._asking.release()
        return utc_now() + self._off

    def _look(self) -> None:
        began, sent = time.monotonic(), utc_now()
        try:
            there = self._ask()
        except StorageError as error:
            logger.warning("The database's clock could not be asked: %s", error)
            self._note(ASK_AGAIN_S)
            return
        took = time.monotonic() - began
        if self._known and took > NEAR_S:
            self._note(ASK_AGAIN_S)
            return
        off = there - (sent + timedelta(seconds=took / 2))
        if abs((off - self._off).total_seconds()) > NEAR_S:
            logger.warning(
                "The clock of this machine is %.0f s %s that of the database, which is used instead; set it right.",
                abs(off.total_seconds()),
                "behind" if off > timedelta(0) else "ahead of",
            )
        self._off, self._known = off, True
        self._note(ASK_EACH_S)

    def _note(self, seconds: float) -> None:
        self._asked, self._wall = time.monotonic(), time.time()
        self._next = self._asked + seconds
