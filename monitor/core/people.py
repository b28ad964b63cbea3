"""Who may come in: people with their role, and keys for their programs. Pure: the laws, not the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.digests.address import check_address
from monitor.core.errors import UsageError
from monitor.core.session import Role
from monitor.core.text.excerpt import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

#: How long the link of an invitation waits. One that was asked for waits an hour (`session.LINK_FOR`).
INVITED_FOR = timedelta(days=7)
#: Letters of a name, of a person or of a key.
MOST_NAME = 100
#: Letters of a password. More than the least are a person's own affair (NIST SP 800-63B: length, and no other rules).
LEAST_PASSWORD, MOST_PASSWORD = 12, 1000
#: Days that a key may work; 0 is for ever.
KEY_DAYS = (30, 90, 365, 0)
MOST_KEY_DAYS = 3650
#: How long who tried too often waits, since the last of the tries (`session.TRIES_OF_ADDRESS`).
WAIT = timedelta(minutes=15)
#: Links that are mailed to one address before it has to wait as long.
LINKS_OF_ADDRESS = 5


class PersonState(StrEnum):
    INVITED = "invited"  # the link was made and not opened
    ACTIVE = "active"
    REMOVED = "removed"  # comes in no more; the row stays, since what they did stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in. All times are aware UTC; `email` is in small letters and the same for nobody else."""

    id: int
    email: str
    name: str
    role: Role
    state: PersonState
    made_at: datetime
    last_seen_at: datetime | None = None
    has_password: bool = False

    @property
    def called(self) -> str:
        """What others read of them."""
        return self.name or self.email

    @property
    def is_there(self) -> bool:
        """May they come in, or will they as soon as they open their invitation?"""
        return self.state is not PersonState.REMOVED


class Scope(StrEnum):
    """What a key may reach. A key never may more than the person whose it is."""

    READ = "read"
    REVIEW = "review"
    RULES = "rules"
    SOURCES = "sources"
    SUBSCRIBERS = "subscribers"
    STUDIES = "studies"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        """Whose keys can have it."""
        return _SCOPES[self][0]

    @property
    def words(self) -> str:
        """What it lets a program do, as a sentence."""
        return _SCOPES[self][1]


_SCOPES = {
    Scope.READ: (
        Role.READER,
        "Read all but what is personal: mentions, rules, letters, sources, digests; and check texts.",
    ),
    Scope.REVIEW: (
        Role.EDITOR,
        "Say whether flags are right, and take that back; draft letters, and note what became of them.",
    ),
    Scope.RULES: (Role.EDITOR, "Try out rules, put them to use, and take that back."),
    Scope.SOURCES: (Role.EDITOR, "Add, change and pause sources; add mentions; set what is known of outlets."),
    Scope.SUBSCRIBERS: (Role.EDITOR, "Read who gets mail, with their addresses, and change it."),
    Scope.STUDIES: (Role.EDITOR, "Change fact sheets."),
    Scope.ADMIN: (Role.OWNER, "Look after people, webhooks and withdrawals, and read who changed what."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A program's way in. Its secret was shown once; what is stored is the hash. `person_id` is None for one that was made at the
    machine itself, where nobody signs in.
    """

    id: int
    name: str
    scopes: tuple[Scope, ...]
    role: Role  # what its person may do
    person: str  # how its person is called
    made_at: datetime
    person_id: int | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None  # None: it works until it is revoked

    def works(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now


# --- the laws --------------------------------------------------------------------------------------------------------


def check_role(person: Person, role: Role, *, by: int | None, other_owners: int) -> None:
    """Raise UsageError if this person cannot get this role. `by` is who gives it, None at the machine itself; `other_owners` are
    those who can sign in.
    """
    if by == person.id and not person.role.may(role):
        raise UsageError("Nobody can give themselves more than they have.", "Ask another owner.")
    if role is not Role.OWNER:
        _keep_an_owner(person, other_owners, "made less")


def check_removal(person: Person, *, other_owners: int) -> None:
    """Raise UsageError if this person cannot be removed."""
    _keep_an_owner(person, other_owners, "removed")


def _keep_an_owner(person: Person, other_owners: int, what: str) -> None:
    if person.role is Role.OWNER and person.state is PersonState.ACTIVE and not other_owners:
        raise UsageError(
            f"{person.called} is the only owner and cannot be {what}.", "Make somebody else an owner first."
        )


def check_email(address: str) -> str:
    """One mail address in small letters; raises UsageError."""
    return check_address(address).lower()


def check_name(name: str, *, what: str = "name", needed: bool = False) -> str:
    """A name on one line; raises UsageError if it is too long, or is needed and empty."""
    words = one_line(name)
    if len(words) > MOST_NAME:
        raise UsageError(f"The {what} has more than {MOST_NAME} letters.", "Take a shorter one.")
    if needed and not words:
        raise UsageError(f"The {what} is empty.", "Write a few words by which you know it again.")
    return words


def check_password(password: str) -> str:
    """A password that may be set; raises UsageError."""
    if len(password) < LEAST_PASSWORD:
        raise UsageError(
            f"The password has fewer than {LEAST_PASSWORD} characters.", "Take a longer one; several words are good."
        )
    if len(password) > MOST_PASSWORD:
        raise UsageError(f"The password has more than {MOST_PASSWORD} characters.", "Take a shorter one.")
    return password


def check_scopes(chosen: Iterable[str], role: Role) -> tuple[Scope, ...]:
    """What a key of a person with this role may reach; raises UsageError."""
    wanted = set(chosen)
    unknown = sorted(wanted - {scope.value for scope in Scope})
    if unknown:
        raise UsageError(f"A key cannot have {unknown[0][:40]!r}.", f"There are: {', '.join(Scope)}.")
    scopes: Sequence[Scope] = [scope for scope in Scope if scope in wanted]
    if not scopes:
        raise UsageError("The key may do nothing.", "Choose at least one thing that it may do.")
    for scope in scopes:
        if not role.may(scope.role):
            raise UsageError(f"A key of yours cannot have “{scope.value}”.", "It may at most what you may.")
    return tuple(scopes)


def check_days(days: int) -> timedelta | None:
    """How long a key works, None for ever; raises UsageError."""
    if not 0 <= days <= MOST_KEY_DAYS:
        raise UsageError(
            f"A key cannot work for {days} days.", f"Say a number from 1 to {MOST_KEY_DAYS:,}, or 0 for ever."
        )
    return timedelta(days=days) if days else None
