"""Rules: every one with its record, yours as files, changes of shipped ones, their versions, and why a rule flags a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, model_validator

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.mention import Step
from monitor.core.model import Kind
from monitor.core.rules.rule import RuleKind, Status
from monitor.export.explained import answer, explanation_row
from monitor.export.rule_pack import SCHEMA, names_of
from monitor.export.tuning import rule_row, version_row
from monitor.library.ids import id_problem
from monitor.library.load import CHANGES_FILE, OWN_PACK
from monitor.library.rule_edit import ChangeForm, change_of, change_yaml
from monitor.pipeline.explain import explain_mention, explain_text
from monitor.pipeline.tune import move_rules, rule_problems, save_rules
from monitor.web.access import who_of
from monitor.web.api.checks import MOST_TEXT, Found
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute, check_unchanged, tag_of
from monitor.web.api.shapes import Id, Page, Sent, Shape, Stamp
from monitor.web.api.shapes import Place as Wrong
from monitor.web.request import RowId, service_of
from monitor.web.rule_editor import library_in_use, own_files, rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.errors import Problem
    from monitor.core.reviews import RuleRecord
    from monitor.core.rules.rule import Rule
    from monitor.core.rules.statistics import RuleHits
    from monitor.service import Service

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["rules"])

#: Letters of a rule's file, of a note in the history, and files that are sent at once.
MOST_FILE, MOST_NOTE, MOST_FILES = 200_000, 500, 500
#: Days whose flags the list counts.
DAYS = 30
RuleId = Annotated[str, Path(max_length=64, examples=["above-outcome"])]


class RuleOut(Shape):
    """A rule in use, or one that is off."""

    id: str
    pack: str = Field(description="`yours`, or the shipped pack that it is of")
    drift: Drift
    severity: Severity
    status: Status
    kind: RuleKind
    finding: str | None
    languages: list[str]
    confidence: float
    message: str
    why: str


class Record(Shape):
    """What people decided about a rule's flags."""

    upheld: int
    dismissed: int
    not_about: int
    precision: float | None = Field(description="The share that was right; null if nobody decided")


class RuleListed(RuleOut):
    """A rule with its flags of thirty days, and how often it was right."""

    flags: int
    mentions: int
    record: Record


class Change(Sent):
    """Your change of a shipped rule; what is null is as it ships. `unless` and `passes` are added to its own."""

    status: Status | None = None
    severity: Severity | None = None
    unless: list[str] = Field([], max_length=200, description="Phrases of the sentence that keep it quiet")
    passes: list[str] = Field([], max_length=200, description="Sentences that it must leave alone")


class RuleWhole(RuleOut):
    """A rule as its file says it. One of yours is its `yaml`; a shipped one can be given a `change`."""

    yaml: str
    change: Change | None = Field(description="null for a rule of yours")
    flags: list[str] = Field(description="Sentences that it must flag")
    passes: list[str] = Field(description="Sentences that it must leave alone")


class RuleIn(Sent):
    """A rule of yours as `yaml`, or the `change` of a shipped one."""

    yaml: str | None = Field(None, max_length=MOST_FILE)
    change: Change | None = None
    note: str = Field("", max_length=MOST_NOTE, description="What you changed, for the history")
    judge_old: bool = Field(True, description="false: stored mentions stay as they were judged")

    @model_validator(mode="after")
    def _one_of_both(self) -> RuleIn:
        if (self.yaml is None) == (self.change is None):
            raise ValueError("send either `yaml`, for a rule of yours, or `change`, for a shipped one")
        return self


class FilesIn(Sent):
    """Files of your pack by name, as `our-cure.yaml`; null takes one out. What is not named stays."""

    files: dict[str, Annotated[str, Field(max_length=MOST_FILE)] | None] = Field(max_length=MOST_FILES, min_length=1)

    def upon(self, service: Service) -> dict[str, str]:
        """Your pack with these files; raises UsageError for a name that no rule file has."""
        names_of(dict.fromkeys(self.files, ""), "The request")
        merged = own_files(service) | {name: text for name, text in self.files.items() if text is not None}
        return {name: text for name, text in merged.items() if self.files.get(name, "") is not None}


class Files(Shape):
    """Your pack, as `hypewatch rules export` writes it and `import` reads it."""

    schema_: str = Field(alias="schema")
    files: dict[str, str]


class CheckOut(Shape):
    """What is wrong with files, each thing at its place; none: they can be saved."""

    problems: list[Wrong]


class ExplainIn(Sent):
    """A text, or the number of a stored mention; `yaml` is the rule as it would be."""

    text: str = Field("", max_length=MOST_TEXT)
    mention: Id | None = None
    title: str = Field("", max_length=2_000)
    kind: Kind = Kind.POST
    study: str | None = Field(None, max_length=64)
    assume_relevant: bool = False
    yaml: str | None = Field(None, max_length=MOST_FILE)


