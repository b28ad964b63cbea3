"""The queues by name, apart from Celery: a health check that runs each minute need not load it (half a second)."""

from __future__ import annotations

#: Queues by role: a slow page never holds up a digest. `deploy/` starts exactly these.
QUEUES = ("polls", "pages", "digests", "ticks")
#: What every worker gets a copy of, whatever queues it takes work from: beat's question whether it still works.
PULSES = "pulses"
