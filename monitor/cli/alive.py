"""`hypewatch alive`: whether the worker or the beat on this machine does its work, for containers and service managers to ask."""

from __future__ import annotations

import socket
import sys

import click

from monitor.cli.shared import open_service


@click.command()
@click.argument("part", type=click.Choice(["worker", "beat"]))
@click.option("--queues", help="The queues that the worker was started with; default: all")
@click.option("--host", default=socket.gethostname, help="The machine or container it runs on; default: this one")
def alive(part: str, queues: str | None, host: str) -> None:
    """Ask whether a worker or beat on this machine did its tick lately: exit 0 if it did, 1 if not, and one sentence.

    A tick goes from beat through Redis to each worker, which leaves its sign in the database.

    Example: hypewatch alive worker --queues polls,pages
    """
    from monitor.cli.run import chosen_queues
    from monitor.core.sentences import duration
    from monitor.pipeline.alive import BEAT, SIGN_FOR, last_sign, worker_name

    chosen = chosen_queues(queues)
    name, what = (BEAT, "Beat") if part == "beat" else (worker_name(chosen), f"The worker for {', '.join(chosen)}")
    service = open_service()
    now, seen = service.clock(), last_sign(service.store, name, host)
    if seen is None:
        click.echo(f"{what} on {host} has done no tick: it is starting, or was started with other queues, or it hangs.")
        sys.exit(1)
    ago = duration(now - seen)
    if now - seen > SIGN_FOR:
        click.echo(
            f"{what} on {host} did its last tick {ago} ago: start it again, and see `hypewatch doctor` and its log."
        )
        sys.exit(1)
    click.echo(f"{what} on {host} did its last tick {ago} ago.")
