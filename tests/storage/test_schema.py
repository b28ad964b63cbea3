"""The tables as migrations make them are the tables as the code knows them, and each column says what it holds."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.core.model import Work
from monitor.storage.database import Database
from monitor.storage.migrations import HEAD
from monitor.storage.tables import metadata
from monitor.storage.upgrade import MIGRATIONS
from monitor.storage.work import TABLES


def test_migrations_make_the_tables_that_the_code_knows(store, database_url):
    def ours(_thing, name, kind, _reflected, _compared):
        return not (kind == "table" and name.startswith("mention_words"))

    db = Database(database_url)
    with db.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, metadata) == []
    db.close()
    assert store.feeds() == ()


def test_the_newest_migration_is_the_one_a_start_looks_for():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_every_column_says_what_it_holds():
    silent = [f"{table}.{column.name}" for table in metadata.sorted_tables for column in table.c if not column.comment]
    assert silent == []


def test_every_kind_of_work_is_a_row_with_the_same_columns():
    columns = {"due_at", "not_before", "lease_owner", "lease_until", "attempts", "last_error", "quarantined"}
    assert set(TABLES) == set(Work)
    assert [columns - set(table.c.keys()) for table in TABLES.values()] == [set()] * len(Work)
