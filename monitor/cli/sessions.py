"""`hypewatch sessions`: browsers that are signed in, where the pages need it."""

from __future__ import annotations

import getpass

import click

from monitor.cli.shared import emit, format_option, open_service, stamp
from monitor.core.session import Role


@click.group()
def sessions() -> None:
    """Browsers that are signed in. On a loopback address nobody needs to.

    Example: hypewatch sessions list
    """


@sessions.command("list")
@format_option
def list_sessions(form: str) -> None:
    """Browsers that are signed in, and sign-in links that nobody used yet.

    Example: hypewatch sessions list
    """
    service = open_service()
    rows = [
        {
            "id": session.id,
            "state": session.state.value,
            "name": session.name,
            "role": session.role.value,
            "browser": session.browser,
            "since": stamp(session.opened_at or session.made_at),
            "until": stamp(session.expires_at),
        }
        for session in service.store.sessions(service.clock())
    ]
    columns = ("id", "state", "name", "role", "browser", "since", "until")
    emit(rows, form, columns=columns, empty="No browser is signed in. `hypewatch sessions new` prints a sign-in link.")


@sessions.command()
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OWNER.value,
    show_default=True,
    help="reader: reads; editor: also decides and tunes rules; owner: also signs browsers in and out",
)
@click.option("--name", default=None, help="Whom it is for: stands beside what is decided; default: your login name")
def new(role: str, name: str | None) -> None:
    """Print a sign-in link. It works once, within an hour.

    Example: hypewatch sessions new --role editor --name "Ada"
    """
    from monitor.web.sessions import sign_in_link

    click.echo(sign_in_link(open_service(), role=Role(role), name=name or getpass.getuser()))
    click.echo(f"It signs one browser in, as {role}: it works once, within an hour.", err=True)


@sessions.command()
@click.argument("session_id", type=int)
def end(session_id: int) -> None:
    """End a browser's sign-in, or take back a link that nobody used yet.

    Example: hypewatch sessions end 3
    """
    open_service().store.end_session(session_id)
    click.echo(f"Session {session_id} is ended.")
