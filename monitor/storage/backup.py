"""Whole databases: backup while others write, restore that brings back nothing which was withdrawn, and moving house.

Rows travel typed, table by table, so SQLite and PostgreSQL can be either end. A backup is always one SQLite file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.digests.subscribers import DigestState
from monitor.core.errors import StorageError, StorageReadOnlyError
from monitor.home_files import sqlite_url
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK, Database, sqlite_error
from monitor.storage.editions import edition_of
from monitor.storage.items import withdraw as purge
from monitor.storage.items.aliases import tomb
from monitor.storage.tables import (
    digest_flags,
    digest_proposals,
    digest_quotes,
    digests,
    edition_mentions,
    entries,
    flags,
    keys,
    mentions,
    metadata,
    names,
    people,
    proposals,
    sessions,
    settings,
    stories,
    subscribers,
    subscriptions,
    tombstones,
    tries,
    webhook_calls,
    webhooks,
)
from monitor.storage.upgrade import current, is_newer, upgrade
from monitor.storage.work import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

#: How every SQLite file begins (sqlite.org, "Database File Format", 1.3).
SQLITE_MAGIC = b"SQLite format 3\x00"
#: Settings that stay where they are: a backup holds no secrets (reliability, rule 14).
SECRET_SETTINGS = ("secret-key",)
#: Said of a digest that was queued when the backup was made: by now it may have gone out.
MAY_HAVE_GONE = "Restored from a backup; it may have been sent after that was made, so it is not sent again."


def backup(url: str, file: Path) -> None:
    """Write everything but secrets to one SQLite file, as it is at one moment; others may go on writing.

    An older file of that name is replaced only when the new one is whole. Raises StorageError.
    """
    with closing(Database(url)) as source, _made_whole(file) as part:
        _refuse_itself(source, file, "Name another file for the backup.")
        if source.sqlite:
            _vacuum_into(source, part, file)
        else:
            with closing(Database(sqlite_url(part), shown=file)) as target:
                upgrade(target)
                _copy_all(source, target)
        _without_secrets(part, file)


def _vacuum_into(source: Database, part: Path, file: Path) -> None:
    with source.wall(), source.engine.connect() as conn:
        raw = conn.connection.driver_connection
        if raw is None:
            return
        try:
            raw.execute("VACUUM INTO ?", [str(part)])
        except sqlite3.Error as error:
            # What is busy or damaged is the database; what is full or cannot be written is where the backup goes.
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CORRUPT", "SQLITE_NOTADB")):
                raise
            raise sqlite_error(error, file) from error


def _refuse_itself(db: Database, file: Path, hint: str) -> None:
    if db.path is not None and file.exists() and db.path.exists() and file.samefile(db.path):
        raise StorageError(f"{file} is the database itself.", hint)


def restore(file: Path, url: str) -> None:
    """Replace everything in the database by a backup, in one transaction.

    What was withdrawn since the backup stays withdrawn, who left since stays away, digests that went out since are
    remembered, and none that was queued then is sent. Raises StorageError if the file is no backup.
    """
    with file.open("rb") as stream:
        if stream.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise _no_backup(file)
    with tempfile.TemporaryDirectory(prefix="hypewatch-restore-") as folder:
        copy = Path(folder) / "backup.db"
        _copy_file(file, copy)  # migrations change it; the backup itself stays as it is
        with closing(Database(sqlite_url(copy), shown=file)) as source, closing(Database(url)) as target:
            _refuse_itself(target, file, "Name a file that `db backup` wrote.")
            _look_through(source, file)
            upgrade(source)
            upgrade(target)
            with source.read() as old, target.write() as conn:
                target.one_writer(conn)
                kept = _Kept(conn)
                _empty(target, conn)
                _copy_rows(old, conn)
                kept.put_back(target, conn)
                _finish(target, conn)
            purge.scrub(target, wait=False)


def _copy_file(file: Path, copy: Path) -> None:
    try:
        shutil.copyfile(file, copy)
    except OSError as error:
        raise StorageError(
            f"The backup {file} cannot be read, or not be copied to {copy.parent} ({error.strerror}).",
            "Check its permissions, or set TMPDIR to a folder with room for it.",
        ) from None


def _look_through(source: Database, file: Path) -> None:
    """Raise StorageError unless this is a whole backup that this version can read: before anything is replaced."""
    try:
        with source.read() as conn:
            whole = conn.exec_driver_sql("PRAGMA integrity_check(1)").scalar() == "ok"
            ours = whole and current(conn) is not None
            newer = ours and is_newer(conn)
    except StorageError:
        whole = ours = newer = False
    if not whole:
        raise StorageError(f"The backup {file} is damaged; nothing was changed.", "Use another backup.")
    if not ours:
        raise _no_backup(file)
    if newer:
        raise StorageError(
            f"The backup {file} was written by a newer version of Hypewatch; nothing was changed.",
            "Upgrade Hypewatch, then restore it.",
        )


def _no_backup(file: Path) -> StorageError:
    return StorageError(f"{file} is no backup of Hypewatch.", "Name a file that `db backup` wrote.")


def copy_to(from_url: str, to_url: str) -> int:
    """Copy everything into an empty database; returns how many rows. Raises StorageError if it is not empty."""
    with closing(Database(from_url)) as source, closing(Database(to_url)) as target:
        upgrade(source)
        upgrade(target)
        return _copy_all(source, target)


# --- copying ---------------------------------------------------------------------------------------------------------


def _copy_all(source: Database, target: Database) -> int:
    with _snapshot(source) as old, target.write() as conn:
        for table in metadata.sorted_tables:
            if conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise StorageError("The database to copy into is not empty.", "Name one without tables, or empty it.")
        rows = _copy_rows(old, conn)
        _finish(target, conn)
        return rows


@contextmanager
def _snapshot(db: Database) -> Iterator[sa.Connection]:
    """One look for all tables: on SQLite every transaction is, PostgreSQL is asked for it."""
    if db.sqlite:
        with db.read() as conn:
            yield conn
        return
    with db.wall(), db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
        yield conn


def _copy_rows(old: sa.Connection, conn: sa.Connection) -> int:
    count = 0
    quoting: list[dict[str, int]] = []
    for table in metadata.sorted_tables:
        chosen = sa.select(table).order_by(*table.primary_key.columns)
        result = old.execute(chosen, execution_options={"stream_results": True, "yield_per": CHUNK})
        for part in result.mappings().partitions(CHUNK):
            rows = [dict(row) for row in part]
            if table is mentions:
                # A post may be older than the mention that quotes it: linked when all are there.
                quoting += [{"this": row["id"], "page": row["found_on_id"]} for row in rows if row["found_on_id"]]
                rows = [row | {"found_on_id": None} for row in rows]
            conn.execute(sa.insert(table), rows)
            count += len(rows)
    if quoting:
        link = sa.update(mentions).where(mentions.c.id == sa.bindparam("this"))
        conn.execute(link.values(found_on_id=sa.bindparam("page")), quoting)
    return count


def _finish(db: Database, conn: sa.Connection) -> None:
    """Build the index, and let PostgreSQL number on from the highest id."""
    index.rebuild(db, conn)
    if not db.sqlite:
        for table in metadata.sorted_tables:
            if "id" in table.c and table not in {mentions, stories}:
                conn.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608 - our own names
                        f" coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)"
                    )
                )


def _empty(db: Database, conn: sa.Connection) -> None:
    conn.exec_driver_sql("DELETE FROM mention_words")
    conn.execute(sa.update(mentions).values(found_on_id=None))
    for table in reversed(metadata.sorted_tables):
        conn.execute(sa.delete(table))
    index.forget(db, conn)


# --- what a restore keeps --------------------------------------------------------------------------------------------


class _Kept:
    """What the database to restore into knows and a backup cannot: read before it is emptied."""

    def __init__(self, conn: sa.Connection) -> None:
        self.tombstones = _rows(conn, sa.select(tombstones))
        self.secrets = _rows(conn, sa.select(settings).where(settings.c.name.in_(SECRET_SETTINGS)))
        self.left = _rows(conn, _whose(subscriptions.c.left_at).where(subscriptions.c.left_at.is_not(None)))
        self.suppressed = _rows(
            conn,
            sa.select(subscribers.c.email, subscribers.c.suppressed_at, subscribers.c.suppressed_why).where(
                subscribers.c.suppressed_at.is_not(None)
            ),
        )
        self.digests = _rows(conn, _addressed(digests))
        self.told = _rows(
            conn,
            sa.select(digests.c.id.label("digest_id"), edition_mentions.c.mention_id).join_from(
                digests, edition_mentions, digests.c.edition_id == edition_mentions.c.edition_id
            ),
        )
        self.told_flags = _rows(conn, sa.select(digest_flags))
        self.told_proposals = _rows(conn, sa.select(digest_proposals))
        self.quoted = _rows(conn, sa.select(digest_quotes))
        self.webhooks = _rows(conn, sa.select(webhooks))
        self.people = _rows(conn, sa.select(people))
        self.keys = _rows(conn, sa.select(keys))

    def put_back(self, db: Database, conn: sa.Connection) -> None:
        """Into the restored rows."""
        for table, rows in ((tombstones, self.tombstones), (settings, self.secrets)):
            if rows:
                conn.execute(sa.delete(table).where(next(iter(table.primary_key)).in_([_first(row) for row in rows])))
                conn.execute(sa.insert(table), rows)
        self._left(conn)
        conn.execute(
            sa.update(digests)
            .where(digests.c.state.in_([DigestState.READY, DigestState.SENDING]))
            .values(state=DigestState.UNKNOWN, due_at=None, sentence=MAY_HAVE_GONE)
        )
        self._digests(db, conn)
        self._webhooks(conn)
        self._people(conn)
        for table in TABLES.values():
            conn.execute(
                sa.update(table).where(table.c.lease_owner.is_not(None)).values(lease_owner=None, lease_until=None)
            )
        self._withdraw(db, conn)

    def _left(self, conn: sa.Connection) -> None:
        """Who left since the backup, or whose mail came back since, gets none."""
        people = _subscription_ids(conn)
        for row in self.left:
            subscription_id = people.get((row["email"], row["study_id"]))
            s = subscriptions.c
            ending = sa.update(subscriptions).where(s.id == subscription_id, s.left_at.is_(None))
            conn.execute(ending.values(left_at=row["left_at"], asked_at=None))
        for row in self.suppressed:
            person = sa.update(subscribers).where(subscribers.c.email == row.pop("email"))
            conn.execute(person.where(subscribers.c.suppressed_at.is_(None)).values(row))

    def _webhooks(self, conn: sa.Connection) -> None:
        """Who is told stays; what the backup holds may have been told."""
        newest = [
            conn.scalar(sa.select(sa.func.max(moment, type_=moment.type)))
            for moment in (flags.c.raised_at, digests.c.created_at)
        ]
        after = max((moment for moment in newest if moment), default=None)
        for row in self.webhooks:
            since = row["since"] if after is None else max(row["since"], after + timedelta(microseconds=1))
            conn.execute(sa.insert(webhooks).values({**row, "since": since}))

    def _people(self, conn: sa.Connection) -> None:
        """Who may come in stays as it is: who was removed since does not come back. An installation without people takes the backup's."""
        if self.people:
            conn.execute(sa.delete(people))
            conn.execute(sa.insert(people), self.people)
        if self.keys:
            conn.execute(sa.insert(keys), self.keys)

    def _digests(self, db: Database, conn: sa.Connection) -> None:
        """Digests made since the backup, for the subscriptions that it has: what they told is not told again."""
        people = _subscription_ids(conn)
        present = {(row.subscription_id, row.local_date): row.id for row in conn.execute(sa.select(digests))}
        ids: dict[int, tuple[int, int]] = {}
        for row in self.digests:
            subscription_id = people.get((row["email"], row["study_id"]))
            if subscription_id is None:
                continue
            digest_id = present.get((subscription_id, row["local_date"]))
            values = {column.name: row[column.name] for column in digests.c if column.name != "id"}
            values |= {"subscription_id": subscription_id, "edition_id": None}
            if digest_id is None:
                digest_id = conn.execute(sa.insert(digests).values(values).returning(digests.c.id)).scalar_one()
            else:
                conn.execute(sa.update(digests).where(digests.c.id == digest_id).values(values))
            ids[row["id"]] = (digest_id, subscription_id)
        known = set(conn.scalars(sa.select(mentions.c.id)))
        known_flags = {row.id: row.fingerprint for row in conn.execute(sa.select(flags.c.id, flags.c.fingerprint))}
        for table, column, there, rows in (
            (digest_flags, "flag_id", known_flags, self.told_flags),
            (digest_proposals, "proposal_id", set(conn.scalars(sa.select(proposals.c.id))), self.told_proposals),
        ):
            again = [
                {
                    "subscription_id": ids[row["digest_id"]][1],
                    column: row[column],
                    "digest_id": ids[row["digest_id"]][0],
                }
                for row in rows
                if row["digest_id"] in ids and row[column] in there
            ]
            if again:
                conn.execute(db.insert(table).on_conflict_do_nothing(), again)
        told: dict[int, list[int]] = {}
        for row in self.told:
            if row["digest_id"] in ids and row["mention_id"] in known:
                told.setdefault(ids[row["digest_id"]][0], []).append(row["mention_id"])
        for digest_id, mention_ids in told.items():
            edition_id = edition_of(db, conn, mention_ids)
            conn.execute(sa.update(digests).where(digests.c.id == digest_id).values(edition_id=edition_id))
        quoted = [
            {"digest_id": ids[row["digest_id"]][0], "mention_id": row["mention_id"]}
            for row in self.quoted
            if row["digest_id"] in ids and row["mention_id"] in known
        ]
        if quoted:
            conn.execute(db.insert(digest_quotes).on_conflict_do_nothing(), quoted)

    def _withdraw(self, db: Database, conn: sa.Connection) -> None:
        """Take out again what was withdrawn, before or since."""
        gone: dict[str, datetime] = {row["identity_hash"]: row["at"] for row in _rows(conn, sa.select(tombstones))}
        if not gone:
            return
        columns = (mentions.c.identity, entries.c.identity, names.c.name)
        stored = {identity for column in columns for identity in conn.scalars(sa.select(column))}
        withdrawn = sorted(identity for identity in stored if tomb(identity) in gone)
        purge.withdraw(db, conn, withdrawn, now=max(gone.values()))


