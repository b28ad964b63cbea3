"""Studies: what each found with its sources, how far it goes on its scales, what a fair text must say, what was changed in its
fact sheet and by whom, and what may have happened to the study itself.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.changes import Area
from monitor.core.errors import HypewatchError, LibraryError, NotFoundError, UsageError
from monitor.core.proposals import ProposalState
from monitor.export.lists import finding_line
from monitor.library.sheet_edit import changed_parts
from monitor.library.sheet_proposals import to_look_at, with_proposal
from monitor.web.audit import noted
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.errors import Problem
    from monitor.core.proposals import Proposal
    from monitor.core.sheet_version import SheetVersion
    from monitor.core.study import Finding, Study
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Flags are counted on what was published in so many days.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a ladder as it is drawn: `reached` by the study, or `here` where it stands."""

    words: str
    reached: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as the page shows it; `mentions` is how many contradict it."""

    finding: Finding
    mentions: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """A version of the sheet with what it changed of the one before, in words."""

    version: SheetVersion
    changed: tuple[str, ...]


@router.get("/studies")
def studies(request: Request) -> str:
    """Every study that texts are compared with, drafts, and sheets that cannot be used."""
    service = service_of(request)
    library = service.library.current()
    return page(
        request,
        "studies.html",
        title="Studies",
        studies=library.studies(),
        drafts=[draft for draft in library.drafts() if draft.id not in {study.id for study in library.studies()}],
        broken=library.broken(),
        open=_open_by_study(service),
    )


@router.get("/studies.{form}")
def export(request: Request, form: str) -> Response:
    """Every finding of every study, as json, csv or atom."""
    rows = [
        {
            "study": study.id,
            "name": study.name,
            "finding": finding.id,
            "says": finding.sentence,
            "source": finding.reference.title,
            "url": finding.reference.url,
            "as_of": finding.as_of.isoformat(),
            "correction": finding.correction,
        }
        for study in service_of(request).library.studies()
        for finding in study.findings.values()
    ]
    return list_as(request, form, "studies", rows, lines=lambda: map(finding_line, rows))


@router.get("/studies/{study_id}")
def study(request: Request, study_id: str, saved: str = "") -> str:
    """One study."""
    service = service_of(request)
    found, problems = read_sheet(service, study_id)
    if found is None:
        raise LibraryError(problems)
    since = service.clock() - timedelta(days=DAYS)
    hits = service.store.finding_hits(study_id, since)
    told = [Told(one, hits.get(one.id, 0), _steps(found, one)) for one in found.findings.values()]
    return page(
        request,
        "study.html",
        title=found.name,
        study=found,
        told=sorted(told, key=lambda one: -one.mentions),
        problems=problems,
        proposals=[_proposed(service, found, proposal) for proposal in _open(service, study_id)],
        history=versions(service, study_id),
        days=DAYS,
        saved=bool(saved),
    )


@router.get("/studies/{study_id}/versions/{version_id}")
def version(request: Request, study_id: str, version_id: RowId) -> str:
    """One saved version: what it changed, line by line."""
    service = service_of(request)
    history = service.store.sheet_history(study_id, limit=None)
    at = _place(history, version_id)
    before = history[at + 1].text if at + 1 < len(history) else ""
    return page(
        request,
        "study_version.html",
        title="A version of the fact sheet",
        study_id=study_id,
        version=history[at],
        newest=at == 0,
        first=at + 1 == len(history),
        changed=changed_parts(before, history[at].text),
        lines=_differing(before, history[at].text),
    )


@router.post("/studies/{study_id}/versions/{version_id}")
def restore(request: Request, study_id: str, version_id: RowId) -> Response:
    """Use a version of before again, as a new version."""
    service = service_of(request)
    history = service.store.sheet_history(study_id, limit=None)
    wanted = history[_place(history, version_id)]
    note = f"As it was on {wanted.at:%-d %B %Y}."
    save(request, study_id, wanted.text, base=service.library.sheet_in_use(study_id).text, note=note)
    return RedirectResponse(f"/studies/{study_id}?saved=yes", status_code=303)


@router.post("/proposals/{proposal_id}")
def decide(
    request: Request,
    proposal_id: RowId,
    then: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Accept a proposal, and write what follows from it into the sheet; or dismiss it with a reason."""
    proposal = proposed(service_of(request), proposal_id)
    back = f"/studies/{proposal.study_id}"
    if then == "dismiss" and not why.strip():
        raise UsageError(
            "A proposal is dismissed with a reason.", "Whoever comes next reads it: say in a few words why."
        )
    if then not in {"accept", "dismiss"}:
        return RedirectResponse(f"{back}#proposals", status_code=303)
    look = decided(request, proposal, accept=then == "accept", why=why)
    return RedirectResponse(f"{back}/edit?part=findings.{look[0]}" if look else back, status_code=303)


