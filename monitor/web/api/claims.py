"""Claims that are repeated: the same wrong claim over time, and who keeps making it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from monitor.core.judgement import Drift
from monitor.core.model import Network
from monitor.core.repetition import claim_key
from monitor.export.claims import claim_history_row, claim_row
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Day, Page, Shape, Stamp
from monitor.web.claims import EXPORTED
from monitor.web.request import service_of

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["claims"])


class ClaimOut(Shape):
    """The same wrong claim, whoever makes it in whichever words."""

    id: str
    study: str
    drift: Drift
    finding: str | None
    mentions: int
    outlets: int
    repeaters: int = Field(description="Outlets and accounts that made it more than once")
    first: Stamp
    last: Stamp
    quote: str = Field(description="Its newest words")
    study_found: str | None
    source_title: str | None
    source_url: str | None
    correction: str | None


class ClaimDay(Shape):
    """In how many mentions it was made that day (UTC)."""

    day: Day
    mentions: int


class Maker(Shape):
    """An outlet or account that makes it; `asked` and `corrected` count all corrections that were asked of it."""

    outlet: int
    name: str
    network: Network
    mentions: int
    first: Stamp
    last: Stamp
    asked: int
    corrected: int


class WordingOut(Shape):
    """Words in which it is made."""

    quote: str
    mentions: int


class ExampleOut(Shape):
    """A mention that makes it, and the flag on its words."""

    mention: int
    flag: int
    source: str
    title: str
    url: str | None
    published: Stamp
    lang: str
    quote: str


class ClaimWhole(ClaimOut):
    """A claim over time, as its page tells it."""

    days: list[ClaimDay] = Field(description="Oldest first; days without it are left out")
    made_by: list[Maker] = Field(description="Who makes it most often first; the first twenty")
    wordings: list[WordingOut] = Field(description="The commonest first")
    examples: list[ExampleOut] = Field(description="The newest first")


@router.get("/claims", response_model=Page[ClaimOut])
def listed(request: Request, place: Asked) -> Any:
    """Claims that go too far, those first that are made most often."""
    return place.cut(service_of(request).store.claims(limit=EXPORTED), claim_row)


@router.get("/claims/{claim_id}", response_model=ClaimWhole)
def one(request: Request, claim_id: str) -> Any:
    """One claim: over time, by outlet, in which words, and the newest that say it."""
    return claim_history_row(service_of(request).store.claim(claim_key(claim_id)))
