"""`hypewatch webhooks`: other programs and chats that are told of flags and digests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.outgoing.hook import Service
from monitor.export.hooks import hook_row

if TYPE_CHECKING:
    from monitor.core.outgoing.hook import Call

_SHOWN = 500


@click.group()
def webhooks() -> None:
    """Tell other programs, and chats, what goes too far.

    Example: hypewatch webhooks add --kind slack --url-file slack.txt
    """


@webhooks.command()
@click.argument("url", required=False)
@click.option("--url-file", type=click.File("r", encoding="utf-8"), help="File that holds the address: a shell keeps what it is given, and the address of a chat is a password; - reads it from standard input")  # fmt: skip
@click.option("--kind", type=click.Choice([service.value for service in Service]), default="webhook", show_default=True, help="Who is told: a program, or a chat")  # fmt: skip
@click.option("--event", "events", multiple=True, help="flag.confirmed or digest.sent; both unless you say otherwise")
@click.option("--study", "study_id", default="", help="Of which study; all unless you say otherwise")
def add(url: str | None, url_file: TextIO | None, kind: str, events: tuple[str, ...], study_id: str) -> None:
    """Tell an address from now on. Of a program the secret that signs its calls is printed, this once.

    Example: hypewatch webhooks add https://desk.example.org/hypewatch --event flag.confirmed
    """
    from monitor.pipeline import webhooks as pipeline

    address = url_file.read().strip() if url_file is not None else url
    if not address:
        raise click.UsageError("Name the address, or the file that holds it with --url-file.")
    hook = pipeline.add(open_service().deps, address, service=Service(kind), events=events, study_id=study_id)
    click.echo(f"Webhook {hook.id} tells {hook.place} from now on. `hypewatch webhooks test {hook.id}` tries it.")
    if hook.secret:
        click.echo(f"Its secret, which is not shown again: {hook.secret}")


@webhooks.command("list")
@format_option
def list_webhooks(form: str) -> None:
    """Who is told, and how it goes; what was given up stands in `dead`, with the number for `resend`.

    Example: hypewatch webhooks list --format json
    """
    store = open_service().store
    calls: dict[int, list[Call]] = {}
    for call in store.calls(limit=_SHOWN):
        calls.setdefault(call.hook_id, []).append(call)
    emit(
        [hook_row(hook, calls.get(hook.id, [])) for hook in store.webhooks()],
        form,
        columns=("id", "kind", "to", "events", "study", "state", "waiting", "dead"),
        empty="Nobody is told yet. `hypewatch webhooks add ADDRESS` adds a program or a chat.",
    )


@webhooks.command()
@click.argument("webhook_id", type=int)
def remove(webhook_id: int) -> None:
    """Tell an address nothing any more, and forget its calls.

    Example: hypewatch webhooks remove 1
    """
    open_service().store.remove_webhook(webhook_id)
    click.echo("Removed. It is told nothing any more.")


@webhooks.command("test")
@click.argument("webhook_id", type=int)
def try_out(webhook_id: int) -> None:
    """Tell one address now that this is a test. Exit 1 if it did not take it.

    Example: hypewatch webhooks test 1
    """
    from monitor.pipeline import webhooks as pipeline

    call = pipeline.try_out(open_service().deps, webhook_id)
    taken = call.state == "sent"
    click.echo("It was taken." if taken else f"It was not taken: {call.last_error}", err=not taken)
    sys.exit(0 if taken else 1)


@webhooks.command()
@click.argument("call_id", type=int)
def resend(call_id: int) -> None:
    """Make a call again that was given up: the same id and body. Exit 1 if it was not taken.

    Example: hypewatch webhooks resend 12
    """
    from monitor.pipeline.webhooks import make_call

    deps = open_service().deps
    deps.store.call_again(call_id, deps.clock())
    taken = make_call(deps, call_id) == "sent"
    click.echo("It was taken." if taken else "It was not taken; it is tried again by itself.", err=not taken)
    sys.exit(0 if taken else 1)
