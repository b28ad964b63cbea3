"""Upgrading from each earlier version with data in it: every table has a row, and afterwards it has it still, and can be searched."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from monitor.core.search.nodes import Query, Word
from monitor.storage import upgrade as upgrading
from monitor.storage.database import Database
from monitor.storage.migrations import HEAD
from monitor.storage.store import open_store
from monitor.storage.upgrade import MIGRATIONS, current

EARLIER = sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())[:-1]
#: What a column holds where any text will not do.
GIVEN = {
    ("mentions", "text"): "Walking again, they say.",
    ("mentions", "kind"): "article",
    ("mentions", "network"): "web",
    ("mentions", "lang"): "en",
    ("mentions", "date_confidence"): "exact",
    ("entries", "date_confidence"): "exact",
}
#: Tables whose rows went into another.
BECAME = {"digest_mentions": "edition_mentions"}
#: Written anew by an upgrade that changes what it holds, else left as it is; here it is not filled.
INDEX = "mention_words"


def made_at(db: Database, revision: str) -> None:
    """The schema as that version had it."""
    with db.write() as conn:
        command.upgrade(upgrading.config(conn), revision)


def tables_of(conn: sa.Connection) -> list[sa.Table]:
    """The tables that hold data, whichever others need first."""
    found = sa.MetaData()
    found.reflect(conn, only=lambda name, _: not name.startswith(INDEX) and name != "alembic_version")
    return found.sorted_tables


def filled(db: Database) -> dict[str, int]:
    """One row in each table; how many rows each then has."""
    with db.write() as conn:
        tables = tables_of(conn)
        for table in tables:
            conn.execute(sa.insert(table).values(**row_of(table)))
    return counts_of(db)


def row_of(table: sa.Table) -> dict[str, Any]:
    """What must be there, and no more."""
    needed = [column for column in table.c if column.primary_key or not column.nullable]
    return {column.name: GIVEN.get((table.name, column.name), _value(column)) for column in needed}


def _value(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.JSON):
        return []
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, (sa.Integer, sa.Float, sa.Numeric)):
        return 1
    return b"1" if isinstance(column.type, sa.LargeBinary) else "1"


def counts_of(db: Database) -> dict[str, int]:
    with db.read() as conn:
        return {
            table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in tables_of(conn)
        }


@pytest.mark.parametrize("revision", EARLIER)
def test_what_an_earlier_version_stored_is_kept_and_found(empty_url, revision):
    db = Database(empty_url)
    made_at(db, revision)
    before = filled(db)
    assert set(before.values()) == {1}
    store = open_store(empty_url)
    store.upgrade()
    after = counts_of(db)
    assert {name: after.get(BECAME.get(name, name)) for name in before} == before
    with db.read() as conn:
        assert current(conn) == HEAD
    if revision < upgrading._INDEX:
        assert store.count(Query("walking", Word("walking"))) == 1
    store.close()
    db.close()
