"""Browsers that are signed in. One row for each, from its link to its end; secrets are stored as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.people import PersonState
from monitor.core.session import Role, Session, SessionState
from monitor.storage.tables import people, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.storage.database import Database

_S, _P = sessions.c, people.c


class SessionRows:
    """Store: offer_session, open_session, begin_session, session, sessions, end_session, end_sessions."""

    _db: Database

    def offer_session(
        self, link: str, *, role: Role, name: str, now: datetime, expires_at: datetime, person_id: int | None = None
    ) -> None:
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
                    person_id=person_id,
                )
            )

    def session_offered(self, link: str, now: datetime) -> Session | None:
        with self._db.read() as conn:
            row = conn.execute(_there().where(*_is(link, SessionState.OFFERED, now))).one_or_none()
            return _session(row) if row else None

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
                ).returning(_S.id, _S.person_id)
            ).one_or_none()
            if opened is not None and opened.person_id is not None:
                mine = sa.update(sessions).where(_S.person_id == opened.person_id)
                offered = mine.where(_S.state == SessionState.OFFERED.value)
                conn.execute(offered.values(state=SessionState.ENDED.value))
                _arrive(conn, opened.person_id, now)
            return opened is not None

    def begin_session(self, cookie: str, *, person_id: int, now: datetime, expires_at: datetime, browser: str) -> None:
        with self._db.write() as conn:
            conn.execute(
                sa.insert(sessions).values(
                    secret=cookie,
                    state=SessionState.OPEN.value,
                    made_at=now,
                    opened_at=now,
                    expires_at=expires_at,
                    browser=browser[:200],
                    name="",
                    role=Role.READER.value,  # what counts is the person's own
                    person_id=person_id,
                )
            )
            _arrive(conn, person_id, now)

    def session(self, cookie: str, now: datetime) -> Session | None:
        with self._db.read() as conn:
            row = conn.execute(_there().where(*_is(cookie, SessionState.OPEN, now))).one_or_none()
            return _session(row) if row else None

    def sessions(self, now: datetime, *, person_id: int | None = None) -> Sequence[Session]:
        with self._db.read() as conn:
            found = _there().where(_S.expires_at > now, _S.state != SessionState.ENDED.value)
            if person_id is not None:
                found = found.where(_S.person_id == person_id)
            return tuple(_session(row) for row in conn.execute(found.order_by(_S.id.desc())))

    def end_session(self, session_id: int, *, person_id: int | None = None) -> None:
        with self._db.write() as conn:
            chosen = sa.update(sessions).where(_S.id == session_id)
            if person_id is not None:
                chosen = chosen.where(_S.person_id == person_id)
            if not conn.execute(chosen.values(state=SessionState.ENDED.value)).rowcount:
                raise NotFoundError(
                    f"There is no session {session_id}.", command="`hypewatch sessions list` shows them."
                )

    def end_sessions(self, person_id: int, *, but: int | None = None) -> int:
        with self._db.write() as conn:
            mine = (_S.person_id == person_id, _S.state != SessionState.ENDED.value, _S.id != (but or 0))
            opened = (*mine, _S.state == SessionState.OPEN.value)
            count = conn.scalar(sa.select(sa.func.count()).select_from(sessions).where(*opened))
            conn.execute(sa.update(sessions).where(*mine).values(state=SessionState.ENDED.value))
            return int(count or 0)


def _arrive(conn: sa.Connection, person_id: int, now: datetime) -> None:
    """Who was invited is there from now on; who was removed stays so."""
    there = sa.update(people).where(_P.id == person_id, _P.state != PersonState.REMOVED.value)
    conn.execute(there.values(state=PersonState.ACTIVE.value, last_seen_at=now))


def _is(secret: str, state: SessionState, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return _S.secret == secret, _S.state == state.value, _S.expires_at > now


def _there() -> sa.Select[Any]:
    """Sessions with their person, without those of a person who was removed."""
    chosen = sa.select(sessions, _P.id.label("pid"), _P.role.label("prole"), _P.name.label("pname"), _P.email)
    joined = chosen.join_from(sessions, people, _P.id == _S.person_id, isouter=True)
    return joined.where(sa.or_(_S.person_id.is_(None), _P.state != PersonState.REMOVED.value))


def _session(row: sa.Row[Any]) -> Session:
    return Session(
        id=row.id,
        state=SessionState(row.state),
        made_at=row.made_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        browser=row.browser,
        name=(row.pname or row.email) if row.pid else row.name,
        role=Role(row.prole if row.pid else row.role),
        person_id=row.person_id,
    )
