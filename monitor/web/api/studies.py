"""Studies: what each found with its sources; their fact sheets, checked and saved; what may have happened to a study itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from monitor.core.errors import LibraryError, NotFoundError, UsageError
from monitor.core.proposals import ProposalKind, ProposalState
from monitor.export.rows import stamp
from monitor.export.studies import finding_rows, proposal_row, study_row
from monitor.library.ids import id_problem
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute, check_unchanged, quoted
from monitor.web.api.shapes import Day, Page, Sent, Shape, Stamp
from monitor.web.api.shapes import Place as Wrong
from monitor.web.request import RowId, service_of
from monitor.web.studies import decided, proposed, read_sheet, save
from monitor.web.study_editor import check, worse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.errors import Problem
    from monitor.core.sheet_version import SheetVersion as SheetVersionRow
    from monitor.service import Service

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["studies"])

#: Letters of a fact sheet and of a note in the history.
MOST_SHEET, MOST_NOTE = 500_000, 500
StudyId = Annotated[str, Path(max_length=64, examples=["keio-ips-sci"])]


class StudyOut(Shape):
    """A study that texts are compared with, or a draft, which judges nothing."""

    id: str
    name: str
    institution: str
    as_of: Day
    findings: int
    state: Literal["in use", "draft"]


class FindingOut(Shape):
    """One thing that a study found, or did not, with its source."""

    finding: str
    says: str
    quote: str
    source: str
    url: str | None
    as_of: Day
    since: Day | None
    until: Day | None
    correction: str | None


class StudyWhole(Shape):
    """A study with its findings and its fact sheet. One that is broken has `problems`, and judges nothing."""

    id: str
    name: str
    institution: str
    as_of: Day | None
    state: Literal["in use", "draft", "broken"]
    findings: list[FindingOut]
    text: str = Field(description="The fact sheet, as YAML")
    problems: list[Wrong]


class SheetIn(Sent):
    """A fact sheet to check."""

    text: str = Field(max_length=MOST_SHEET)


class SheetOut(Shape):
    """What keeps a sheet from judging, and what it does not pass of its own words; `draft`: something is still to be filled in."""

    study: str | None
    draft: bool
    problems: list[Wrong]
    failures: list[Wrong]


class SheetSaved(Sent):
    """A fact sheet to put to use."""

    text: str = Field(max_length=MOST_SHEET)
    note: str = Field("", max_length=MOST_NOTE, description="What you changed, for the log")
    although: bool = Field(False, description="Although it fails at something of its own words that it passed before")


class ProposalOut(Shape):
    """Something that may have happened to a study itself."""

    id: int
    study: str
    kind: ProposalKind
    opened: Stamp
    sentence: str
    seen: list[str]
    findings: list[str]
    title: str
    url: str
    detail: str
    state: ProposalState
    by: str
    decided: Stamp | None
    why: str


class SheetVersion(Shape):
    """A version of a fact sheet that was saved."""

    id: int
    at: Stamp
    by: str
    note: str
    text: str = Field(description="Empty: what ships, or lies in the folder, was put to use again")


class DecisionIn(Sent):
    """What a person says of a proposal. A proposal is dismissed with a reason."""

    accept: bool
    why: str = Field("", max_length=500)


class DecisionOut(Shape):
    """The proposal as it stands, and the findings that a person should look at next."""

    proposal: ProposalOut
    look_at: list[str]


@router.get("/studies", response_model=Page[StudyOut])
def listed(request: Request, place: Asked) -> Any:
    """Every study that texts are compared with, and drafts."""
    library = service_of(request).library.current()
    studies = library.studies()
    known = {study.id for study in studies}
    return place.cut([*studies, *(draft for draft in library.drafts() if draft.id not in known)], study_row)


@router.get("/studies/{study_id}", response_model=StudyWhole)
def one(request: Request, study_id: StudyId, response: Response) -> Any:
    """One study with its fact sheet; its ETag is what If-Match names when the sheet is saved."""
    service = service_of(request)
    study, problems = read_sheet(service, study_id)
    text = service.library.sheet_in_use(study_id).text
    response.headers["ETag"] = quoted(text.encode())
    told = [_place(problem) for problem in problems]
    if study is None:
        empty: Mapping[str, Any] = {
            "id": study_id,
            "name": study_id,
            "institution": "",
            "as_of": None,
            "state": "broken",
            "findings": [],
        }
        return {**empty, "text": text, "problems": told}
    state = "draft" if study.draft else "broken" if problems else "in use"
    return study_row(study) | {"state": state, "findings": finding_rows(study), "text": text, "problems": told}


def _place(one: Problem) -> Mapping[str, Any]:
    return {"file": one.path, "line": one.line, "column": one.column, "what": one.what}


@router.post("/studies/check", response_model=SheetOut)
def check_sheet(request: Request, sent: SheetIn) -> Any:
    """Read a fact sheet under the rules in use: does it load, and does it pass its own words? Nothing is stored."""
    service = service_of(request)
    study, problems = service.library.current().read_sheet(sent.text, "sheet.yaml")
    if study is None:
        return {"study": None, "draft": False, "problems": list(map(_place, problems)), "failures": []}
    checked = check(service, study.id, sent.text)
    return {
        "study": study.id,
        "draft": checked.draft,
        "problems": list(map(_place, checked.problems or (problems if checked.draft else ()))),
        "failures": list(map(_place, checked.failures)),
    }


@router.put(
    "/studies/{study_id}",
    response_model=StudyWhole,
    responses={201: {"model": StudyWhole, "description": "It is new"}},
)
def put(request: Request, study_id: StudyId, sent: SheetSaved, response: Response) -> Any:
    """Put a fact sheet to use, as a new version; stored mentions are judged again. 201 if the study is new. Refused for what does not
    load, and, unless `although`, for failing at something of its own words that it passed before.
    """
    service = service_of(request)
    base = _base(service, study_id)
    check_unchanged(request, None if base is None else quoted(base.encode()))
    text = sent.text.replace("\r\n", "\n")
    if text != base:
        _check(service, study_id, base, text, although=sent.although)
        save(request, study_id, text, base=base or "", note=sent.note.strip())
    response.status_code = 201 if base is None else 200
    return one(request, study_id, response)


def _base(service: Service, study_id: str) -> str | None:
    """The sheet in use; None for a study that is new. Raises UsageError for what cannot be a study's id."""
    if said := id_problem(study_id):
        raise UsageError(f"{study_id[:40]!r} {said}.", "Choose another name, such as my-study.")
    try:
        return service.library.sheet_in_use(study_id).text
    except NotFoundError:
        return None


