"""When a message is too old, by the clock that all processes share.

By its machine's own, a worker five minutes ahead would take every message for one that expired and throw it away, its own and the
others'.
"""

from __future__ import annotations

from typing import Literal

from celery.worker.request import Request
from celery.worker.state import revoked


class SharedTimeRequest(Request):
    """A message that was taken from the broker; Celery's own compares its age with the machine's clock."""

    def maybe_expire(self) -> Literal[True] | None:
        if self.expires and self.task.app.now() > self.expires:
            revoked.add(self.id)
            return True
        return None
