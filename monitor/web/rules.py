"""The rule workbench: the list, the editor with its live test, history with undo and redo, import and export."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.errors import LibraryError, UsageError
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.draft import sentence_around
from monitor.export.explained import answer, sentence, unheard
from monitor.export.lists import version_line
from monitor.export.rule_pack import write_pack
from monitor.export.tuning import used_rule_row
from monitor.library.load import OWN_PACK
from monitor.library.rule_edit import rule_from_words
from monitor.library.rule_history import last_changes
from monitor.library.rule_template import WORDS, blank
from monitor.pipeline.explain import explain_mention, explain_text
from monitor.pipeline.tune import warnings
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import OptionalId, RowId, service_of
from monitor.web.rule_editor import (
    TRY_MAX,
    TriedOn,
    editor,
    library_in_use,
    newer_versions,
    own_files,
    problems_of,
    rule_of,
    rules_in_use,
    sent_or_stored,
    told,
    tried_on,
)
from monitor.web.rule_form import Draft, draft_of, trial_of
from monitor.web.rule_history import where_rules_stand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.drift.explanation import Explanation
    from monitor.core.errors import Problem
    from monitor.core.mention import Mention, RuleSetVersion
    from monitor.core.reviews import RuleRecord
    from monitor.core.rules.rule import Rule
    from monitor.core.rules.statistics import RuleHits
    from monitor.core.study import Study
    from monitor.ports import RuleLibrary
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters of a marked piece of which a rule is made.
MARKED_MAX = 300


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it; `own` is one of yours, `changed` the version that changed it last, `wrong` what it would be
    refused for if it were saved now.
    """

    rule: Rule
    own: bool
    record: RuleRecord | None
    hits: RuleHits | None
    changed: RuleSetVersion | None
    wrong: Sequence[Problem] = ()

    @property
    def total(self) -> int:
        """Its flags of thirty days."""
        return self.hits.total if self.hits else 0


@router.get("/rules")
def rules(request: Request, q: str = "", kind: str = "") -> str:
    """Every rule: how often it fired, how often it was right, its status and who changed it last. Your own come first, then those
    that were called wrong, the others by kind; `kind` is a drift type.
    """
    service = service_of(request)
    store = service.store
    library = library_in_use(service)
    records, hits = store.rule_records(), store.rule_hits(service.clock(), days=30)
    history = store.rules_history(limit=None)
    changed = last_changes(history)
    wrong: dict[str, list[Problem]] = {}
    for problem in warnings(library, own_files(service)):
        wrong.setdefault(problem.path, []).append(problem)
    chosen = next((drift for drift in Drift if drift == kind), None)
    found = [
        Line(
            rule,
            rule.pack == OWN_PACK,
            records.get(rule.id),
            hits.get(rule.id),
            changed.get(rule.id),
            wrong.get(rule.path, ()),
        )
        for rule in library.rules()
        if not q or q.casefold() in f"{rule.id} {rule.drift.words} {rule.message}".casefold()
    ]
    kinds = Counter(line.rule.drift for line in found)
    rows = sorted((line for line in found if chosen in {None, line.rule.drift}), key=_doubt)
    own = [line for line in rows if line.own]
    doubted = [line for line in rows if not line.own and line.record is not None and line.record.dismissed]
    placed = {line.rule.id for line in (*own, *doubted)}
    others = [line for line in rows if line.rule.id not in placed]
    return page(
        request,
        "rules.html",
        title="Rules",
        q=q,
        kind=chosen,
        kinds=[(drift, kinds[drift]) for drift in Drift if kinds[drift] or drift == chosen],
        found=len(rows),
        yours=len(own),
        own=own,
        doubted=doubted,
        others=[(drift, of) for drift in Drift if (of := [line for line in others if line.rule.drift is drift])],
        **where_rules_stand(service, history),
    )


def _doubt(line: Line) -> tuple[float, int, str]:
    """Most often wrong first, then those that fire most."""
    share = line.record.precision if line.record is not None and line.record.judged else None
    return 2.0 if share is None else share, -line.total, line.rule.id


@router.get("/rules.json")
def export(request: Request) -> Response:
    """Your rules as one file, which import takes back."""
    headers = {"Content-Disposition": 'attachment; filename="rules.json"'}
    return Response(write_pack(own_files(service_of(request))), media_type="application/json", headers=headers)


