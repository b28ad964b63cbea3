"""A look into a SQLite database that changes nothing, not even its version: whose is it?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
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
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
            return Held(
                settings=dict(conn.execute("SELECT name, value FROM settings WHERE name LIKE 'newsroom-%'")),
                emails=frozenset(row[0] for row in conn.execute("SELECT email FROM subscribers")),
                feeds=frozenset(conn.execute("SELECT kind, url FROM feeds")),
                imported=conn.execute("SELECT count(*) FROM mentions WHERE text_from = 'import'").fetchone()[0],
            )
    except sqlite3.Error:
        return None
