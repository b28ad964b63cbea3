"""The pages: Today, Mentions, one mention, digests, help. They read; nothing here writes."""

from __future__ import annotations

import difflib
import itertools
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from monitor.core.digests.compose import NEEDS_MAX, needs_you, unjudged
from monitor.core.digests.signed_links import without_tokens
from monitor.core.errors import LibraryError, NotFoundError, QueryError
from monitor.core.feeds.health import host_faults
from monitor.core.items.lineage import lineage
from monitor.core.items.revision import comparable
from monitor.core.judgement import Severity
from monitor.core.mention import FlagState
from monitor.core.proposals import ProposalState
from monitor.core.search.query import parse_query
from monitor.export.atom import mentions_atom
from monitor.export.rows import mention_row, to_csv
from monitor.web.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.digests.subscribers import FrozenDigest
    from monitor.core.errors import Problem
    from monitor.core.mention import Mention, Revision
    from monitor.ports import Store
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

PAGE = 50
#: The biggest number a row can have, and a number of one in an address.
BIGGEST = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=BIGGEST)]
EXPORT_MAX = 100_000
FACETS = ("drift", "severity", "source", "network", "lang")


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
    """What was said since yesterday, and what of it needs somebody."""
    service = _service(request)
    store, now = service.store, service.clock()
    query = parse_query("since:24h", now)
    mentions = store.search(query, limit=1000)
    days = store.daily(now, days=30)
    items = needs_you(mentions, {}, ZoneInfo("UTC"), Severity.LOW)
    feeds = store.feeds()
    faults = host_faults(feeds)
    with_host = frozenset().union(*(fault.failing for fault in faults))
    return render(
        "today.html",
        title="Today",
        new=len(mentions),
        drifting=sum(any(f.stands and f.flag.confirmed for f in m.flags) for m in mentions),
        outlets=len({mention.source.key for mention in mentions}),
        unjudged=unjudged(mentions),
        itself=store.proposals(state=ProposalState.OPEN)[:NEEDS_MAX],
        needs=items[:NEEDS_MAX],
        also=items[NEEDS_MAX : NEEDS_MAX + 10],
        newest=mentions[:10],
        days=days,
        tallest=max((day.all for day in days), default=0) or 1,
        feeds=feeds,
        failing=[feed for feed in feeds if feed.last_outcome and feed.last_outcome.failed and not feed.paused],
        faults=faults,
        with_host=with_host,
        unsent=store.failing_digests(now),
        broken=_broken(service),
    )


@router.get("/mentions")
def mentions(
    request: Request, q: str = "", before: Annotated[int | None, Query(ge=0, le=BIGGEST)] = None
) -> HTMLResponse:
    """Search, newest first, with counts by place, language and drift. 400 for one that cannot be read, as its exports are."""
    service = _service(request)
    problem, facets, total = "", {}, 0
    found: Sequence[Mention] = ()
    try:
        query = parse_query(q, service.clock())
    except QueryError as error:
        problem = str(error)
    else:
        found = service.store.search(query, limit=PAGE + 1, before=before)
        facets = dict(service.store.facets(query))
        total = service.store.count(query)
    page = render(
        "mentions.html",
        title="Mentions",
        q=q,
        problem=problem,
        mentions=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        facets=[(name, facets.get(name, {})) for name in FACETS],
        total=total,
        anything=bool(q) or bool(found),
    )
    return HTMLResponse(page, status_code=400 if problem else 200)


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
    """One mention: the text with marks, what the study found, what to say, copies, revisions."""
    store = _service(request).store
    try:
        found = store.mention(mention_id)
    except NotFoundError as error:
        raise NotFoundError(
            error.message, "It may have been withdrawn. Mentions, in the menu, lists those there are."
        ) from None
    revisions = store.revisions(mention_id)
    copies = store.story_members(found.story_id) if found.story_id else ()
    active = sorted(
        (stored for stored in found.flags if stored.state is FlagState.ACTIVE),
        key=lambda stored: (-stored.flag.severity.rank, -stored.flag.confidence, stored.flag.span.start),
    )
    return render(
        "mention.html",
        title=found.title or found.source.name,
        mention=found,
        active=active,
        closed=[stored for stored in found.flags if stored.state is not FlagState.ACTIVE],
        tellings=lineage(copies) if len(copies) > 1 else [],
        first=copies[0] if copies else found,
        reviews={stored.id: store.reviews(stored.id) for stored in active},
        changes=[(new, _diff(old, new)) for old, new in itertools.pairwise(revisions) if comparable(old, new)],
        found_on=store.mention(found.found_on_id) if found.found_on_id else None,
    )


def _diff(old: Revision, new: Revision) -> list[tuple[str, str]]:
    """Lines of the change: ("-", taken away), ("+", put in), (" ", around it)."""
    lines = difflib.unified_diff(
        [old.title, *old.text.splitlines()], [new.title, *new.text.splitlines()], lineterm="", n=1
    )
    return [(line[0], line[1:]) for line in list(lines)[2:] if line[0] in "+- "]


@router.get("/digests")
def digests(request: Request) -> str:
    """Past issues and the ledger."""
    store = _service(request).store
    deliveries: dict[int, list[object]] = {}
    for delivery in store.deliveries(limit=500):
        deliveries.setdefault(delivery.digest_id, []).append(delivery)
    return render(
        "digests.html",
        title="Digests",
        digests=store.digests(50),
        deliveries=deliveries,
        subscriptions=store.subscriptions(),
        unsent=store.failing_digests(_service(request).clock()),
        broken=_broken(_service(request)),
        now=_service(request).clock(),
    )


@router.get("/digests/{digest_id}")
def digest(request: Request, digest_id: Number) -> str:
    """One digest as it was sent."""
    store = _service(request).store
    found = _digest(store, digest_id)
    return render(
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
def help_pages() -> str:
    """The guide's table of contents."""
    return render("help.html", title="Help", pages=_guide(), body="")


@router.get("/help/{page}")
def help_page(page: str) -> str:
    """One page of the guide."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    guide = _guide()
    if page not in guide:
        raise NotFoundError(f"There is no page {page!r}.", f"There are: {', '.join(guide)}.")
    text = (files("monitor.docs") / f"{page}.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render("help.html", title=guide[page], pages=guide, body=Markup(html))  # noqa: S704 - our own pages, raw HTML off


def _guide() -> dict[str, str]:
    return {
        item.name.removesuffix(".md"): item.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        for item in sorted(files("monitor.docs").iterdir(), key=lambda item: item.name)
        if item.name.endswith(".md")
    }
