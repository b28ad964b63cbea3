"""Tuning: try, save and undo changes of your own rules. Nothing is saved whose examples fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, Problem, UsageError
from monitor.core.evaluation.backtest import backtest
from monitor.core.evaluation.examples import failed_examples
from monitor.core.mention import RuleSetVersion, Step
from monitor.core.rules.history import line_of
from monitor.core.rules.phrase import unmatched_signs
from monitor.core.search.query import parse_query
from monitor.pipeline.assess_text import judge_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.core.evaluation.backtest import Backtest
    from monitor.core.mention import Mention
    from monitor.core.rules.change import Change
    from monitor.core.rules.rule import Rule
    from monitor.core.search.query import Query
    from monitor.core.study import Study
    from monitor.ports import Deps, Items, Library, RuleLibrary

#: Mentions of one page of a search; a back-test reads on until there are none.
PAGE = 500


def example_problems(library: RuleLibrary, rules: list[Rule], changes: Iterable[Change] = ()) -> Iterator[Problem]:
    """Every embedded example that does not hold, and every sign of a phrase that would not be heeded, at its place.

    Only what is checked or saved now is asked for its signs: rules that were saved before go on as they are. Of `changes` of
    rules what they add is asked: a shipped example that a change silences is meant to be silent.
    """
    for rule in rules:
        for phrase in (*rule.any, *rule.needs, *(phrase for unless in rule.unless for phrase in unless.any)):
            yield from _signs(rule.path, phrase, *_place(rule.source, phrase))
        study = study_for(library, rule)
        for failed in failed_examples(rule, library.ruleset(study.id).classes, study):
            yield Problem(rule.path, *_place(rule.source, failed.example), f"“{failed.example}” {failed.what}")
    known = {rule.id: rule for rule in library.rules()}
    for change in changes:
        for added in change.phrases:
            yield from _signs(change.path, added.text, added.line, added.column)
        places = {example.text: example for example in change.passes}
        alone = replace(known[change.rule], flags=(), passes=tuple(places))
        study = study_for(library, alone)
        for failed in failed_examples(alone, library.ruleset(study.id).classes, study):
            at = places[failed.example]
            yield Problem(change.path, at.line, at.column, f"“{failed.example}” {failed.what}")


def _signs(path: str, phrase: str, line: int, column: int) -> Iterator[Problem]:
    signs = unmatched_signs(phrase)
    if signs:
        what = f"“{phrase}” holds the signs {signs}, which a phrase cannot match: it would find its words without them"
        yield Problem(path, line, column, what)


def rule_problems(files: Mapping[str, str], load: Callable[[Mapping[str, str]], RuleLibrary]) -> Sequence[Problem]:
    """What is wrong with these files as your pack, each problem at its line and column, in the order of the files; none: they
    can be saved. To be asked as one types.
    """
    try:
        library = load(files)
        rules = [rule for rule in library.rules() if rule.path in files]
        changes = [change for change in library.changes() if change.path in files]
        found = [*library.unwritten(rules), *example_problems(library, rules, changes)]
    except LibraryError as error:
        found = list(error.problems)
    return sorted(found, key=lambda problem: (problem.path, problem.line, problem.column))


def study_for(library: Library, rule: Rule) -> Study:
    """The fact sheet that a rule's examples speak of: its own, else the one shipped first.

    Raises LibraryError if there is none that can be used: then it may be the rules that none can read.
    """
    if rule.studies:
        return library.study(rule.studies[0])
    usable = library.studies()
    return usable[-1] if usable else library.default()


def _place(source: str, example: str) -> tuple[int, int]:
    """Line and column of an example in its file; the top where it is folded over lines."""
    for number, line in enumerate(source.split("\n"), start=1):
        at = line.find(example)
        if at >= 0:
            return number, at + 1
    return 1, 1


def try_rules(
    items: Items, study: Study, now: Library, then: Library, since: str, clock: Callable[[], datetime]
) -> Backtest:
    """What changed rules would have done to the stored mentions since then. Nothing is written or sent."""
    query = parse_query(f"study:{study.id} since:{since}", clock())
    return backtest(_all_mentions(items, query), study, now.ruleset(study.id), then.ruleset(study.id))


def _all_mentions(items: Items, query: Query) -> Iterator[Mention]:
    before: int | None = None
    while True:
        found = items.search(query, limit=PAGE, before=before)
        yield from found
        if len(found) < PAGE:
            return
        before = found[-1].id


def save_rules(
    deps: Deps, files: Mapping[str, str], load: Callable[[Mapping[str, str]], RuleLibrary], *, author: str, note: str
) -> tuple[RuleSetVersion, int]:
    """Save a version of your own pack and judge stored mentions again; returns it and how many were judged.

    Raises LibraryError with every problem if a file does not load, an example fails, or something of a template is still to
    be written; StorageError if somebody saved in between; UsageError if nothing changed.
    """
    history = deps.store.rules_history(limit=1)
    parent = history[0] if history else None
    if dict(parent.files if parent else {}) == dict(files):
        raise UsageError(
            "Nothing changed since the last version.", "Edit a file first; `hypewatch rules list` names them."
        )
    if problems := rule_problems(files, load):
        raise LibraryError(problems)
    return _put_to_use(deps, load(files), files, parent, Step.SAVE, author=author, note=note)


def move_rules(
    deps: Deps, load: Callable[[Mapping[str, str]], RuleLibrary], *, step: Step, author: str
) -> tuple[RuleSetVersion, int, str]:
    """Undo or redo: the place before or after on the line of saves is put to use as a new version. Returns it, how many
    mentions were judged, and what was done as the beginning of a sentence. Raises UsageError at the end of the line.
    """
    history = deps.store.rules_history(limit=None)
    line = line_of(reversed(history))
    if step is Step.UNDO:
        if not line.can_undo:
            raise UsageError("There is no saved version to take back.", "`hypewatch rules save` makes one.")
        target, undone = line.before, line.places[line.at]
        done = f"Version {undone.id if undone else 0} is taken back"
        note = f"undo of version {undone.id if undone else 0}"
    else:
        target = line.after
        if target is None:
            raise UsageError("Nothing was taken back since the last save.", "`hypewatch rules history` lists versions.")
        done, note = f"Version {target.id} is in use again", f"redo of version {target.id}"
    files = dict(target.files) if target else {}
    version, judged = _put_to_use(deps, load(files), files, history[0], step, author=author, note=note)
    return version, judged, done


def _put_to_use(
    deps: Deps,
    library: Library,
    files: Mapping[str, str],
    parent: RuleSetVersion | None,
    step: Step,
    *,
    author: str,
    note: str,
) -> tuple[RuleSetVersion, int]:
    """Store a version and judge what is stored with it; returns it and how many mentions were judged."""
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
        )
    )
    judged = 0
    for study in deps.library.studies():
        while count := judge_again(deps, study):
            judged += count
    return version, judged
