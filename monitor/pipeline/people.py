"""Letting people in: invitations, links by mail, passwords, and keys for their programs.

Whether an address is known is told to nobody who is not signed in: neither by words nor by how long an answer takes.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from monitor.core.errors import MailError, NotFoundError, TooOftenError, UsageError
from monitor.core.people import (
    INVITED_FOR,
    LINKS_OF_ADDRESS,
    WAIT,
    PersonState,
    check_days,
    check_email,
    check_name,
    check_password,
    check_scopes,
)
from monitor.core.sentences import closed, duration
from monitor.core.session import LINK_FOR, Role, secret_hash
from monitor.pipeline.passwords import fits, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from monitor.core.people import Key, Person
    from monitor.ports import Deps, Store

logger = logging.getLogger(__name__)

#: How a key begins, so that people and programs that look for secrets know one.
KEY_BEGINS = "hw_"
#: Of whom an address is, that cannot be one.
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was invited, the link that lets them in, and why it could not be mailed ("" if it was)."""

    person: Person
    link: str
    trouble: str = ""


def invite(deps: Deps, address: str, *, role: Role, name: str = "", by: str = "") -> Invitation:
    """Invite somebody by mail. Raises UsageError for an address or a name that cannot be, and for who is there already."""
    email, called = check_email(address), check_name(name)
    person = deps.store.add_person(email, name=called, role=role, now=deps.clock())
    return _invited(deps, person, by)


def invite_again(deps: Deps, person_id: int, *, by: str = "") -> Invitation:
    """Send a new link; older ones to this person end. Raises UsageError for who was removed."""
    person = deps.store.person(person_id)
    if not person.is_there:
        raise UsageError(f"{person.called} was removed.", "Invite the address anew.")
    for session in deps.store.sessions(deps.clock(), person_id=person_id):
        if session.opened_at is None:
            deps.store.end_session(session.id)
    return _invited(deps, person, by)


def _invited(deps: Deps, person: Person, by: str) -> Invitation:
    link, now = _link(deps, person, INVITED_FOR), deps.clock()
    try:
        mime = deps.printer.invitation(person, link, by=by, now=now)
        deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=person.email)
    except MailError as error:
        return Invitation(person, link, closed(error.message))
    return Invitation(person, link)


def _link(deps: Deps, person: Person, lasts: timedelta) -> str:
    secret, now = secrets.token_urlsafe(32), deps.clock()
    deps.store.offer_session(
        secret_hash(secret),
        role=person.role,
        name=person.called,
        now=now,
        expires_at=now + lasts,
        person_id=person.id,
    )
    return f"{deps.base_url}/sign-in/{secret}"


def mail_link(deps: Deps, address: str, *, place: str, key: str) -> None:
    """Mail a sign-in link to who is known by this address; to nobody else, and not more often than is good. Tells nothing."""
    person = deps.store.person_of(_email(address))
    limits = {
        _who(key, "links to", _email(address)): LINKS_OF_ADDRESS,
        _who(key, "links for", place): deps.tries_of_place,
    }
    if deps.store.begin_try(limits, deps.clock(), WAIT) is not None or person is None:
        logger.info("no sign-in link was mailed: the address is not known, or there were too many")
        return
    link = _link(deps, person, INVITED_FOR if person.state is PersonState.INVITED else LINK_FOR)
    try:
        mime = deps.printer.sign_in_mail(person, link, now=deps.clock())
        deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=person.email)
    except MailError as error:
        logger.warning("a sign-in link for person %s could not be mailed: %s", person.id, error.message)


def enter(deps: Deps, address: str, password: str, *, place: str, key: str) -> Person:
    """Who signs in with a password. `place` is where they are, as the network tells it; `key` keeps what is counted secret.

    Raises UsageError if the two do not fit together, or after too many tries.
    """
    return _tried(
        deps, _email(address), password, place=place, key=key, wrong="Address and password do not fit together."
    )


def _tried(deps: Deps, email: str, password: str, *, place: str, key: str, wrong: str) -> Person:
    of_address, of_place = _who(key, "address", email), _who(key, "place", place)
    now = deps.clock()
    until = deps.store.begin_try({of_address: deps.tries_of_address, of_place: deps.tries_of_place}, now, WAIT)
    if until is not None:
        raise TooOftenError(
            f"There were too many tries. Wait {duration(until - now)}, then try again.",
            "Or take a link by mail: it lets you in at once.",
            seconds=ceil((until - now).total_seconds()),
        )
    person, kept = deps.store.person_of(email), deps.store.password(email)  # both are asked of whoever it is
    if not fits(kept, password) or person is None or person.state is not PersonState.ACTIVE:
        logger.info("a sign-in by password was refused: address and password do not fit together")
        raise UsageError(wrong, "Try again, or take a link by mail.")
    deps.store.end_try(of_address, of_place)
    return person


def change_password(
    deps: Deps, person: Person, *, old: str, new: str, place: str, key: str, session_id: int | None = None
) -> int:
    """Set a password, end the person's other sign-ins, and tell them by mail; returns how many ended. Who has one must know it.
    Raises UsageError.
    """
    check_password(new)
    if person.has_password:
        _tried(deps, person.email, old, place=place, key=key, wrong="That is not your present password.")
    deps.store.set_password(person.id, hashed(new))
    ended = deps.store.end_sessions(person.id, but=session_id)
    try:
        mime = deps.printer.password_mail(person, now=deps.clock())
        deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=person.email)
    except MailError as error:
        logger.warning("person %s could not be told by mail of a new password: %s", person.id, error.message)
    return ended


def make_key(
    deps: Deps, *, name: str, scopes: Iterable[str], days: int, person_id: int | None, role: Role, maker: str
) -> tuple[Key, str]:
    """A new key and its secret, which is known to nobody afterwards. Raises UsageError for what it cannot have."""
    called, wanted, lasts = check_name(name, needed=True), check_scopes(scopes, role), check_days(days)
    secret, now = KEY_BEGINS + secrets.token_urlsafe(32), deps.clock()
    key = deps.store.add_key(
        secret_hash(secret),
        name=called,
        scopes=wanted,
        person_id=person_id,
        maker=maker,
        now=now,
        expires_at=now + lasts if lasts is not None else None,
    )
    return key, secret


def find_person(store: Store, who: str) -> Person:
    """A person by address or number; raises NotFoundError."""
    if who.isascii() and who.isdigit():
        person = store.person(int(who))
        if person.is_there:
            return person
    found = store.person_of(who.strip().lower())
    if found is None:
        raise NotFoundError(
            f"Nobody here has the address {who[:60]!r}.", command="`hypewatch users list` shows who there is."
        )
    return found


def _email(address: str) -> str:
    """The address as people are known by; one that cannot be is nobody's."""
    try:
        return check_email(address)
    except UsageError:
        return _NOBODY


def _who(key: str, kind: str, value: str) -> str:
    """Whose tries are counted: a sum that tells nobody the address."""
    return secret_hash(f"{key}|{kind}|{value}")