def proposed(service: Service, proposal_id: int) -> Proposal:
    """The proposal of a number; raises NotFoundError."""
    proposal = next((one for one in service.store.proposals() if one.id == proposal_id), None)
    if proposal is None:
        raise NotFoundError(
            "There is no such proposal.", "It may have been decided. Studies, in the menu, lists those open."
        )
    return proposal


def decided(request: Request, proposal: Proposal, *, accept: bool, why: str) -> Sequence[str]:
    """Accept a proposal, and write what follows from it into the sheet; or dismiss it. Returns the findings that a person should look
    at next.
    """
    service = service_of(request)
    look: Sequence[str] = ()
    if accept and proposal.state is ProposalState.OPEN:
        found = service.library.study(proposal.study_id)
        text = service.library.sheet_in_use(proposal.study_id).text
        changed, _ = with_proposal(text, found, proposal)
        if changed != text:
            save(request, proposal.study_id, changed, base=text, note=proposal.sentence)
        look = to_look_at(found, proposal)
    state = ProposalState.ACCEPTED if accept else ProposalState.DISMISSED
    who = request.state.who.name
    service.store.decide_proposal(proposal.id, state, by=who, why=why.strip()[:500], now=service.clock())
    noted(request, Area.STUDIES, f"{state.value} a proposal: {proposal.sentence}", f"/studies/{proposal.study_id}")
    return look


def read_sheet(service: Service, study_id: str) -> tuple[Study | None, Sequence[Problem]]:
    """The study of the sheet in use, a draft's too, and what keeps it from judging; raises NotFoundError."""
    library = service.library.current()
    if found := next((one for one in library.studies() if one.id == study_id), None):
        return found, ()
    sheet = service.library.sheet_in_use(study_id)
    return library.read_sheet(sheet.text, sheet.path)


def save(request: Request, study_id: str, text: str, *, base: str, note: str) -> None:
    """Save a sheet in the name of whoever asks; what it changed is kept with it."""
    service = service_of(request)
    changed = ", ".join(changed_parts(base, text)[:6])
    service.library.save_sheet(study_id, text, base=base, author=request.state.who.name, now=service.clock(), note=note)
    noted(request, Area.STUDIES, f"changed the fact sheet {study_id}: {changed or 'nothing'}", f"/studies/{study_id}")


def versions(service: Service, study_id: str) -> list[Saved]:
    """The saved versions, newest first."""
    history = service.store.sheet_history(study_id)
    texts = [one.text for one in history[1:]] + [""] * bool(history)
    return [Saved(one, changed_parts(before, one.text)) for one, before in zip(history, texts, strict=True)]


def _place(history: Sequence[SheetVersion], version_id: int) -> int:
    at = next((at for at, one in enumerate(history) if one.id == version_id), None)
    if at is None:
        raise NotFoundError("There is no such version.", "The study's page lists those there are.")
    return at


def _differing(before: str, after: str) -> list[tuple[str, str]]:
    """(sign, line) of what was taken out and put in, with a line around it; long sheets are read in pieces."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [(line[:1], line[1:]) for line in list(lines)[2:]]


def _steps(study: Study, finding: Finding) -> tuple[Step, ...]:
    ladder = study.ladders.get(finding.ladder or "")
    if ladder is None or finding.rung is None:
        return ()
    level = ladder.level(finding.rung)
    return tuple(Step(rung.id.replace("-", " "), at <= level, at == level) for at, rung in enumerate(ladder.rungs))


def _open(service: Service, study_id: str | None = None) -> Sequence[Proposal]:
    return service.store.proposals(study_id, state=ProposalState.OPEN)


def _open_by_study(service: Service) -> dict[str, int]:
    counts: dict[str, int] = {}
    for proposal in _open(service):
        counts[proposal.study_id] = counts.get(proposal.study_id, 0) + 1
    return counts


def _proposed(service: Service, study: Study, proposal: Proposal) -> dict[str, Any]:
    """A proposal with what accepting it would write."""
    try:
        _, changes = with_proposal(service.library.sheet_in_use(study.id).text, study, proposal)
    except HypewatchError:  # the sheet is broken: that is told above
        changes = ()
    return {
        "proposal": proposal,
        "changes": changes,
        "look": [study.findings[one].sentence for one in to_look_at(study, proposal)],
    }
