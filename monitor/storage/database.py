"""Connections, transactions, and the wall: no exception of SQLAlchemy or a driver leaves this room.

SQLite: WAL, BEGIN IMMEDIATE for writers (a deferred BEGIN failed 690 of 800 concurrent writes, this one none), a busy
timeout, synchronous=FULL, foreign keys, secure_delete. PostgreSQL: psycopg 3, with lock and connect timeouts.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.errors import NotFoundError, SettingError, StorageBusyError, StorageError, StorageReadOnlyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How long a writer waits for another, seconds (reliability, rule 11).
BUSY_SECONDS = 10.0
#: Rows that are written, and ids that are asked for, in one statement: far below what either database takes, and few round trips.
CHUNK = 500
#: How each session of PostgreSQL is set. A plan for any words is a bad one for a rare word: each search is planned for its own.
_POSTGRESQL = "-c timezone=UTC -c plan_cache_mode=force_custom_plan"
#: How long a PostgreSQL server may take to answer a new connection, seconds.
CONNECT_SECONDS = 5
#: A server that is gone without a word (its machine lost its power, a cable) is given up after about a minute: by default TCP waits
#: for a quarter of an hour where something was sent, and two hours where an answer is waited for. How libpq calls them:
#: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES. What only froze still answers them.
_GONE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


class Database:
    """One database and its pool of connections. Can be used from many threads."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS, shown: Path | None = None) -> None:
        """Nothing is opened yet. `url` is `sqlite:///path` or `postgresql://...`; raises SettingError for others.

        `shown` is the file that a person knows it as, where it is worked on under another name.
        """
        self.url = _sqlalchemy_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.busy_seconds = busy_seconds
        self.path = Path(self.url.database or "") if self.sqlite else None
        self._shown = shown or self.path
        self.engine = self._sqlite_engine() if self.sqlite else self._postgresql_engine()

    def _sqlite_engine(self) -> sa.Engine:
        engine = sa.create_engine(
            self.url,
            connect_args={"timeout": self.busy_seconds, "isolation_level": None},
            pool_size=20,
            max_overflow=40,
        )
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql_engine(self) -> sa.Engine:
        lock = int(self.busy_seconds * 1000)
        return sa.create_engine(
            self.url,
            pool_size=10,
            max_overflow=40,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "options": f"-c lock_timeout={lock} {_POSTGRESQL}",
                **_GONE,
            },
        )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent look."""
        with self.wall(), self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: all of it or nothing."""
        with self.wall(), self.engine.connect().execution_options(hypewatch_writer=True) as conn, conn.begin():
            yield conn

    @contextmanager
    def wall(self) -> Iterator[None]:
        """Turn what the database says into a StorageError with a sentence."""
        try:
            yield
        except (exc.SQLAlchemyError, sqlite3.Error) as error:
            raise self._storage_error(error) from error
        except OverflowError:
            # A number of more than 64 bits, as somebody typed it: no row has it.
            raise NotFoundError("There is nothing with such a number.", "Numbers have at most 18 digits.") from None

    def _storage_error(self, error: Exception) -> StorageError:
        cause = getattr(error, "orig", None) or error
        return sqlite_error(cause, self._shown) if self._shown is not None else _postgresql_error(cause)

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """INSERT with this database's ON CONFLICT."""
        return sqlite.insert(table) if self.sqlite else postgresql.insert(table)

    def among(self, numbers: Sequence[int]) -> sa.Select[Any]:
        """Any number of rows' numbers, as what a column may be IN: one parameter, where a list has one for each."""
        if self.sqlite:
            return sa.select(sa.func.json_each(json.dumps(list(numbers))).table_valued("value").c.value)
        return sa.select(sa.func.unnest(sa.cast(list(numbers), postgresql.ARRAY(sa.BigInteger))))

    def one_writer(self, conn: sa.Connection, name: int = 1) -> None:
        """Wait until no other transaction writes mentions: two of them could begin the same story twice.

        SQLite has one writer anyway. The lock ends with the transaction.
        """
        if not self.sqlite:
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_SPACE, name)))

    def time(self) -> datetime:
        """What time it is at the server, aware UTC; of a file, on this machine."""
        if self.sqlite:
            return datetime.now(UTC)
        with self.read() as conn:
            told: datetime = conn.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return told.astimezone(UTC)

    def close(self) -> None:
        """Close all connections."""
        with self.wall():
            self.engine.dispose()


