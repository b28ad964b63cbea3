"""Fact sheets saved on the pages, beside files of the folder and those that ship; and who changed what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.changes import Area
from monitor.core.errors import UsageError
from monitor.library.sheets import Origin, OwnSheets, fact_sheets

NOW = datetime(2026, 3, 3, tzinfo=UTC)
FIRST, SECOND = "id: mine\nname: First\n", "id: mine\nname: Second\n"


def save(store, text, parent=None):
    return store.save_sheet("mine", text, parent=parent, author="Ada", now=NOW)


def own(store, folder):
    saved = {version.study_id: version.text for version in store.sheets()}
    return OwnSheets(folder=folder, saved=saved, known=store.sheet_digests())


def first(store, folder):
    sheet = next(iter(fact_sheets(own(store, folder))))
    return sheet.origin, sheet.text


def test_the_newest_version_is_in_use_and_each_is_kept(store):
    one = save(store, FIRST)
    two = save(store, SECOND, parent=one)
    assert [(version.id, version.text) for version in store.sheets()] == [(two, SECOND)]
    assert [version.text for version in store.sheet_history("mine")] == [SECOND, FIRST]
    assert store.newest_sheet() == two


def test_who_saved_in_between_is_not_overwritten(store):
    one = save(store, FIRST)
    save(store, SECOND, parent=one)
    with pytest.raises(UsageError, match="meanwhile"):
        save(store, FIRST, parent=one)
    with pytest.raises(UsageError, match="meanwhile"):
        save(store, FIRST)


def test_a_file_counts_until_it_is_saved_and_again_once_it_was_edited(store, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FIRST)
    assert first(store, tmp_path) == (Origin.FOLDER, FIRST)
    one = save(store, FIRST)
    save(store, SECOND, parent=one)
    assert first(store, tmp_path) == (Origin.SAVED, SECOND)
    path.write_text(FIRST + "people: [Ada]\n")
    assert first(store, tmp_path)[0] is Origin.FOLDER, "edited since: no version that was saved"


def test_one_that_was_taken_back_gives_way_to_the_folder_and_to_what_ships(store, tmp_path):
    one = save(store, FIRST)
    two = save(store, "", parent=one)
    assert store.sheets()[0].id == two
    assert first(store, tmp_path)[0] is Origin.SHIPPED
    (tmp_path / "mine.yaml").write_text(FIRST)
    assert first(store, tmp_path) == (Origin.FOLDER, FIRST)


def test_who_changed_what_is_told_newest_first_and_by_page(store):
    for number in range(3):
        store.note_change(by="Ada", area=Area.SOURCES, did=f"paused source {number}", now=NOW, link="/sources/1")
    store.note_change(by="Bo", area=Area.PEOPLE, did="invited Cy", now=NOW)
    newest = store.changes(limit=2)
    assert [(change.by, change.did) for change in newest] == [("Bo", "invited Cy"), ("Ada", "paused source 2")]
    older = store.changes(before=newest[-1].id)
    assert [change.did for change in older] == ["paused source 1", "paused source 0"]
    assert [change.by for change in store.changes(area=Area.PEOPLE)] == ["Bo"]
