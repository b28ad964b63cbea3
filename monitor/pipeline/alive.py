"""Does this worker, or this beat, still do its work? Each leaves a sign in the database at every tick, and a check asks for it: a process
that stands and does nothing leaves none.

`health.py` asks whether the work of all is done; this asks for one process, so that whoever started it can start it anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from monitor.ports import WorkQueue

#: A sign counts for so long. Ticks come each 30 s, and a worker may have all its hands full with tasks of two minutes.
SIGN_FOR = timedelta(minutes=5)
BEAT = "beat"


def worker_name(queues: Iterable[str]) -> str:
    """What a worker of these queues is called, in whatever order they were named."""
    return "worker " + ",".join(sorted(queues))


def leave_sign(store: WorkQueue, name: str, host: str, now: datetime) -> None:
    """Say that `name` did a tick on `host`. Raises StorageError."""
    store.lock(_key(name, host), host, now, SIGN_FOR)


def last_sign(store: WorkQueue, name: str, host: str) -> datetime | None:
    """When `name` last did a tick on `host`; None if it never did, or not for a long time. Raises StorageError."""
    until = store.held_until(_key(name, host))
    return None if until is None else until - SIGN_FOR


def _key(name: str, host: str) -> str:
    return f"alive {name}@{host}"
