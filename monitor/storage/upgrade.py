"""Bringing the schema up to date: Alembic's migrations, run inside one transaction that only one process can hold.

SQLite takes BEGIN IMMEDIATE, PostgreSQL an advisory lock; both roll the whole step back if the process dies in it, so
a migration that was killed half-way is simply run again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import StorageNewerError
from monitor.storage import search_index as index
from monitor.storage.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

    from monitor.storage.database import Database

#: Since this migration the words of the search index are those of `search_index.py`; an older index is written anew.
_INDEX = "0022"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 2
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))


def upgrade(db: Database) -> None:
    """Run the migrations that are missing. Raises StorageNewerError if the database was made by a newer version."""
    if db.path is not None and not db.path.exists():
        # Addresses and the signing key are in it: nobody else may read it. If it cannot be made, opening it says why.
        with suppress(OSError):
            db.path.touch(mode=0o600)
    elif db.path is not None:
        _close_to_others(db.path)
    with db.read() as conn:
        version = current(conn)
    if version == HEAD:
        return
    with db.write() as conn:
        db.one_writer(conn, _LOCK)
        version = current(conn)  # somebody may have been quicker
        if version != HEAD:
            _migrate(conn, version)
            if version is not None and version < _INDEX:
                index.rebuild(db, conn)


def _close_to_others(path: Path) -> None:
    """Put a database right that was made when others could still read it. If it is not ours, `doctor` tells."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(OSError):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def is_newer(conn: sa.Connection) -> bool:
    """Was it written by a version of Hypewatch that knows migrations which this one does not?"""
    version = current(conn)
    return version is not None and version not in _known(config(conn))


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


def _known(made: Config) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(made).walk_revisions()}


def _migrate(conn: sa.Connection, version: str | None) -> None:
    from alembic import command

    made = config(conn)
    if version is not None and version not in _known(made):
        raise StorageNewerError(
            "This database was written by a newer version of Hypewatch; nothing was changed.",
            "Upgrade Hypewatch, or restore a backup from before into a new, empty database.",
        )
    command.upgrade(made, "head")