def _check(service: Service, study_id: str, base: str | None, text: str, *, although: bool) -> None:
    """Raise LibraryError for a sheet that must not be saved."""
    checked = check(service, study_id, text)
    problems: Sequence[Problem] = checked.problems
    if not problems and checked.failures and not although:
        known = base is not None and not worse(service, study_id, base, checked)
        problems = () if known else checked.failures
    if problems:
        raise LibraryError(problems)


@router.get("/studies/{study_id}/versions", response_model=Page[SheetVersion])
def versions(request: Request, study_id: StudyId, place: Asked) -> Any:
    """The versions of a fact sheet that were saved, newest first. One comes back by PUT with its text."""
    service = service_of(request)
    service.library.sheet_in_use(study_id)
    return place.cut(service.store.sheet_history(study_id, limit=None), _version)


def _version(one: SheetVersionRow) -> Mapping[str, Any]:
    return {"id": one.id, "at": stamp(one.at), "by": one.author, "note": one.note, "text": one.text}


@router.get("/proposals", response_model=Page[ProposalOut])
def proposals(
    request: Request,
    place: Asked,
    study: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[ProposalState | None, Query()] = None,
) -> Any:
    """What may have happened to the studies themselves, newest first: a paper, a retraction, a change in the registry."""
    return place.cut(service_of(request).store.proposals(study, state=state), proposal_row)


@router.post("/proposals/{proposal_id}", response_model=DecisionOut)
def decide(request: Request, proposal_id: RowId, sent: DecisionIn) -> Any:
    """Accept a proposal, and write what follows from it into the fact sheet; or dismiss it with a reason."""
    if not sent.accept and not sent.why.strip():
        raise UsageError(
            "A proposal is dismissed with a reason.", "Whoever comes next reads it: say in a few words why."
        )
    service = service_of(request)
    look = decided(request, proposed(service, proposal_id), accept=sent.accept, why=sent.why)
    return {"proposal": proposal_row(proposed(service, proposal_id)), "look_at": look}
