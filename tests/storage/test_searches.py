"""Searches under a name: one for each name, whatever its capitals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.errors import NotFoundError


def test_a_search_is_kept_under_its_name(store, make):
    cure = store.save_search(name="Cure", query="cure OR 治療", by="Ada", now=make.NOW)
    other = store.save_search(name="ärzte", query="", by="Ada", now=make.NOW)
    assert store.saved_searches() == (cure, other)
    assert store.saved_search(cure.id) == cure
    assert (cure.name, cure.query, cure.by, cure.saved_at) == ("Cure", "cure OR 治療", "Ada", make.NOW)


def test_saving_a_name_again_keeps_its_number(store, make):
    first = store.save_search(name="Straße", query="a", by="Ada", now=make.NOW)
    again = store.save_search(name="STRASSE", query="b", by="Bo", now=make.NOW + timedelta(hours=1))
    assert (again.id, again.name, again.query, again.by) == (first.id, "STRASSE", "b", "Bo")
    assert store.saved_searches() == (again,)


def test_a_removed_search_is_gone(store, make):
    search = store.save_search(name="Cure", query="cure", by="Ada", now=make.NOW)
    store.remove_search(search.id)
    assert store.saved_searches() == ()
    for act in (store.saved_search, store.remove_search):
        with pytest.raises(NotFoundError):
            act(search.id)
