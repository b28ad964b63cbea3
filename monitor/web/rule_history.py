"""The history of the rules: what was changed, by whom, undo and redo, and how far stored mentions are judged by it."""

from __future__ import annotations

import difflib
import itertools
import secrets
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import NotFoundError, UsageError
from monitor.core.mention import Step
from monitor.core.rules.history import line_of
from monitor.library.rule_history import changed_rules
from monitor.pipeline.rejudge import holding, judge_all, judged_by_somebody, rejudging
from monitor.pipeline.tune import move_rules
from monitor.web.render import page
from monitor.web.request import OptionalIdOrZero, RowId, service_of
from monitor.web.rule_editor import own_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.mention import RuleSetVersion
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Seconds that a page judges stored mentions again where nobody else does, and how many it takes at a time.
SLICE, FEW = 0.5, 20


def where_rules_stand(service: Service, history: Sequence[RuleSetVersion]) -> dict[str, Any]:
    """Where the rules stand: what undo and redo can do, and how far stored mentions are judged with the newest version."""
    line = line_of(reversed(history))
    counts = [rejudging(service.deps, study) for study in service.library.studies()]
    return {
        "can_undo": line.can_undo,
        "can_redo": line.after is not None,
        "newest": history[0] if history else None,
        "rejudged": (sum(done for done, _ in counts), sum(total for _, total in counts)),
        "judging": judged_by_somebody(service.deps),
    }


@router.get("/rules-history")
def history(request: Request) -> str:
    """Every saved version: who, when, why, and which rules it changed."""
    service = service_of(request)
    versions = service.store.rules_history(limit=None)
    rows = [
        (newer, changed_rules(older.files if older else {}, newer.files))
        for newer, older in itertools.zip_longest(versions, versions[1:])
    ]
    return page(
        request, "rules_history.html", title="History of the rules", rows=rows, **where_rules_stand(service, versions)
    )


@router.get("/rules-history/{version_id}")
def version(request: Request, version_id: RowId, against: OptionalIdOrZero = None) -> str:
    """What a version changed, file by file; `against` compares it with another one (0: with nothing saved)."""
    versions = {one.id: one for one in service_of(request).store.rules_history(limit=None)}
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
    """Each file that differs, with its lines: those that follow each other and go the same way are one piece."""
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        if old != new:
            lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
            signed = (line for line in lines if line[:1] in {"+", "-", " "})
            pieces = itertools.groupby(signed, key=lambda line: line[0])
            yield name, [(sign, "\n".join(line[1:] for line in piece)) for sign, piece in pieces]


@router.post("/rules-history/judge")
def judge(request: Request) -> Response:
    """Judge stored mentions by the rules in use for a moment, if nobody else does, and show how far it is."""
    deps = service_of(request).deps
    with holding(deps, f"{deps.owner}/page/{secrets.token_hex(4)}") as renew:
        if renew():
            for study in deps.library.studies():
                judge_all(deps, study, budget=SLICE, chunk=FEW)
    if request.headers.get("hx-request"):
        return HTMLResponse(history(request))
    return RedirectResponse("/rules-history", status_code=303)


@router.post("/rules-history/{step}")
def move(request: Request, step: str, newest: Annotated[str, Form()] = "") -> Response:
    """Undo the newest save, or redo what was undone; `newest` is the version that the page was about: pressed twice, or on a page
    that is out of date, it would undo another.
    """
    if step not in {Step.UNDO, Step.REDO}:
        raise NotFoundError("There is no such step.", "There are undo and redo.")
    service = service_of(request)
    if newest and [newest] != [str(version.id) for version in service.store.rules_history(limit=1)]:
        raise UsageError(
            "The rules were changed since this page was loaded, so nothing was done.",
            "Load it again: it tells what was changed.",
        )
    before = own_files(service)
    version, _ = move_rules(service.deps, step=Step(step), author=request.state.who.name)
    service.follow_rules(before, version.files)
    return RedirectResponse("/rules-history", status_code=303)
