"""A look into a database that is not opened: by which rules and sheets does it judge? What it cannot answer the Store does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.core.mention import RuleSetVersion
from monitor.home_files import sqlite_url
from monitor.storage.peek import OwnLibrary, peek_library
from monitor.storage.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 3, tzinfo=UTC)
MEANT = "first-study"


def version(files, parent=None):
    return RuleSetVersion(id=0, parent=parent, digest="d", files=files, author="Ada", at=NOW, note="")


@pytest.fixture
def path(tmp_path) -> Path:
    path: Path = tmp_path / "hype watch's%20.db"
    store = open_store(sqlite_url(path))
    store.upgrade()
    store.close()
    return path


def looked(path):
    return peek_library(path, meant=MEANT)


def test_what_a_database_judges_by(path):
    assert looked(path) == OwnLibrary(rules={}, sheets={}, known=frozenset(), meant="")
    store = open_store(sqlite_url(path))
    first = store.save_rules(version({"a.yaml": "id: ä\n"}))
    store.save_rules(version({"a.yaml": "id: b\n", "c.yaml": "x"}, parent=first.id))
    sheet = store.save_sheet("mine", "id: mine\n", parent=None, author="Ada", now=NOW)
    store.save_sheet("mine", "id: mine\nname: x\n", parent=sheet, author="Ada", now=NOW)
    store.set_setting(MEANT, "mine")
    found = looked(path)
    assert found is not None
    assert found.rules == store.rules_history(limit=1)[0].files
    assert found.sheets == {one.study_id: one.text for one in store.sheets()} == {"mine": "id: mine\nname: x\n"}
    assert found.known == store.sheet_digests()
    assert found.meant == store.setting(MEANT, "")
    store.close()


def test_what_cannot_be_looked_into_is_left_to_the_store(path, tmp_path):
    assert looked(tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database\n" * 100)
    assert looked(tmp_path / "text.db") is None
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '0022'")
    assert looked(path) is None, "an older one is brought up to date first"
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DROP TABLE alembic_version")
    assert looked(path) is None


def test_a_look_waits_for_nobody(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("INSERT INTO settings VALUES ('first-study', 'half')")
        assert looked(path) == OwnLibrary(rules={}, sheets={}, known=frozenset(), meant="")
        conn.execute("COMMIT")
    assert looked(path) == OwnLibrary(rules={}, sheets={}, known=frozenset(), meant="half")
