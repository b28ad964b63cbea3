"""The commands that start processes: `run`, `serve`, `worker`, `beat`. The only place in monitor that knows the workers."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor import logs
from monitor.cli.shared import open_service
from monitor.core.errors import StorageError, StorageNewerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.service import Service

logger = logging.getLogger(__name__)

_F = TypeVar("_F", bound="Callable[..., Any]")

_BIND = [
    click.option("--host", help="Address to listen on (HYPEWATCH_HOST)"),
    click.option("--port", type=int, help="Port to listen on; 0 takes a free one (HYPEWATCH_PORT)"),
]


def bound(command: _F) -> _F:
    """The options that say where the pages listen."""
    for option in reversed(_BIND):
        command = option(command)
    return command


@click.command()
@bound
def run(host: str | None, port: int | None) -> None:
    """Everything in one process, on SQLite: workers, ticks and pages. Ctrl-C stops it; nothing is lost.

    Example: hypewatch run --port 8080
    """
    from workers.local import LocalWorkers

    service = open_service(host=host, port=port)
    start_logging(service)
    refuse_newer(service)
    sock = listen(service)  # first: mails that the workers write hold links to these pages
    with LocalWorkers(service):
        serve_pages(service, sock)


@click.command()
@bound
def serve(host: str | None, port: int | None) -> None:
    """The pages alone.

    Example: HYPEWATCH_DATABASE_URL=postgresql://... hypewatch serve --host 0.0.0.0
    """
    service = open_service(host=host, port=port)
    start_logging(service)
    refuse_newer(service)
    serve_pages(service)


@click.command()
@click.option("--queues", help="Queues to take work from, separated by commas; default: all")
@click.option("--concurrency", type=click.IntRange(1, 64), default=2, show_default=True, help="Tasks at a time")
def worker(queues: str | None, concurrency: int) -> None:
    """A worker alone: takes work from Redis.

    Example: HYPEWATCH_BROKER_URL=redis://localhost/0 hypewatch worker --queues polls,pages
    """
    from monitor.core.errors import UsageError
    from monitor.pipeline.alive import worker_name
    from workers.app import configure, sign_as
    from workers.queues import PULSES

    service = open_service()
    start_logging(service)
    if service.settings.broker.startswith("memory://"):
        raise UsageError(
            "A worker alone needs a broker.", "Set HYPEWATCH_BROKER_URL=redis://..., or use `hypewatch run`."
        )
    chosen = chosen_queues(queues)
    refuse_newer(service)
    app = configure(service.settings, service.clock)
    sign_as(worker_name(chosen))
    app.worker_main(
        [
            "worker",
            "-Q",
            ",".join([*chosen, PULSES]),
            "-c",
            str(concurrency),
            "-l",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
        ]
    )


def chosen_queues(text: str | None) -> list[str]:
    """The queues that `--queues` names, all of them by default; raises UsageError for one that there is not."""
    from monitor.core.errors import UsageError
    from workers.queues import QUEUES

    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    for name in names:
        if name not in QUEUES:
            raise UsageError(f"There is no queue {name!r}.", f"There are: {', '.join(QUEUES)}.")
    return names or list(QUEUES)


@click.command()
@click.option(
    "--every",
    type=click.FloatRange(1, 60),
    default=30,
    show_default=True,
    help="Seconds between two ticks: so late is work whose message was lost",
)
def beat(every: float) -> None:
    """The ticks alone: nudges work that is due. Two of them are harmless.

    Example: HYPEWATCH_BROKER_URL=redis://localhost/0 hypewatch beat
    """
    from monitor.core.errors import UsageError
    from workers.app import configure

    service = open_service()
    start_logging(service)
    if service.settings.broker.startswith("memory://"):
        raise UsageError("Beat alone needs a broker.", "Set HYPEWATCH_BROKER_URL=redis://..., or use `hypewatch run`.")
    from workers.local import run_beat

    refuse_newer(service)
    run_beat(configure(service.settings, service.clock), service, every=every)


def refuse_newer(service: Service) -> None:
    """Raise StorageNewerError if a newer version made the database: this process would fail at all that it tries, one by one.

    A database that does not answer yet is no reason not to start: it is asked again with each piece of work.
    """
    try:
        service.prepare()
    except StorageNewerError:
        raise
    except StorageError as error:
        logger.warning("the database cannot be used yet: %s", error)
    else:
        service.store.close()  # opened again where it is used: a worker's children must not share a connection


def serve_pages(service: Service, sock: socket.socket | None = None) -> None:
    """Serve the pages until told to stop; `sock` is a bound socket, else the settings say where to listen."""
    import uvicorn

    from monitor.web.app import build_app

    sock = sock or listen(service)
    application = build_app(service)
    click.echo(whereabouts(service, application.state.first_link), err=True)
    config = uvicorn.Config(application, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[sock])


def listen(service: Service) -> socket.socket:
    """The socket that the settings name; the settings know its port from then on, also if it was chosen by the system."""
    sock = bind_socket(service.settings.host, service.settings.port)
    port = sock.getsockname()[1]
    if port != service.settings.port:
        service.settings = replace(service.settings, port=port)
    return sock


def whereabouts(service: Service, first_link: str) -> str:
    """Where the pages are, as the first line says it; of a sign-in link also how often and how long it works."""
    from monitor.web.doors import is_private

    if is_private(service):
        return f"Hypewatch is at {first_link}"
    return (
        f"Hypewatch is at {service.settings.public_url}/ - whoever reads it signs in first. This link signs one browser in; "
        f"it works once, within an hour (`hypewatch sessions new` prints another): {first_link}"
    )


def bind_socket(host: str, port: int) -> socket.socket:
    """A listening socket; raises a UsageError with a sentence if the port is taken."""
    from monitor.core.errors import UsageError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)  # who comes before the pages are ready waits instead of being refused
    except OSError as error:
        sock.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on ({error.strerror}).", "Choose another with --port."
        ) from None
    return sock


def start_logging(service: Service) -> None:
    """Log lines on standard error, as HYPEWATCH_LOG_FORMAT says; crashes to Sentry, if that is set."""
    if service.settings.sentry_dsn is not None:
        report_crashes(service.settings.sentry_dsn.get_secret_value())
    logs.start(service.settings.log_format)


def report_crashes(dsn: str) -> None:
    """Send crashes to Sentry; raises SettingError if its client is not installed."""
    from monitor.core.errors import SettingError

    try:
        import sentry_sdk
    except ImportError:
        raise SettingError(
            "HYPEWATCH_SENTRY_DSN is set, but Sentry's client is not installed.",
            "`pip install 'hypewatch[sentry]'` installs it.",
        ) from None
    try:
        # No request bodies, addresses or local variables: what others wrote and our secrets stay here.
        sentry_sdk.init(dsn=dsn, send_default_pii=False, include_local_variables=False, max_request_body_size="never")
    except ValueError:  # sentry_sdk.utils.BadDsn, whose words may hold a piece of it
        raise SettingError(
            "HYPEWATCH_SENTRY_DSN is no address of Sentry.", "Copy it as Sentry shows it, under Client Keys."
        ) from None


def broker_answers(url: str) -> str | None:
    """None if Redis answers; else the sentence that says what to do."""
    import redis

    try:
        redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2).ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return f"Redis does not answer ({type(error).__name__}): start it, or check HYPEWATCH_BROKER_URL."
    return None
