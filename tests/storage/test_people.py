"""People, sessions, keys and tries, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.people import PersonState, Scope
from monitor.core.session import Role, SessionState

HOUR = timedelta(hours=1)


@pytest.fixture
def now(clock):
    return clock()


def owner(store, now, email="ada@example.org"):
    """An owner who signed in."""
    person = store.add_person(email, name="Ada", role=Role.OWNER, now=now)
    store.begin_session(f"cookie-{email}", person_id=person.id, now=now, expires_at=now + HOUR, browser="")
    return store.person(person.id)


def offered(store, person, now, link="link"):
    store.offer_session(link, role=person.role, name=person.called, now=now, expires_at=now + HOUR, person_id=person.id)
    return link


def made_key(store, person, now, secret="key", **changes):
    given = {"name": "desk", "scopes": [Scope.READ], "maker": "Ada", "expires_at": None} | changes
    return store.add_key(secret, person_id=person.id if person else None, now=now, **given)


def test_who_opens_an_invitation_is_there(store, now):
    person = store.add_person("ada@example.org", name="", role=Role.EDITOR, now=now)
    assert (person.state, person.called) == (PersonState.INVITED, "ada@example.org")
    offered(store, person, now)
    offered(store, person, now, "older")
    assert store.open_session("link", "cookie", now=now, expires_at=now + HOUR, browser="x")
    assert store.person(person.id).state is PersonState.ACTIVE
    session = store.session("cookie", now)
    assert (session.person_id, session.role, session.name) == (person.id, Role.EDITOR, "ada@example.org")
    assert not store.session_offered("older", now), "other links to the same person end"
    assert store.sessions(now, person_id=person.id) == (session,)
    assert store.sessions(now, person_id=person.id + 1) == ()


def test_one_link_opened_many_times_at_once_opens_once(store, now):
    person = store.add_person("ada@example.org", name="", role=Role.READER, now=now)
    offered(store, person, now)

    def press(number):
        return store.open_session("link", f"c{number}", now=now, expires_at=now + HOUR, browser="")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(press, range(8))) == [False] * 7 + [True]
    assert [session.state for session in store.sessions(now)] == [SessionState.OPEN]


def test_name_and_role_of_a_session_are_as_they_are_now(store, now):
    owner(store, now)
    other = owner(store, now, "bob@example.org")
    store.set_role(other.id, Role.READER, by=1)
    store.rename_person(other.id, "Bob B.")
    session = store.session("cookie-bob@example.org", now)
    assert (session.role, session.name) == (Role.READER, "Bob B.")


def test_a_removed_person_has_no_session_no_link_no_key_and_no_password(store, now):
    owner(store, now)
    gone = owner(store, now, "bob@example.org")
    store.set_password(gone.id, "hash")
    made_key(store, gone, now)
    offered(store, gone, now)
    store.remove_person(gone.id, now)
    assert store.session("cookie-bob@example.org", now) is None
    assert not store.session_offered("link", now)
    assert not store.open_session("link", "again", now=now, expires_at=now + HOUR, browser="")
    assert (store.key("key", now), store.password("bob@example.org"), store.person_of("bob@example.org")) == (
        None,
        None,
        None,
    )
    assert [person.email for person in store.people()] == ["ada@example.org"]
    with pytest.raises(NotFoundError):
        store.set_password(gone.id, "hash")
    with pytest.raises(NotFoundError):
        made_key(store, gone, now, "other")
    # A link that was made in the same instant opens nothing either.
    offered(store, gone, now, "late")
    assert not store.session_offered("late", now)
    store.open_session("late", "late-cookie", now=now, expires_at=now + HOUR, browser="")
    assert store.session("late-cookie", now) is None
    assert store.person(gone.id).state is PersonState.REMOVED


def test_who_was_removed_can_be_invited_anew_and_nobody_twice(store, now):
    owner(store, now)
    bob = owner(store, now, "bob@example.org")
    with pytest.raises(UsageError, match="already"):
        store.add_person("bob@example.org", name="", role=Role.READER, now=now)
    store.remove_person(bob.id, now)
    again = store.add_person("bob@example.org", name="Bob", role=Role.READER, now=now)
    assert (again.id, again.state, again.role, again.has_password) == (bob.id, PersonState.INVITED, Role.READER, False)
    assert store.session("cookie-bob@example.org", now) is None, "what ended stays ended"


def test_the_last_owner_stays(store, now):
    ada = owner(store, now)
    invited = store.add_person("bob@example.org", name="", role=Role.OWNER, now=now)
    with pytest.raises(UsageError, match="only owner"):
        store.remove_person(ada.id, now)
    with pytest.raises(UsageError, match="only owner"):
        store.set_role(ada.id, Role.EDITOR, by=None)
    store.set_role(ada.id, Role.OWNER, by=ada.id)
    offered(store, invited, now)
    store.open_session("link", "c", now=now, expires_at=now + HOUR, browser="")
    store.set_role(ada.id, Role.EDITOR, by=invited.id)
    with pytest.raises(UsageError, match="more than they have"):
        store.set_role(ada.id, Role.OWNER, by=ada.id)


def test_two_owners_who_remove_each_other_at_once_leave_one(store, now):
    both = [owner(store, now), owner(store, now, "bob@example.org")]

    def remove(person):
        try:
            store.remove_person(person.id, now)
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, both)) == [False, True]
    assert len(store.people()) == 1


def test_a_key_works_until_it_is_too_old_or_revoked(store, now):
    ada = owner(store, now)
    key = made_key(store, ada, now, expires_at=now + HOUR)
    assert store.key("key", now) == key
    assert (key.role, key.person, key.scopes) == (Role.OWNER, "Ada", (Scope.READ,))
    assert store.key("key", now + HOUR) is None
    assert store.program_keys() == (key,)
    store.note_key_used(key.id, now)
    assert store.key("key", now).last_used_at == now
    with pytest.raises(NotFoundError):
        store.revoke_key(key.id, now, person_id=ada.id + 1)
    assert store.revoke_key(key.id, now, person_id=ada.id).name == "desk"
    assert (store.key("key", now), store.program_keys()) == (None, ())
    with pytest.raises(NotFoundError):
        store.revoke_key(key.id, now)


def test_a_key_that_was_made_at_the_machine_is_the_owners(store, now):
    key = made_key(store, None, now)
    assert (key.role, key.person, key.person_id) == (Role.OWNER, "Ada", None)
    assert store.key("key", now) == key


def test_a_key_may_what_its_person_may_now(store, now):
    owner(store, now)
    bob = owner(store, now, "bob@example.org")
    made_key(store, bob, now)
    store.set_role(bob.id, Role.READER, by=1)
    assert store.key("key", now).role is Role.READER


def test_tries_are_counted_before_they_are_made(store, now):
    """Many at once are no more than one after another."""
    wait = timedelta(minutes=15)

    def begin(_):
        return store.begin_try({"ada": 5, "place": 20}, now, wait)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(begin, range(12)))
    assert answers.count(None) == 5
    assert set(answers) == {None, now + wait}
    assert store.begin_try({"bob": 5, "place": 6}, now, wait) is None
    assert store.begin_try({"eve": 5, "place": 6}, now, wait) == now + wait, "the place has to wait"
    assert store.begin_try({"ada": 5}, now + wait, wait) is None, "the wait is over"


def test_a_try_that_went_well_is_not_held_against_anybody(store, now):
    wait = timedelta(minutes=15)
    for _ in range(30):
        assert store.begin_try({"ada": 5, "place": 2}, now, wait) is None
        store.end_try("ada", "place")


def test_ending_all_but_one(store, now):
    ada = owner(store, now)
    store.begin_session("second", person_id=ada.id, now=now, expires_at=now + HOUR, browser="")
    offered(store, ada, now)
    mine = store.session("second", now)
    assert store.end_sessions(ada.id, but=mine.id) == 1
    assert store.sessions(now) == (mine,)
    with pytest.raises(NotFoundError):
        store.end_session(mine.id, person_id=ada.id + 1)
    store.end_session(mine.id, person_id=ada.id)
    assert store.sessions(now) == ()
