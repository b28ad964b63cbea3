"""What would change if a rule were saved: begun from the editor or from a wrong flag, shown while it goes on, and saved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.errors import LibraryError, UsageError
from monitor.export.rule_pack import names_of, read_pack
from monitor.pipeline.backtests import begin_backtest, continue_backtest, save_backtest, stop_backtest
from monitor.pipeline.tune import rule_problems
from monitor.web.render import page
from monitor.web.request import RowId, service_of
from monitor.web.rule_editor import editor, newer_versions, own_files, problems_of, sent_or_stored, tried_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.evaluation.backtest import Backtest, Change
    from monitor.core.mention import RuleSetVersion

router = APIRouter(default_response_class=HTMLResponse)

#: Seconds that a page goes on with a back-test that no worker has.
SLICE = 0.5
#: Changes that a page shows; the others are counted.
SHOWN = 100
#: Who goes on with a back-test keeps every few seconds how far it is; after this long it may have been ended.
QUIET = timedelta(seconds=20)
#: Bytes of a file of rules.
FILE_MAX = 1_000_000
#: A rule's id, or nothing.
RULE_ID = r"^[a-z0-9-]{0,64}$"


@router.post("/rules/{rule_id}/backtest")
async def begin(request: Request, rule_id: str) -> Response:
    """See what the rule, as it stands in the form, would have done; what is wrong with it is told first."""
    sent = await request.form()
    return await run_in_threadpool(_begin, request, rule_id, sent)


def _begin(request: Request, rule_id: str, sent: Any) -> Response:
    service = service_of(request)
    draft, found = sent_or_stored(service, rule_id, sent)
    problems = problems_of(service, draft)
    if problems:
        html = editor(request, draft, found, problems=problems, fresh=found is None, on=tried_on(sent))
        return HTMLResponse(html, status_code=400)
    return begun(request, draft.files, draft.rule_id)


def begun(request: Request, files: Mapping[str, str], rule_id: str) -> Response:
    """Begin a back-test of these files, and go on to its page; raises UsageError if they are those in use."""
    service = service_of(request)
    if dict(files) == own_files(service):
        raise UsageError("Nothing was changed.", "Go back, and change the rule first.")
    test = begin_backtest(service.deps, files, author=request.state.who.name)
    return RedirectResponse(f"/backtests/{test.id}?rule={rule_id}", status_code=303)


@router.get("/backtests/{backtest_id}")
def backtest(request: Request, backtest_id: RowId, rule: Annotated[str, Query(pattern=RULE_ID)] = "") -> str:
    """How far a back-test is, and what it found."""
    return _shown(request, service_of(request).store.backtest(backtest_id), rule)


def _shown(request: Request, found: Backtest, rule: str) -> str:
    now = service_of(request).clock()
    changes = _folded(sorted(found.changes, key=lambda change: change.turn))
    shown = changes[:SHOWN]
    return page(
        request,
        "backtest.html",
        title="What would change",
        test=found,
        rule=rule or next(iter(found.rules), ""),
        changes=shown,
        idle=found.idle(now),
        quiet=found.kept_at is not None and now - found.kept_at > QUIET,
        more=found.counted - sum(1 + copies for _, copies in shown),
        newest=next(iter(service_of(request).store.rules_history(limit=1)), None),
    )


def _folded(changes: Iterable[Change]) -> list[tuple[Change, int]]:
    """The changes with how many others say the same of the same sentence, as in an agency's text that many print."""
    alike: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        key = (change.kind, change.steps, change.rule, change.quote, change.sentence, change.review)
        alike.setdefault(key, []).append(change)
    return [(same[0], len(same) - 1) for same in alike.values()]


@router.post("/backtests/{backtest_id}/continue")
def go_on(request: Request, backtest_id: RowId, rule: Annotated[str, Form(pattern=RULE_ID)] = "") -> Response:
    """Go on with it for a moment, if no worker does, and show how far it is."""
    found = continue_backtest(service_of(request).deps, backtest_id, budget=SLICE)
    if request.headers.get("hx-request"):
        return HTMLResponse(_shown(request, found, rule))
    return RedirectResponse(f"/backtests/{backtest_id}?rule={rule}", status_code=303)


@router.post("/backtests/{backtest_id}/stop")
def stop(request: Request, backtest_id: RowId, rule: Annotated[str, Form(pattern=RULE_ID)] = "") -> Response:
    """Enough is known: read no more mentions."""
    stop_backtest(service_of(request).deps, backtest_id)
    return RedirectResponse(f"/backtests/{backtest_id}?rule={rule}", status_code=303)


@router.post("/backtests/{backtest_id}/save")
def save(
    request: Request,
    backtest_id: RowId,
    note: Annotated[str, Form(max_length=500)] = "",
    old: Annotated[str, Form()] = "yes",
    lose: Annotated[str, Form()] = "",
) -> Response:
    """Put the changed rules to use, as a new version with its author and reason."""
    service = service_of(request)
    found = service.store.backtest(backtest_id)
    if newer := newer_versions(service, found):
        made = [version for version, _ in newer if version.parent == found.base and version.files == found.files]
        if made:  # pressed twice, or again after going back
            return RedirectResponse(f"/rules-history/{made[0].id}", status_code=303)
        return _overtaken(request, found, newer, " ".join(note.split()))
    if found.lost_upheld and not lose:
        raise UsageError(
            "A flag that you called right would go, and you did not agree to that.",
            "Go back, look at the first lines, and tick that it may go.",
        )
    before = own_files(service)
    version = save_backtest(
        service.deps, backtest_id, author=request.state.who.name, note=" ".join(note.split()), judge_old=old == "yes"
    )
    service.follow_rules(before, version.files)
    return RedirectResponse(f"/rules-history/{version.id}", status_code=303)


def _overtaken(
    request: Request, tested: Backtest, newer: Sequence[tuple[RuleSetVersion, Sequence[str]]], note: str
) -> Response:
    """Other rules were saved since the back-test was begun: what they are, and how to go on from one's own text."""
    ids = {one.id for one in service_of(request).deps.rules_with(tested.files).rules()}
    mine = [rule for rule in tested.rules if rule in ids]
    html = page(
        request, "overtaken.html", title="Other rules were saved", test=tested, newer=newer, mine=mine, note=note
    )
    return HTMLResponse(html, status_code=409)


# --- from a file -----------------------------------------------------------------------------------------------------


@router.post("/rules/import")
def bring(request: Request, file: UploadFile) -> Response:
    """Bring rules in from a YAML file or an export: a back-test begins, and nothing is saved before somebody says so."""
    service = service_of(request)
    data = file.file.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        raise UsageError("The file is larger than a megabyte.", "Bring its rules in one by one.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The file is no text in UTF-8.", "Save it as UTF-8 and bring it in again.") from None
    name = (file.filename or "rules").replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    given = {f"{stem}.yaml": text} if dot and ending in {"yaml", "yml"} else read_pack(text, "The file")
    files = {**own_files(service), **names_of(given, "The file")}
    if files == own_files(service):
        said = "All of these rules are in use as they are."
        told = page(request, "imported.html", title="Nothing new", sentence=said, problems=(), more=0, back="/rules")
        return HTMLResponse(told)
    if problems := rule_problems(files, service.deps.rules_with):
        raise LibraryError(problems, "Nothing was brought in. Mend the file, and bring it in again.")
    return begun(request, files, "")