class ExplainStep(Shape):
    """One thing that was asked of the text."""

    check: str
    passed: bool
    says: str


class Explanation(Shape):
    """Why a rule flags a text, or the step that stopped it."""

    rule: str
    flagged: bool
    answer: str
    stopped_by: str | None
    steps: list[ExplainStep]
    flag: Found | None


class Version(Shape):
    """A saved version of your rules."""

    version: int
    at: Stamp
    by: str
    step: Step
    note: str
    judge_old: bool
    files: list[str]
    digest: str


class VersionWhole(Version):
    """A saved version with the texts of its files."""

    texts: dict[str, str]


# --- reading ---------------------------------------------------------------------------------------------------------


@router.get("/rules", response_model=Page[RuleListed])
def listed(
    request: Request,
    place: Asked,
    q: Annotated[str, Query(max_length=200, description="Words of its id, kind or message")] = "",
    drift: Annotated[Drift | None, Query()] = None,
) -> Any:
    """Every rule, also those that are off."""
    service = service_of(request)
    records, hits = service.store.rule_records(), service.store.rule_hits(service.clock(), days=DAYS)
    found = [
        rule
        for rule in sorted(library_in_use(service).rules(), key=lambda rule: rule.id)
        if drift in {None, rule.drift} and q.casefold() in f"{rule.id} {rule.drift.words} {rule.message}".casefold()
    ]
    return place.cut(found, lambda rule: _listed(rule, records.get(rule.id), hits.get(rule.id)))


def _listed(rule: Rule, record: RuleRecord | None, hits: RuleHits | None) -> Mapping[str, Any]:
    told = {
        "upheld": record.upheld if record else 0,
        "dismissed": record.dismissed if record else 0,
        "not_about": record.not_about if record else 0,
        "precision": record.precision if record else None,
    }
    counts = {"flags": hits.total if hits else 0, "mentions": hits.mentions if hits else 0}
    return rule_row(rule) | counts | {"record": told}


@router.get("/rules/{rule_id}", response_model=RuleWhole)
def one(request: Request, rule_id: RuleId, response: Response) -> Any:
    """One rule; its ETag is what If-Match names when it is changed."""
    shape = _whole(service_of(request), rule_id)
    response.headers["ETag"] = tag_of(shape)
    return shape


def _whole(service: Service, rule_id: str) -> RuleWhole:
    rule = rule_of(library_in_use(service), rule_id)
    files = own_files(service)
    own = rule.pack == OWN_PACK
    change = None if own else change_of(files.get(CHANGES_FILE, ""), rule_id)
    more = {
        "yaml": files.get(f"{rule_id}.yaml", rule.source) if own else rule.source,
        "change": change and _sent(change),
        "flags": list(rule.flags),
        "passes": list(rule.passes),
    }
    return RuleWhole.model_validate(rule_row(rule) | more)


def _sent(form: ChangeForm) -> Mapping[str, Any]:
    return {
        "status": form.status,
        "severity": form.severity,
        "unless": list(form.unless),
        "passes": list(form.passes),
    }


# --- changing --------------------------------------------------------------------------------------------------------


@router.put(
    "/rules/{rule_id}", response_model=RuleWhole, responses={201: {"model": RuleWhole, "description": "It is new"}}
)
def put(request: Request, rule_id: RuleId, sent: RuleIn, response: Response) -> Any:
    """Put a rule to use: a new version of your rules, which undo takes back. Refused if an example fails; 201 if it is new."""
    service = service_of(request)
    files = own_files(service)  # before the tag is compared: what is saved in between is seen by one of the two
    there = _known(service, rule_id)
    check_unchanged(request, tag_of(_whole(service, rule_id)) if there else None)
    changed = _with(files, rule_id, there, sent)
    if changed != files:
        _save(request, changed, was=files, note=sent.note or f"{rule_id}, by the API", judge_old=sent.judge_old)
    response.status_code = 200 if there else 201
    return one(request, rule_id, response)


def _known(service: Service, rule_id: str) -> Rule | None:
    return next((rule for rule in library_in_use(service).rules() if rule.id == rule_id), None)


def _with(files: Mapping[str, str], rule_id: str, there: Rule | None, sent: RuleIn) -> dict[str, str]:
    """Your files with what was sent; raises UsageError for what does not fit the rule."""
    shipped = there is not None and there.pack != OWN_PACK
    if sent.yaml is not None:
        if shipped:
            raise UsageError(f"{rule_id} ships with Hypewatch.", "Send a `change` of it, or a rule with another name.")
        if said := id_problem(rule_id):
            raise UsageError(f"{rule_id[:40]!r} {said}.", "Choose another name, such as our-cure.")
        return {**files, f"{rule_id}.yaml": sent.yaml}
    if not shipped or sent.change is None:
        raise UsageError(f"{rule_id} is no shipped rule.", "Send its `yaml`.")
    form = ChangeForm(
        status=sent.change.status,
        severity=sent.change.severity,
        unless=tuple(sent.change.unless),
        passes=tuple(sent.change.passes),
    )
    return _with_change(files, rule_id, form)


