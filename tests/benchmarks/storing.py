"""How long storing takes: `python tests/benchmarks/storing.py [mentions]`. Prints a table; pytest never runs it.

The yardstick is raw sqlite3: one INSERT of the same text into one table with a full-text index, in batches of 200, with
the same journal and the same synchronous setting. We write entries, mentions, revisions, flags, stories and the index.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.core.drift import assess
from monitor.core.entry import Entry
from monitor.core.items import stories
from monitor.core.items.aliases import names_of
from monitor.core.items.identity import entry_identity
from monitor.core.mention import About, MentionDraft, Relevance, TextFrom
from monitor.core.model import DateConfidence
from monitor.core.search.query import parse_query
from monitor.library.load import Library
from monitor.storage.store import open_store

BATCH = 200
NOW = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)
TEXT = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord. "


#: Each mention a story of its own: nothing is looked for.
ALONE = stories.StoryRelation(
    lambda _told: stories.StoryKeys(frozenset(), frozenset()), lambda *_: False, lambda *_: False, version=1
)


def drafts(count: int) -> list[MentionDraft]:
    """Mentions with a text of their own, judged once (judging is not what is measured)."""
    library = Library(Path("no folder"), {})
    study = library.studies()[0]
    assessment = assess("", TEXT, study, library.ruleset(study.id), lang="en")
    found = []
    for number in range(count):
        entry = Entry(
            guid=None,
            url=f"https://paper{number % 300}.example/{number}",
            title=f"Report {number}",
            text=TEXT
            + f"Paper {number} spoke with reader{number} and neighbour{number * 7} about day{number * 13}. " * 5,
            source=f"paper{number % 300}.example",
            published=NOW - timedelta(minutes=number),
            date_confidence=DateConfidence.EXACT,
        )
        found.append(
            MentionDraft(
                study_id=study.id,
                identity=entry_identity(entry),
                entry=entry,
                title=entry.title,
                text=entry.text,
                text_from=TextFrom.IMPORT,
                lang="en",
                relevance=Relevance(verdict=About.ABOUT, because=("Keio",)),
                assessment=assessment,
                names=names_of(entry, entry_identity(entry), text=TEXT),
            )
        )
    return found


def raw(path: Path, rows: list[MentionDraft]) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("CREATE TABLE mentions (id INTEGER PRIMARY KEY, identity TEXT UNIQUE, title TEXT, text TEXT)")
        conn.execute("CREATE VIRTUAL TABLE words USING fts5(title, text)")
        began = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            batch = [(row.identity, row.title, row.text) for row in rows[start : start + BATCH]]
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO mentions (identity, title, text) VALUES (?, ?, ?)", batch)
            conn.executemany("INSERT INTO words (title, text) VALUES (?, ?)", [row[1:] for row in batch])
            conn.execute("COMMIT")
        return time.perf_counter() - began


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rows = drafts(count)
    with tempfile.TemporaryDirectory() as folder:
        theirs = raw(Path(folder) / "raw.db", rows)
        store = open_store(f"sqlite:///{folder}/ours.db")
        store.upgrade()
        print(f"{count:,} mentions of {len(rows[0].text)} characters, batches of {BATCH}")
        print(f"{'what':44}{'seconds':>10}{'a second':>12}{'ratio':>8}")
        print(f"{'raw sqlite3, one table and FTS5':44}{theirs:>10.2f}{count / theirs:>12,.0f}{1:>8.1f}")

        def measured(what: str, seconds: float, many: int = count) -> None:
            print(f"{what:44}{seconds:>10.2f}{many / seconds:>12,.0f}{seconds / theirs * count / many:>8.1f}")

        began = time.perf_counter()
        for start in range(0, count, BATCH):
            store.import_mentions(rows[start : start + BATCH], ALONE, now=NOW)
        measured("stored, each a story of its own", time.perf_counter() - began)
        began = time.perf_counter()
        for start in range(0, count, BATCH):
            store.import_mentions(rows[start : start + BATCH], ALONE, now=NOW)
        measured("the same again: nothing is written", time.perf_counter() - began)
        some = [replace(row, identity=f"{row.identity}-more") for row in rows[: min(count, 1000)]]
        began = time.perf_counter()
        for start in range(0, len(some), BATCH):
            store.import_mentions(some[start : start + BATCH], stories.RETELLING, now=NOW)
        measured("stored, stories found", time.perf_counter() - began, len(some))
        for text in ("walking", '"walking again" flagged:yes since:7d', f"reader{count // 2}"):
            query = parse_query(text, NOW)
            began = time.perf_counter()
            found = len(store.search(query, limit=50))
            print(f"search {text:37}{time.perf_counter() - began:>10.4f}{found:>9} found")
        store.close()


if __name__ == "__main__":
    main()
