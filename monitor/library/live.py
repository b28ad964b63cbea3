"""The Library in use: it changes while we run, since another process may save rules and sheets, and a person edits files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.core.errors import ChangedError, NotFoundError
from monitor.home_files import follow
from monitor.library.load import Library
from monitor.library.sheets import MEANT, Origin, OwnSheets, fact_sheets, named, own_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.errors import Problem
    from monitor.core.study import Study
    from monitor.library.sheets import Sheet
    from monitor.ports import Store


class LiveLibrary:
    """The Library in use: shipped packs and fact sheets, yours from the home, and the newest saved version of your rules.

    Implements ports.Library. Another process may save rules at any time, and a person may edit a fact sheet, so the newest
    version's id is asked each time (one indexed row each) and the folder looked at; all is loaded again only when one changed.
    """

    def __init__(self, store: Store, studies_dir: Path) -> None:
        """`studies_dir` holds files of fact sheets of your own; it need not exist."""
        self._store = store
        self._studies_dir = studies_dir
        self._sheets: tuple[object, OwnSheets] | None = None
        self._seen: object = None
        self._library: Library | None = None

    def current(self) -> Library:
        """The loaded Library; loads it again if a newer version of the rules was saved, or a fact sheet changed."""
        newest = self._store.rules_history(limit=1)
        sheets = self.sheets()
        seen = (newest[0].id if newest else 0, _stamps(self._studies_dir), sheets.saved, sheets.meant)
        if self._library is None or seen != self._seen:
            self._library = Library(sheets, newest[0].files if newest else {})
            self._seen = seen
        return self._library

    def sheets(self) -> OwnSheets:
        """Your fact sheets as they are now."""
        stored = self._store.newest_sheet(), self._store.setting(MEANT, "")
        if self._sheets is None or self._sheets[0] != stored:
            saved = {version.study_id: version.text for version in self._store.sheets()}
            known = self._store.sheet_digests() if saved else frozenset[str]()
            own = OwnSheets(folder=self._studies_dir, saved=saved, known=known, meant=stored[1] or "")
            self._sheets = stored, own
        return self._sheets[1]

    def studies(self) -> Sequence[Study]:
        return self.current().studies()

    def default(self) -> Study:
        return self.current().default()

    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        return self.current().broken()

    def study(self, study_id: str) -> Study:
        return self.current().study(study_id)

    def ruleset(self, study_id: str) -> RuleSet:
        return self.current().ruleset(study_id)

    def mean(self, study_id: str, *, only_if_open: bool = False) -> None:
        """Say which study is meant where none is named from now on; `only_if_open`: unless that was said before."""
        self._store.set_setting(MEANT, study_id, only_if_absent=only_if_open)

    def sheet_in_use(self, study_id: str) -> Sheet:
        """A study's fact sheet as text, a draft's too: the saved version, the file, or what ships. Raises NotFoundError."""
        found = self._used(study_id)
        if found is None:
            raise NotFoundError(f"There is no study {study_id[:60]!r}.", "Studies, in the menu, lists those there are.")
        return found

    def save_sheet(self, study_id: str, text: str, *, base: str, author: str, now: datetime, note: str) -> int:
        """Save a fact sheet made from `base`, the text that was in use; returns the version's id. A file of the folder that was in
        use becomes a version itself, so that it is kept, and is brought to the new text where this machine has the folder.
        Raises ChangedError if another text is in use by now.
        """
        # First the version, then the text: what is saved between the two reads is seen by the second, and after both by the parent.
        history = self._store.sheet_history(study_id, limit=1)
        used = self._used(study_id)
        if (used.text if used else "") != base:
            raise ChangedError(
                "Somebody changed this fact sheet while you did.",
                "Look at what they changed, then make your change again.",
            )
        parent = history[0].id if history else None
        if used is not None and used.origin is Origin.FOLDER:
            parent = self._store.save_sheet(
                study_id,
                base,
                parent=parent,
                author="a file of the folder",
                now=now,
                note="As the file had it.",
            )
        saved = self._store.save_sheet(study_id, text, parent=parent, author=author, now=now, note=note)
        files = [one for one in own_files(self._studies_dir) if named(one.text, one.path) == study_id]
        for file in files:
            path = Path(file.path)
            if os.access(path, os.W_OK) and file.text == base:
                follow(path.parent, {path.name: base}, {path.name: text} if text else {})
        return saved

    def _used(self, study_id: str) -> Sheet | None:
        return next((one for one in fact_sheets(self.sheets()) if named(one.text, one.path) == study_id), None)


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of each fact sheet in a folder: another tuple when one was edited, added or taken away."""
    try:
        with os.scandir(folder) as found:
            return tuple(sorted(_stamp(entry) for entry in found if entry.name.endswith(".yaml")))
    except OSError:  # no folder, or one that vanished meanwhile: there are none
        return ()


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    try:
        held = entry.stat()
    except OSError:  # a link that leads nowhere: the Library tells of it, and the others are looked at all the same
        return entry.name, 0, -1
    return entry.name, held.st_mtime_ns, held.st_size
