"""From a wrong flag to what keeps it from happening again: an exception, an example, less severe, on trial, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import UsageError
from monitor.core.items.notes import notes
from monitor.core.judgement import Severity
from monitor.core.rules.draft import exception_around, sentence_around
from monitor.core.rules.rule import Status, When
from monitor.library.rule_edit import with_exception, with_lower_severity, with_pass, with_status
from monitor.pipeline.tune import rule_problems
from monitor.web.backtests import begun
from monitor.web.render import field_problem, page
from monitor.web.request import RowId, service_of
from monitor.web.rule_editor import editor, library_in_use, own_files, problems_of, rule_of
from monitor.web.rule_form import draft_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Mention, StoredFlag
    from monitor.core.rules.rule import Rule

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/flags/{flag_id}/prevent")
def prevent(request: Request, flag_id: RowId) -> str:
    """What would keep a rule from a flag that was wrong: an exception, an example, less severe, on trial, or nothing."""
    return _asked(request, service_of(request).store.flag(flag_id))


def _asked(
    request: Request, stored: StoredFlag, *, what: str = "", phrase: str | None = None, problems: Sequence[str] = ()
) -> str:
    """The page that asks; with `problems` as it was sent, each told at the choice `what`."""
    service = service_of(request)
    mention = service.store.mention(stored.mention_id)
    text, span = _text_of(mention, stored), stored.flag.span
    rule = rule_of(library_in_use(service), stored.flag.rule)
    exception = exception_around(text, span.start, span.end)
    return page(
        request,
        "prevent.html",
        title="Keep it from happening again",
        stored=stored,
        rule=rule,
        record=service.store.rule_records(rule.id).get(rule.id),
        sentence=sentence_around(text, span.start, span.end),
        what=what or ("exception" if exception else _without_words(rule)),
        phrase=exception if phrase is None else phrase,
        problems=problems,
        others=_others(mention, stored),
        alone=rule.when is When.CLASSIFIER and not rule.any and rule.kind.value == "claim",
    )


def _without_words(rule: Rule) -> str:
    """The mildest choice that needs no words and can be taken."""
    if rule.severity is not Severity.LOW:
        return "lower"
    return "trial" if rule.status is not Status.TRIAL else "nothing"


def _others(mention: Mention, stored: StoredFlag) -> list[StoredFlag]:
    """A flag of each other rule that the same note rests on."""
    for note in notes(mention.flags):
        if any(one.id == stored.id for one in note.flags):
            return list({one.flag.rule: one for one in note.flags if one.flag.rule != stored.flag.rule}.values())
    return []


@router.post("/flags/{flag_id}/prevent")
def prevented(
    request: Request,
    flag_id: RowId,
    what: Annotated[str, Form()],
    phrase: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Begin a back-test of what was chosen; an example goes on in the editor, where what leaves it alone is written."""
    service = service_of(request)
    stored = service.store.flag(flag_id)
    files = own_files(service)
    rule = rule_of(library_in_use(service), stored.flag.rule)
    phrase = " ".join(phrase.split())
    if what == "nothing":
        return RedirectResponse(f"/mentions/{stored.mention_id}#flag-{flag_id}", status_code=303)
    if what == "passes":
        span, text = stored.flag.span, _text_of(service.store.mention(stored.mention_id), stored)
        changed = with_pass(files, rule, sentence_around(text, span.start, span.end))
        draft = draft_of(rule_of(service.deps.rules_with(changed), rule.id), changed)
        problems = problems_of(service, draft)
        return HTMLResponse(editor(request, draft, rule, problems=problems), status_code=400 if problems else 200)
    if what == "exception":
        if not phrase:
            told = ["The exception has no words: write those that make the difference."]
            return HTMLResponse(_asked(request, stored, what=what, phrase="", problems=told), status_code=400)
        changed = with_exception(files, rule, phrase)
    elif what == "lower":
        changed = with_lower_severity(files, rule)
    elif what == "trial":
        changed = with_status(files, rule, Status.TRIAL)
    else:
        raise UsageError(f"{what[:40]!r} is none of the choices.", "Load the page again.")
    if wrong := [field_problem(problem) for problem in rule_problems(changed, service.deps.rules_with)]:
        return HTMLResponse(_asked(request, stored, what=what, phrase=phrase, problems=wrong), status_code=400)
    return begun(request, changed, rule.id)


def _text_of(mention: Mention, stored: StoredFlag) -> str:
    return mention.title if stored.flag.span.where == "title" else mention.text
