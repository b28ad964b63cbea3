"""Three coarse ticks. Beat knows no feed and no subscriber; what is due is in the database."""

from __future__ import annotations

from workers.app import app

#: Seconds between ticks. The sweep is the sweeper too: a lost message costs at most this long.
DISPATCH_S = 30.0
DIGESTS_S = 30.0
HOUSEKEEPING_S = 600.0

SCHEDULE = {
    "dispatch": {"task": "workers.tasks.dispatch", "schedule": DISPATCH_S, "options": {"expires": DISPATCH_S}},
    "dispatch-digests": {
        "task": "workers.tasks.dispatch_digests",
        "schedule": DIGESTS_S,
        "options": {"expires": DIGESTS_S},
    },
    "housekeeping": {
        "task": "workers.tasks.housekeeping",
        "schedule": HOUSEKEEPING_S,
        "options": {"expires": HOUSEKEEPING_S},
    },
}

app.conf.beat_schedule = SCHEDULE
