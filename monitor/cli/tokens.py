"""`hypewatch tokens`: keys with which programs read and decide."""

from __future__ import annotations

import getpass

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.changes import Area
from monitor.export.entrants import key_row


@click.group()
def tokens() -> None:
    """Keys with which programs come in. The pages call them keys for programs.

    Example: hypewatch tokens new "Weekly table" --scope read
    """


@tokens.command("list")
@format_option
def list_tokens(form: str) -> None:
    """Every key that was not revoked; never the secret itself.

    Example: hypewatch tokens list
    """
    service = open_service()
    now = service.clock()
    rows = [key_row(key, now) for key in service.store.program_keys()]
    columns = ("id", "name", "whose", "scopes", "works", "last_used", "until")
    emit(rows, form, columns=columns, empty="No program has a key. `hypewatch tokens new NAME --scope read` makes one.")


@tokens.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may reach: read, review, rules, sources, subscribers, studies or admin; repeat it for several")  # fmt: skip
@click.option("--days", type=int, default=90, show_default=True, help="How long it works; 0 until it is revoked")
@click.option("--for", "who", default=None, help="Address of the person whose key it is; default: this machine's owner")
def new(name: str, scopes: tuple[str, ...], days: int, who: str | None) -> None:
    """Make a key and print it, this once. A program sends it as `Authorization: Bearer ...`.

    Example: hypewatch tokens new "Weekly table" --scope read --days 365
    """
    from monitor.core.session import Role
    from monitor.pipeline.people import find_person, make_key

    service = open_service()
    person = find_person(service.store, who) if who is not None else None
    key, secret = make_key(
        service.deps,
        name=name,
        scopes=scopes,
        days=days,
        person_id=person.id if person else None,
        role=person.role if person else Role.OWNER,
        maker=getpass.getuser(),
    )
    did = f"made the key {key.name} for: {', '.join(key.scopes)}"
    service.store.note_change(by=getpass.getuser(), area=Area.KEYS, did=did, now=service.clock(), link="/keys")
    click.echo(secret)
    click.echo("Keep it like a password: it is not shown again.", err=True)


@tokens.command()
@click.argument("key_id", type=int)
def revoke(key_id: int) -> None:
    """Let a key work no more.

    Example: hypewatch tokens revoke 3
    """
    service = open_service()
    key = service.store.revoke_key(key_id, service.clock())
    did = f"revoked the key {key.name} of {key.person}"
    service.store.note_change(by=getpass.getuser(), area=Area.KEYS, did=did, now=service.clock(), link="/keys")
    click.echo(f"The key {key.name} works no more.")
