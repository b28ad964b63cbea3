"""When the database is held, full, read-only, damaged, away or half migrated: a sentence, never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.core.errors import HypewatchError, SettingError, StorageBusyError, StorageError, StorageReadOnlyError
from monitor.core.model import FeedKind
from monitor.core.search.nodes import Query
from monitor.storage.database import Database
from monitor.storage.migrations import HEAD
from monitor.storage.store import SqlStore, open_store
from monitor.storage.upgrade import current


def sentence_of(error: HypewatchError) -> str:
    """What a person is told: both sentences are there, and nothing of a driver."""
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    assert "sqlalchemy" not in str(error).lower()
    assert "psycopg" not in str(error).lower()
    return str(error)


def test_a_held_sqlite_is_waited_for_and_then_told(sqlite_url, make):
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store = open_store(sqlite_url, busy_seconds=0.3)
    assert store.feeds() == ()  # who reads does not wait
    begun = time.monotonic()
    with pytest.raises(StorageBusyError) as told:
        store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW)
    assert 0.2 < time.monotonic() - begun < 3
    assert "held by another program" in sentence_of(told.value)
    holder.execute("ROLLBACK")
    assert store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW).url == "https://example.org/"
    holder.close()
    store.close()


def test_a_held_postgresql_is_waited_for_and_then_told(postgresql_url, make):
    import psycopg

    store = open_store(postgresql_url, busy_seconds=0.3)
    with psycopg.connect(postgresql_url) as holder:
        holder.execute("LOCK TABLE feeds IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        with pytest.raises(StorageBusyError) as told:
            store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW)
        assert time.monotonic() - begun < 3
    sentence_of(told.value)
    assert store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW).url == "https://example.org/"
    store.close()


def test_a_full_disk_is_told_and_nothing_is_half_written(sqlite_url, make):
    db = Database(sqlite_url)

    @sa.event.listens_for(db.engine, "connect")
    def _no_room(raw, _record):
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages + 3}")

    store = SqlStore(db)
    drafts = [make.draft(number, "word " * 3000) for number in range(50)]
    with pytest.raises(StorageError) as told:
        store.import_mentions(drafts, make.alone, now=make.NOW)
    assert "is full" in sentence_of(told.value)
    store.close()
    whole = open_store(sqlite_url)
    assert whole.count(Query()) == 0
    assert len(whole.import_mentions(drafts, make.alone, now=make.NOW)) == 50
    whole.close()


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes. " * 100)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(StorageError) as told:
        store.upgrade()
    assert "is no database" in sentence_of(told.value)
    store.close()


def test_a_new_database_can_be_read_by_its_owner_only(tmp_path, make):
    store = open_store(f"sqlite:///{tmp_path}/new.db")
    store.upgrade()
    store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW)
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == dict.fromkeys(
        ("new.db", "new.db-wal", "new.db-shm"), 0o600
    )
    store.close()


def test_a_folder_that_is_missing_is_told(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/missing/a.db")
    with pytest.raises(StorageError) as told:
        store.upgrade()
    assert "cannot be opened" in sentence_of(told.value)
    store.close()


READ_ONLY = """
import os, sys
from datetime import datetime, UTC
from monitor.core.errors import StorageReadOnlyError
from monitor.core.model import FeedKind
from monitor.storage.store import open_store
if os.geteuid() == 0:
    os.setuid(65534)
store = open_store(sys.argv[1], busy_seconds=1)
try:
    store.upgrade()
    store.add_feed(FeedKind.FEED, "https://example.org/", now=datetime.now(UTC))
except StorageReadOnlyError as error:
    print(error)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_folder_is_told(sqlite_url, there):
    # Root may write anywhere, so the child becomes nobody; the folder is made where nobody may look.
    folder = Path(f"/tmp/hypewatch-read-only-{os.getpid()}-{there}")
    folder.mkdir()
    try:
        path = folder / "hypewatch.db"
        if there:
            shutil.copy(sqlite_url.removeprefix("sqlite:///"), path)
            path.chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, f"sqlite:///{path}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert "cannot be written" in done.stdout, done.stderr
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_read_only_postgresql_is_told(postgresql_url, make):
    joined = "&" if "?" in postgresql_url else "?"
    db = Database(postgresql_url + joined)

    @sa.event.listens_for(db.engine, "connect")
    def _read_only(raw, _record):
        raw.execute("SET default_transaction_read_only = on")
        raw.commit()

    store = SqlStore(db)
    with pytest.raises(StorageReadOnlyError) as told:
        store.add_feed(FeedKind.FEED, "https://example.org/", now=make.NOW)
    sentence_of(told.value)
    store.close()


def test_a_server_that_is_away_is_told():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    store = open_store(f"postgresql://someone:secret-word@127.0.0.1:{port}/nothing")
    with pytest.raises(StorageError) as told:
        store.feeds()
    assert "does not answer" in sentence_of(told.value)
    assert "secret-word" not in str(told.value)
    store.close()


def test_a_server_that_is_gone_without_a_word_is_given_up_after_a_minute(postgresql_url):
    """No reset comes from a machine without power: what the system does about it is asked of the connection itself."""
    database = Database(postgresql_url)
    with database.engine.connect() as conn:
        told = socket.socket(fileno=os.dup(conn.connection.dbapi_connection.fileno()))
        with told:
            assert told.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            idle, between, times = (
                told.getsockopt(socket.IPPROTO_TCP, name)
                for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert idle + between * times <= 60
            assert 0 < told.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 60_000
    database.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:secret-word@h/n", "sqlite://", "sqlite:///:memory:", "sqlite:///"]
)
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(SettingError) as told:
        open_store(url)
    assert "secret-word" not in sentence_of(told.value)


# --- migrations ------------------------------------------------------------------------------------------------------


def test_a_newer_database_is_not_touched(store, database_url):
    db = Database(database_url)
    with db.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        store.upgrade()
    db.close()


UPGRADE = """
import sys
from monitor.storage.store import open_store
print("ready", flush=True)
sys.stdin.readline()
open_store(sys.argv[1]).upgrade()
print("done", flush=True)
"""


def start_upgrade(url):
    command = [sys.executable, "-c", UPGRADE, url]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from monitor.storage.database import Database
from monitor.storage.store import SqlStore
db, left = Database(sys.argv[1]), int(sys.argv[2])

@sa.event.listens_for(db.engine, "before_cursor_execute")
def _count(conn, cursor, statement, parameters, context, many):
    global left
    left -= statement.lstrip().upper().startswith(("CREATE", "INSERT", "COMMENT"))
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

SqlStore(db).upgrade()
"""


def test_a_migration_killed_at_twenty_places_is_whole_in_the_end(empty_url):
    for number in range(20):
        done = subprocess.run([sys.executable, "-c", KILLED, empty_url, str(number * 2)], check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL
    store = open_store(empty_url)
    store.upgrade()
    assert store.feeds() == ()
    assert store.count(Query()) == 0
    db = Database(empty_url)
    with db.read() as conn:
        assert current(conn) == HEAD
    db.close()
    store.close()


def test_three_processes_migrating_at_once_all_succeed(empty_url):
    every = [start_upgrade(empty_url) for _ in range(3)]
    ended = [process.communicate(timeout=60) for process in every]
    assert [out for out, _ in ended] == ["done\n"] * 3, ended
