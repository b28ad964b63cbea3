"""`hypewatch personal`: what is stored of one person, given out whole or erased whole."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import open_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.digests.subscribers import SentMail, Subscription
    from monitor.core.mention import Mention
    from monitor.ports import Store


@click.group()
def personal() -> None:
    """What is stored of one person: an author by name or @handle, a subscriber by mail address.

    Example: hypewatch personal export @jo_writes > jo.json
    """


@personal.command()
@click.argument("who")
def export(who: str) -> None:
    """Everything that is stored of this person, as one JSON document. Exit 1 if there is nothing.

    Example: hypewatch personal export ada@example.org
    """
    from monitor.export.personal import personal_document

    service = open_service()
    said, subscriptions, mails = _stored(service.store, who)
    document = personal_document(who, said, subscriptions, mails, service.clock())
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    sys.exit(0 if said or subscriptions else 1)


@personal.command()
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask first")
def erase(who: str, *, yes: bool) -> None:
    """Erase everything of this person for good. What an author said cannot be read in again; a subscriber is forgotten wholly.

    Of mails that a server took, and of backups made before, nothing can be taken back. Exit 1 if there is nothing.

    Example: hypewatch personal erase @jo_writes
    """
    service = open_service()
    store = service.store
    said, subscriptions, mails = _stored(store, who)
    if not said and not subscriptions:
        click.echo(f"Nothing is stored of {who}.")
        sys.exit(1)
    click.echo(f"{len(said)} mentions, {len(subscriptions)} subscriptions and {len(mails)} mails of {who}.")
    if not yes:
        click.confirm("Erase them for good?", abort=True)
    if subscriptions:
        store.erase_subscriber(who)
        service.forget_mails(mails)
    if said:
        store.erase_author(who, service.clock())
        service.forget_mails()
    click.echo("They are gone.")


def _stored(store: Store, who: str) -> tuple[Sequence[Mention], Sequence[Subscription], Sequence[SentMail]]:
    subscriptions, mails = store.got_by(who)
    return store.said_by(who), subscriptions, mails
