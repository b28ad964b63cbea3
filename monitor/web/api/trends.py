"""Trends: what was said over time, and one period beside another, as the page of that name counts it."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from monitor.core.judgement import Drift
from monitor.core.model import Network
from monitor.core.trends import Pair, compared, periods_of
from monitor.export.trends import period_rows, trend_tables
from monitor.web.api.mentions import Q
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Day, Shape
from monitor.web.request import service_of

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["trends"])

Share = Annotated[float | None, Field(description="Of the mentions, how many go too far, 0 to 1; null of none")]


class Days(Shape):
    """A period of whole UTC days, both included."""

    since: Day
    until: Day


class Counted(Shape):
    """Mentions, and those of them that go too far: with a standing flag that is mailed."""

    mentions: int
    too_far: int
    share: Share


class OfDay(Counted):
    """What was published on a day (UTC)."""

    day: Day


class OfWeek(Counted):
    """What was published in a week, told by its Monday; the first and the last may be parts."""

    week: Day


class Beside(Counted):
    """As Counted, with the same of the period beside it."""

    mentions_before: int
    too_far_before: int
    share_before: Share


class OfLanguage(Beside):
    """What was said in a language (BCP 47)."""

    lang: str


class OfNetwork(Beside):
    """What was said on a network."""

    network: Network


class OfDrift(Shape):
    """Mentions that go too far in this way; one mention can be in several rows."""

    drift: Drift
    drift_words: str
    mentions: int
    mentions_before: int


class TrendsOut(Shape):
    """What was said in a period, and in the one beside it."""

    period: Days
    before: Days = Field(description="The period beside it, which is as long")
    total: Beside
    says: str = Field(description="The two in a sentence for people, honest about small numbers and about chance")
    days: list[OfDay] = Field(description="Every day, oldest first")
    weeks: list[OfWeek] = Field(description="Every week that the period touches, oldest first")
    drift: list[OfDrift] = Field(description="Kinds that occur in neither period are left out")
    lang: list[OfLanguage]
    network: list[OfNetwork]


@router.get("/trends", response_model=TrendsOut)
def counted(
    request: Request,
    q: Q = "",
    since: Annotated[date | None, Query(description="The first day; default: 30 days, the last included")] = None,
    until: Annotated[date | None, Query(description="The last day; default: today (UTC)")] = None,
    versus: Annotated[
        date | None, Query(description="The first day of the period beside it; default: it ends where this begins")
    ] = None,
) -> Any:
    """What was said by day and week, kind, language and network: of a search, in a period beside another. At most ten years."""
    service = service_of(request)
    query = service.ask(q)
    now, then = periods_of(service.clock().astimezone(UTC).date(), since=since, until=until, versus=versus)
    told, before = service.store.told(query, now), service.store.told(query, then)
    says = compared(Pair(told.total, before.total))
    return {**period_rows(told, before), "says": says, **trend_tables(told, before)}
