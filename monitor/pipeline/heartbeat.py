"""The dead man's switch: an address outside is asked while all is well, and its silence is somebody else's alarm."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.pipeline.health import HealthCheck
    from monitor.ports import Deps, Installation

logger = logging.getLogger(__name__)

#: Between two pings, whatever the number of processes; a tick comes each 30 s.
EVERY = timedelta(seconds=59)
_LAST = "heartbeat"


@dataclass(frozen=True, slots=True)
class Ping:
    """How the last one went: `sentence` is for a person, and names no address."""

    at: datetime
    good: bool
    sentence: str


def ping(deps: Deps, url: str, check: HealthCheck) -> Ping | None:
    """Ask `url` if work is being done, and nobody asked it within the last minute; None if it was not asked.

    Never raises for what the outside does. Raises StorageError: a database that fails is no good health.
    """
    now = deps.clock()
    if not deps.store.lock(_LAST, f"{deps.owner}/{secrets.token_hex(4)}", now, EVERY):
        return None
    health = check.look(deps)
    if not health.good:
        logger.warning("no heartbeat: %s wait, %s digests are not composed", dict(health.waiting), health.not_composed)
        return None
    answer = deps.caller.request("GET", url)
    good = answer.status is not None and 200 <= answer.status < 300
    made = Ping(now, good, "It was answered." if good else f"It failed: {answer.sentence}")
    deps.store.set_setting(_LAST, json.dumps({"at": now.isoformat(), "good": good, "sentence": made.sentence}))
    if not good:
        logger.warning("the heartbeat was not taken: %s", answer.sentence)
    return made


def last_ping(store: Installation) -> Ping | None:
    """How the last one went; None before the first."""
    kept = store.setting(_LAST)
    if kept is None:
        return None
    said = json.loads(kept)
    return Ping(datetime.fromisoformat(said["at"]), said["good"], said["sentence"])
