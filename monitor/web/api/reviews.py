"""Decisions about flags: what was decided, deciding, taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from monitor.core.judgement import Drift
from monitor.core.mention import Verdict
from monitor.export.rows import review_row
from monitor.pipeline.review import WHY_MAX, decide, take_back
from monitor.web.access import shown_name, who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Id, Page, Sent, Shape, Stamp
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.mention import ReviewedFlag
    from monitor.web.access import Who

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["reviews"])

#: Flags that are decided about at once.
MOST = 500


class Decision(Shape):
    """What somebody decided about a flag, with enough to find the flag again on another machine."""

    id: int
    flag: int
    mention: int
    item: str
    url: str | None
    outlet: str
    title: str
    lang: str
    rule: str
    drift: Drift
    where: str = Field(alias="in")
    quote: str
    sentence: str
    verdict: Verdict
    by: str
    at: Stamp
    why: str
    undone_at: Stamp | None
    undone_by: str


class ReviewIn(Sent):
    """A verdict on flags."""

    flags: list[Id] = Field(min_length=1, max_length=MOST)
    verdict: Verdict = Field(description="upheld: right; dismissed: wrong; not-about: the text is not about the study")
    why: str = Field("", max_length=WHY_MAX)


class Held(Shape):
    """The flags that the verdict holds for: those asked about, and the same words elsewhere."""

    flags: list[int]


class UndoIn(Sent):
    """Flags whose newest decision is taken back; with `verdict` only where it is the one in force."""

    flags: list[Id] = Field(min_length=1, max_length=MOST)
    verdict: Verdict | None = None


class Undone(Shape):
    """How many decisions were taken back."""

    decisions: int


@router.get("/reviews", response_model=Page[Decision])
def listed(
    request: Request,
    place: Asked,
    rule: Annotated[str, Query(max_length=64, description="Of the flags of this rule")] = "",
    verdict: Annotated[Verdict | None, Query()] = None,
    undone: Annotated[bool, Query(description="Also what was taken back")] = False,
) -> Any:
    """What was decided, newest first."""
    before = place.after[0] if place.after else None
    found = service_of(request).store.decisions(
        rule=rule or None, verdict=verdict, undone=undone, limit=place.limit + 1, before=before
    )
    shown, who = found[: place.limit], who_of(request)
    rows = [_row(one, who) for one in shown]
    return place.page(rows, (shown[-1].review.id,) if len(found) > place.limit else None)


def _row(one: ReviewedFlag, who: Who) -> Mapping[str, Any]:
    row = review_row(one)
    return row | {name: shown_name(row[name], who) for name in ("by", "undone_by") if row[name]}


@router.post("/reviews", response_model=Held, status_code=201)
def add(request: Request, sent: ReviewIn) -> Any:
    """Decide about flags. It is in force at once, for the same words elsewhere too, and stands under the key's person."""
    service = service_of(request)
    held = decide(service.store, sent.flags, sent.verdict, by=who_of(request).name, why=sent.why, now=service.clock())
    return {"flags": held}


@router.post("/reviews/undo", response_model=Undone)
def undo(request: Request, sent: UndoIn) -> Any:
    """Take the newest decision about each flag back: the one before is in force again."""
    service = service_of(request)
    done = take_back(service.store, sent.flags, by=who_of(request).name, now=service.clock(), verdict=sent.verdict)
    return {"decisions": done}
