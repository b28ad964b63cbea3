"""A rule in its editor: the draft that a form holds, what is wrong with it and where, and the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.core.errors import NotFoundError, Problem
from monitor.core.judgement import Drift, Severity
from monitor.core.rules.rule import Status
from monitor.library.rule_history import changed_rules, last_changes
from monitor.pipeline.tune import rule_problems
from monitor.web.render import page
from monitor.web.request import service_of
from monitor.web.rule_form import LABELS, Draft, field_of, sent_draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

    from monitor.core.evaluation.backtest import Backtest
    from monitor.core.mention import RuleSetVersion
    from monitor.core.rules.rule import Rule
    from monitor.ports import RuleLibrary
    from monitor.service import Service

#: Letters of a text that one tries a rule on.
TRY_MAX = 20_000


@dataclass(frozen=True, slots=True)
class TriedOn:
    """What the editor tries a rule on: a text, or the number or address of a stored mention, as they were typed. They come back
    with the editor whatever was wrong.
    """

    text: str = ""
    mention: str = ""


NOTHING = TriedOn()


def sent_or_stored(service: Service, rule_id: str, sent: Any) -> tuple[Draft, Rule | None]:
    """What was sent as a draft on top of the rules in use, and the rule that it changes; None for a new one."""
    files = own_files(service)
    fresh = sent.get("fresh") == "1"  # also under a name that another rule has: then that is told at the field
    found = None if fresh else next((one for one in library_in_use(service).rules() if one.id == rule_id), None)
    if found is None and not fresh:
        raise NotFoundError(f"There is no rule {rule_id[:60]!r}.", "Rules, in the menu, lists those there are.")
    return sent_draft(sent, found, files), found


def problems_of(service: Service, draft: Draft) -> list[Problem]:
    """What is wrong with a draft: what its form could not be read for, and what its files would be refused for."""
    return [*draft.problems, *rule_problems(draft.files, service.deps.rules_with)]


def tried_on(sent: Any) -> TriedOn:
    """What was sent in the fields that a rule is tried on."""
    return TriedOn(str(sent.get("text", "")), str(sent.get("mention", "")).strip()[:200])


def newer_versions(service: Service, tested: Backtest) -> list[tuple[RuleSetVersion, Sequence[str]]]:
    """The versions that were saved since a back-test was begun, newest first, each with the rules that it changed."""
    history = service.store.rules_history(limit=None)
    known = {version.id: version for version in history}
    newer: list[tuple[RuleSetVersion, Sequence[str]]] = []
    for version in history:
        if version.id == tested.base:
            break
        before = known.get(version.parent or 0)
        newer.append((version, changed_rules(before.files if before else {}, version.files)))
    return newer


def told(draft: Draft, problems: Sequence[Problem], *, as_yaml: bool | None = None) -> dict[str, Any]:
    """The problems as the pages show them: each with its field, all at the file where that is what is shown."""
    as_yaml = draft.as_yaml if as_yaml is None else as_yaml
    lines = draft.files.get(draft.file, "").split("\n")
    return {
        "problems": [
            (
                problem,
                "yaml" if as_yaml else field_of(problem, draft),
                lines[problem.line - 1] if problem.path == draft.file and problem.line <= len(lines) else "",
            )
            for problem in problems
        ],
        "labels": LABELS,
        "as_yaml": as_yaml,
    }


def editor(
    request: Request,
    draft: Draft,
    found: Rule | None,
    *,
    problems: Sequence[Problem] = (),
    as_yaml: bool | None = None,
    fresh: bool = False,
    on: TriedOn = NOTHING,
    tried: Mapping[str, Any] | None = None,
    newer: Sequence[tuple[RuleSetVersion, Sequence[str]]] = (),
) -> str:
    """The editor's page for a draft of `found`, or of a new rule; `tried` is what trying it told, `newer` the versions that
    were saved since the draft was begun.
    """
    service = service_of(request)
    study = service.library.studies()
    record = service.store.rule_records(draft.rule_id).get(draft.rule_id)
    hits = service.store.rule_hits(service.clock(), rule=draft.rule_id).get(draft.rule_id)
    as_yaml = draft.as_yaml if as_yaml is None else as_yaml
    shown = told(draft, problems, as_yaml=as_yaml)
    return page(
        request,
        "rule.html",
        title="A new rule" if fresh else f"Rule: {draft.rule_id}",
        draft=draft,
        rule=found,
        fresh=fresh,
        record=record,
        flagged=hits.mentions if hits and not fresh else 0,
        findings=list(study[0].findings.values()) if study else [],
        drifts=list(Drift),
        severities=list(Severity),
        statuses=list(Status),
        text=on.text,
        mention=on.mention,
        tried=tried,
        newer=newer,
        wrong={field for _, field, _ in shown["problems"]},
        show_yaml=as_yaml,
        changed=last_changes(service.store.rules_history(limit=None)).get(draft.rule_id),
        **shown,
    )


def own_files(service: Service) -> dict[str, str]:
    """Your files as they are in use."""
    history = service.store.rules_history(limit=1)
    return dict(history[0].files) if history else {}


def rules_in_use(service: Service) -> Sequence[Rule]:
    """Every rule as it is now, also those that are off; raises LibraryError."""
    return library_in_use(service).rules()


def library_in_use(service: Service) -> RuleLibrary:
    """The library in use; it is read and compiled once for all pages."""
    return service.library.current()


def rule_of(library: RuleLibrary, rule_id: str) -> Rule:
    found = next((one for one in library.rules() if one.id == rule_id), None)
    if found is None:
        raise NotFoundError(f"There is no rule {rule_id[:60]!r}.", "Rules, in the menu, lists those there are.")
    return found
