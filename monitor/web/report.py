"""A report of a search, to be printed or sent on: counts, and each claim with what the study found. As a page, and as a file of its
own with its style in it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from monitor.core.digests.claims import claim_cards
from monitor.core.digests.compose import rank
from monitor.core.items.mention_id import published_about
from monitor.core.judgement import Tier
from monitor.core.search.nodes import Field, Query, both
from monitor.core.trends import LONGEST, Period, drift_pairs
from monitor.export.provenance import provenance
from monitor.web.render import PACKAGE, page, render
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Mentions that go too far of which a report tells, the newest; outlets that it lists; tellings of one claim.
READ_MAX, OUTLETS, TELLINGS = 300, 15, 12
#: More days than this are listed week by week.
DAYS_LISTED = 300
_TOO_FAR = Query("tier:confirmed", Field("tier", Tier.CONFIRMED.value))


@router.get("/mentions/report")
def report(request: Request, q: str = "") -> str:
    """The report as a page. Raises QueryError."""
    service = service_of(request)
    return page(request, "report.html", title="Report", base="", **_values(service, service.ask(q), service.clock()))


def report_file(service: Service, query: Query, now: datetime) -> str:
    """The report as an HTML file that needs no other: links lead to the pages of this installation."""
    style = Markup((PACKAGE / "static" / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return render(
        "report_file.html",
        title="Report",
        style=style,
        now=now,
        base=service.settings.public_url,
        **_values(service, query, now),
    )


def _values(service: Service, query: Query, now: datetime) -> Mapping[str, Any]:
    store = service.store
    ids = store.found_ids(query)
    about = provenance(query.text, at=now, found=len(ids), library=service.library)
    told = store.told(query, _span(ids[-1], ids[0]) if ids else Period(now.astimezone(UTC).date(), 1))
    far = store.found_ids(both(query, _TOO_FAR))
    cards = claim_cards(store.told_mentions(far[:READ_MAX]), rank)
    return {
        "about": about,
        "total": told.total,
        "drifts": {drift: count for drift, (count, _) in drift_pairs(told, replace(told, drifts={})).items()},
        "outlets": store.by_outlet(query, told.period, limit=OUTLETS),
        "days": [day for day in (told.by_week() if told.period.days > DAYS_LISTED else told.by_day()) if day.all],
        "weekly": told.period.days > DAYS_LISTED,
        "cards": cards,
        "read": min(len(far), READ_MAX),
        "far": len(far),
        "tellings": TELLINGS,
    }


def _span(oldest: int, newest: int) -> Period:
    """The days from the oldest mention to the newest, at most LONGEST, with a day to spare: a date can be corrected later."""
    first, last = (published_about(number).date() for number in (oldest, newest))
    first, last = first - timedelta(days=2), last + timedelta(days=2)
    return (
        Period(first, (last - first).days + 1)
        if (last - first).days < LONGEST
        else Period(last - timedelta(days=LONGEST - 1), LONGEST)
    )
