"""Bringing the schema up to date: Alembic's migrations, run inside one transaction that only one process can hold.

SQLite takes BEGIN IMMEDIATE, PostgreSQL an advisory lock; both roll the whole step back if the process dies in it, so
a migration that was killed half-way is simply run again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

    from monitor.storage.database import Database

#: The newest migration. Kept here so that a start does not load Alembic (0.2 s) to learn that nothing is to be done;
#: a test compares it with the folder.
HEAD = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 2
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))


def upgrade(db: Database) -> None:
    """Run the migrations that are missing. Raises StorageError if the database was made by a newer version."""
    if db.path is not None and not db.path.exists():
        # Addresses and the signing key are in it: nobody else may read it. If it cannot be made, opening it says why.
        with suppress(OSError):
            db.path.touch(mode=0o600)
    with db.read() as conn:
        version = current(conn)
    if version == HEAD:
        return
    with db.write() as conn:
        db.one_writer(conn, _LOCK)
        version = current(conn)  # somebody may have been quicker
        if version != HEAD:
            _migrate(conn, version)


def current(conn: sa.Connection) -> str | None:
    """The migration that the database is at; None for an empty one."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.scalar(sa.select(_VERSION.c.version_num))


def config(conn: sa.Connection) -> Config:
    """Alembic's configuration for this connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = conn
    return made


def _migrate(conn: sa.Connection, version: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    made = config(conn)
    known = {script.revision for script in ScriptDirectory.from_config(made).walk_revisions()}
    if version is not None and version not in known:
        raise StorageError(
            "This database was written by a newer version of Hypewatch.",
            "Upgrade Hypewatch, or restore a backup from before.",
        )
    command.upgrade(made, "head")
