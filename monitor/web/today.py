"""Today: what was first read since yesterday, and what of it needs somebody. Nothing here writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.core.digests.claims import claim_cards
from monitor.core.digests.compose import rank, sharing
from monitor.core.digests.lines import NEEDS_MAX, usual
from monitor.core.feeds.health import host_faults
from monitor.core.proposals import ProposalState
from monitor.core.search.query import parse_query
from monitor.core.text.lang import not_judged
from monitor.web.chart import chart
from monitor.web.digests import broken, came_back
from monitor.web.render import page, said_in_query, zone_of
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.digests.claims import ClaimCard
    from monitor.core.search.nodes import Query as Search
    from monitor.ports import Store

router = APIRouter(default_response_class=HTMLResponse)

#: What Today counts: each mention once, when it was first read here, whenever it was published. So late news is not lost, and the
#: digest counts alike. Every number on Today is the count of the search that its link leads to.
NEW = "read:24h"
TOO_FAR = f"{NEW} tier:confirmed"
#: Days of the chart, and those of which the median is the usual day: the digest's.
DAYS = 30
USUAL_DAYS = 28
#: What Today reads: marked mentions, and the newest of all.
MARKED_MAX = 200
NEWEST_READ = 60
#: Claims that stand in one line each, below those with a card.
LINES_MAX = 10


@router.get("/")
def today(request: Request) -> str:
    """What was first read since yesterday, and what of it needs somebody."""
    service = service_of(request)
    store, now = service.store, service.clock()
    query, too_far = parse_query(NEW, now), parse_query(TOO_FAR, now)
    # What goes too far is read; of the rest the newest are enough.
    marked = store.search(too_far, limit=MARKED_MAX)
    newest = store.search(query, limit=NEWEST_READ)
    days = store.daily(now, days=DAYS)
    cards = claim_cards(marked, rank)
    said = said_in_query(request)
    asked = [card for card in cards if _waits(card) or (said and _holds_any(card, said["flags"]))]
    feeds = store.feeds()
    faults = host_faults(feeds)
    local = now.astimezone(zone_of(request) or UTC)
    days = [replace(day, date=local.date() - timedelta(days=DAYS - 1 - at)) for at, day in enumerate(days)]
    drifting = store.count(too_far)
    usual_day = usual([day.all for day in days[-1 - USUAL_DAYS : -1]])
    letters_waiting, letters_due = store.letters_waiting(now)
    return page(
        request,
        "today.html",
        title="Today",
        today=f"{local:%A} {local.day} {local:%B}",
        new=store.count(query),
        usual=usual_day[0] if usual_day else None,
        drifting=drifting,
        unjudged=_unjudged(store, query, now),
        queries={
            "new": NEW,
            "too_far": TOO_FAR,
            "days": f"read:{DAYS}d",
            "days_too_far": f"read:{DAYS}d tier:confirmed",
        },
        ends=local,
        itself=store.proposals(state=ProposalState.OPEN)[:NEEDS_MAX],
        claims=len(cards) if drifting <= MARKED_MAX else 0,  # of more than are read nobody counts the ways
        waiting=sum(_waits(card) for card in cards),
        cards=asked[:NEEDS_MAX],
        more_cards=asked[NEEDS_MAX : NEEDS_MAX + LINES_MAX],
        called_right=[card for card in cards if card not in asked][:LINES_MAX],
        sharing=sharing(newest),
        newest=newest[:10],
        days=days,
        chart=chart(days),
        feeds=feeds,
        failing=[feed for feed in feeds if feed.last_outcome and feed.last_outcome.failed and not feed.paused],
        faults=faults,
        with_host=frozenset().union(*(fault.failing for fault in faults)),
        unsent=store.failing_digests(now),
        came_back=came_back(service),
        broken=broken(service),
        letters=store.letters_about([told.lead.id for card in asked[:NEEDS_MAX] for told in card.tellings]),
        letters_waiting=letters_waiting,
        letters_due=letters_due,
        reviewed=sum(store.decision_counts().values()),
    )


def _waits(card: ClaimCard) -> bool:
    return not all(telling.upheld for telling in card.tellings)


def _holds_any(card: ClaimCard, flags: Sequence[int]) -> bool:
    """Is the card about one of these flags? What was called right a moment ago stays where it stood, with its "Undo"."""
    return any(stored.id in flags for telling in card.tellings for stored in telling.flags)


def _unjudged(store: Store, query: Search, now: datetime) -> list[tuple[str, int, str]]:
    """What is new in languages without rules: "not judged (German)", how many, and the search that finds them. What a rule of
    your own is sure of is not among them.
    """
    bases = dict.fromkeys(lang.partition("-")[0] for lang in store.languages(query) if not_judged(lang))
    asked = [(not_judged(lang), f"{NEW} lang:{lang} -tier:confirmed") for lang in bases]
    found = [(words, store.count(parse_query(text, now)), text) for words, text in asked]
    return [one for one in found if one[1]]