#: Advisory locks of PostgreSQL are numbers: "hype" as ASCII, then 1 writing mentions, 2 migrating, 3 saving rules.
_LOCK_SPACE = 0x68797065


def _sqlalchemy_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise _no_database() from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingError(
                "A database in memory cannot be shared by threads.", "Name a file: sqlite:////home/me/hypewatch.db."
            )
        return parsed
    if name in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise _no_database()


def _no_database() -> SettingError:
    # The address is not shown: it may hold a password.
    return SettingError(
        "HYPEWATCH_DATABASE_URL is no address of a database.",
        "Write it as sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME, with signs such as @ : / # in the password as %XX.",
    )


def _set_up_sqlite(raw: Any, _record: Any) -> None:
    cursor = raw.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA secure_delete=ON")
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode=WAL")
    finally:
        cursor.close()


def _begin_sqlite(conn: sa.Connection) -> None:
    writer = conn.get_execution_options().get("hypewatch_writer")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


# --- sentences -------------------------------------------------------------------------------------------------------


def sqlite_error(cause: BaseException, path: Path) -> StorageError:  # noqa: PLR0911 - a list of cases
    """What SQLite says of the file at `path`, as a sentence for a person."""
    name = str(getattr(cause, "sqlite_errorname", "") or "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageBusyError(
            f"The database {path} is held by another program.", "Wait a moment and try again; close what has it open."
        )
    if name.startswith("SQLITE_READONLY") or (name.startswith("SQLITE_CANTOPEN") and _unwritable(path)):
        return StorageReadOnlyError(
            f"The database {path} cannot be written.", "Check the permissions of the file and of its folder."
        )
    if name == "SQLITE_FULL":
        return StorageError(f"The disk with {path} is full.", "Make room and try again; nothing was half written.")
    if name == "SQLITE_NOTADB":
        return StorageError(
            f"{path} is no database.", "Restore it from a backup, or name another file in HYPEWATCH_DATABASE_URL."
        )
    if name.startswith("SQLITE_CORRUPT"):
        return StorageError(f"The database {path} is damaged.", command="Restore it with `hypewatch db restore`.")
    if name.startswith("SQLITE_CANTOPEN"):
        return StorageError(f"The database {path} cannot be opened.", "Check that its folder exists and is yours.")
    if name.startswith("SQLITE_IOERR"):
        return StorageError(f"The disk with {path} does not read or write.", "Check the disk and try again.")
    if isinstance(cause, exc.TimeoutError):
        return StorageBusyError("All connections to the database are in use.", "Wait a moment and try again.")
    return StorageError(f"The database {path} refused: {cause}.", command="Run `hypewatch doctor`.")


def _unwritable(path: Path) -> bool:
    import os

    return path.parent.is_dir() and not os.access(path.parent, os.W_OK)


def _postgresql_error(cause: BaseException) -> StorageError:
    state = str(getattr(cause, "sqlstate", "") or "")
    words = " ".join(str(cause).split())
    if state in {"55P03", "40P01", "40001", "57014"} or isinstance(cause, exc.TimeoutError):
        return StorageBusyError("The database is held by another program.", "Wait a moment and try again.")
    if state in {"25006", "42501"}:
        return StorageReadOnlyError(
            "The database cannot be written by this user.", "Grant it the right, or name the primary server."
        )
    if state == "53100":
        return StorageError("The database server's disk is full.", "Make room and try again; nothing was half written.")
    if state in {"28P01", "28000", "3D000"}:
        return StorageError(f"The database server refused: {words}.", "Check HYPEWATCH_DATABASE_URL.")
    import psycopg

    if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)) or state.startswith(("08", "57P")):
        return StorageError(
            f"The database server does not answer: {words}.", "Start it, or check HYPEWATCH_DATABASE_URL."
        )
    return StorageError(f"The database refused: {words}.", command="Run `hypewatch doctor`.")
