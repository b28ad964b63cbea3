"""Who may come in, people and programs, as rows for JSON and CSV: the same in commands and the API. No secret is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.export.rows import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.people import Key, Person


def person_row(person: Person) -> dict[str, Any]:
    """A person as output holds them."""
    return {
        "id": person.id,
        "address": person.email,
        "name": person.name,
        "role": person.role.value,
        "state": person.state.value,
        "password": person.has_password,
        "since": stamp(person.made_at),
        "last_seen": stamp(person.last_seen_at),
    }


def key_row(key: Key, now: datetime) -> dict[str, Any]:
    """A program's key as output holds it."""
    return {
        "id": key.id,
        "name": key.name,
        "whose": key.person,
        "scopes": [scope.value for scope in key.scopes],
        "works": key.works(now),
        "since": stamp(key.made_at),
        "last_used": stamp(key.last_used_at),
        "until": stamp(key.expires_at),
    }
