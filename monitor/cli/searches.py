"""`hypewatch searches`: searches that are kept under a name."""

from __future__ import annotations

import getpass
import sys

import click

from monitor.cli.shared import SearchCommand, emit, format_option, open_service, typed
from monitor.core.errors import UsageError
from monitor.export.rows import search_row


@click.group()
def searches() -> None:
    """Keep a search under a name, for everybody.

    Example: hypewatch searches save "Cure in Japanese" '治療 lang:ja tier:confirmed'
    """


@searches.command("list")
@format_option
def list_searches(form: str) -> None:
    """Saved searches, by name. Exit 1 if there is none.

    Example: hypewatch searches list --format json
    """
    rows = [search_row(search) for search in open_service().store.saved_searches()]
    empty = "No search is saved yet. `hypewatch searches save NAME QUERY` keeps one."
    emit(rows, form, columns=("id", "name", "query", "by", "saved_at"), empty=empty)
    sys.exit(0 if rows else 1)


@searches.command(cls=SearchCommand)
@click.argument("name")
@click.argument("words", nargs=-1, required=True)
def save(name: str, words: tuple[str, ...]) -> None:
    """Keep a search; one of that name takes its place.

    Example: hypewatch searches save "This week" 'tier:confirmed since:7d'
    """
    from monitor.pipeline.searches import save_search

    service = open_service()
    saved = save_search(
        service.store,
        service.library.current,
        name=name,
        text=typed(words),
        by=getpass.getuser(),
        now=service.clock(),
    )
    click.echo(f"Saved as {saved.name!r}. `hypewatch mentions --saved {saved.id}` asks it.")


@searches.command()
@click.argument("name")
@click.argument("address")
@click.option("--at-once", is_flag=True, help="As they come, and not once a day at their hour")
@click.option("--stop", is_flag=True, help="Mail them no more")
@click.option("--study", "study_id", help="Their digest about which study; needed where they get several")
def mail(name: str, address: str, study_id: str | None, *, at_once: bool, stop: bool) -> None:
    """Mail somebody who gets the digest what a saved search finds from now on.

    Example: hypewatch searches mail "This week" ada@example.org --at-once
    """
    from monitor.pipeline.searches import mail_search, named_search

    service = open_service()
    search = named_search(service.store, name)
    theirs = [
        one for one in service.store.got_by(address)[0] if study_id in {None, one.study_id} and one.left_at is None
    ]
    if len(theirs) != 1:
        raise UsageError(
            f"{address} gets no digest." if not theirs else f"{address} gets more than one digest.",
            "`hypewatch subscribers add` adds them." if not theirs else "Say which with --study.",
        )
    if stop:
        service.store.stop_search_mail(search.id, theirs[0].id)
        click.echo(f"What {search.name!r} finds is not mailed to {address} any more.")
        return
    mail_search(service.store, search.id, theirs[0].id, at_once=at_once, now=service.clock())
    click.echo(
        f"What {search.name!r} finds from now on is mailed to {address}, {'as it comes' if at_once else 'once a day'}."
    )


@searches.command()
@click.argument("name")
def remove(name: str) -> None:
    """Keep a search no longer, by its name or number; links that share it show nothing any more.

    Example: hypewatch searches remove "This week"
    """
    from monitor.pipeline.searches import named_search

    store = open_service().store
    search = named_search(store, name)
    store.remove_search(search.id)
    click.echo(f"{search.name!r} is not kept any more.")
