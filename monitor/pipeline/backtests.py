"""Back-tests: what changed rules would have done to the stored mentions. Nothing is saved or sent.

A back-test is a row. Whoever begins it sees what the newest mentions say at once; a worker goes on, or the command that began
it, and after a crash whoever comes next.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.drift.difference import difference
from monitor.core.drift.ruleset import tried
from monitor.core.errors import ChangedError, HypewatchError
from monitor.core.evaluation.backtest import Backtest, BacktestState, Labelled, Tally, changes, with_changes
from monitor.core.evaluation.candidates import candidates_of
from monitor.core.model import Kind
from monitor.pipeline.tune import save_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.drift.difference import Difference
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.evaluation.examples import LabelledSentence
    from monitor.core.mention import RuleSetVersion, StoredText
    from monitor.core.study import Study
    from monitor.ports import Deps, RuleLibrary

logger = logging.getLogger(__name__)

#: Seconds that whoever begins a back-test waits at most for the first of it; after this share of them so many changes are enough.
FIRST_SECONDS, FIRST_SHARE, FIRST_CHANGES = 0.9, 0.6, 10
#: Mentions that are asked for at a time, that are judged before the clock is looked at, and that are while somebody waits.
SLICE, BLOCK, FIRST_BLOCK = 2_000, 10, 3
#: A process that goes on with it keeps its lease for so long, renewed each time that it is kept how far it is: of one that is
#: killed others take over after that. Much longer than a block takes.
LEASE = timedelta(minutes=1)
#: Seconds between two times that it is kept how far it is.
SAVE_EVERY = 2.0


def begin_backtest(
    deps: Deps,
    files: Mapping[str, str],
    *,
    author: str,
    study_id: str | None = None,
    since: datetime | None = None,
    budget: float = FIRST_SECONDS,
) -> Backtest:
    """Begin a back-test of these files as your pack, against the rules in use, and go on with it for `budget` seconds; for less
    if ten changes can be shown before.

    `study_id`: None for the first study; `since` bounds the mentions by when they were published (UTC). Raises LibraryError
    with every problem if the files do not load, NotFoundError for an unknown study.
    """
    begun = time.monotonic()
    history = deps.store.rules_history(limit=1)
    library = deps.rules_with(files)
    library.rules()
    study = library.study(study_id) if study_id else library.default()
    run = _Run(study, deps.library.current().ruleset(study.id), library)
    kept, upheld, dismissed = deps.store.standing_of(study.id, run.changed.rules, since)
    reviewed = Tally(upheld, upheld + dismissed)
    found = Backtest(
        id=0,
        study_id=study.id,
        base=history[0].id if history else None,
        files=dict(files),
        since=since,
        author=author,
        at=deps.clock(),
        rules=tuple(sorted(run.changed.rules)),
        total=0 if run.changed.nothing else deps.store.count_candidates(run.candidates, since=since),
        kept=kept,
        reviewed_before=reviewed,
        reviewed_after=reviewed,
    )
    stored = deps.store.add_backtest(found)
    spent = time.monotonic() - begun
    soon = max(0.0, budget * FIRST_SHARE - spent)
    return _continue(deps, stored.id, max(budget / 2, budget - spent), run, soon)


def continue_backtest(deps: Deps, backtest_id: int, *, budget: float) -> Backtest:
    """Go on with a back-test for `budget` seconds, or to its end, unless another process does or it has ended. Returns it as it
    is then. What makes it fail is kept on it as a sentence.
    """
    return _continue(deps, backtest_id, budget)


def _continue(
    deps: Deps, backtest_id: int, budget: float, run: _Run | None = None, soon: float | None = None
) -> Backtest:
    """`continue_backtest`; `run` is what it needs, where that is at hand. `soon`: after so many seconds ten changes are enough."""
    found = deps.store.claim_backtest(backtest_id, deps.owner, deps.clock(), LEASE)
    if found is None:
        return deps.store.backtest(backtest_id)
    try:
        _go_on(deps, found, run or _run_of(deps, found), budget, soon)
    except HypewatchError as error:
        logger.warning("Back-test %s failed: %s", backtest_id, error)
        failed = replace(found, state=BacktestState.FAILED, sentence=str(error))
        deps.store.save_backtest(failed, (), now=deps.clock(), until=None)
    return deps.store.backtest(backtest_id)


def stop_backtest(deps: Deps, backtest_id: int) -> Backtest:
    """End a back-test where it is; one that has ended stays as it is. Raises NotFoundError."""
    return deps.store.stop_backtest(backtest_id)


def save_backtest(deps: Deps, backtest_id: int, *, author: str, note: str, judge_old: bool = True) -> RuleSetVersion:
    """Save the files that a back-test tried, as `tune.save_rules` does; a back-test that still runs is stopped.

    Raises ChangedError if other rules were saved since it was begun: it told of a difference to those before.
    """
    found = deps.store.backtest(backtest_id)
    history = deps.store.rules_history(limit=1)
    newest = history[0] if history else None
    if found.base != (newest.id if newest else None):
        raise ChangedError(
            "Somebody saved other rules in between.", "Look at the history, and try your change again on top of them."
        )
    was = newest.files if newest else {}
    version = save_rules(deps, found.files, author=author, note=note, judge_old=judge_old, was=was)
    deps.store.stop_backtest(backtest_id)
    return version


class _Run:
    """A back-test, ready to go on: two RuleSets of a study, and what differs between them."""

    def __init__(self, study: Study, before: RuleSet, library: RuleLibrary) -> None:
        self.study, self.before, self.after = study, before, tried(library.ruleset(study.id))
        self.changed: Difference = difference(study, before, self.after)
        self.candidates = candidates_of(study.id, self.changed)
        self.labelled = library.labelled(study.id)

    def reached(self, texts: Sequence[StoredText]) -> list[int]:
        """Those of the mentions that may be judged differently."""
        return [text.id for text in texts if text.near or self.changed.reaches_text(text.title, text.text)]


def _run_of(deps: Deps, found: Backtest) -> _Run:
    """As it was begun, also if other rules were saved since."""
    history = deps.store.rules_history(limit=None)
    if found.base == (history[0].id if history else None):
        base = deps.library.current()
        study = base.study(found.study_id)
        return _Run(study, base.ruleset(study.id), deps.rules_with(found.files))
    files = next((version.files for version in history if version.id == found.base), {})
    before = deps.rules_with(files)
    study = before.study(found.study_id)
    return _Run(study, before.ruleset(study.id), deps.rules_with(found.files))


def _go_on(deps: Deps, found: Backtest, run: _Run, budget: float, soon: float | None) -> None:
    """Blocks of mentions, newest first, until the time is over or there are none; then the labelled sentences."""
    begun, before = time.monotonic(), found.seconds
    saved, saved_at = len(found.changes), begun
    texts: Sequence[StoredText] = ()
    size = BLOCK if soon is None else min(BLOCK, FIRST_BLOCK)
    looked = budget <= 0  # in however little time a block is judged: else it would never end

    def over() -> bool:
        spent = time.monotonic() - begun
        return spent >= budget or (soon is not None and spent >= soon and len(found.changes) >= FIRST_CHANGES)

    while (not looked or not over()) and found.seen < found.total:
        looked = True
        texts = texts or deps.store.candidates(run.candidates, since=found.since, before=found.cursor, limit=SLICE)
        if not texts:  # some were withdrawn since they were counted
            found = replace(found, total=found.seen)
            break
        block, texts = texts[:size], texts[size:]
        found = replace(_judge_block(deps, found, run, block), seconds=before + time.monotonic() - begun)
        if time.monotonic() - saved_at > SAVE_EVERY:
            unsaved = found.changes[saved:]
            if not deps.store.save_backtest(found, unsaved, now=deps.clock(), until=deps.clock() + LEASE):
                return  # it was stopped
            saved, saved_at = len(found.changes), time.monotonic()
    if found.seen >= found.total and not over():
        found = _ended(found, run)
    found = replace(found, seconds=before + time.monotonic() - begun)
    deps.store.save_backtest(found, found.changes[saved:], now=deps.clock(), until=None)


def _judge_block(deps: Deps, found: Backtest, run: _Run, block: Sequence[StoredText]) -> Backtest:
    """Judge those of a few mentions that the change can reach; returns the back-test with what they change."""
    reached = run.reached(block)
    mentions = deps.store.mentions_of(reached) if reached else ()
    more = [change for mention in mentions for change in changes(mention, run.study, run.before, run.after)]
    return replace(
        with_changes(found, more),
        seen=found.seen + len(block),
        judged=found.judged + len(mentions),
        cursor=block[-1].id,
    )


def _ended(found: Backtest, run: _Run) -> Backtest:
    """The back-test with how the labelled sentences are judged, where there are some for its study."""
    if not run.labelled:
        return replace(found, state=BacktestState.DONE)
    before = _verdicts(run.study, run.before, run.labelled)
    after = [
        _drifts(run.study, run.after, sentence) if run.changed.reaches_text("", sentence.text) else was
        for sentence, was in zip(run.labelled, before, strict=True)
    ]
    return replace(
        found,
        state=BacktestState.DONE,
        labelled_before=_score(run.labelled, before),
        labelled_after=_score(run.labelled, after),
    )


def _verdicts(study: Study, ruleset: RuleSet, sentences: Sequence[LabelledSentence]) -> Sequence[bool]:
    key = (study.id, ruleset.digest)
    if key not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = [_drifts(study, ruleset, sentence) for sentence in sentences]
    return _KNOWN[key]


#: How the labelled sentences are judged by a study's ruleset: the same before each back-test of a day.
_KNOWN: dict[tuple[str, str], Sequence[bool]] = {}
MOST_KNOWN = 16


def _drifts(study: Study, ruleset: RuleSet, sentence: LabelledSentence) -> bool:
    found = assess("", sentence.text, study, ruleset, kind=Kind.POST, lang=sentence.lang, on=sentence.on)
    return found.drift


def _score(sentences: Sequence[LabelledSentence], flagged: Sequence[bool]) -> Labelled:
    pairs = [(sentence.drift, said) for sentence, said in zip(sentences, flagged, strict=True)]
    return Labelled(
        right=sum(drift and said for drift, said in pairs),
        flagged=sum(said for _, said in pairs),
        drifting=sum(drift for drift, _ in pairs),
    )
