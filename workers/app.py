"""The Celery app: broker, queues, and the one Task base. Messages hold nothing but ids; the database is the truth.

The same app runs on `memory://` in one process (`hypewatch run`) and on Redis with separate workers and beat.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from celery import Celery, Task, signals
from kombu import Exchange
from kombu.common import Broadcast
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES

from monitor import settings as settings_module
from monitor.clock import utc_now
from monitor.core.errors import HypewatchError
from monitor.logs import running
from monitor.service import Service
from workers.queues import PULSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from monitor.settings import Settings

logger = logging.getLogger(__name__)

#: Who sends declares it: a sender that does not know that it fans out fills a list in Redis that nobody reads.
PULSE_EXCHANGE = Exchange(PULSES, type="fanout")

#: Soft < hard < the task's lease (see pipeline/) < the visibility timeout, which stays at Celery's 3,600 s. The slowest
#: honest task is a page with its robots.txt: twice the door's deadline of 30 s, and 5 s of CPU for the parser.
SOFT_LIMIT_S = 66
HARD_LIMIT_S = 70
#: A mail server may take its time at each of its steps, and the slow tick judges stored mentions again.
SLOW_SOFT_LIMIT_S = 100
SLOW_HARD_LIMIT_S = 120
#: A nudge that lies in the queue for longer was repeated by the sweep: a backlog of nudges cannot grow without end.
NUDGE_EXPIRES_S = 120


@signals.setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Our log lines stay as they were set up: without a receiver a Celery worker sets the root's level to its own."""


class HypewatchTask(Task[Any, Any]):
    """Adds the Service of this process, log lines that say what they are about, and a nudge that never fails: if the broker
    is down, the next tick finds the row.
    """

    abstract = True
    Request = "workers.expiry:SharedTimeRequest"
    #: What a task's number counts: feed, entry, subscription, digest; "" for a tick.
    about = ""

    def __call__(self, *ids: int) -> Any:
        """Run it; whatever is logged meanwhile says that it was this task's."""
        name = self.name.rpartition(".")[2]
        with running(name, self.request.id or "by-hand", self.about, ids[0] if ids else None):
            try:
                return super().__call__(*ids)
            except HypewatchError as error:
                logger.error("it failed: %s", error)  # noqa: TRY400 - a sentence for a person; where it was raised tells nobody more
                raise
            except Exception:
                logger.exception("it failed")
                raise

    @property
    def service(self) -> Service:
        return service()

    def nudge(self, *ids: int) -> bool:
        """Queue this task for these ids; called after commit only. False if the broker did not take it."""
        try:
            self.apply_async(args=ids, expires=NUDGE_EXPIRES_S)
        except (OperationalError, OSError) as error:
            logger.warning(
                "%s was not queued (%s); the next tick finds it",
                " ".join([self.name.rpartition(".")[2], self.about, *map(str, ids)]),
                error,
            )
            return False
        return True

    def waiting(self) -> int | None:
        """How many messages lie in this task's queue; None if the broker does not say."""
        queue = self.app.conf.task_routes[self.name]["queue"]
        try:
            with self.app.connection_for_write() as connection:
                channel: Any = connection.default_channel
                return int(channel.queue_declare(queue).message_count)
        except (OperationalError, OSError) as error:
            logger.warning(
                "the broker did not say what lies in the queue %s (%s); the next tick asks again", queue, error
            )
            return None

    def nudge_all(self, ids: Iterable[int]) -> None:
        """Queue this task for each id, up to the first that the broker does not take: it may need 2 s to say no."""
        for one in ids:
            if not self.nudge(one):
                return


_services: dict[str, Service] = {}
_names: dict[str, str] = {}


def service() -> Service:
    """The Service of this process, opened at first use (after a worker forked, not before)."""
    if "open" not in _services:
        _services["open"] = Service(settings_module.load())
    return _services["open"]


def use_service(opened: Service) -> None:
    """Give the process its Service: `hypewatch run`, `worker` and `demo` have one already."""
    _services["open"] = opened


def sign_as(name: str) -> None:
    """What the worker of this process, and those that it forks, is called when it leaves its sign (`monitor.pipeline.alive`)."""
    _names["own"] = name


def own_name() -> str | None:
    """What this process leaves its sign as; None if it leaves none (`hypewatch run` has pages that tell)."""
    return _names.get("own")


class HypewatchApp(Celery[Any]):
    """Celery by the clock that all processes share: beat's ticks, and when a message is too old."""

    #: By default the machine's own, where all is in one process.
    shared_clock: Callable[[], datetime] = staticmethod(utc_now)

    def now(self) -> datetime:
        return self.shared_clock()


@signals.worker_process_init.connect
def ask_by_itself(**_: Any) -> None:
    """A process of a worker's pool has its own connections, so it asks the clock by itself."""
    app.shared_clock = lambda: service().clock()


def configure(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Celery[Any]:
    """Point the app at the broker of the settings; `clock` is the one that this process shares with others."""
    app.shared_clock = clock
    # kombu warns that a host is missing where none is needed.
    broker = "memory://localhost/" if settings.broker == "memory://" else settings.broker
    app.conf.update({"broker_url": broker})
    if settings.broker.startswith("memory://"):
        # How long an idle worker sleeps between two looks; 1 s by default. At 0.1 s four threads took 40 tasks a second at
        # most; at 0.02 s idling costs 0.3 % of one core (0.1 % at 0.1 s).
        app.conf.broker_transport_options = {"polling_interval": 0.02}
    else:
        # A frozen broker would block publishing for ever with the defaults.
        app.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 1}
    return app


#: By its name, so that it is loaded only where there is a Redis.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "workers.transport:Transport"))
app = HypewatchApp("hypewatch", task_cls=HypewatchTask, include=["workers.tasks"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=False,  # with True a poison task ran 7 times in 20 s, without end
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_soft_time_limit=SOFT_LIMIT_S,
    task_time_limit=HARD_LIMIT_S,
    task_publish_retry=False,
    task_default_queue="ticks",
    task_create_missing_queues=True,
    task_queues=(Broadcast(PULSES, queue=PULSES, unique=False, exchange=PULSE_EXCHANGE),),
    task_routes={
        "workers.tasks.poll_feed": {"queue": "polls"},
        "workers.tasks.read_page": {"queue": "pages"},
        "workers.tasks.deliver_digest": {"queue": "digests"},
        "workers.tasks.send_digest": {"queue": "digests"},
        "workers.tasks.make_reports": {"queue": "digests"},
        "workers.tasks.watch_spread": {"queue": "digests"},
        "workers.tasks.mail_searches": {"queue": "digests"},
        "workers.tasks.run_backtest": {"queue": "pages"},
        "workers.tasks.judge_stored": {"queue": "pages"},
        "workers.tasks.dispatch": {"queue": "ticks"},
        "workers.tasks.dispatch_digests": {"queue": "ticks"},
        "workers.tasks.dispatch_reports": {"queue": "ticks"},
        "workers.tasks.dispatch_judging": {"queue": "ticks"},
        "workers.tasks.call_webhook": {"queue": "pages"},
        "workers.tasks.dispatch_webhooks": {"queue": "ticks"},
        "workers.tasks.ping_heartbeat": {"queue": "ticks"},
        "workers.tasks.watch_health": {"queue": "ticks"},
        "workers.tasks.pulse": {"queue": PULSES},
        "workers.tasks.housekeeping": {"queue": "ticks"},
    },
    worker_max_tasks_per_child=500,
    worker_redirect_stdouts=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # however long the broker is away
    timezone="UTC",
)
