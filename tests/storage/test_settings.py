"""What the installation keeps for itself."""

from __future__ import annotations


def test_settings_are_kept(store):
    assert store.setting("key") is None
    assert store.setting("key", "other") == "other"
    assert store.set_setting("key", "a", only_if_absent=True) == "a"
    assert store.set_setting("key", "b", only_if_absent=True) == "a"
    assert store.set_setting("key", "c") == "c"
    assert store.setting("key", "other") == "c"