def _whose(*columns: sa.Column[Any]) -> sa.Select[Any]:
    """Subscriptions in words that outlive numbers."""
    return sa.select(*columns, subscriptions.c.study_id, subscribers.c.email).join_from(subscriptions, subscribers)


def _subscription_ids(conn: sa.Connection) -> dict[tuple[str, str], int]:
    """By address and study."""
    return {(row.email, row.study_id): row.id for row in conn.execute(_whose(subscriptions.c.id))}


def _addressed(table: sa.Table) -> sa.Select[Any]:
    """Digests with whose they are, in words that outlive numbers."""
    return (
        sa.select(table, subscriptions.c.study_id, subscribers.c.email)
        .join_from(table, subscriptions, subscriptions.c.id == table.c.subscription_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .order_by(table.c.id)
    )


def _rows(conn: sa.Connection, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(statement).mappings()]


def _first(row: Mapping[str, Any]) -> Any:
    return next(iter(row.values()))


# --- files -----------------------------------------------------------------------------------------------------------


@contextmanager
def _made_whole(file: Path) -> Iterator[Path]:
    """A path beside `file` to write to; it takes the name of `file` when all went well."""
    try:
        folder = tempfile.mkdtemp(prefix=".hypewatch-", dir=file.parent)
    except OSError as error:
        raise StorageReadOnlyError(
            f"The folder {file.parent} cannot be written ({error.strerror}).", "Name another place for the backup."
        ) from None
    part = Path(folder) / "part.db"
    try:
        yield part
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.chmod(0o600)
        part.replace(file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _without_secrets(part: Path, file: Path) -> None:
    with closing(Database(sqlite_url(part), shown=file)) as db:
        with db.write() as conn:
            conn.execute(sa.delete(settings).where(settings.c.name.in_(SECRET_SETTINGS)))
            conn.execute(sa.delete(webhook_calls))
            conn.execute(sa.delete(webhooks))  # their addresses and secrets let in whoever knows them
            conn.execute(sa.delete(sessions))  # who was signed in then is not signed in by a restore
            conn.execute(sa.delete(tries))
            conn.execute(sa.delete(keys))
            conn.execute(sa.update(people).values(password=None))  # the people stay: they come in by a link
        purge.scrub(db)
        with db.wall(), db.engine.connect() as conn:
            raw = conn.connection.driver_connection
            if raw is not None:
                raw.execute("VACUUM")  # no byte of them in a page that was freed
                raw.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