@router.get("/rules.{form}")
def listed(request: Request, form: str) -> Response:
    """Every rule with its record as csv; as atom, who changed your own rules."""
    store, now = service_of(request).store, service_of(request).clock()
    records, hits = store.rule_records(), store.rule_hits(now, days=30)
    rules = library_in_use(service_of(request)).rules()
    rows = [used_rule_row(rule, records.get(rule.id), hits.get(rule.id)) for rule in rules]
    return list_as(request, form, "rules", rows, lines=lambda: map(version_line, store.rules_history(limit=None)))


# --- the editor ------------------------------------------------------------------------------------------------------


@router.get("/rules/new")
def new(
    request: Request,
    words: Annotated[str, Query(max_length=MARKED_MAX)] = "",
    mention: OptionalId = None,
) -> str:
    """Begin a rule of your own: from words, or from a marked piece of a mention's text."""
    service = service_of(request)
    library = library_in_use(service)
    found = service.store.mention(mention) if mention else None
    whole = _sentence_of(found, words) if found else words
    # Two examples that differ by a full stop are one.
    example = whole if whole.strip(" .") != words.strip(" .") else f"{words}."
    rule_id, yaml = rule_from_words(
        words or WORDS,
        example if words else WORDS,
        taken=[rule.id for rule in library.rules()],
        drift=Drift.SENSATIONAL_LANGUAGE,
        lang=found.lang if found else "en",
    )
    files = {**own_files(service), f"{rule_id}.yaml": yaml}
    rule = rule_of(service.deps.rules_with(files), rule_id)
    return editor(request, _to_be_written(draft_of(rule, files)), rule, fresh=True, on=TriedOn(whole))


def _to_be_written(draft: Draft) -> Draft:
    """A new rule's draft, its fields empty where the template has words that are none of the writer's."""
    form = draft.form
    assert form is not None  # noqa: S101 - a rule of one's own has a form
    return replace(
        draft,
        form=replace(
            form,
            words=tuple(words for words in form.words if not blank("any", words)),
            why="" if blank("why", form.why) else form.why,
            correction="" if blank("correction", form.correction) else form.correction,
            flags=tuple(example for example in form.flags if not blank("flags", example)),
        ),
    )


def _sentence_of(mention: Mention, words: str) -> str:
    """The sentence that the words stand in; they themselves if they are in none as they are written."""
    text = mention.title if words in mention.title and words not in mention.text else mention.text
    begin = text.find(words)
    return sentence_around(text, begin, begin + len(words)) if begin >= 0 else words


@router.get("/rules/{rule_id}")
def rule(request: Request, rule_id: str, backtest: OptionalId = None) -> str:
    """One rule in the editor; with `backtest` as it stood when that was begun, to be tried on top of what is saved now."""
    service = service_of(request)
    if not backtest:
        found = rule_of(library_in_use(service), rule_id)
        return editor(request, draft_of(found, own_files(service)), found)
    tested = service.store.backtest(backtest)
    found = rule_of(service.deps.rules_with(tested.files), rule_id)
    fresh = all(one.id != rule_id for one in rules_in_use(service))
    draft = draft_of(found, tested.files)
    return editor(request, draft, found, fresh=fresh, newer=newer_versions(service, tested))


@router.post("/rules/{rule_id}/edit")
async def edit(request: Request, rule_id: str) -> str:
    """The editor again with what was typed: to change between form and YAML, and for problems without script."""
    sent = await request.form()
    return await run_in_threadpool(_edited, request, rule_id, sent)


def _edited(request: Request, rule_id: str, sent: Any) -> str:
    service = service_of(request)
    draft, found = sent_or_stored(service, rule_id, sent)
    problems, fresh = problems_of(service, draft), found is None
    mode = "yaml" if sent.get("to") == "yaml" else "form" if sent.get("to") == "form" else None
    if mode == "form" and draft.as_yaml and not problems:
        found = rule_of(service.deps.rules_with(draft.files), draft.rule_id)
        draft = draft_of(found, draft.files)
    as_yaml = draft.as_yaml if mode is None or (mode == "form" and problems) else mode == "yaml"
    if draft.problems and not draft.as_yaml:  # it cannot be written as YAML yet: what was typed would be gone
        as_yaml = False
    return editor(request, draft, found, problems=problems, as_yaml=as_yaml, fresh=fresh, on=tried_on(sent))


