"""The pages that read: Today, Mentions, one mention, digests, help. Nothing here writes."""

from __future__ import annotations

import difflib
import itertools
import json
from dataclasses import replace
from datetime import UTC, timedelta
from importlib.resources import files
from statistics import median
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from monitor.core.digests.claims import claim_cards
from monitor.core.digests.compose import NEEDS_MAX, rank, sharing
from monitor.core.digests.signed_links import without_tokens
from monitor.core.errors import LibraryError, NotFoundError, QueryError
from monitor.core.feeds.health import host_faults
from monitor.core.items.lineage import lineage
from monitor.core.items.notes import notes
from monitor.core.items.revision import comparable
from monitor.core.judgement import Drift
from monitor.core.mention import FlagState
from monitor.core.model import Network
from monitor.core.proposals import ProposalState
from monitor.core.search.query import parse_query
from monitor.core.text.lang import language_name, not_judged
from monitor.export.atom import mentions_atom
from monitor.export.rows import mention_row, to_csv
from monitor.web.chart import chart
from monitor.web.render import page, quoted, said_in_query, zone_of
from monitor.web.rule_editor import rules_in_use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.digests.claims import ClaimCard
    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.core.errors import Problem
    from monitor.core.mention import Day, Mention, Revision
    from monitor.core.rules.rule import Rule
    from monitor.core.search.query import Query as Search
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

PAGE = 50
#: The biggest number a row can have, and a number of one in an address.
BIGGEST = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=BIGGEST)]
EXPORT_MAX = 100_000
#: Facets with what a reader calls them, and how many values of one are shown.
FACETS = {"network": "Where", "source": "Outlet", "lang": "Language", "drift": "Kind"}
FACET_VALUES = 8
#: What the chips above a search put into it.
RESULTS = {
    "Goes too far": "tier:confirmed",
    "Something is marked": "flagged:yes",
    "Waits for a decision": "flagged:yes reviewed:no",
    "Nothing is marked": "flagged:no",
}
TIMES = {
    "First read in 24 hours": "read:24h",
    "Published in 24 hours": "since:24h",
    "7 days": "since:7d",
    "30 days": "since:30d",
}
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
#: The guide's pages that one begins with.
GUIDE_FIRST = ("start", "keys", "rules", "glossary", "accuracy")
#: Claims that stand in one line each, below those with a card.
LINES_MAX = 10


def _broken(service: Service) -> Mapping[str, Sequence[Problem]]:
    """What judges nothing at the moment, and why: studies whose fact sheet is broken, or everything if the rules are."""
    try:
        return service.library.broken()
    except LibraryError as error:
        return {"Everything": error.problems}


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


@router.get("/")
def today(request: Request) -> str:
    """What was first read since yesterday, and what of it needs somebody."""
    service = _service(request)
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
    return page(
        request,
        "today.html",
        title="Today",
        today=f"{local:%A} {local.day} {local:%B}",
        new=store.count(query),
        usual=_usual(days),
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
        broken=_broken(service),
        reviewed=sum(store.decision_counts().values()),
    )


def _waits(card: ClaimCard) -> bool:
    return not all(telling.upheld for telling in card.tellings)


def _holds_any(card: ClaimCard, flags: Sequence[int]) -> bool:
    """Is the card about one of these flags? What was called right a moment ago stays where it stood, with its "Undo"."""
    return any(stored.id in flags for telling in card.tellings for stored in telling.flags)


def _usual(days: Sequence[Day]) -> float | None:
    """The median of the days before the last since the first with a mention, as the digest tells it; None before there is a week
    of them.
    """
    lived = list(itertools.dropwhile(lambda day: not day.all, days[-1 - USUAL_DAYS : -1]))
    return median(day.all for day in lived) if len(lived) >= 7 else None


def _unjudged(store: Store, query: Search, now: datetime) -> list[tuple[str, int, str]]:
    """What is new in languages without rules: "not judged (German)", how many, and the search that finds them. What a rule of
    your own is sure of is not among them.
    """
    bases = dict.fromkeys(lang.partition("-")[0] for lang in store.facets(query)["lang"] if not_judged(lang))
    asked = [(not_judged(lang), f"{NEW} lang:{lang} -tier:confirmed") for lang in bases]
    found = [(words, store.count(parse_query(text, now)), text) for words, text in asked]
    return [one for one in found if one[1]]


