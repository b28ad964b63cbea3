"""Mentions: the search, and one mention. Nothing here writes."""

from __future__ import annotations

import difflib
import itertools
from datetime import date  # noqa: TC003 - FastAPI reads the annotations
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import LibraryError, NotFoundError, QueryError
from monitor.core.items.lineage import lineage
from monitor.core.items.notes import notes
from monitor.core.items.revision import comparable
from monitor.core.judgement import Drift
from monitor.core.mention import FlagState
from monitor.core.search.saved import NAME_MAX
from monitor.web.chips import COUNTED, RESULTS, TIMES, choices_of, days_of, facets_of, held_of, within
from monitor.web.render import page
from monitor.web.request import OptionalIdOrZero, RowId, service_of
from monitor.web.rule_editor import rules_in_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Mention, Revision
    from monitor.core.rules.rule import Rule
    from monitor.web.chips import Facet

router = APIRouter(default_response_class=HTMLResponse)

PAGE = 50


class Column(StrEnum):
    """What the list shows of each mention when it is a table; the headline always stands first."""

    words: str

    def __new__(cls, value: str, words: str = "") -> Self:
        """A column as an address names it, with what it is called."""
        column = str.__new__(cls, value)
        column._value_, column.words = value, words
        return column

    PUBLISHED = "published", "Published"
    OUTLET = "outlet", "Outlet"
    AUTHOR = "author", "Author"
    NETWORK = "network", "Where"
    LANGUAGE = "lang", "Language"
    SCORE = "score", "Score"
    DRIFT = "drift", "Goes too far by"
    WORDS = "words", "In these words"
    STORY = "story", "Story"
    FIRST_SEEN = "first-seen", "First read"


#: Tellings of the same story beside a mention; its story has them all.
COPIES = 50


@router.get("/mentions")
def mentions(
    request: Request,
    q: str = "",
    before: OptionalIdOrZero = None,
    facets: Annotated[int, Query(ge=0, le=1)] = 0,
    since: Annotated[date | Literal[""] | None, Query()] = None,
    until: Annotated[date | Literal[""] | None, Query()] = None,
    column: Annotated[list[Column], Query(max_length=len(Column))] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Search, newest first; with `column` as a table of those. 400 for one that cannot be read, as its exports are. Days of the calendar go into the search."""
    service = service_of(request)
    if since is not None or until is not None:
        return RedirectResponse(f"/mentions?q={quote(within(q, since or None, until or None))}", status_code=303)
    problem, total, query = None, 0, None
    found: Sequence[Mention] = ()
    counts: Sequence[Facet] = []
    try:
        query = service.ask(q)
    except QueryError as error:
        problem = error
    else:
        found = service.store.search(query, limit=PAGE + 1, before=before)
        total = service.store.count(query, most=COUNTED + 1)
        counts = facets_of(service.store, q, query) if facets else []
    html = page(
        request,
        "mentions.html",
        title="Mentions",
        q=q,
        before=before,
        problem=problem,
        mentions=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        remarks=query.remarks if query else (),
        results=choices_of(q, RESULTS),
        times=choices_of(q, TIMES),
        held=held_of(q, query),
        days=days_of(q),
        facets=counts,
        counted=COUNTED,
        total=min(total, COUNTED),
        countless=total > COUNTED,
        anything=bool(q) or bool(found),
        saved=service.store.saved_searches(),
        name_max=NAME_MAX,
        columns=list(dict.fromkeys(column)),
        choices=list(Column),
        view="".join(f"&column={one}" for one in dict.fromkeys(column)),
    )
    return HTMLResponse(html, status_code=400 if problem else 200)


@router.get("/mentions/facets")
def mention_facets(request: Request, q: str = "") -> str:
    """The counts of a search by place, language and kind, as a part of its page: they read all that was found."""
    service = service_of(request)
    query = service.ask(q)
    return page(
        request,
        "facets.html",
        facets=facets_of(service.store, q, query),
        counted=COUNTED,
        countless=service.store.count(query, most=COUNTED + 1) > COUNTED,
        title="Facets",
    )


@router.get("/mentions/{mention_id}")
def mention(request: Request, mention_id: RowId) -> str:
    """One mention: the text with marks, a note for each finding with its verdict, copies, revisions."""
    store = service_of(request).store
    try:
        found = store.mention(mention_id)
    except NotFoundError as error:
        raise NotFoundError(
            error.message, "It may have been withdrawn. Mentions, in the menu, lists those there are."
        ) from None
    revisions = store.revisions(mention_id)
    copies = store.story_members(found.story_id, limit=COPIES) if found.story_id else ()
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
        letters=store.letters_about([stored.id for stored in found.flags]),
    )


def _rules(request: Request) -> Sequence[Rule]:
    """The rules in use, for who may ask why one did not fire; none while they cannot be read."""
    if not request.state.who.edits:
        return ()
    try:
        return sorted(rules_in_use(service_of(request)), key=lambda rule: rule.id)
    except LibraryError:
        return ()


def _diff(old: Revision, new: Revision) -> list[tuple[str, str]]:
    """Lines of the change: ("-", taken away), ("+", put in), (" ", around it)."""
    lines = difflib.unified_diff(
        [old.title, *old.text.splitlines()], [new.title, *new.text.splitlines()], lineterm="", n=1
    )
    return [(line[0], line[1:]) for line in list(lines)[2:] if line[0] in "+- "]
