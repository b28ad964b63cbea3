"""When collecting or mailing stands still, the owners are told by mail; and once more when it goes on.

What nobody can tell from inside, that no process runs at all, is told by the silence of the heartbeat (`heartbeat.py`).
"""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import MailError
from monitor.core.model import Work
from monitor.core.people import PersonState
from monitor.core.sentences import duration
from monitor.core.session import Role
from monitor.pipeline.health import JUDGING, REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.pipeline.health import Health, HealthCheck
    from monitor.ports import Deps

logger = logging.getLogger(__name__)

#: It is looked at once in so long, by one process.
EVERY = timedelta(seconds=59)
#: It must stand still for so long before anybody is told: a restart is no alarm.
WAIT = timedelta(minutes=10)
#: As long as it lasts, it is told again once in so long.
AGAIN = timedelta(days=1)
#: No source was read well for so long: the network is away, or all that is followed is.
UNREAD = timedelta(hours=3)
_STATE = "alarm"
#: What a reader calls work that nobody does (`Health.waiting`).
_STANDS_STILL = {
    Work.POLL.value: "Sources are not read",
    Work.PAGE.value: "Article pages are not read",
    Work.COMPOSE.value: "Digests are not composed",
    Work.SEND.value: "Mails are not sent",
    Work.CALL.value: "Other programs are not told",
    Work.BACKTEST.value: "Back-tests do not go on",
    JUDGING: "Stored mentions are not judged by the rules in use",
    REPORTS: "Reports are not made",
}


@dataclass(frozen=True, slots=True)
class Incident:
    """Something stands still since then; `told` is when the owners were told last, None if not yet."""

    since: datetime
    told: datetime | None = None


def watch_health(deps: Deps, check: HealthCheck) -> None:
    """Look whether work is being done, and tell the owners if it is not, or is again. Raises StorageError."""
    now = deps.clock()
    if not deps.store.lock(_STATE, f"{deps.owner}/{secrets.token_hex(4)}", now, EVERY):
        return
    wrong, incident = troubles(deps, check.look(deps), now), standing(deps)
    if not wrong:
        if incident is not None:
            if incident.told is not None:
                _tell(deps, f"Hypewatch works again, after {duration(now - incident.since)}", [], now)
            _keep(deps, None)
    elif incident is None:
        _keep(deps, Incident(now))
    elif now - incident.since >= WAIT and (incident.told is None or now - incident.told >= AGAIN):
        # Kept first: whoever dies here tells nobody twice a minute.
        _keep(deps, Incident(incident.since, now))
        if not _tell(deps, "Hypewatch stands still", wrong, now):
            _keep(deps, incident)  # nobody could be told: tried again in a minute


def troubles(deps: Deps, health: Health, now: datetime) -> list[str]:
    """A sentence for each thing that stands still, in the order of the walk."""
    wrong = [
        f"{_STANDS_STILL[work]}, for {duration(timedelta(seconds=seconds))} now."
        for work, seconds in health.waiting.items()
    ]
    feeds = deps.store.feed_counts()
    read = feeds.last_success_at
    if feeds.failing and (read is None or now - read >= UNREAD):
        wrong.insert(0, f"No source was read well {'yet' if read is None else f'for {duration(now - read)}'}.")
    if health.not_composed:
        wrong.append(f"Digests that are due and could not be composed: {health.not_composed}.")
    unsent = [one for one in deps.store.failing_digests(now) if one.step is Work.SEND and one.next_try is not None]
    if any(now - one.since >= WAIT for one in unsent):
        wrong.append(f"Digests that the mail server does not take for now: {len(unsent)}.")
    return wrong


def standing(deps: Deps) -> Incident | None:
    """What stands still now, as it was noticed; None if nothing does."""
    kept = json.loads(deps.store.setting(_STATE) or "null")
    if kept is None:
        return None
    told = kept["told"]
    return Incident(datetime.fromisoformat(kept["since"]), datetime.fromisoformat(told) if told else None)


def _keep(deps: Deps, incident: Incident | None) -> None:
    told = incident.told.isoformat() if incident is not None and incident.told is not None else None
    kept = None if incident is None else {"since": incident.since.isoformat(), "told": told}
    deps.store.set_setting(_STATE, json.dumps(kept))


def _tell(deps: Deps, subject: str, lines: Sequence[str], now: datetime) -> bool:
    """Mail every owner; False if there are some and none could be reached."""
    owners = [one for one in deps.store.people() if one.role is Role.OWNER and one.state is PersonState.ACTIVE]
    logger.warning("%s: %s", subject, " ".join(lines) or "nothing waits any more.")
    reached = not owners
    for owner in owners:
        try:
            mime = deps.printer.alarm_mail(owner, subject, lines, now=now)
            deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=owner.email)
            reached = True
        except MailError as error:
            logger.warning("owner %s could not be told by mail: %s", owner.id, error.message)
    return reached