@router.post("/rules/{rule_id}/check")
async def check(request: Request, rule_id: str) -> str:
    """What is wrong with the rule as it stands in the form, each problem at its field or line: asked as one types."""
    sent = await request.form()

    def problems() -> str:
        service = service_of(request)
        draft, _ = sent_or_stored(service, rule_id, sent)
        return page(request, "rule_problems.html", title="Problems", **told(draft, problems_of(service, draft)))

    return await run_in_threadpool(problems)


@router.post("/rules/{rule_id}/try")
async def try_text(request: Request, rule_id: str) -> Response:
    """Would the rule, as it stands in the form, flag this text? If not: which step stopped it."""
    sent = await request.form()
    return await run_in_threadpool(_tried, request, rule_id, sent)


def _tried(request: Request, rule_id: str, sent: Any) -> Response:
    service = service_of(request)
    draft, found = sent_or_stored(service, rule_id, sent)
    shown: dict[str, Any] = {"steps": (), "answer": "", "flag": None, "problem": "", "field": "", "unheard": ()}
    on = tried_on(sent)
    if len(on.text) > TRY_MAX:
        too_long = f"The text has more than {TRY_MAX:,} letters; try the rule on a part of it."
        shown |= {"problem": too_long, "field": "text"}
    try:
        if not shown["problem"]:
            shown |= _told_of_draft(service, draft, on, fresh=found is None)
    except LibraryError as error:
        lacking = any(problem.key == "match" for problem in error.problems)
        wordless = lacking and draft.form is not None and not draft.form.words
        wrong = "The rule cannot be read yet; what is wrong stands beside it."
        shown["problem"] = "Write the words that are to be flagged: then they are tried here." if wordless else wrong
    except UsageError as error:  # the mention that was named is none
        shown |= {"problem": error.message, "field": "mention"}
    if request.headers.get("hx-request"):
        return HTMLResponse(page(request, "rule_try.html", title="Tried", own=draft.own, **shown))
    problems = problems_of(service, draft)
    html = editor(request, draft, found, problems=problems, fresh=found is None, tried=shown, on=on)
    return HTMLResponse(html, status_code=400 if shown["field"] else 200)


def _told_of_draft(service: Service, draft: Draft, on: TriedOn, *, fresh: bool) -> dict[str, Any]:
    """Why the draft flags the mention, or else the text, or does not; nothing if neither is given. What of it is not written yet
    is no matter. Raises LibraryError for words that cannot be read, UsageError for a mention that there is not.
    """
    trial = trial_of(draft, fresh=fresh)
    library = service.deps.rules_with(trial.files)
    rules = library.rules()
    mention = _mention(service, on.mention) if on.mention else None
    if mention is None and not on.text.strip():
        return {}
    left_out = {"unheard": [unheard(phrase) for phrase in trial.unheard]}
    if trial.silent:
        return left_out
    rule = next(one for one in rules if one.id == trial.rule_id)
    if mention is not None:
        explained = explain_mention(library, rule, mention)
    else:
        explained = explain_text(library, _study(library, rule), rule, "", on.text, kind=Kind.POST, assume=True)
    return _told_of(explained) | left_out


def _study(library: RuleLibrary, rule: Rule) -> Study:
    return library.study(rule.studies[0]) if rule.studies else library.studies()[0]


def _told_of(explained: Explanation) -> dict[str, Any]:
    return {
        "answer": answer(explained),
        "flag": explained.flag,
        "steps": [(step, sentence(step)) for step in explained.steps],
        "problem": "",
        "field": "",
        "unheard": (),
    }


def _mention(service: Service, number: str) -> Mention:
    """The mention of a number, or of an address of ours that ends in one."""
    digits = number.partition("#")[0].rstrip("/").rpartition("/")[2]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise UsageError(f"{number[:60]!r} is no mention.", "Copy the address of a mention's page.")
    return service.store.mention(int(digits))


@router.get("/mentions/{mention_id}/why")
def why(request: Request, mention_id: RowId, rule: Annotated[str, Query(max_length=64)]) -> str:
    """Why a rule flags a stored mention, or what stopped it: in the editor, where it can be changed."""
    service = service_of(request)
    files, library = own_files(service), library_in_use(service)
    found = rule_of(library, rule)
    explained = explain_mention(library, found, service.store.mention(mention_id))
    return editor(
        request, draft_of(found, files), found, on=TriedOn(mention=str(mention_id)), tried=_told_of(explained)
    )
