"""What the rule editor's form holds, and what it makes of your files. The form is the draft: nothing is stored until a
back-test begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, Problem, UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.rules.rule import Status
from monitor.library.ids import id_problem
from monitor.library.load import CHANGES_FILE, OWN_PACK
from monitor.library.rule_edit import (
    ChangeForm,
    RuleForm,
    change_of,
    change_yaml,
    form_of,
    heard,
    id_in,
    rule_yaml,
    to_try,
)
from monitor.library.rule_template import rule_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData

    from monitor.core.rules.rule import Rule

#: Letters that one field may hold; a rule's file is refused from a megabyte on.
FIELD_MAX = 200_000
#: Letters that are shown of a name that cannot be one.
MOST_SHOWN = 40
#: What a new rule is called in addresses as long as it has no name that it can have.
UNNAMED = "unnamed-rule"
#: key of a rule's file -> the field of the form that shows it.
FIELDS = {
    "id": "id",
    "message": "message",
    "why": "why",
    "severity": "severity",
    "status": "status",
    "drift": "drift",
    "finding": "finding",
    "languages": "languages",
    "match": "words",
    "unless": "unless",
    "correction": "correction",
    "flags": "flags",
    "passes": "passes",
}
#: What a reader calls each field.
LABELS = {
    "id": "Name",
    "words": "Flag these words",
    "unless": "But not when the sentence also says",
    "drift": "What kind it is",
    "finding": "It goes beyond this finding",
    "severity": "How bad it is",
    "status": "Use it",
    "message": "What the flag says",
    "why": "Why these words mislead",
    "correction": "Suggest instead",
    "flags": "Must be flagged",
    "passes": "Must be left alone",
    "languages": "Languages",
    "yaml": "The file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as it stands in the editor: which one, what the form shows, and your files with it.

    `source` is the text of its file that the form's fields are written into: the last one that could be read.
    `form` is None while its file is edited as YAML and cannot be read; `problem` says why the form could not be used.
    """

    rule_id: str
    own: bool
    files: Mapping[str, str]
    form: RuleForm | None = None
    change: ChangeForm | None = None
    yaml: str = ""
    source: str = ""
    as_yaml: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file that the draft writes."""
        return f"{self.rule_id}.yaml" if self.own else CHANGES_FILE


def draft_of(rule: Rule, files: Mapping[str, str]) -> Draft:
    """A rule that is stored, to be edited."""
    if rule.pack == OWN_PACK:
        source = files.get(f"{rule.id}.yaml", rule.source)
        return Draft(rule_id=rule.id, own=True, files=dict(files), form=form_of(rule), yaml=source, source=source)
    text = files.get(CHANGES_FILE, "")
    return Draft(rule_id=rule.id, own=False, files=dict(files), change=change_of(text, rule.id), yaml=text)


def sent_draft(sent: FormData, rule: Rule | None, files: Mapping[str, str]) -> Draft:
    """What a person sent, as a draft on top of `files`. `rule` is the one that is edited; None for a new one.

    What cannot be read is a problem of the draft; what was typed stays in it. Raises UsageError for a form that is none.
    """
    if rule is not None and rule.pack != OWN_PACK:
        return _sent_change(sent, rule, files)
    as_yaml = _word(sent, "mode") == "yaml"
    written = _text(sent, "yaml") if as_yaml else ""
    # A new rule is called as its file or the field says; one that is there keeps its name.
    rule_id = rule.id if rule is not None else (id_in(written) or _word(sent, "id"))
    name = f"{rule_id}.yaml"
    source = written or _text(sent, "source") or files.get(name, "")
    form = None if as_yaml else _sent_form(sent, rule_id)
    if rule is None and (said := id_problem(rule_id) or _taken(name, files)):
        source = source or rule_template(UNNAMED, "words")
        line = next((at for at, text in enumerate(source.split("\n"), start=1) if text.startswith("id:")), 1)
        problem = Problem(f"{UNNAMED}.yaml", line, 1, f"“{rule_id[:MOST_SHOWN]}” {said}")
        return _unread(UNNAMED, files, form, source, (problem,))
    if form is None:
        return Draft(rule_id=rule_id, own=True, files={**files, name: written}, yaml=written, as_yaml=True)
    try:
        yaml = rule_yaml(form, source)
    except LibraryError as error:
        return _unread(rule_id, files, form, source, tuple(error.problems))
    return Draft(rule_id=rule_id, own=True, files={**files, name: yaml}, form=form, yaml=yaml, source=source)


def _unread(
    rule_id: str, files: Mapping[str, str], form: RuleForm | None, yaml: str, problems: tuple[Problem, ...]
) -> Draft:
    """What cannot be made a file of, with what was typed."""
    return Draft(
        rule_id=rule_id,
        own=True,
        files=dict(files),
        form=form,
        yaml=yaml,
        source=yaml,
        as_yaml=form is None,
        problems=problems,
    )


@dataclass(frozen=True, slots=True)
class TrialFiles:
    """Your files with a draft's rule in them as it can be tried; `unheard` are its phrases that are left out (`rule_edit.Trial`).
    `silent`: that leaves it no words, and the files are those without it.
    """

    files: Mapping[str, str]
    rule_id: str
    unheard: tuple[str, ...]
    silent: bool = False


def trial_of(draft: Draft, *, fresh: bool) -> TrialFiles:
    """The draft to be tried on a text, whatever of it is not written yet; raises LibraryError if its words cannot be read."""
    others = {name: text for name, text in draft.files.items() if name != draft.file}
    if draft.change is not None:
        change = replace(draft.change, unless=heard(draft.change.unless))
        text = change_yaml(draft.yaml, draft.rule_id, change)
        left_out = tuple(phrase for phrase in draft.change.unless if phrase not in change.unless)
        return TrialFiles({**others, CHANGES_FILE: text} if text.strip() else others, draft.rule_id, left_out)
    # A new rule is tried under no name: the one that it is to have may be another's, or none yet.
    rule_id = UNNAMED if fresh else draft.rule_id
    form = draft.form
    yaml = rule_yaml(replace(form, id=rule_id), draft.source) if form is not None else draft.yaml
    trial = to_try(yaml, rule_id)
    files = {**others, f"{rule_id}.yaml": trial.yaml} if trial.yaml else others
    return TrialFiles(files, rule_id, trial.unheard, silent=not trial.yaml)


def _taken(name: str, files: Mapping[str, str]) -> str | None:
    """Why a new rule cannot have this file, in words that go on behind its name."""
    free = name not in files and name != f"{UNNAMED}.yaml"
    return None if free else "is the name of another rule of yours: choose one that is free"


def _sent_change(sent: FormData, rule: Rule, files: Mapping[str, str]) -> Draft:
    change = ChangeForm(
        status=Status(_choice(sent, "status", Status)) if _word(sent, "status") else None,
        severity=Severity(_choice(sent, "severity", Severity)) if _word(sent, "severity") else None,
        unless=_lines(sent, "unless"),
        passes=_lines(sent, "passes"),
    )
    text = change_yaml(files.get(CHANGES_FILE, ""), rule.id, change)
    others = {name: other for name, other in files.items() if name != CHANGES_FILE}
    now = {**others, CHANGES_FILE: text} if text.strip() else others
    return Draft(rule_id=rule.id, own=False, files=now, change=change, yaml=text)


def _sent_form(sent: FormData, rule_id: str) -> RuleForm:
    return RuleForm(
        id=rule_id,
        words=_lines(sent, "words"),
        unless=_lines(sent, "unless"),
        message=_line(sent, "message"),
        correction=_line(sent, "correction"),
        severity=Severity(_choice(sent, "severity", Severity)),
        status=Status(_choice(sent, "status", Status)),
        finding=_word(sent, "finding") or None,
        drift=Drift(_choice(sent, "drift", Drift)),
        flags=_lines(sent, "flags"),
        passes=_lines(sent, "passes"),
        why=_line(sent, "why"),
        languages=tuple(_word(sent, "languages").replace(",", " ").split()) or ("en",),
    )


def field_of(problem: Problem, draft: Draft) -> str:
    """The field that a problem is about: the key that it names, or else the one above its line in the file; "yaml" where the form
    does not show it.
    """
    if draft.as_yaml or problem.path != draft.file:
        return "yaml"
    if problem.key:
        return FIELDS.get(problem.key, "yaml")
    lines = draft.yaml.split("\n")[: problem.line]
    keys = (line.strip().partition(":")[0] for line in reversed(lines) if _is_key(line, own=draft.own))
    return next((FIELDS[key] for key in keys if key in FIELDS), "yaml")


def _is_key(line: str, *, own: bool) -> bool:
    """A key of the rule's own level; in a change it stands one level in."""
    inner = line.startswith("  ") and not line.startswith("   ") if not own else line[:1] not in {" ", "#", "-", ""}
    return inner and ":" in line


def _text(sent: FormData, name: str) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str) or len(value) > FIELD_MAX:
        raise UsageError(f"The field `{name}` is no text, or too long.", f"It may hold {FIELD_MAX:,} letters.")
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _word(sent: FormData, name: str) -> str:
    return _text(sent, name).strip()


def _line(sent: FormData, name: str) -> str:
    return " ".join(_text(sent, name).split())


def _lines(sent: FormData, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(sent, name).split("\n") if line.strip())


def _choice(sent: FormData, name: str, kind: type[Status | Severity | Drift]) -> str:
    value = _word(sent, name)
    if value not in set(kind):
        raise UsageError(f"{value[:40]!r} is nothing that `{name}` can be.", f"There are: {', '.join(kind)}.")
    return value
