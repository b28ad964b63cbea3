"""Trends: what was said by day and week, by kind, language and network, and one period beside another. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.errors import NotFoundError, QueryError, UsageError
from monitor.core.model import Network
from monitor.core.text.lang import language_name, not_judged
from monitor.core.trends import DAYS_SHOWN, Pair, Period, compared, drift_pairs, pairs, periods_of
from monitor.export.provenance import provenance
from monitor.export.trends import period_rows, trend_tables
from monitor.web.chart import WIDE, chart
from monitor.web.exports import as_json, csv_file
from monitor.web.render import page
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.mention import Day
    from monitor.core.trends import Told

router = APIRouter(default_response_class=HTMLResponse)

#: Periods that one press shows, in days, and what they are called.
PERIODS: Mapping[int, str] = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}

By = Literal["", "day", "week"]
Table = Literal["days", "weeks", "drift", "lang", "network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for: the search, and the two periods that are compared."""

    q: str
    now: Period
    then: Period
    by: By

    @property
    def weekly(self) -> bool:
        return self.by == "week" if self.by else self.now.days > DAYS_SHOWN

    @property
    def address(self) -> str:
        """What follows `?` for the same again."""
        given = {"q": self.q, "since": self.now.first, "until": self.now.last, "versus": self.then.first}
        return "&".join(f"{name}={quote(str(value))}" for name, value in given.items())


@router.get("/trends")
def trends(
    request: Request, q: str = "", since: str = "", until: str = "", versus: str = "", by: By = ""
) -> HTMLResponse:
    """The page. 400 for a search or a day that cannot be read, which the page tells; what was typed stays."""
    today = service_of(request).clock().astimezone(UTC).date()
    typed = {"q": q, "since": since, "until": until, "versus": versus}
    try:
        asked = _asked(today, by=by, **typed)
        told, before = _told(request, asked)
    except (QueryError, UsageError) as error:
        html = page(request, "trends.html", title="Trends", asked=None, typed=typed, problem=str(error), periods=())
        return HTMLResponse(html, status_code=400)
    shown = told.by_week() if asked.weekly else told.by_day()
    html = page(
        request,
        "trends.html",
        title="Trends",
        asked=asked,
        typed=typed,
        problem="",
        periods=[
            (
                words,
                today - timedelta(days=days - 1),
                today,
                asked.now == Period(today - timedelta(days=days - 1), days),
            )
            for days, words in PERIODS.items()
        ],
        total=told.total,
        sentence=compared(Pair(told.total, before.total)),
        days=shown,
        chart=chart(shown, right=WIDE),
        query_of=lambda day: _query_of(asked, day),
        leads=lambda day: f"/mentions?q={quote(_query_of(asked, day))}",
        name_of=lambda day: f"{'Week of ' if asked.weekly else ''}{day.date.day} {day.date:%B}",
        drifts=drift_pairs(told, before),
        tables=[
            (
                "lang",
                "Language",
                [
                    (_language(name), f"lang:{name}", pair)
                    for name, pair in pairs(told.by_language(), before.by_language()).items()
                ],
            ),
            (
                "network",
                "Where",
                [
                    (Network(name).label, f"network:{name}", pair)
                    for name, pair in pairs(told.by_network(), before.by_network()).items()
                ],
            ),
        ],
    )
    return HTMLResponse(html)


@router.get("/trends.{form}")
def export(
    request: Request,
    form: str,
    q: str = "",
    since: str = "",
    until: str = "",
    versus: str = "",
    table: Table = "days",
) -> Response:
    """One table as csv, or all of them as json."""
    service = service_of(request)
    now = service.clock()
    asked = _asked(now.astimezone(UTC).date(), by="", q=q, since=since, until=until, versus=versus)
    told, before = _told(request, asked)
    if form == "csv":
        return csv_file(trend_tables(told, before)[table], f"trends-{table}-{asked.now.first}-{asked.now.last}")
    if form == "json":
        about = provenance(q, at=now, found=told.total.all, library=service.library).fields()
        return as_json({**about, **period_rows(told, before), **trend_tables(told, before)})
    raise NotFoundError(f"There is no export as {form!r}.", "There are json and csv.")


def _told(request: Request, asked: Asked) -> tuple[Told, Told]:
    service = service_of(request)
    query = service.ask(asked.q)
    return service.store.told(query, asked.now), service.store.told(query, asked.then)


def _asked(today: date, *, q: str, since: str, until: str, versus: str, by: By) -> Asked:
    now, then = periods_of(today, since=_day("since", since), until=_day("until", until), versus=_day("versus", versus))
    return Asked(q=q.strip(), now=now, then=then, by=by)


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{name}={text[:20]} is no day.", "Write it as 2026-03-24.") from None


def _query_of(asked: Asked, day: Day) -> str:
    """The search for the mentions of a bar: no more than its period, whose first and last week may be parts."""
    first, last = max(day.date, asked.now.first), day.date + timedelta(days=6 if asked.weekly else 0)
    return f"{asked.q} {Period(first, (min(last, asked.now.last) - first).days + 1).query}".strip()


def _language(tag: str) -> str:
    return f"{language_name(tag)}{', not judged' if not_judged(tag) else ''}"
