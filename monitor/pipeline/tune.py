"""Tuning: try, save and undo changes of your own rules. Nothing is saved whose examples fail."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.drift.difference import difference
from monitor.core.errors import ChangedError, LibraryError, Problem, UsageError
from monitor.core.evaluation.candidates import candidates_of
from monitor.core.evaluation.examples import failed_examples
from monitor.core.mention import RuleSetVersion, Step
from monitor.core.rules.history import line_of
from monitor.core.rules.phrase import unmatched_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from monitor.core.evaluation.examples import Failed
    from monitor.core.rules.change import Change
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study
    from monitor.ports import Deps, Library, RuleLibrary

logger = logging.getLogger(__name__)


def rule_problems(files: Mapping[str, str], load: Callable[[Mapping[str, str]], RuleLibrary]) -> Sequence[Problem]:
    """What is wrong with these files as your pack, all at once and each problem at its line and column, in the order of the
    files; none: they can be saved. To be asked as one types.

    Examples are asked once the rules load: what a rule that cannot be read does with a sentence, nobody knows.
    """
    library = load(files)
    try:
        rules = [rule for rule in library.rules() if rule.path in files]
        changes = [change for change in library.changes() if change.path in files]
        found = [*library.refused(rules), *_example_problems(library, rules, changes)]
    except LibraryError as error:
        found = list(error.problems)
    told = {(problem.path, problem.line, problem.column) for problem in found}
    found += [problem for problem in _signs(library) if (problem.path, problem.line, problem.column) not in told]
    return sorted(dict.fromkeys(found), key=lambda problem: (problem.path, problem.line, problem.column))


def warnings(library: RuleLibrary, files: Mapping[str, str]) -> Sequence[Problem]:
    """What rules of yours that are in use would be refused for if they were saved now, each at its place: an earlier version of
    Hypewatch took them, and they go on. Their examples are not asked. Raises LibraryError if the rules do not load.
    """
    found = [*library.refused(rule for rule in library.rules() if rule.path in files), *_signs(library)]
    return sorted(found, key=lambda problem: (problem.path, problem.line, problem.column))


def _example_problems(library: RuleLibrary, rules: Iterable[Rule], changes: Iterable[Change]) -> Iterator[Problem]:
    """Every embedded example that does not hold, at its place. Of `changes` of rules what they add is asked: a shipped example that
    a change silences is meant to be silent.
    """
    for rule in rules:
        study = study_for(library, rule)
        for failed in failed_examples(rule, library.ruleset(study.id).classes, study):
            yield _not_holding(failed, rule.path, *_place(rule.source, failed))
    known = {rule.id: rule for rule in library.rules()}
    for change in changes:
        places = {example.text: example for example in change.passes}
        alone = replace(known[change.rule], flags=(), passes=tuple(places))
        study = study_for(library, alone)
        for failed in failed_examples(alone, library.ruleset(study.id).classes, study):
            at = places[failed.example]
            yield _not_holding(failed, change.path, at.line, at.column)


def _not_holding(failed: Failed, path: str, line: int, column: int) -> Problem:
    example = f"“{failed.example}”"
    plain = f"{example} {failed.plain}" if failed.plain else ""
    return Problem(path, line, column, f"{example} {failed.what}", failed.key, plain)


def _signs(library: RuleLibrary) -> Iterator[Problem]:
    """Every sign of a phrase that would not be heeded, also in files that do not load. Only what is checked or saved now is asked:
    rules that were saved before go on as they are.
    """
    for path, phrase in library.phrases():
        if signs := unmatched_signs(phrase.text):
            what = f"“{phrase.text}” holds the signs {signs}, which a phrase cannot match: it would find its words without them"
            yield Problem(path, phrase.line, phrase.column, what)


def study_for(library: Library, rule: Rule) -> Study:
    """The fact sheet that a rule's examples speak of: its own, else the one shipped first.

    Raises LibraryError if there is none that can be used: then it may be the rules that none can read.
    """
    if rule.studies:
        return library.study(rule.studies[0])
    usable = library.studies()
    return usable[-1] if usable else library.default()


def _place(source: str, failed: Failed) -> tuple[int, int]:
    """Line and column of an example in its file, as it is or with its quotation marks written out; where it is folded over lines
    those of its key.
    """
    lines = source.split("\n")
    top = next((number for number, line in enumerate(lines, start=1) if line.startswith(f"{failed.key}:")), 1)
    written = (failed.example, json.dumps(failed.example, ensure_ascii=False)[1:-1])
    for number, line in enumerate(lines[top - 1 :], start=top):
        for example in written:
            if (at := line.find(example)) >= 0:
                return number, at + 1
    return top, 1


def save_rules(
    deps: Deps,
    files: Mapping[str, str],
    *,
    author: str,
    note: str,
    judge_old: bool = True,
    was: Mapping[str, str] | None = None,
) -> RuleSetVersion:
    """Save a version of your own pack. `was`: the files that these were made from; None if they are all that is meant to be in use. What it cannot reach of the stored mentions takes its digest at once; the others wait to be
    judged again (`rejudge`), unless `judge_old` is False: then those first seen before stay as they were judged.

    Raises LibraryError with every problem if a file does not load, an example fails, or something of a template is still to
    be written; ChangedError if somebody saved in between; UsageError if nothing changed.
    """
    history = deps.store.rules_history(limit=1)
    parent = history[0] if history else None
    if was is not None and dict(parent.files if parent else {}) != dict(was):
        raise ChangedError("Somebody saved other rules in between.", "Read them again, and make your change on top.")
    if dict(parent.files if parent else {}) == dict(files):
        raise UsageError(
            "Nothing changed since the last version.",
            "Edit a file first.",
            command="`hypewatch rules list` names them.",
        )
    if problems := rule_problems(files, deps.rules_with):
        raise LibraryError(problems)
    return _put_to_use(deps, files, parent, Step.SAVE, author=author, note=note, judge_old=judge_old)


def move_rules(deps: Deps, *, step: Step, author: str) -> tuple[RuleSetVersion, str]:
    """Undo or redo: the place before or after on the line of saves is put to use as a new version. Returns it, and what was done
    as the beginning of a sentence. Raises UsageError at the end of the line.
    """
    history = deps.store.rules_history(limit=None)
    line = line_of(reversed(history))
    if step is Step.UNDO:
        if not line.can_undo:
            raise UsageError("There is no saved version to take back.", command="`hypewatch rules save` makes one.")
        target, undone = line.before, line.places[line.at]
        done = f"Version {undone.id if undone else 0} is taken back"
        note = f"undo of version {undone.id if undone else 0}"
    else:
        target = line.after
        if target is None:
            raise UsageError(
                "Nothing was taken back since the last save.", command="`hypewatch rules history` lists versions."
            )
        done, note = f"Version {target.id} is in use again", f"redo of version {target.id}"
    files = dict(target.files) if target else {}
    # What was saved for new mentions only is put to use again for those.
    judge_old = step is Step.UNDO or target is None or target.judge_old
    return _put_to_use(deps, files, history[0], step, author=author, note=note, judge_old=judge_old), done


def _put_to_use(
    deps: Deps,
    files: Mapping[str, str],
    parent: RuleSetVersion | None,
    step: Step,
    *,
    author: str,
    note: str,
    judge_old: bool = True,
) -> RuleSetVersion:
    """Store a version, and stamp the mentions that it judges as the one before did."""
    library = deps.rules_with(files)
    first = library.default()
    version = deps.store.save_rules(
        RuleSetVersion(
            id=0,
            parent=parent.id if parent else None,
            digest=library.ruleset(first.id).digest,
            files=dict(files),
            author=author,
            at=deps.clock(),
            note=note,
            step=step,
            judge_old=judge_old,
        )
    )
    for study in library.studies():
        stamp_others(deps, study, deps.rules_with(parent.files if parent else {}), library)
    return version


def stamp_others(deps: Deps, study: Study, before: RuleLibrary, after: RuleLibrary) -> int:
    """Give the digest of the rules `after` to the mentions of a study which they judge as those `before` did; returns how many."""
    try:
        old, new = before.ruleset(study.id), after.ruleset(study.id)
    except LibraryError:  # rules that do not load any more: whatever they judged is judged again
        logger.info("The version before does not load any more: all mentions are judged again")
        return 0
    if old.digest == new.digest:
        return 0
    changed = difference(study, old, new)
    return deps.store.stamp_others(candidates_of(study.id, changed), old=old.digest, new=new.digest)
