"""Versions of fact sheets that were saved on the pages."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import ChangedError
from monitor.core.sheet_version import SheetVersion
from monitor.storage.tables import fact_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database

_F = fact_sheets.c
MOST_NOTE = 500
#: One writer at a time, or two could save upon the same version.
_LOCK = 5


class SheetRows:
    """Store: save_sheet, sheets, newest_sheet, sheet_history, sheet_digests."""

    _db: Database

    def save_sheet(
        self, study_id: str, text: str, *, parent: int | None, author: str, now: datetime, note: str = ""
    ) -> int:
        newest = sa.select(sa.func.max(_F.id)).where(_F.study_id == study_id)
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            if conn.scalar(newest) != parent:
                raise ChangedError(
                    f"Somebody saved the fact sheet {study_id!r} meanwhile.",
                    "Look at what they saved, then save yours.",
                )
            values = {
                "study_id": study_id,
                "text": text,
                "digest": _digest(text),
                "author": author[:200],
                "at": now,
                "note": note[:MOST_NOTE],
            }
            key = conn.execute(sa.insert(fact_sheets).values(**values)).inserted_primary_key
            return int(key[0]) if key else 0

    def newest_sheet(self) -> int:
        with self._db.read() as conn:
            return conn.scalar(sa.select(sa.func.max(_F.id))) or 0

    def sheets(self) -> Sequence[SheetVersion]:
        newest = sa.select(sa.func.max(_F.id)).group_by(_F.study_id)
        found = sa.select(fact_sheets).where(_F.id.in_(newest)).order_by(_F.study_id)
        with self._db.read() as conn:
            return tuple(_version(row) for row in conn.execute(found))

    def sheet_history(self, study_id: str, limit: int | None = 50) -> Sequence[SheetVersion]:
        found = sa.select(fact_sheets).where(_F.study_id == study_id).order_by(_F.id.desc()).limit(limit)
        with self._db.read() as conn:
            return tuple(_version(row) for row in conn.execute(found))

    def sheet_digests(self) -> frozenset[str]:
        with self._db.read() as conn:
            return frozenset(conn.scalars(sa.select(_F.digest).distinct()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _version(row: sa.Row[tuple[object, ...]]) -> SheetVersion:
    return SheetVersion(id=row.id, study_id=row.study_id, text=row.text, author=row.author, at=row.at, note=row.note)
