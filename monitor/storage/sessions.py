"""Browsers that are signed in. One row for each, from its link to its end; secrets are stored as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.session import Role, Session, SessionState
from monitor.storage.tables import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database

_S = sessions.c


class SessionRows:
    """Store: offer_session, open_session, session, sessions, end_session."""

    _db: Database

    def offer_session(self, link: str, *, role: Role, name: str, now: datetime, expires_at: datetime) -> None:
        with self._db.write() as conn:
            # What is over and done with tells nobody anything.
            conn.execute(sa.delete(sessions).where(_S.expires_at < now))
            conn.execute(
                sa.insert(sessions).values(
                    secret=link,
                    state=SessionState.OFFERED.value,
                    made_at=now,
                    expires_at=expires_at,
                    browser="",
                    name=name[:200],
                    role=role.value,
                )
            )

    def session_offered(self, link: str, now: datetime) -> bool:
        with self._db.read() as conn:
            return conn.scalar(sa.select(_S.id).where(*_is(link, SessionState.OFFERED, now))) is not None

    def open_session(self, link: str, cookie: str, *, now: datetime, expires_at: datetime, browser: str) -> bool:
        with self._db.write() as conn:
            statement = sa.update(sessions).where(*_is(link, SessionState.OFFERED, now))
            opened = conn.execute(
                statement.values(
                    secret=cookie,
                    state=SessionState.OPEN.value,
                    opened_at=now,
                    expires_at=expires_at,
                    browser=browser[:200],
                )
            )
            return opened.rowcount == 1

    def session(self, cookie: str, now: datetime) -> Session | None:
        with self._db.read() as conn:
            row = conn.execute(sa.select(sessions).where(*_is(cookie, SessionState.OPEN, now))).one_or_none()
            return _session(row) if row else None

    def sessions(self, now: datetime) -> Sequence[Session]:
        with self._db.read() as conn:
            found = sa.select(sessions).where(_S.expires_at > now, _S.state != SessionState.ENDED.value)
            return tuple(_session(row) for row in conn.execute(found.order_by(_S.id.desc())))

    def end_session(self, session_id: int) -> None:
        with self._db.write() as conn:
            ended = conn.execute(sa.update(sessions).where(_S.id == session_id).values(state=SessionState.ENDED.value))
            if not ended.rowcount:
                raise NotFoundError(
                    f"There is no session {session_id}.", command="`hypewatch sessions list` shows them."
                )


def _is(secret: str, state: SessionState, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return _S.secret == secret, _S.state == state.value, _S.expires_at > now


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        state=SessionState(row.state),
        made_at=row.made_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        browser=row.browser,
        name=row.name,
        role=Role(row.role),
    )
