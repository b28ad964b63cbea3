"""A look into a SQLite database that changes nothing, not even its version: whose is it, and by which rules does it judge?

Without SQLAlchemy, which takes longer to load than a line takes to judge.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.storage.migrations import HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Held:
    """What tells whose a database is: who gets mail, what is read (kind and address), and how much was imported."""

    settings: dict[str, str]
    emails: frozenset[str]
    feeds: frozenset[tuple[str, str]]
    imported: int


def peek(path: Path) -> Held | None:
    """What the database at `path` holds; None if there is none that can be read. Never raises, writes nothing."""
    try:
        with closing(_open(path)) as conn:
            return Held(
                settings=dict(conn.execute("SELECT name, value FROM settings WHERE name LIKE 'newsroom-%'")),
                emails=frozenset(row[0] for row in conn.execute("SELECT email FROM subscribers")),
                feeds=frozenset(conn.execute("SELECT kind, url FROM feeds")),
                imported=conn.execute("SELECT count(*) FROM mentions WHERE text_from = 'import'").fetchone()[0],
            )
    except sqlite3.Error:
        return None


@dataclass(frozen=True, slots=True)
class OwnLibrary:
    """What an installation judges by: the newest version of its rules (file name to YAML), its fact sheets by study, the digests
    of all that were ever saved, and the study that is meant where none is named.
    """

    rules: Mapping[str, str]
    sheets: Mapping[str, str]
    known: frozenset[str]
    meant: str


def peek_library(path: Path, *, meant: str) -> OwnLibrary | None:
    """What the database at `path` judges by; None if it is of another version, or cannot be read so: the Store opens it then,
    and tells what is wrong. `meant` is the name of the setting that holds which study is meant. Never raises, writes nothing.
    """
    try:
        with closing(_open(path)) as conn:
            conn.execute("BEGIN")  # one look: whoever saves between two questions must not be half seen
            if conn.execute("SELECT version_num FROM alembic_version").fetchall() != [(HEAD,)]:
                return None
            rules = conn.execute("SELECT files FROM rulesets ORDER BY id DESC LIMIT 1").fetchone()
            newest = (
                "SELECT study_id, text FROM fact_sheets WHERE id IN (SELECT max(id) FROM fact_sheets GROUP BY study_id)"
            )
            study = conn.execute("SELECT value FROM settings WHERE name = ?", (meant,)).fetchone()
            return OwnLibrary(
                rules=json.loads(rules[0]) if rules else {},
                sheets=dict(conn.execute(newest)),
                known=frozenset(row[0] for row in conn.execute("SELECT DISTINCT digest FROM fact_sheets")),
                meant=study[0] if study else "",
            )
    except sqlite3.Error:
        return None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
