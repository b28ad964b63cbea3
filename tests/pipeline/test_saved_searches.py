"""A search is kept only if it can be asked, and found again by its name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.errors import NotFoundError, QueryError, UsageError
from monitor.pipeline.searches import named_search, save_search

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


def no_library():
    raise AssertionError("nothing here needs the rules")


def saved(store, name, text="cure"):
    return save_search(store, no_library, name=name, text=text, by="Ada", now=NOW)


def test_a_name_is_kept_without_spaces_around_it(store):
    assert saved(store, "  The\t week ", " cure  ").name == "The week"
    assert store.saved_searches()[0].query == "cure"


@pytest.mark.parametrize("name", ["", "  ", "!!!", "a\x00b", "a\u202eb", "x" * 81])
def test_a_name_that_nobody_can_read_is_refused(store, name):
    with pytest.raises(UsageError):
        saved(store, name)
    assert store.saved_searches() == ()


def test_a_search_that_cannot_be_asked_is_not_kept(store):
    with pytest.raises(QueryError):
        saved(store, "Bad", "cure OR")
    assert store.saved_searches() == ()


def test_a_search_is_found_by_name_or_number(store):
    search = saved(store, "The week")
    assert named_search(store, "the  WEEK") == named_search(store, str(search.id)) == search
    with pytest.raises(NotFoundError, match=r"No saved search is called 'the weak'\. Did you mean 'The week'\?"):
        named_search(store, "the weak")
