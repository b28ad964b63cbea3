"""People who may come in, keys of their programs, and tries. What changes who may come in is done by one writer at a time: two owners
who make each other less at once would leave none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import Key, Person, PersonState, Scope, check_removal, check_role
from monitor.core.session import Role, SessionState
from monitor.storage.tables import keys, people, sessions, tries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.storage.database import Database

_P, _K, _T = people.c, keys.c, tries.c
#: The advisory lock of who changes who may come in (`database`).
_LOCK = 6
#: The role of a key that was made at the machine itself, where whoever sits there is the owner.
_AT_THE_MACHINE = Role.OWNER


class PersonRows:
    """Store: people and their passwords."""

    _db: Database

    def add_person(self, email: str, *, name: str, role: Role, now: datetime) -> Person:
        values = {
            "name": name,
            "role": role.value,
            "state": PersonState.INVITED.value,
            "password": None,
            "made_at": now,
            "last_seen_at": None,
        }
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            row = conn.execute(sa.select(people).where(_P.email == email)).one_or_none()
            if row is None:
                made = conn.execute(sa.insert(people).values(email=email, **values).returning(_P.id)).scalar_one()
                return _person(_row(conn, made))
            if row.state != PersonState.REMOVED:
                raise UsageError(f"{email} is among the people already.", "Their page can send a new link.")
            conn.execute(sa.update(people).where(_P.id == row.id).values(values))
            return _person(_row(conn, row.id))

    def person(self, person_id: int) -> Person:
        with self._db.read() as conn:
            return _person(_row(conn, person_id))

    def person_of(self, email: str) -> Person | None:
        with self._db.read() as conn:
            found = sa.select(people).where(_P.email == email, _P.state != PersonState.REMOVED.value)
            row = conn.execute(found).one_or_none()
            return _person(row) if row else None

    def people(self) -> Sequence[Person]:
        with self._db.read() as conn:
            found = sa.select(people).where(_P.state != PersonState.REMOVED.value).order_by(_P.id)
            there = [_person(row) for row in conn.execute(found)]
            return tuple(sorted(there, key=lambda person: -list(Role).index(person.role)))

    def rename_person(self, person_id: int, name: str) -> None:
        self._set(person_id, name=name)

    def set_role(self, person_id: int, role: Role, *, by: int | None) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            person = _person(_row(conn, person_id))
            check_role(person, role, by=by, other_owners=_owners_but(conn, person_id))
            conn.execute(sa.update(people).where(_P.id == person_id).values(role=role.value))

    def remove_person(self, person_id: int, now: datetime) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            person = _person(_row(conn, person_id))
            check_removal(person, other_owners=_owners_but(conn, person_id))
            # Sessions before the person: as one is opened (`sessions`), so that the two never wait for each other.
            ended = sa.update(sessions).where(sessions.c.person_id == person_id)
            conn.execute(ended.values(state=SessionState.ENDED.value))
            conn.execute(
                sa.update(keys).where(_K.person_id == person_id, _K.revoked_at.is_(None)).values(revoked_at=now)
            )
            gone = {"state": PersonState.REMOVED.value, "password": None}
            conn.execute(sa.update(people).where(_P.id == person_id).values(gone))

    def password(self, email: str) -> str | None:
        with self._db.read() as conn:
            there = (_P.email == email, _P.state != PersonState.REMOVED.value)
            return conn.scalar(sa.select(_P.password).where(*there))

    def set_password(self, person_id: int, hashed: str | None) -> None:
        self._set(person_id, password=hashed)

    def note_seen(self, person_id: int, now: datetime) -> None:
        self._set(person_id, last_seen_at=now)

    def _set(self, person_id: int, **values: Any) -> None:
        with self._db.write() as conn:
            there = sa.update(people).where(_P.id == person_id, _P.state != PersonState.REMOVED.value)
            if not conn.execute(there.values(values)).rowcount:
                raise _nobody(person_id)


class KeyRows:
    """Store: keys of programs."""

    _db: Database

    def add_key(
        self,
        secret: str,
        *,
        name: str,
        scopes: Sequence[Scope],
        person_id: int | None,
        maker: str,
        now: datetime,
        expires_at: datetime | None,
    ) -> Key:
        values = {
            "secret": secret,
            "name": name,
            "scopes": [scope.value for scope in scopes],
            "person_id": person_id,
            "maker": maker[:200],
            "made_at": now,
            "expires_at": expires_at,
        }
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)  # nobody is removed meanwhile
            if person_id is not None and _row(conn, person_id).state == PersonState.REMOVED:
                raise _nobody(person_id)
            made = conn.execute(sa.insert(keys).values(values).returning(_K.id)).scalar_one()
            return _key(conn.execute(_keys().where(_K.id == made)).one())

    def key(self, secret: str, now: datetime) -> Key | None:
        with self._db.read() as conn:
            there = sa.or_(_K.person_id.is_(None), _P.state == PersonState.ACTIVE.value)
            in_time = sa.or_(_K.expires_at.is_(None), _K.expires_at > now)
            row = conn.execute(_keys().where(_K.secret == secret, there, in_time)).one_or_none()
            return _key(row) if row else None

    def program_keys(self, *, person_id: int | None = None) -> Sequence[Key]:
        found = _keys().order_by(_K.id.desc())
        if person_id is not None:
            found = found.where(_K.person_id == person_id)
        with self._db.read() as conn:
            return tuple(_key(row) for row in conn.execute(found))

    def revoke_key(self, key_id: int, now: datetime, *, person_id: int | None = None) -> Key:
        with self._db.write() as conn:
            row = conn.execute(_keys().where(_K.id == key_id)).one_or_none()
            if row is None or person_id not in {None, row.person_id}:
                raise NotFoundError(f"There is no key {key_id}.", command="`hypewatch tokens list` shows them.")
            conn.execute(sa.update(keys).where(_K.id == key_id).values(revoked_at=now))
            return _key(row)

    def note_key_used(self, key_id: int, now: datetime) -> None:
        with self._db.write() as conn:
            conn.execute(sa.update(keys).where(_K.id == key_id).values(last_used_at=now))


class TryRows:
    """Store: tries to come in, counted before they are made, so that many at once are not more than allowed."""

    _db: Database

    def begin_try(self, most: Mapping[str, int], now: datetime, wait: timedelta) -> datetime | None:
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            conn.execute(sa.delete(tries).where(_T.last_at <= now - wait))
            found = {row.who: row for row in conn.execute(sa.select(tries).where(_T.who.in_(most)))}
            waits: list[datetime] = [found[who].last_at + wait for who in found if found[who].tried >= most[who]]
            if waits:
                return max(waits)
            for who in most:
                if who in found:
                    more = sa.update(tries).where(_T.who == who)
                    conn.execute(more.values(tried=_T.tried + 1, last_at=now))
                else:
                    conn.execute(sa.insert(tries).values(who=who, tried=1, last_at=now))
            return None

    def end_try(self, done: str, *others: str) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn, _LOCK)
            conn.execute(sa.delete(tries).where(_T.who == done))
            conn.execute(sa.update(tries).where(_T.who.in_(others), _T.tried > 0).values(tried=_T.tried - 1))


def _owners_but(conn: sa.Connection, person_id: int) -> int:
    """How many others are owners and can sign in."""
    others = (_P.id != person_id, _P.role == Role.OWNER.value, _P.state == PersonState.ACTIVE.value)
    return int(conn.scalar(sa.select(sa.func.count()).select_from(people).where(*others)) or 0)


def _row(conn: sa.Connection, person_id: int) -> sa.Row[Any]:
    row = conn.execute(sa.select(people).where(_P.id == person_id)).one_or_none()
    if row is None:
        raise _nobody(person_id)
    return row


def _nobody(person_id: int) -> NotFoundError:
    return NotFoundError(f"There is no person {person_id}.", command="`hypewatch users list` shows them.")


def _person(row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        state=PersonState(row.state),
        made_at=row.made_at,
        last_seen_at=row.last_seen_at,
        has_password=row.password is not None,
    )


def _keys() -> sa.Select[Any]:
    """Keys that were not revoked, with whose they are."""
    chosen = sa.select(keys, _P.role, _P.email, _P.name.label("person_name"))
    return chosen.join_from(keys, people, _P.id == _K.person_id, isouter=True).where(_K.revoked_at.is_(None))


def _key(row: sa.Row[Any]) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        role=Role(row.role) if row.role else _AT_THE_MACHINE,
        person=row.person_name or row.email or row.maker,
        person_id=row.person_id,
        made_at=row.made_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )
