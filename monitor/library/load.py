"""The Library: fact sheets and rules, read from YAML. All problems of all files are told at once.

Rules load all or none. A fact sheet that cannot be used stops its own study: the others go on.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from monitor.core.drift.judge import judge_for
from monitor.core.drift.ruleset import RuleSet, ruleset_digest
from monitor.core.errors import LibraryError, NotFoundError, Problem
from monitor.core.rules.change import Written
from monitor.home_files import UnreadableError, read_text, yaml_paths
from monitor.library.classifier.load import shipped_classifier
from monitor.library.labelled import labelled_sentences
from monitor.library.rule_check import refused
from monitor.library.rule_file import phrase_problems, read_changes, read_classes, read_rule, unknown_rule
from monitor.library.sheets import SHIPPED, OwnSheets, fact_sheets, named, shipped
from monitor.library.study_file import open_questions, read_study
from monitor.library.yaml_nodes import compose, scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from monitor.core.drift.classifier import Classifier
    from monitor.core.evaluation.examples import LabelledSentence
    from monitor.core.rules.change import Change
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study
    from monitor.library.yaml_nodes import Node

#: Your own rules are a pack like the others.
OWN_PACK = "yours"
CLASSES_FILE = "_classes.yaml"
CHANGES_FILE = "_changes.yaml"


class Library:
    """Implements ports.Library over the shipped packs, your fact sheets and your own pack.

    `sheets` are your fact sheets, or the folder of them alone; `files` are the texts of your pack by file name; `extra` folders hold further packs (`check --rules DIR`).
    """

    def __init__(
        self,
        sheets: Path | OwnSheets,
        files: Mapping[str, str],
        *,
        extra: Sequence[Path] = (),
        classifier: Callable[[], Classifier | None] | None = shipped_classifier,
    ) -> None:
        """Nothing is read yet. `reader` gives the second reader; None: the rules judge alone (as in training)."""
        self._classifier = classifier
        self._own_sheets = sheets
        self._files = dict(files)
        self._extra = tuple(extra)
        self._rulesets: dict[str, RuleSet] = {}

    def __reduce__(self) -> tuple[Callable[..., Library], tuple[object, ...]]:
        """Another process gets what this was made of, and reads it for itself: that is quicker than sending what was compiled."""
        return _again, (self._own_sheets, self._files, self._extra, self._classifier)

    @classmethod
    def single(cls, path: Path) -> Study:
        """Read one fact sheet and compile the shipped rules against it; raises LibraryError with every problem."""
        try:
            text = read_text(path)
        except UnreadableError as error:
            raise LibraryError([Problem(str(path), 1, 1, error.reason)]) from None
        library = cls(path.parent / "-", {})
        study, problems = library.read_sheet(text, str(path))
        if study is None or problems:
            raise LibraryError(problems)
        return study

    def read_sheet(self, text: str, path: str) -> tuple[Study | None, tuple[Problem, ...]]:
        """A fact sheet that need not be among those of this library, and what keeps it from judging: what cannot be read, and of a
        draft what is still to be filled in. None if it does not load. Raises LibraryError if no rule loads.
        """
        node, study, problems = _sheet(path, text)
        if node is None or study is None:
            return None, problems or (Problem(path, 1, 1, "is no fact sheet"),)
        rules, classes, changes = self._rule_files
        open_ = [
            Problem(path, blank.line, blank.column, f"is still to be filled in: {blank.value}")
            for blank in open_questions(node)
        ]
        if study.draft and not open_:
            open_.append(Problem(path, 1, 1, "still asks a question, and holds no line for its answer"))
        return study, (*problems, *open_, *phrase_problems(rules, classes, study, changes))

    def current(self) -> Library:
        """Itself: what was loaded does not change."""
        return self

    def studies(self) -> Sequence[Study]:
        """Every fact sheet that is finished and can be used, yours first; none, if each of them is broken (what is read
        meanwhile is judged when one is mended). Raises LibraryError if no rule loads.
        """
        broken = self.broken()
        return tuple(study for study in self._studies.values() if study.id not in broken)

    def default(self) -> Study:
        """The study that is meant where none is named: the one that was chosen, else the first. Raises LibraryError if a fact sheet cannot be used: it
        could be the one that is meant.
        """
        studies, broken = self.studies(), self.broken()
        if broken:
            raise LibraryError([problem for problems in broken.values() for problem in problems])
        meant = self._own_sheets.meant if isinstance(self._own_sheets, OwnSheets) else ""
        return next((study for study in studies if study.id == meant), studies[0])

    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        """The studies whose fact sheet cannot be used, with what is wrong in it; one whose id cannot be read has its file's name."""
        unreadable = {study_id: tuple(problems) for study_id, problems in self._unreadable_sheets.items()}
        return unreadable | {study_id: problems for study_id, problems in self._unfit.items() if problems}

    def drafts(self) -> Sequence[Study]:
        """The fact sheets with something still to be filled in; they judge nothing."""
        return tuple(study for study in self._sheets if study.draft)

    def study(self, study_id: str) -> Study:
        """One finished fact sheet; raises NotFoundError, or LibraryError with every problem if it cannot be used."""
        if problems := self.broken().get(study_id):
            raise LibraryError(problems)
        if study_id in self._studies:
            return self._studies[study_id]
        if any(study.id == study_id for study in self._sheets):
            raise NotFoundError(
                f"The fact sheet of {study_id!r} is a draft, and a draft judges nothing.",
                command="`hypewatch studies check` tells what is still to be filled in.",
            )
        raise NotFoundError(f"There is no study {study_id!r}.", f"There are: {', '.join(self._studies)}.")

    def ruleset(self, study_id: str) -> RuleSet:
        """The rules in use for a study, compiled once to find what cannot be read; raises LibraryError."""
        if study_id not in self._rulesets:
            self._rulesets[study_id] = self.ruleset_of(self.study(study_id))
        return self._rulesets[study_id]

    def ruleset_of(self, study: Study) -> RuleSet:
        """The rules in use for a study that need not be among those of this library; raises LibraryError."""
        rules, classes, _ = self._rule_files
        chosen = tuple(rule for rule in rules if not rule.studies or study.id in rule.studies)
        classifier = self._classifier() if self._classifier else None
        ruleset = RuleSet(
            rules=chosen,
            classes=classes,
            study_digest=study.digest,
            classifier=classifier,
            digest=ruleset_digest(chosen, classes, f"{study.digest}{classifier.digest if classifier else ''}"),
        )
        judge_for(study, ruleset)
        _keep_for_good()
        return ruleset

    def rules(self) -> Sequence[Rule]:
        """Every rule of every pack, also retired and draft ones; raises LibraryError if one cannot be read for a study."""
        problems = [problem for problems in self._unfit.values() for problem in problems]
        if problems:
            raise LibraryError(problems)
        return self._rule_files[0]

    def labelled(self, study_id: str) -> Sequence[LabelledSentence]:
        """The sentences that ship with a study's fact sheet, labelled by hand; none for other studies."""
        return labelled_sentences(study_id)

    def changes(self) -> Sequence[Change]:
        """Your changes of rules, in the order of their files; raises LibraryError as `rules` does."""
        self.rules()
        return self._rule_files[2]

    def refused(self, rules: Iterable[Rule]) -> Iterator[Problem]:
        """What rules that load are refused for when they are checked or saved (`rule_check`), each with its place."""
        studies = self.studies()
        for rule in rules:
            yield from refused(rule, [study for study in studies if not rule.studies or study.id in rule.studies])

    def phrases(self) -> Iterator[tuple[str, Written]]:
        """(path, phrase) of every phrase in your files, also in those that do not load."""
        for name in sorted(self._files):
            root, _ = compose(self._files[name], name)
            for key, at in scalars(root) if root and name != CLASSES_FILE else ():
                if key in {"any", "needs"}:
                    yield name, Written(str(at.value).strip(), at.line, at.column)

    @cached_property
    def _studies(self) -> Mapping[str, Study]:
        """The finished ones by id; of two with one id yours. A draft of yours does not hide a shipped one.

        One of yours that cannot be read does: judging by other findings unasked would mislead.
        """
        found: dict[str, Study] = {}
        for study in self._sheets:
            if not study.draft and study.id not in self._unreadable_sheets:
                found.setdefault(study.id, study)
        return found

    @cached_property
    def _sheets(self) -> tuple[Study, ...]:
        """Every fact sheet that can be read, yours first."""
        return self._read_sheets[0]

    @property
    def _unreadable_sheets(self) -> Mapping[str, list[Problem]]:
        return self._read_sheets[1]

    @cached_property
    def _read_sheets(self) -> tuple[tuple[Study, ...], Mapping[str, list[Problem]]]:
        """The fact sheets that can be read, yours first, and the problems of the others by their ids."""
        found: list[Study] = []
        wrong: dict[str, list[Problem]] = {}
        for path, text, _ in fact_sheets(self._own_sheets, wrong):
            _, study, problems = _sheet(path, text)
            if problems or study is None:
                wrong.setdefault(named(text, path), []).extend(problems or [Problem(path, 1, 1, "is no fact sheet")])
            else:
                found.append(study)
        return tuple(found), wrong

    @cached_property
    def _unfit(self) -> Mapping[str, tuple[Problem, ...]]:
        """What the rules cannot read in each finished study (a word class or a finding that it lacks)."""
        rules, classes, changes = self._rule_files
        named_classes = tuple(classes.items())
        return {
            study.id: _unread(rules, named_classes, changes, _BySheet(study.digest, study))
            for study in self._studies.values()
        }

    @cached_property
    def _rule_files(self) -> tuple[tuple[Rule, ...], Mapping[str, tuple[str, ...]], tuple[Change, ...]]:
        problems: list[Problem] = []
        rules: dict[str, Rule] = {}
        classes: dict[str, tuple[str, ...]] = {}
        changes: list[Change] = []
        for pack, path, text in self._texts():
            read = _file(pack, path, text)
            problems.extend(read.problems)
            for key, phrases in read.classes.items():
                classes[key] = (*classes.get(key, ()), *phrases)
            changes.extend(read.changes)
            _add_rule(rules, read.rule, problems)
        for change in changes:
            if change.rule in rules:
                rules[change.rule] = change.apply(rules[change.rule])
            else:
                problems.append(unknown_rule(change, sorted(rules)))
        if problems:
            raise LibraryError(problems)
        return tuple(rules.values()), classes, tuple(changes)

    def _texts(self) -> Iterator[tuple[str, str, str]]:
        """(pack, path, text) of every file of every pack."""
        for pack in sorted(item.name for item in files(SHIPPED).joinpath("rules").iterdir() if item.is_dir()):
            for path, text in shipped(f"rules/{pack}"):
                yield pack, path, text
        for name in sorted(self._files):
            yield OWN_PACK, name, self._files[name]
        for folder in self._extra:
            for path, text in read_folder(folder).items():
                yield folder.name, path, text


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What one file of a pack holds."""

    problems: tuple[Problem, ...]
    rule: Rule | None = None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


def _again(
    sheets: Path | OwnSheets,
    files: Mapping[str, str],
    extra: Sequence[Path],
    classifier: Callable[[], Classifier | None] | None,
) -> Library:
    return Library(sheets, files, extra=extra, classifier=classifier)


# Rules are loaded again with every save and every trial, and but one file of some two hundred is another then: what was made
# of a text is kept.


@lru_cache(maxsize=1_024)
def _file(pack: str, path: str, text: str) -> _File:
    problems: list[Problem] = []
    node, wrong = compose(text, path)
    name = path.replace("\\", "/").rpartition("/")[2]
    if node is None:
        return _File(problems=tuple(wrong))
    if name == CLASSES_FILE:
        classes = read_classes(node, path, problems)
        return _File(classes=classes, problems=(*wrong, *problems))
    if name == CHANGES_FILE:
        changes = read_changes(node, path, problems)
        return _File(changes=tuple(changes), problems=(*wrong, *problems))
    rule = read_rule(node, path, text, pack, problems)
    return _File(rule=rule, problems=(*wrong, *problems))


@lru_cache(maxsize=128)
def _sheet(path: str, text: str) -> tuple[Node | None, Study | None, tuple[Problem, ...]]:
    """The tree of a fact sheet and the study in it, each None if it cannot be read, with what is wrong."""
    problems: list[Problem] = []
    node, wrong = compose(text, path)
    study = read_study(node, path, text, problems) if node else None
    return node, study, (*wrong, *problems)


@dataclass(frozen=True, slots=True)
class _BySheet:
    """A study that is told from others by the text of its sheet."""

    digest: str
    study: Study = field(compare=False)


@lru_cache(maxsize=64)
def _unread(
    rules: tuple[Rule, ...],
    classes: tuple[tuple[str, tuple[str, ...]], ...],
    changes: tuple[Change, ...],
    of: _BySheet,
) -> tuple[Problem, ...]:
    """What rules and word classes cannot read in a study."""
    return tuple(phrase_problems(rules, dict(classes), of.study, changes))


@cache
def _keep_for_good() -> None:
    """Once a process has compiled rules and weights it keeps them: the garbage collector need not walk them again and again.
    That was a seventh of the time of judging.
    """
    gc.freeze()


def shipped_classes(pack: str) -> Mapping[str, tuple[str, ...]]:
    """The word classes of one shipped pack by itself; raises LibraryError if they cannot be read."""
    path = f"rules/{pack}/{CLASSES_FILE}"
    node, wrong = compose(files(SHIPPED).joinpath(path).read_text(encoding="utf-8"), path)
    problems = list(wrong)
    classes = read_classes(node, path, problems) if node else {}
    if problems:
        raise LibraryError(problems)
    return classes


def _add_rule(rules: dict[str, Rule], rule: Rule | None, problems: list[Problem]) -> None:
    if rule is not None and rule.id in rules:
        what = f"has the id {rule.id!r}, which {rules[rule.id].path} has too"
        plain = f"“{rule.id}” is the name of another rule: choose one that is free"
        problems.append(Problem(rule.path, 1, 1, what, "id", plain))
    elif rule is not None:
        rules[rule.id] = rule


def read_folder(folder: Path) -> dict[str, str]:
    """The YAML files of a folder of rules by path; none if it is not there. Raises LibraryError with all that cannot be read."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    try:
        paths = yaml_paths(folder)
    except UnreadableError as error:
        raise LibraryError([Problem(str(folder), 1, 1, error.reason)]) from None
    for path in paths:
        try:
            found[str(path)] = read_text(path)
        except FileNotFoundError:
            continue  # it was taken away since the folder was looked at
        except UnreadableError as error:
            problems.append(Problem(str(path), 1, 1, error.reason))
    if problems:
        raise LibraryError(problems)
    return found
