"""Claims: the same wrong claim over time, and who keeps repeating it. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.repetition import claim_key
from monitor.core.trends import DAYS_SHOWN, Count, Period, by_day, by_week
from monitor.export.claims import claim_line, claim_row
from monitor.web.chart import WIDE, chart
from monitor.web.exports import list_as
from monitor.web.render import page
from monitor.web.request import service_of

if TYPE_CHECKING:
    from monitor.core.mention import Day
    from monitor.core.repetition import ClaimHistory

router = APIRouter(default_response_class=HTMLResponse)

#: Claims on the page, and in a file.
SHOWN, EXPORTED = 100, 10_000


@router.get("/claims")
def claims(request: Request) -> str:
    """Every claim that goes too far, those first that are made most often."""
    found = service_of(request).store.claims(limit=SHOWN + 1)
    return page(request, "claims.html", title="Claims", claims=found[:SHOWN], more=len(found) > SHOWN)


@router.get("/claims.{form}")
def export(request: Request, form: str) -> Response:
    """All of them, as json, csv or atom."""
    rows = [claim_row(one) for one in service_of(request).store.claims(limit=EXPORTED)]
    return list_as(request, form, "claims", rows, lines=lambda: map(claim_line, rows))


@router.get("/claims/{claim_id}")
def claim(request: Request, claim_id: str) -> str:
    """One claim: over time, by outlet, in which words, and the newest that say it."""
    key = claim_key(claim_id)
    history = service_of(request).store.claim(key)
    period = Period(history.days[0][0], (history.days[-1][0] - history.days[0][0]).days + 1)
    weekly = period.days > DAYS_SHOWN
    return page(
        request,
        "claim.html",
        title=key.drift.words.capitalize(),
        history=history,
        claim=history.claim,
        weekly=weekly,
        days=(shown := _shown(history, period, weekly=weekly)),
        chart=chart(shown, right=WIDE),
        name_of=lambda day: f"{'Week of ' if weekly else ''}{day.date.day} {day.date:%B %Y}",
        leads=lambda day: (
            f"/mentions?q={quote(f'study:{key.study_id} drift:{key.drift} tier:confirmed {_span(day, weekly=weekly).query}')}"
        ),
    )


def _shown(history: ClaimHistory, period: Period, *, weekly: bool) -> tuple[Day, ...]:
    counted = ((day, Count(times, times)) for day, times in history.days)
    return by_week(period, counted) if weekly else by_day(period, counted)


def _span(day: Day, *, weekly: bool) -> Period:
    return Period(day.date, 7 if weekly else 1)
