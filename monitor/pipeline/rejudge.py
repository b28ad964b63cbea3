"""Stored mentions are judged again by the rules in use. What a change of the rules cannot reach is told by looking for its words,
at a hundredth of the cost of judging, and takes the new rules' digest as it is.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.drift.difference import difference
from monitor.core.errors import LibraryError
from monitor.core.model import LATE
from monitor.pipeline.one_by_one import ONE_BY_ONE
from monitor.pipeline.turns import held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from monitor.core.drift.difference import Difference
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Assessment
    from monitor.core.mention import Mention, StoredText
    from monitor.core.study import Study
    from monitor.ports import Deps, Judges, Library

logger = logging.getLogger(__name__)

#: Mentions that are taken at a time.
CHUNK = 500
#: So many versions back the difference to the rules in use is worked out; what older ones judged is judged in full.
VERSIONS_BACK = 4
#: The lease of whoever judges again: workers come one at a time, and others see that somebody is at it.
JUDGING = "judging"
#: It is renewed with each chunk; of a process that is killed others take over after that.
LEASE = timedelta(minutes=1)


def judge_again(deps: Deps, study: Study, *, limit: int = CHUNK) -> int:
    """Bring stored mentions to the rules in use now, newest first; returns how many. To be called until it returns 0."""
    return _Rejudge(deps, study).some(limit)


def judge_all(
    deps: Deps,
    study: Study,
    *,
    budget: float | None = None,
    chunk: int | None = None,
    told: Callable[[int], object] | None = None,
    judges: Judges = ONE_BY_ONE,
) -> int:
    """`judge_again` until nothing is left, or for `budget` seconds; returns how many. The clock is looked at after each `chunk`
    mentions, and `told` is called with each number done.
    """
    work, done, begun = _Rejudge(deps, study, judges), 0, time.monotonic()
    chunk = chunk or (CHUNK if budget is None else CHUNK // 5)
    while budget is None or time.monotonic() - begun < budget:
        count = work.some(chunk)
        if not count:
            break
        done += count
        if told:
            told(count)
    return done


def holding(deps: Deps, owner: str) -> AbstractContextManager[Callable[[], bool]]:
    """Judge again while others see it, and leave it to this process as long as the lease is renewed (`turns.held`); two that judge at
    once do no harm.
    """
    return held(deps, JUDGING, owner, LEASE)


def judged_by_somebody(deps: Deps) -> bool:
    """Is somebody judging stored mentions again at the moment?"""
    until = deps.store.held_until(JUDGING)
    return until is not None and until > deps.clock()


def abandoned(deps: Deps) -> bool:
    """Do stored mentions wait to be judged again, for longer than it takes until somebody begins?"""
    if not any(waits(deps, study) for study in deps.library.studies()):
        return False
    newest = deps.store.rules_history(limit=1)
    last = max(filter(None, (deps.store.held_until(JUDGING), newest[0].at if newest else None)), default=None)
    return last is None or deps.clock() - last > LATE


def rejudging(deps: Deps, study: Study) -> tuple[int, int]:
    """How many of a study's stored mentions are judged by the rules in use (or are left as they are, if the newest version
    says so), and how many there are.
    """
    digest = deps.library.ruleset(study.id).digest
    judged = deps.store.judged_by(study.id)
    total = sum(judged.values())
    since = seen_from(deps)
    waiting = total - judged.get(digest, 0)
    if since is not None and waiting:
        waiting = len(deps.store.judged_otherwise(study.id, digest, total, seen_from=since))
    return total - waiting, total


def waits(deps: Deps, study: Study) -> bool:
    """Is a mention of the study still to be judged again?"""
    digest = deps.library.ruleset(study.id).digest
    return bool(deps.store.judged_otherwise(study.id, digest, 1, seen_from=seen_from(deps)))


def seen_from(deps: Deps) -> datetime | None:
    """Since when mentions must be first seen for the newest version of the rules to judge them; None: all are."""
    newest = deps.store.rules_history(limit=1)
    return newest[0].at if newest and not newest[0].judge_old else None


class _Rejudge:
    """One study's mentions on their way to the rules in use."""

    def __init__(self, deps: Deps, study: Study, judges: Judges = ONE_BY_ONE) -> None:
        self._deps, self._study, self._judges = deps, study, judges
        self._library = deps.library.current()
        self._ruleset = self._library.ruleset(study.id)
        self._since = seen_from(deps)
        self._changes: dict[str, Difference | None] = {}
        self._known: Mapping[str, RuleSet] | None = None

    def some(self, limit: int) -> int:
        """Judge or stamp at most so many; returns how many."""
        store, digest = self._deps.store, self._ruleset.digest
        ids = store.judged_otherwise(self._study.id, digest, limit, seen_from=self._since)
        by_ruleset: dict[str, list[int]] = {}
        for text in store.texts_of(ids):
            by_ruleset.setdefault(text.ruleset, []).append(text.id)
        for old, mine in by_ruleset.items():
            changed = self._difference(old)
            alike = [] if changed is None else [text.id for text in self._alike(changed, mine)]
            store.stamp(alike, old=old, new=digest)
            self._judge(sorted(set(mine) - set(alike), reverse=True))
        return len(ids)

    def _alike(self, changed: Difference, ids: Sequence[int]) -> list[StoredText]:
        """Those that the change cannot reach."""
        texts = self._deps.store.texts_of(ids, changed.near)
        return [text for text in texts if not text.near and not changed.reaches_text(text.title, text.text)]

    def _judge(self, ids: Sequence[int]) -> None:
        store = self._deps.store
        found = self._judges.each(
            self._library, partial(_judged, study_id=self._study.id), (store.mention(mention_id) for mention_id in ids)
        )
        for mention_id, assessment in zip(ids, found, strict=True):
            store.save_assessment(mention_id, assessment, now=self._deps.clock())

    def _difference(self, digest: str) -> Difference | None:
        """What the rules in use change of those of this digest; None if nobody knows these any more."""
        if digest not in self._changes:
            if self._known is None:
                self._known = known_rulesets(self._deps, self._study)
            before = self._known.get(digest)
            self._changes[digest] = None if before is None else difference(self._study, before, self._ruleset)
        return self._changes[digest]


def _judged(library: Library, mention: Mention, *, study_id: str) -> Assessment:
    return assess(
        mention.title,
        mention.text,
        library.study(study_id),
        library.ruleset(study_id),
        kind=mention.kind,
        lang=mention.lang,
        partial=mention.partial,
        on=mention.told_on,
    )


def known_rulesets(deps: Deps, study: Study) -> Mapping[str, RuleSet]:
    """The RuleSets of the last versions, by their digests, with the packs and the fact sheet as they are now."""
    found: dict[str, RuleSet] = {}
    for files in (*(version.files for version in deps.store.rules_history(limit=1 + VERSIONS_BACK)), {}):
        try:
            ruleset = deps.rules_with(files).ruleset(study.id)
        except LibraryError:
            logger.info("A version of the rules does not load any more: what it judged is judged in full")
            continue
        found.setdefault(ruleset.digest, ruleset)
    return found
