"""What was read while a study's fact sheet could not be used is judged when it can be: nothing said meanwhile is lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core.items import stories
from monitor.core.items.aliases import names_of
from monitor.pipeline.assess_text import draft_entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.errors import Problem
    from monitor.core.study import Study
    from monitor.ports import Deps, Library, Store

logger = logging.getLogger(__name__)

#: The setting `unjudged:STUDY` holds since when entries were stored without asking whether they are about this study, and
#: the last one that was caught up on: "2026-03-24T07:00:00+00:00 1234"; "" if there is nothing to catch up on.
UNJUDGED = "unjudged:"
#: The setting that holds the ids of the studies that were judged for at the last poll, with a space between them.
WATCHED = "studies-watched"
#: Entries caught up on in one go; the next housekeeping takes the next.
BATCH = 500


def note_unjudged(store: Store, library: Library, now: datetime) -> None:
    """Remember the moment from which a study that cannot be used misses what is read; the first one counts.

    It cannot be used if its fact sheet is broken, and also if the sheet is gone or no longer says whose it is: so what was
    judged for until now counts, not only what the library can name. A study that is given up on purpose leaves a note
    that nothing comes of.
    """
    usable = {study.id for study in library.studies()}
    before = store.setting(WATCHED)
    watched = usable | (
        set(before.split()) if before is not None else {subscription.study_id for subscription in store.subscriptions()}
    )
    for study_id in {*library.broken(), *watched - usable}:
        if not store.setting(f"{UNJUDGED}{study_id}"):
            store.set_setting(f"{UNJUDGED}{study_id}", f"{now.isoformat()} 0")
    if (names := " ".join(sorted(watched))) != before:
        store.set_setting(WATCHED, names)


def judge_missed(deps: Deps) -> int:
    """Judge for each study that can be used again what was stored meanwhile; returns how many entries were looked at."""
    library = deps.library.current()
    return sum(_catch_up(deps, _One(library, study), study) for study in library.studies())


def _catch_up(deps: Deps, library: Library, study: Study) -> int:
    name = f"{UNJUDGED}{study.id}"
    since, _, after = (deps.store.setting(name) or "").partition(" ")
    if not since:
        return 0
    found = deps.store.entries_since(datetime.fromisoformat(since), after=int(after), limit=BATCH)
    for entry_id, identity, entry in found:
        names = names_of(entry, identity, text=entry.text)
        drafts, wants_page = draft_entry(library, entry, identity, names)
        if drafts or wants_page:
            deps.store.save_entry_mentions(entry_id, drafts, stories.RETELLING, now=deps.clock(), page_due=wants_page)
    deps.store.set_setting(name, f"{since} {found[-1][0]}" if len(found) == BATCH else "")
    logger.info("%s: %s entries that were read without it are judged", study.id, len(found))
    return len(found)


@dataclass(frozen=True, slots=True)
class _One:
    """A Library of one study: the others have judged these entries."""

    whole: Library
    only: Study

    def studies(self) -> Sequence[Study]:
        return (self.only,)

    def default(self) -> Study:
        return self.only

    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        return {}

    def study(self, study_id: str) -> Study:
        return self.whole.study(study_id)

    def ruleset(self, study_id: str) -> RuleSet:
        return self.whole.ruleset(study_id)

    def current(self) -> Library:
        return self
