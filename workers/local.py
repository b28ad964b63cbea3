"""Worker and beat as threads of one process on `memory://`: the same tasks, no Redis needed (`hypewatch run`, `demo`)."""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from celery.beat import Scheduler
from celery.beat import Service as BeatService
from celery.worker import WorkController

from monitor.core.errors import StorageError
from monitor.pipeline.alive import BEAT, leave_sign
from workers.app import app, configure, use_service
from workers.beat import TICK_S, schedule
from workers.queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery

    from monitor.service import Service

logger = logging.getLogger(__name__)


class LocalWorkers:
    """A Celery worker (threads) and, if wanted, beat, started and stopped with a `with` block."""

    def __init__(self, service: Service, *, concurrency: int = 4, beat: bool = True, every: float = TICK_S) -> None:
        """`concurrency` is the number of worker threads, `every` the seconds between two ticks of beat."""
        self._service = service
        self.concurrency = concurrency
        self._with_beat, self._every = beat, every
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        """Start, and return when the worker takes tasks."""
        use_service(self._service)
        configure(self._service.settings)
        # A pool thread looks its app up by thread, and would find Celery's empty default app instead of ours.
        app.set_default()
        self._worker = WorkController(
            app=app,
            pool_cls="threads",
            concurrency=self.concurrency,
            queues=",".join(QUEUES),
            loglevel="WARNING",
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
            send_events=False,
        )
        self._start(self._worker.start, "worker")
        if self._with_beat:
            from workers.tasks import dispatch, dispatch_digests

            # What is due now need not wait for the first tick.
            dispatch.nudge()
            dispatch_digests.nudge()
            app.conf.beat_schedule = schedule(self._every)
            self._beat = BeatService(app, max_interval=1, scheduler_cls=_MemoryScheduler)
            self._start(lambda: self._beat.start(embedded_process=True), "beat")
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop: what was not finished is found again by its row at the next start."""
        if self._with_beat:
            self._beat.stop()
        self._worker.stop()
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, run: Callable[[], object], name: str) -> None:
        thread = threading.Thread(target=run, name=f"hypewatch-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)


class _MemoryScheduler(Scheduler):
    """The plain scheduler, without a file: when the ticks last came is of no use after a restart."""


class _SigningScheduler(_MemoryScheduler):
    """Leaves its sign when the broker took a tick: a beat that stands and sends nothing leaves none."""

    service: Service

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Send one tick. What the broker says of it goes on to Celery, which tries again at the next."""
        sent = super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        if entry.name == "pulse":
            try:
                leave_sign(self.service.store, BEAT, socket.gethostname(), self.service.clock())
            except StorageError as error:  # the ticks go on; whoever asks for the sign hears of it
                logger.warning("beat could not leave its sign: %s", error)
        return sent


def run_beat(celery: Celery[Any], service: Service, *, every: float = TICK_S) -> None:
    """Beat in the foreground until it is told to stop; a tick `every` seconds."""
    celery.conf.beat_schedule = schedule(every)
    scheduler = type("Signing", (_SigningScheduler,), {"service": service})
    BeatService(celery, max_interval=5, scheduler_cls=scheduler).start()