@router.get("/mentions")
def mentions(
    request: Request,
    q: str = "",
    before: Annotated[int | None, Query(ge=0, le=BIGGEST)] = None,
    facets: Annotated[int, Query(ge=0, le=1)] = 0,
) -> HTMLResponse:
    """Search, newest first. 400 for one that cannot be read, as its exports are."""
    service = _service(request)
    problem, total = "", 0
    found: Sequence[Mention] = ()
    counts: list[tuple[str, list[Chip]]] = []
    try:
        query = parse_query(q, service.clock())
    except QueryError as error:
        problem = str(error)
    else:
        found = service.store.search(query, limit=PAGE + 1, before=before)
        total = service.store.count(query)
        counts = _facets(service.store, q, query) if facets else []
    html = page(
        request,
        "mentions.html",
        title="Mentions",
        q=q,
        before=before,
        problem=problem,
        mentions=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        results=_chips(q, RESULTS),
        times=_chips(q, TIMES),
        facets=counts,
        total=total,
        anything=bool(q) or bool(found),
    )
    return HTMLResponse(html, status_code=400 if problem else 200)


@router.get("/mentions/facets")
def mention_facets(request: Request, q: str = "") -> str:
    """The counts of a search by place, language and kind, as a part of its page: they read all that was found."""
    service = _service(request)
    return page(
        request, "facets.html", facets=_facets(service.store, q, parse_query(q, service.clock())), title="Facets"
    )


#: name, the query that it leads to, how many, is it on
Chip = tuple[str, str, int, bool]


def _facets(store: Store, q: str, query: Search) -> list[tuple[str, list[Chip]]]:
    counts = store.facets(query)
    return [
        (label, [_facet(q, name, value, count) for value, count in found])
        for name, label in FACETS.items()
        if (found := list(counts.get(name, {}).items())[:FACET_VALUES])
    ]


def _facet(q: str, name: str, value: str, count: int) -> Chip:
    label = value
    if name == "drift":
        label = Drift(value).words
    elif name == "lang":
        label = f"{language_name(value)}{', not judged' if not_judged(value) else ''}"
    elif name == "network":
        label = Network(value).label
    elif name == "source":
        label = _outlet(value)
    wanted, on = _toggled(q, f"{name}:{quoted(value)}")
    return label, wanted, count, on


def _outlet(key: str) -> str:
    """What a reader calls a source by its key: an outlet's domain, or an account as "@name"."""
    network, colon, handle = key.partition(":")
    if not colon:
        return key
    known = next((one.label for one in Network if one == network), network)
    return (
        f"{known} account {handle.removeprefix('id:')}" if handle.startswith("id:") else f"@{handle.removeprefix('@')}"
    )


