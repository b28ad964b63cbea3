"""The rule workbench: the list, the editor with its live test, history with undo and redo, import and export."""

from __future__ import annotations

import difflib
import itertools
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.errors import LibraryError, NotFoundError, UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.mention import Step
from monitor.core.model import Kind
from monitor.core.rules.draft import sentence_around
from monitor.core.rules.history import line_of
from monitor.core.rules.rule import Status
from monitor.core.search.query import parse_query
from monitor.export.explained import answer, sentence
from monitor.export.rule_pack import write_pack
from monitor.library.load import OWN_PACK
from monitor.library.rule_edit import rule_from_words
from monitor.library.rule_history import changed_rules, last_changes
from monitor.pipeline.explain import explain_mention, explain_text
from monitor.pipeline.rejudge import rejudging
from monitor.pipeline.tune import move_rules, rule_problems
from monitor.web.render import page
from monitor.web.rule_form import LABELS, Draft, draft_of, field_of, sent_draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.drift.explanation import Explanation
    from monitor.core.errors import Problem
    from monitor.core.mention import Mention, RuleSetVersion
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Study
    from monitor.ports import RuleLibrary
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters of a text that one tries a rule on.
TRY_MAX = 20_000
#: Letters of a marked piece of which a rule is made.
MARKED_MAX = 300
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


@router.get("/rules")
def rules(request: Request, q: str = "") -> str:
    """Every rule: how often it fired, how often it was right, its status and who changed it last."""
    service = _service(request)
    store = service.store
    library = library_in_use(service)
    records, hits = store.rule_records(), store.rule_hits(service.clock(), days=30)
    changed = last_changes(store.rules_history(limit=None))
    rows = [
        {
            "rule": rule,
            "record": records.get(rule.id),
            "hits": hits.get(rule.id),
            "own": rule.pack == OWN_PACK,
            "changed": changed.get(rule.id),
        }
        for rule in library.rules()
        if not q or q.casefold() in f"{rule.id} {rule.drift.words} {rule.message}".casefold()
    ]
    rows.sort(key=_doubt)
    return page(request, "rules.html", title="Rules", rows=rows, q=q, **_line(service, store.rules_history(limit=None)))


def _doubt(row: Mapping[str, Any]) -> tuple[float, int, str]:
    """Most often wrong first, then those that fire most."""
    record, hits = row["record"], row["hits"]
    share = record.precision if record is not None and record.judged else 2.0
    return share, -(hits.total if hits else 0), row["rule"].id


def _line(service: Service, history: Sequence[RuleSetVersion]) -> dict[str, Any]:
    """Where the rules stand: what undo and redo can do, and how far stored mentions are judged with the newest version."""
    line = line_of(reversed(history))
    counts = [rejudging(service.deps, study) for study in service.library.studies()]
    return {
        "can_undo": line.can_undo,
        "can_redo": line.after is not None,
        "newest": history[0] if history else None,
        "rejudged": (sum(done for done, _ in counts), sum(total for _, total in counts)),
    }


@router.get("/rules.json")
def export(request: Request) -> Response:
    """Your rules as one file, which import takes back."""
    headers = {"Content-Disposition": 'attachment; filename="rules.json"'}
    return Response(write_pack(own_files(_service(request))), media_type="application/json", headers=headers)


# --- the editor ------------------------------------------------------------------------------------------------------