def _with_change(files: Mapping[str, str], rule_id: str, form: ChangeForm) -> dict[str, str]:
    text = change_yaml(files.get(CHANGES_FILE, ""), rule_id, form)
    merged = {**files, CHANGES_FILE: text}
    return {name: one for name, one in merged.items() if one.strip()}


def _save(
    request: Request, files: Mapping[str, str], *, was: Mapping[str, str], note: str, judge_old: bool = True
) -> None:
    service = service_of(request)
    note = " ".join(note.split())
    version = save_rules(service.deps, files, author=who_of(request).name, note=note, judge_old=judge_old, was=was)
    service.follow_rules(was, version.files)


@router.delete("/rules/{rule_id}", status_code=204)
def remove(request: Request, rule_id: RuleId) -> None:
    """Take a rule of yours, or your change of a shipped one, out of use: a new version, which undo takes back."""
    service = service_of(request)
    files, shape = own_files(service), _whole(service, rule_id)
    check_unchanged(request, tag_of(shape))
    if shape.pack == OWN_PACK:
        left = {name: text for name, text in files.items() if name != f"{rule_id}.yaml"}
    else:
        left = _with_change(files, rule_id, ChangeForm())
    if left == files:
        raise NotFoundError(
            f"Nothing of {rule_id} is yours.", "A shipped rule is turned off by a change of its status."
        )
    _save(request, left, was=files, note=f"{rule_id} taken out, by the API")


@router.post("/rules/check", response_model=CheckOut)
def check(request: Request, sent: FilesIn) -> Any:
    """What is wrong with files as part of your pack: do they load, and do their examples hold? Nothing is stored."""
    service = service_of(request)
    return {"problems": [_place(one) for one in rule_problems(sent.upon(service), service.deps.rules_with)]}


def _place(one: Problem) -> Mapping[str, Any]:
    return {"file": one.path, "line": one.line, "column": one.column, "what": one.what}


@router.post("/rules/{rule_id}/explain", response_model=Explanation)
def explain(request: Request, rule_id: RuleId, sent: ExplainIn) -> Any:
    """Why a rule flags a text or a stored mention, or which step stopped it. With `yaml` the rule as it would be."""
    service = service_of(request)
    library = library_in_use(service)
    if sent.yaml is not None:
        library = service.deps.rules_with({**own_files(service), f"{rule_id}.yaml": sent.yaml})
    rule = rule_of(library, rule_id)
    if sent.mention is not None:
        found = explain_mention(library, rule, service.store.mention(sent.mention))
    elif f"{sent.title}{sent.text}".strip():
        study = library.study(sent.study) if sent.study else library.default()
        found = explain_text(library, study, rule, sent.title, sent.text, kind=sent.kind, assume=sent.assume_relevant)
    else:
        raise UsageError("There is no text to look at.", "Send `text`, or the number of a `mention`.")
    return explanation_row(found) | {"answer": answer(found)}


# --- versions --------------------------------------------------------------------------------------------------------


@router.get("/rule-files", response_model=Files)
def exported(request: Request) -> Any:
    """Your rules as one file, as `hypewatch rules export` writes it."""
    files = own_files(service_of(request))
    return {"schema": SCHEMA, "files": {name: files[name] for name in sorted(files)}}


@router.get("/rule-versions", response_model=Page[Version])
def versions(request: Request, place: Asked) -> Any:
    """Every saved version of your rules, newest first: who, when, why."""
    return place.cut(service_of(request).store.rules_history(limit=None), version_row)


@router.get("/rule-versions/{version_id}", response_model=VersionWhole)
def version(request: Request, version_id: RowId) -> Any:
    """One version with the texts of its files."""
    history: Sequence[Any] = service_of(request).store.rules_history(limit=None)
    found = next((one for one in history if one.id == version_id), None)
    if found is None:
        raise NotFoundError("There is no such version.", "The list of versions has those there are.")
    return version_row(found) | {"texts": dict(found.files)}


@router.post("/rules/undo", response_model=Version)
def undo(request: Request) -> Any:
    """Take the newest save back, as a new version."""
    return _move(request, Step.UNDO)


@router.post("/rules/redo", response_model=Version)
def redo(request: Request) -> Any:
    """Put to use again what was taken back, as a new version."""
    return _move(request, Step.REDO)


def _move(request: Request, step: Step) -> Mapping[str, Any]:
    service = service_of(request)
    before = own_files(service)
    moved, _ = move_rules(service.deps, step=step, author=who_of(request).name)
    service.follow_rules(before, moved.files)
    return version_row(moved)
