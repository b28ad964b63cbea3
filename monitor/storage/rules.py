"""Versions of the user's own pack of rules: each names the one it was made from, so nobody overwrites another's save."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import ChangedError
from monitor.core.mention import RuleSetVersion, Step
from monitor.storage.tables import rulesets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.storage.database import Database

#: The advisory lock for saving rules.
_LOCK = 3


class RuleRows:
    """Store: save_rules, rules_history."""

    _db: Database

    def save_rules(self, version: RuleSetVersion) -> RuleSetVersion:
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            newest = conn.scalar(sa.select(sa.func.max(rulesets.c.id)))
            if version.parent != newest:
                raise ChangedError(
                    "Somebody saved other rules in between.", "Look at the history, and make your change again on top."
                )
            statement = sa.insert(rulesets).values(
                parent=version.parent,
                digest=version.digest,
                files=dict(version.files),
                author=version.author,
                at=version.at,
                note=version.note,
                step=version.step.value,
                judge_old=version.judge_old,
            )
            return replace(version, id=conn.execute(statement.returning(rulesets.c.id)).scalar_one())

    def rules_history(self, limit: int | None = 50) -> Sequence[RuleSetVersion]:
        with self._db.read() as conn:
            return tuple(
                RuleSetVersion(
                    id=row.id,
                    parent=row.parent,
                    digest=row.digest,
                    files=row.files,
                    author=row.author,
                    at=row.at,
                    note=row.note,
                    step=Step(row.step),
                    judge_old=row.judge_old,
                )
                for row in conn.execute(sa.select(rulesets).order_by(rulesets.c.id.desc()).limit(limit))
            )
