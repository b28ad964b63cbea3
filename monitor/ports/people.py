"""Who may come in: people, the browsers that they signed in, keys of their programs, and how often somebody tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.core.people import Key, Person, Scope
    from monitor.core.session import Role, Session


class Sessions(Protocol):
    """Browsers that are signed in. Secrets come as hashes. Laws: see Store."""

    def offer_session(
        self, link: str, *, role: Role, name: str, now: datetime, expires_at: datetime, person_id: int | None = None
    ) -> None:
        """Keep a sign-in link until it is used or `expires_at`: for whom, and what that person may do."""
        ...

    def session_offered(self, link: str, now: datetime) -> Session | None:
        """What a link would open; None if it was used, ended or is too old."""
        ...

    def open_session(self, link: str, cookie: str, *, now: datetime, expires_at: datetime, browser: str) -> bool:
        """Use a link up: from now on `cookie` is what the session is known by. False if it was used, ended or is too old. Who was
        invited is there from now on, and other links to the same person end.
        """
        ...

    def begin_session(self, cookie: str, *, person_id: int, now: datetime, expires_at: datetime, browser: str) -> None:
        """A browser that is signed in without a link."""
        ...

    def session(self, cookie: str, now: datetime) -> Session | None:
        """None also for a person who was removed; name and role are the person's as they are now."""
        ...

    def sessions(self, now: datetime, *, person_id: int | None = None) -> Sequence[Session]:
        """Those that are open or offered, newest first: everybody's, or a person's."""
        ...

    def end_session(self, session_id: int, *, person_id: int | None = None) -> None:
        """Raises NotFoundError if there is none, or none of this person."""
        ...

    def end_sessions(self, person_id: int, *, but: int | None = None) -> int:
        """End a person's sessions and links, except one; returns how many browsers that were."""
        ...


class People(Protocol):
    """People, their passwords as hashes, keys as hashes, and tries to come in. Laws: see Store, and `core.people`."""

    def add_person(self, email: str, *, name: str, role: Role, now: datetime) -> Person:
        """Invite somebody, also who was removed. Raises UsageError for who is there."""
        ...

    def person(self, person_id: int) -> Person: ...
    def person_of(self, email: str) -> Person | None:
        """Whoever has the address and is not removed."""
        ...

    def people(self) -> Sequence[Person]:
        """Those who are not removed: owners first, then as they were invited."""
        ...

    def rename_person(self, person_id: int, name: str) -> None: ...
    def set_role(self, person_id: int, role: Role, *, by: int | None) -> None:
        """Raises UsageError for what no law allows (`core.people.check_role`)."""
        ...

    def remove_person(self, person_id: int, now: datetime) -> None:
        """The person comes in no more; their sessions, links, keys and password end. Raises UsageError for the last owner."""
        ...

    def password(self, email: str) -> str | None:
        """The hash of whoever has the address and is not removed; None for nobody, or if there is no password."""
        ...

    def set_password(self, person_id: int, hashed: str | None) -> None: ...
    def note_seen(self, person_id: int, now: datetime) -> None: ...
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
    ) -> Key: ...
    def key(self, secret: str, now: datetime) -> Key | None:
        """None if it was revoked, is too old, or its person was removed."""
        ...

    def program_keys(self, *, person_id: int | None = None) -> Sequence[Key]:
        """Those that were not revoked, newest first: everybody's, or a person's."""
        ...

    def revoke_key(self, key_id: int, now: datetime, *, person_id: int | None = None) -> Key:
        """Raises NotFoundError if there is none, or none of this person."""
        ...

    def note_key_used(self, key_id: int, now: datetime) -> None: ...
    def begin_try(self, most: Mapping[str, int], now: datetime, wait: timedelta) -> datetime | None:
        """Count a try before it is made, for each of these names. Returns until when one of them has to wait, in which case nothing
        is counted; None if it may go on.
        """
        ...

    def end_try(self, done: str, *others: str) -> None:
        """It went well: nothing is held against `done`, and one try less against the others."""
        ...
