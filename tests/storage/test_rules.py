"""Versions of people's own rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.core.errors import ChangedError
from monitor.core.mention import RuleSetVersion


def test_rules_are_saved_on_top_of_the_newest_only(store, make):
    first = store.save_rules(version(make, None, "one"))
    second = store.save_rules(version(make, first.id, "two"))
    with pytest.raises(ChangedError, match="in between"):
        store.save_rules(version(make, first.id, "three"))
    with pytest.raises(ChangedError, match="in between"):
        store.save_rules(version(make, None, "three"))
    assert store.rules_history() == (second, first)
    assert store.rules_history(limit=1) == (second,)
    assert second.files == {"a.yaml": "two: “ü”"}


def version(make, parent, words):
    return RuleSetVersion(
        id=0,
        parent=parent,
        digest=f"sha256:{words}",
        files={"a.yaml": f"{words}: “ü”"},
        author="ed",
        at=make.NOW,
        note="because",
    )


def test_two_people_saving_rules_at_once_do_not_both_win(store, make):
    def save(words):
        try:
            return store.save_rules(version(make, None, words))
        except ChangedError:
            return None

    with ThreadPoolExecutor(6) as pool:
        saved = [found for found in pool.map(save, "abcdef") if found is not None]
    assert store.rules_history() == tuple(saved)
    assert len(saved) == 1
