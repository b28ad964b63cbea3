"""How many requests one who asks may make in a minute: a key of the API, or a place (`web/strangers.py`). Each process counts for itself: a row for each request would make every reading
program a writing one, and the limit is there to keep a runaway loop from the others, not to bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Asker = TypeVar("Asker")

#: Seconds in which `most` requests may be made.
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to whoever asks after a request: `remaining` of `most` until so many seconds have passed; `spent`: this one was too many."""

    most: int
    remaining: int
    seconds: int
    spent: bool

    @property
    def headers(self) -> Mapping[str, str]:
        """As programs read it; nothing where there is no limit."""
        if not self.most:
            return {}
        told = {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }
        return {**told, "Retry-After": str(self.seconds)} if self.spent else told


class Allowance(Generic[Asker]):
    """Requests of the running minute by who asks. Can be asked from many threads; `most` 0 is no limit."""

    def __init__(self, most: int) -> None:
        """Nothing is counted yet."""
        self._most = most
        self._window = 0
        self._counts: dict[Asker, int] = {}
        self._lock = Lock()

    def take(self, asker: Asker, now: datetime) -> Left:
        """Count a request."""
        window, passed = divmod(int(now.timestamp()), WINDOW)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}  # so it never holds more than who asked in a minute
            count = self._counts[asker] = self._counts.get(asker, 0) + 1
        over = bool(self._most) and count > self._most
        return Left(self._most, max(0, self._most - count), WINDOW - passed, over)