def _chips(q: str, choices: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Choices of which one can be on: taking one takes the others off, pressing it again takes it off."""
    rest = q
    for term in choices.values():
        rest = _without(rest, term)
    return [
        (label, rest if _holds(q, term) else f"{rest} {term}".strip(), _holds(q, term))
        for label, term in choices.items()
    ]


def _toggled(q: str, term: str) -> tuple[str, bool]:
    """The search with a term put in, or taken out if it is in it; and whether it is."""
    on = _holds(q, term)
    return (_without(q, term) if on else f"{q} {term}".strip()), on


def _holds(q: str, term: str) -> bool:
    return f" {term} " in f" {q} "


def _without(q: str, term: str) -> str:
    return " ".join(f" {q} ".replace(f" {term} ", " ").split())


@router.get("/mentions.{form}")
def export(request: Request, form: str, q: str = "") -> Response:
    """Exactly the view, whole, as json, csv or atom."""
    service = _service(request)
    found = service.store.search(parse_query(q, service.clock()), limit=EXPORT_MAX)
    rows = [mention_row(mention) for mention in found]
    if form == "json":
        return Response(json.dumps({"query": q, "mentions": rows}, ensure_ascii=False), media_type="application/json")
    if form == "csv":
        return PlainTextResponse(
            to_csv(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="mentions.csv"'},
        )
    if form == "atom":
        text = mentions_atom(found[:PAGE], query=q, base_url=service.settings.public_url, now=service.clock())
        return Response(text, media_type="application/atom+xml")
    raise NotFoundError(f"There is no export as {form!r}.", "There are json, csv and atom.")


@router.get("/mentions/{mention_id}")
def mention(request: Request, mention_id: Number) -> str:
    """One mention: the text with marks, a note for each finding with its verdict, copies, revisions."""
    store = _service(request).store
    try:
        found = store.mention(mention_id)
    except NotFoundError as error:
        raise NotFoundError(
            error.message, "It may have been withdrawn. Mentions, in the menu, lists those there are."
        ) from None
    revisions = store.revisions(mention_id)
    copies = store.story_members(found.story_id) if found.story_id else ()
    told = notes(found.flags)
    return page(
        request,
        "mention.html",
        title=found.title or found.source.name,
        mention=found,
        notes=told,
        sure=[note for note in told if note.sure],
        standing=[note for note in told if any(stored.stands for stored in note.flags)],
        look=[note for note in told if not note.sure],
        needed=len(found.caveats_present) + len(found.caveats_missing),
        drifts=frozenset(drift.value for drift in Drift),
        closed=[stored for stored in found.flags if stored.state is not FlagState.ACTIVE],
        tellings=lineage(copies) if len(copies) > 1 else [],
        first=copies[0] if copies else found,
        reviews=store.reviews_of([stored.id for note in told for stored in note.flags]),
        changes=[(new, _diff(old, new)) for old, new in itertools.pairwise(revisions) if comparable(old, new)],
        found_on=store.mention(found.found_on_id) if found.found_on_id else None,
        rules=_rules(request),
    )


def _rules(request: Request) -> Sequence[Rule]:
    """The rules in use, for who may ask why one did not fire; none while they cannot be read."""
    if not request.state.who.edits:
        return ()
    try:
        return sorted(rules_in_use(_service(request)), key=lambda rule: rule.id)
    except LibraryError:
        return ()


def _diff(old: Revision, new: Revision) -> list[tuple[str, str]]:
    """Lines of the change: ("-", taken away), ("+", put in), (" ", around it)."""
    lines = difflib.unified_diff(
        [old.title, *old.text.splitlines()], [new.title, *new.text.splitlines()], lineterm="", n=1
    )
    return [(line[0], line[1:]) for line in list(lines)[2:] if line[0] in "+- "]


@router.get("/digests")
def digests(request: Request) -> str:
    """Past issues and the ledger."""
    store, now = _service(request).store, _service(request).clock()
    subscriptions = store.subscriptions()
    deliveries: dict[int, list[object]] = {}
    for delivery in store.deliveries(limit=500):
        deliveries.setdefault(delivery.digest_id, []).append(delivery)
    return page(
        request,
        "digests.html",
        title="Digests",
        digests=store.digests(50),
        deliveries=deliveries,
        subscriptions=subscriptions,
        next_mail=min((due for sub in subscriptions if (due := sub.next_mail(now))), default=None),
        studies=_study_names(_service(request)),
        unsent=store.failing_digests(now),
        broken=_broken(_service(request)),
        now=now,
    )


def _study_names(service: Service) -> Mapping[str, str]:
    """What people call each study; without those whose fact sheet is broken."""
    try:
        return {study.id: study.name for study in service.library.studies()}
    except LibraryError:
        return {}


@router.get("/digests/{digest_id}")
def digest(request: Request, digest_id: Number) -> str:
    """One digest as it was sent."""
    store = _service(request).store
    found = _digest(store, digest_id)
    return page(
        request,
        "digest.html",
        title="Digest",
        digest=found,
        text=without_tokens(found.text),
        deliveries=store.deliveries(digest_id),
        told=store.digest_mentions(digest_id),
    )


@router.get("/digests/{digest_id}/mail")
def digest_mail(request: Request, digest_id: Number) -> Response:
    """The HTML part alone, as a mail program shows it: nothing in it can run, load or reach out."""
    html = without_tokens(_digest(_service(request).store, digest_id).html)
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _digest(store: Store, digest_id: int) -> FrozenDigest:
    """The digest, or an error whose hint leads to a page and not to a command."""
    try:
        return store.digest(digest_id)
    except NotFoundError as error:
        raise NotFoundError(error.message, "Digests, in the menu, lists those there are.") from None


@router.get("/help")
def help_pages(request: Request) -> str:
    """The guide's table of contents."""
    return page(request, "help.html", title="Help", pages=_guide(), body="")


@router.get("/help/{name}")
def help_page(request: Request, name: str) -> str:
    """One page of the guide."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    guide = _guide()
    if name not in guide:
        raise NotFoundError(f"There is no page {name!r}.", f"There are: {', '.join(guide)}.")
    text = (files("monitor.docs") / f"{name}.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = html.replace("<pre>", '<pre tabindex="0">')  # wide examples scroll, by the keyboard too
    return page(request, "help.html", title=guide[name], pages=guide, body=Markup(html))  # noqa: S704 - our own pages, raw HTML off


def _guide() -> dict[str, str]:
    """The guide's pages with their titles: those that one begins with first, the others by name."""
    pages = {
        item.name.removesuffix(".md"): item for item in files("monitor.docs").iterdir() if item.name.endswith(".md")
    }
    return {
        name: pages[name].read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for name in sorted(pages, key=lambda name: (GUIDE_FIRST.index(name) if name in GUIDE_FIRST else 99, name))
    }
