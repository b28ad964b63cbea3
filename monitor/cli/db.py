"""`hypewatch db`: upgrade, back up, restore and move the database."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.desk import bring, saved_files
from monitor.cli.shared import open_service


@click.group()
def db() -> None:
    """Upgrade, back up, restore and move the database.

    Example: hypewatch db backup saved.db
    """


@db.command()
def upgrade() -> None:
    """Bring the database to this version. Every command does this by itself; servers do it once before they start.

    Example: hypewatch db upgrade
    """
    open_service().store.upgrade()
    click.echo("The database is up to date.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything to one SQLite file, while others go on writing.

    Example: hypewatch db backup saved.db
    """
    from monitor.storage.backup import backup as make_backup

    service = open_service()
    service.store.upgrade()
    make_backup(service.settings.database, file)
    click.echo(f"Written: {file}.")
    # On another machine these are needed as well: say so while it is easy.
    beside = [f"the fact sheets in {service.settings.home / 'studies'}"] * (service.settings.home / "studies").is_dir()
    beside += [str(service.settings.home / "hypewatch.toml")] * (service.settings.home / "hypewatch.toml").is_file()
    if not service.settings.secret_key:
        beside.append("the key that signs links (links in mails that were sent stop working without it)")
    if beside:
        click.echo(f"Not in it: {', '.join(beside)}. See `hypewatch help operations`.", err=True)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.confirmation_option("--yes", prompt="Replace everything in the database by this backup?")
def restore(file: Path) -> None:
    """Replace the database by a backup. What was withdrawn since stays withdrawn; nothing is mailed again.

    Example: hypewatch db restore saved.db --yes
    """
    from monitor.storage.backup import restore as put_back

    service = open_service()
    if service.settings.database.startswith("sqlite:"):
        service.make_home()  # on a new machine there is none yet
    put_back(file, service.settings.database)
    click.echo("Restored.")
    if saved_files(service):
        service.make_home()
        for line in bring(service):
            click.echo(line)


@db.command("copy-to")
@click.argument("url")
def copy_to(url: str) -> None:
    """Copy everything into another, empty database: the way from SQLite to PostgreSQL.

    Example: hypewatch db copy-to postgresql://hypewatch@localhost/hypewatch
    """
    from monitor.storage.backup import copy_to as copy

    rows = copy(open_service().settings.database, url)
    click.echo(f"{rows:,} rows copied. Set HYPEWATCH_DATABASE_URL to use the new database.")
