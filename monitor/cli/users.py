"""`hypewatch users`: people who may come in."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.changes import Area
from monitor.core.session import Role
from monitor.export.entrants import person_row

if TYPE_CHECKING:
    from monitor.service import Service

_ROLES = click.Choice([role.value for role in Role])
_ROLES_MEAN = "reader: reads; editor: also decides and tunes rules; owner: also looks after people and keys"


@click.group()
def users() -> None:
    """People who may come in. On a loopback address nobody needs to sign in.

    Example: hypewatch users list
    """


@users.command("list")
@format_option
def list_users(form: str) -> None:
    """Everybody who may come in, or was invited.

    Example: hypewatch users list
    """
    rows = [person_row(person) for person in open_service().store.people()]
    columns = ("id", "address", "name", "role", "state", "last_seen")
    emit(rows, form, columns=columns, empty="Nobody has an account. `hypewatch users invite ADDRESS` makes the first.")


@users.command()
@click.argument("address")
@click.option("--role", type=_ROLES, default=Role.READER.value, show_default=True, help=_ROLES_MEAN)
@click.option("--name", default="", help="Stands beside what they decide and change; without one it is the address")
def invite(address: str, role: str, name: str) -> None:
    """Invite somebody by mail, or send who was invited a new link. The link is printed where no mail server is set up.

    Example: hypewatch users invite ada@example.org --role editor --name "Ada"
    """
    from monitor.core.people import PersonState, check_email
    from monitor.pipeline import people

    service = open_service()
    known = service.store.person_of(check_email(address))
    if known is not None and known.state is PersonState.INVITED:
        invitation = people.invite_again(service.deps, known.id, by=getpass.getuser())
        _note(service, f"sent a new link to {known.called}", known.id)
    else:
        invitation = people.invite(service.deps, address, role=Role(role), name=name, by=getpass.getuser())
        _note(service, f"invited {invitation.person.called} as {role}", invitation.person.id)
    person = invitation.person
    if service.mails and not invitation.trouble:
        click.echo(f"An invitation went to {person.email}. Its link works once, within 7 days.")
        return
    click.echo(invitation.link)
    why = f"It could not be mailed: {invitation.trouble} " if invitation.trouble else "No mail server is set up. "
    click.echo(f"{why}Pass the link on to {person.called}: it works once, within 7 days.", err=True)


@users.command("set")
@click.argument("who")
@click.option("--role", type=_ROLES, help=_ROLES_MEAN)
@click.option("--name", help="Stands beside what they decide and change")
def set_user(who: str, role: str | None, name: str | None) -> None:
    """Let somebody, by address or number, do more or less; or change their name.

    Example: hypewatch users set ada@example.org --role owner
    """
    from monitor.core.people import check_name
    from monitor.pipeline.people import find_person

    service = open_service()
    if role is None and name is None:
        raise click.UsageError("Say what is to change: --role or --name.")
    person = find_person(service.store, who)
    called = check_name(name) if name is not None else None
    if role is not None and role != person.role:
        service.store.set_role(person.id, Role(role), by=None)
        _note(service, f"made {person.called} {role}, before {person.role.value}", person.id)
    if called is not None and called != person.name:
        service.store.rename_person(person.id, called)
        _note(service, f"called {person.called} {called or person.email} from then on", person.id)
    click.echo("Saved. It holds from their next page on.")


@users.command()
@click.argument("who")
def remove(who: str) -> None:
    """Remove somebody, by address or number: their sign-ins and keys end. What they did stays.

    Example: hypewatch users remove ada@example.org
    """
    from monitor.pipeline.people import find_person

    service = open_service()
    person = find_person(service.store, who)
    service.store.remove_person(person.id, service.clock())
    _note(service, f"removed {person.called}")
    click.echo(f"{person.called} is removed; their sign-ins and keys have ended.")


def _note(service: Service, did: str, person_id: int | None = None) -> None:
    link = f"/people/{person_id}" if person_id is not None else "/people"
    service.store.note_change(by=getpass.getuser(), area=Area.PEOPLE, did=did, now=service.clock(), link=link)
