"""The laws of who may come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import UsageError
from monitor.core.people import (
    Key,
    Person,
    PersonState,
    Scope,
    check_days,
    check_email,
    check_name,
    check_password,
    check_removal,
    check_role,
    check_scopes,
)
from monitor.core.session import Role

NOW = datetime(2026, 3, 3, tzinfo=UTC)
ADA = Person(id=1, email="ada@example.org", name="", role=Role.OWNER, state=PersonState.ACTIVE, made_at=NOW)


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR])
def test_the_only_owner_cannot_be_made_less_or_removed(role):
    for law in (
        lambda others: check_role(ADA, role, by=None, other_owners=others),
        lambda others: check_removal(ADA, other_owners=others),
    ):
        law(1)
        with pytest.raises(UsageError, match="only owner"):
            law(0)
    check_role(ADA, Role.OWNER, by=1, other_owners=0)
    invited = replace(ADA, state=PersonState.INVITED)
    check_removal(invited, other_owners=0)


@pytest.mark.parametrize(
    ("has", "wants"), [(Role.READER, Role.EDITOR), (Role.READER, Role.OWNER), (Role.EDITOR, Role.OWNER)]
)
def test_nobody_raises_themselves(has, wants):
    person = replace(ADA, role=has)
    with pytest.raises(UsageError, match="more than they have"):
        check_role(person, wants, by=1, other_owners=1)
    check_role(person, wants, by=2, other_owners=1)
    check_role(person, wants, by=None, other_owners=0)


def test_what_a_key_can_have():
    assert check_scopes(["review", "read", "read"], Role.EDITOR) == (Scope.READ, Scope.REVIEW)
    for chosen, role in ((["review"], Role.READER), (["admin"], Role.EDITOR), ([], Role.OWNER), (["all"], Role.OWNER)):
        with pytest.raises(UsageError):
            check_scopes(chosen, role)
    assert (check_days(0), check_days(3650)) == (None, timedelta(days=3650))
    for days in (-1, 3651):
        with pytest.raises(UsageError):
            check_days(days)


def test_a_key_ends_at_its_moment():
    key = Key(id=1, name="", scopes=(), role=Role.OWNER, person="", made_at=NOW, expires_at=NOW)
    assert [key.works(NOW - timedelta(seconds=1)), key.works(NOW)] == [True, False]
    assert replace(key, expires_at=None).works(NOW + timedelta(days=9999))


def test_names_addresses_and_passwords():
    assert check_name(" Ada\r\nLovelace\x00 ") == "Ada Lovelace"
    assert check_email(" Ada@Example.ORG ") == "ada@example.org"
    assert check_password("x" * 12) == "x" * 12
    assert check_password("x" * 1000)
    for refused in (
        lambda: check_name("x" * 101),
        lambda: check_name(" \n", needed=True),
        lambda: check_email("a@x.org, b@x.org"),
        lambda: check_password("x" * 11),
        lambda: check_password("x" * 1001),
    ):
        with pytest.raises(UsageError):
            refused()
