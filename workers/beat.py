"""Seven coarse ticks. Beat knows no feed and no subscriber; what is due is in the database."""

from __future__ import annotations

from typing import Any

from workers.app import PULSE_EXCHANGE

#: Seconds between two ticks. The sweep is the sweeper too: a lost message costs at most this long.
TICK_S = 30.0
HOUSEKEEPING_S = 600.0
#: Reports and claims that spread can wait for so many ticks.
REPORTS_EACH = 4


def schedule(every: float = TICK_S) -> dict[str, dict[str, Any]]:
    """Beat's schedule with a tick for polls and pages, one for digests, one for other programs, one for tuning and one that asks each worker
    for a sign `every` seconds; that for reports and urgent mails, and housekeeping, are slower.

    A tick that nobody took before the next one came expires: a worker that was away finds one, not a thousand.
    """
    return {
        "dispatch": _tick("dispatch", every),
        "dispatch-digests": _tick("dispatch_digests", every),
        "dispatch-reports": _tick("dispatch_reports", every * REPORTS_EACH),
        "dispatch-webhooks": _tick("dispatch_webhooks", every),
        "dispatch-judging": _tick("dispatch_judging", every),
        "pulse": _tick("pulse", every, declare=[PULSE_EXCHANGE]),
        "housekeeping": _tick("housekeeping", HOUSEKEEPING_S),
    }


def _tick(task: str, every: float, **options: Any) -> dict[str, Any]:
    return {"task": f"workers.tasks.{task}", "schedule": every, "options": {"expires": every, **options}}
