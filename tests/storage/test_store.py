"""The Store is what ports say, no more and no less."""

from __future__ import annotations

import inspect
from collections import defaultdict

import pytest

from monitor import ports
from monitor.core.errors import SettingError
from monitor.storage.store import SqlStore, open_store


def offered(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_method_of_the_store_is_asked_for_by_a_port_and_the_other_way_round():
    assert offered(SqlStore) == offered(ports.Store)


def test_no_two_groups_of_tables_have_the_same_method():
    groups = [kind for kind in SqlStore.__mro__[1:] if kind is not object]
    names = [name for kind in groups for name in vars(kind) if not name.startswith("_")]
    assert len(names) == len(set(names))


def test_an_address_that_is_none_is_refused():
    with pytest.raises(SettingError):
        open_store("mysql://localhost/x")


def test_no_two_rooms_of_the_store_have_a_method_of_one_name():
    """The second would never be asked, and nobody would hear of it."""
    rooms = defaultdict(list)
    for room in SqlStore.__mro__[1:-1]:
        for name, value in vars(room).items():
            if callable(value) and not name.startswith("__"):
                rooms[name].append(room.__name__)
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {}
