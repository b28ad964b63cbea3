"""What the installation keeps for itself: its signing key, since when a study is unjudged, how long a network's items stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.storage.tables import settings

if TYPE_CHECKING:
    from monitor.storage.database import Database


class SettingRows:
    """Store: setting, set_setting."""

    _db: Database

    def setting(self, name: str, default: str | None = None) -> str | None:
        with self._db.read() as conn:
            value = value_of(conn, name)
        return default if value is None else value

    def set_setting(self, name: str, value: str, *, only_if_absent: bool = False) -> str:
        wish = self._db.insert(settings).values(name=name, value=value)
        if only_if_absent:
            statement = wish.on_conflict_do_nothing()
        else:
            statement = wish.on_conflict_do_update(index_elements=["name"], set_={"value": wish.excluded.value})
        with self._db.write() as conn:
            conn.execute(statement)
            return str(conn.execute(sa.select(settings.c.value).where(settings.c.name == name)).scalar_one())


def value_of(conn: sa.Connection, name: str) -> str | None:
    """The value of a setting, None if it was never set."""
    return conn.scalar(sa.select(settings.c.value).where(settings.c.name == name))
