"""The end of a whole call to the outside, on the monotonic clock: what drips a byte a second ends like what hangs."""

from __future__ import annotations

import time


class DeadlineError(TimeoutError):
    """The time for the whole call is up."""


class Deadline:
    """From its making on so many seconds remain. Can be asked from many threads."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds that remain, at most `most`; raises DeadlineError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineError("it did not end in time")
        return left if most is None else min(left, most)

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end