@router.get("/rules/new")
def new(
    request: Request,
    words: Annotated[str, Query(max_length=MARKED_MAX)] = "",
    mention: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> str:
    """Begin a rule of your own: from words, or from a marked piece of a mention's text."""
    service = _service(request)
    library = library_in_use(service)
    found = service.store.mention(mention) if mention else None
    whole = _sentence_of(found, words) if found else words
    rule_id, yaml = rule_from_words(
        words or "words to flag",
        whole or "words to flag",
        taken=[rule.id for rule in library.rules()],
        drift=Drift.SENSATIONAL_LANGUAGE,
        lang=found.lang if found else "en",
    )
    files = {**own_files(service), f"{rule_id}.yaml": yaml}
    rule = rule_of(service.deps.rules_with(files), rule_id)
    return editor(request, draft_of(rule, files), rule, fresh=True, text=whole)


def _sentence_of(mention: Mention, words: str) -> str:
    """The sentence that the words stand in; they themselves if they are in none as they are written."""
    text = mention.title if words in mention.title and words not in mention.text else mention.text
    begin = text.find(words)
    return sentence_around(text, begin, begin + len(words)) if begin >= 0 else words


@router.get("/rules/{rule_id}")
def rule(request: Request, rule_id: str, backtest: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None) -> str:
    """One rule in the editor; with `backtest` as it stood when that was begun."""
    service = _service(request)
    if backtest:
        files = dict(service.store.backtest(backtest).files)
        found = rule_of(service.deps.rules_with(files), rule_id)
    else:
        files, found = own_files(service), rule_of(library_in_use(service), rule_id)
    return editor(request, draft_of(found, files), found)


@router.post("/rules/{rule_id}/edit")
async def edit(request: Request, rule_id: str) -> str:
    """The editor again with what was typed: to change between form and YAML, and for problems without script."""
    sent = await request.form()
    return await run_in_threadpool(_edited, request, rule_id, sent)


def _edited(request: Request, rule_id: str, sent: Any) -> str:
    service = _service(request)
    draft, found = sent_or_stored(service, rule_id, sent)
    problems = problems_of(service, draft)
    mode = "yaml" if sent.get("to") == "yaml" else "form" if sent.get("to") == "form" else None
    if mode == "form" and draft.as_yaml and not problems:
        found = rule_of(service.deps.rules_with(draft.files), draft.rule_id)
        draft = draft_of(found, draft.files)
    as_yaml = draft.as_yaml if mode is None or (mode == "form" and problems) else mode == "yaml"
    return editor(request, draft, found, problems=problems, as_yaml=as_yaml, fresh=found is None)


@router.post("/rules/{rule_id}/check")
async def check(request: Request, rule_id: str) -> str:
    """What is wrong with the rule as it stands in the form, each problem at its field or line: asked as one types."""
    sent = await request.form()

    def told() -> str:
        service = _service(request)
        draft, _ = sent_or_stored(service, rule_id, sent)
        return page(request, "rule_problems.html", title="Problems", **_told(draft, problems_of(service, draft)))

    return await run_in_threadpool(told)


@router.post("/rules/{rule_id}/try")
async def try_text(request: Request, rule_id: str) -> str:
    """Would the rule, as it stands in the form, flag this text? If not: which step stopped it."""
    sent = await request.form()
    return await run_in_threadpool(_tried, request, rule_id, sent)


def _tried(request: Request, rule_id: str, sent: Any) -> str:
    service = _service(request)
    draft, found = sent_or_stored(service, rule_id, sent)
    problems = [problem for problem in problems_of(service, draft) if not _is_example(problem)]
    text, number = str(sent.get("text", "")), str(sent.get("mention", "")).strip()
    shown: dict[str, Any] = {"steps": (), "answer": "", "flag": None, "text": text, "problem": ""}
    try:
        library = service.deps.rules_with(draft.files)
        rule = rule_of(library, draft.rule_id)
        if number:
            explained = explain_mention(library, rule, _mention(service, number))
        elif len(text) > TRY_MAX:
            shown["problem"] = f"The text has more than {TRY_MAX:,} letters; try the rule on a part of it."
            explained = None
        elif text.strip():
            assume = "assume" in sent or "text" in sent
            explained = explain_text(library, _study(library, rule), rule, "", text, kind=Kind.POST, assume=assume)
        else:
            explained = None
    except LibraryError:
        shown["problem"] = "The rule cannot be read yet; what is wrong stands beside it."
        explained = None
    if explained is not None:
        shown |= _told_of(explained)
    fragment = page(request, "rule_try.html", title="Tried", **shown)
    if request.headers.get("hx-request"):
        return fragment
    return editor(request, draft, found, problems=problems, fresh=found is None, text=text, tried=shown)


def _told_of(explained: Explanation) -> dict[str, Any]:
    return {
        "answer": answer(explained),
        "flag": explained.flag,
        "steps": [(step, sentence(step)) for step in explained.steps],
        "problem": "",
    }


def _is_example(problem: Problem) -> bool:
    """Is it an example that does not hold? Then the rule loads, and can be tried."""
    return "“" in problem.what


def _mention(service: Service, number: str) -> Mention:
    """The mention of a number, or of an address of ours that ends in one."""
    digits = number.partition("#")[0].rstrip("/").rpartition("/")[2]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise UsageError(f"{number[:60]!r} is no mention.", "Copy the address of a mention's page.")
    return service.store.mention(int(digits))


def sent_or_stored(service: Service, rule_id: str, sent: Any) -> tuple[Draft, Rule | None]:
    """What was sent as a draft on top of the rules in use, and the rule that it changes; None for a new one."""
    files = own_files(service)
    fresh = sent.get("fresh") == "1"  # also under a name that another rule has: then that is told at the field
    found = None if fresh else next((one for one in library_in_use(service).rules() if one.id == rule_id), None)
    if found is None and not fresh:
        raise NotFoundError(f"There is no rule {rule_id[:60]!r}.", "Rules, in the menu, lists those there are.")
    return sent_draft(sent, found, files), found


def problems_of(service: Service, draft: Draft) -> list[Problem]:
    return [*draft.problems] or list(rule_problems(draft.files, service.deps.rules_with))


def _told(draft: Draft, problems: Sequence[Problem]) -> dict[str, Any]:
    lines = draft.files.get(draft.file, "").split("\n")
    return {
        "problems": [
            (
                problem,
                field_of(problem, draft),
                lines[problem.line - 1] if problem.path == draft.file and problem.line <= len(lines) else "",
            )
            for problem in problems
        ],
        "labels": LABELS,
        "as_yaml": draft.as_yaml,
    }


def editor(
    request: Request,
    draft: Draft,
    found: Rule | None,
    *,
    problems: Sequence[Problem] = (),
    as_yaml: bool | None = None,
    fresh: bool = False,
    text: str = "",
    mention: str = "",
    tried: Mapping[str, Any] | None = None,
) -> str:
    """The editor's page for a draft of `found`, or of a new rule; `tried` is what trying it told."""
    service = _service(request)
    study = service.library.studies()
    record = service.store.rule_records(draft.rule_id).get(draft.rule_id)
    flagged = parse_query(f"rule:{draft.rule_id} since:30d", service.clock())
    told = _told(draft, problems)
    return page(
        request,
        "rule.html",
        title=f"Rule: {draft.rule_id}",
        draft=draft,
        rule=found,
        fresh=fresh,
        record=record,
        flagged=0 if fresh else service.store.count(flagged),
        findings=list(study[0].findings.values()) if study else [],
        drifts=list(Drift),
        severities=list(Severity),
        statuses=list(Status),
        text=text,
        mention=mention,
        tried=tried,
        wrong={field for _, field, _ in told["problems"]},
        show_yaml=draft.as_yaml if as_yaml is None else as_yaml,
        changed=last_changes(service.store.rules_history(limit=None)).get(draft.rule_id),
        **told,
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


def _study(library: RuleLibrary, rule: Rule) -> Study:
    return library.study(rule.studies[0]) if rule.studies else library.studies()[0]


@router.get("/mentions/{mention_id}/why")
def why(request: Request, mention_id: Number, rule: Annotated[str, Query(max_length=64)]) -> str:
    """Why a rule flags a stored mention, or what stopped it: in the editor, where it can be changed."""
    service = _service(request)
    files, library = own_files(service), library_in_use(service)
    found = rule_of(library, rule)
    explained = explain_mention(library, found, service.store.mention(mention_id))
    return editor(request, draft_of(found, files), found, mention=str(mention_id), tried=_told_of(explained))


# --- history ---------------------------------------------------------------------------------------------------------


@router.get("/rules-history")
def history(request: Request) -> str:
    """Every saved version: who, when, why, and which rules it changed."""
    service = _service(request)
    versions = service.store.rules_history(limit=None)
    rows = [
        (newer, changed_rules(older.files if older else {}, newer.files))
        for newer, older in itertools.zip_longest(versions, versions[1:])
    ]
    return page(request, "rules_history.html", title="History of the rules", rows=rows, **_line(service, versions))


@router.get("/rules-history/{version_id}")
def version(
    request: Request, version_id: Number, against: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None
) -> str:
    """What a version changed, file by file; `against` compares it with another one (0: with nothing saved)."""
    versions = {one.id: one for one in _service(request).store.rules_history(limit=None)}
    if version_id not in versions or (against and against not in versions):
        raise NotFoundError("There is no such version.", "The history lists those there are.")
    now = versions[version_id]
    before = versions.get(against if against is not None else now.parent or 0)
    return page(
        request,
        "rules_version.html",
        title=f"Version {version_id}",
        version=now,
        before=before,
        others=[one for one in versions.values() if one.id != version_id],
        files=list(_diffs(before.files if before else {}, now.files)),
    )


def _diffs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        if old != new:
            lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
            yield name, [(line[0], line[1:]) for line in lines if line[:1] in {"+", "-", " "}]


@router.post("/rules-history/{step}")
def move(request: Request, step: str) -> Response:
    """Undo the newest save, or redo what was undone."""
    try:
        wanted = Step(step)
    except ValueError:
        wanted = Step.SAVE
    if wanted is Step.SAVE:
        raise NotFoundError("There is no such step.", "There are undo and redo.")
    service = _service(request)
    before = own_files(service)
    version, _ = move_rules(service.deps, step=wanted, author=request.state.who.name)
    service.follow_rules(before, version.files)
    return RedirectResponse("/rules-history", status_code=303)
