"""Mentions and their flags: search, one, add, import, purge."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from monitor.core.errors import NotFoundError
from monitor.core.judgement import Drift, Severity, Tier
from monitor.core.mention import FlagState, Row, Verdict
from monitor.core.model import Availability, DateConfidence, Kind, Network
from monitor.core.search.query import parse_query
from monitor.export.rows import flag_row, mention_row, stamp
from monitor.pipeline.imports import import_rows
from monitor.pipeline.poll import add_address
from monitor.web.access import shown_name, who_of
from monitor.web.api.paging import Asked
from monitor.web.api.route import ApiRoute
from monitor.web.api.shapes import Caveats, Page, Reference, Sent, Shape, Stamp
from monitor.web.api.shapes import Place as Wrong
from monitor.web.request import RowId, service_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.errors import Problem
    from monitor.core.mention import Mention, Review, StoredFlag
    from monitor.service import Service
    from monitor.web.access import Who

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["mentions"])
flags_router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["flags"])

#: Mentions that are imported at once, and whose flags are read at a time.
MOST_IMPORTED, AT_A_TIME = 1_000, 100
#: A search, in the language of the page.
Q = Annotated[str, Query(description="The query language of the search box", examples=["cure lang:ja since:7d"])]


class FlagOut(Shape):
    """What a rule found in a text: `text[start:end]` is the quote."""

    id: int
    rule: str
    drift: Drift
    severity: Severity
    confidence: float
    tier: Tier
    where: str = Field(alias="in", description="text or title")
    start: int
    end: int
    quote: str
    message: str
    finding: str | None
    source: Reference | None
    correction: str | None
    state: FlagState
    review: Verdict | None = Field(description="What a person said of it last")
    ruleset: str


class MentionBase(Shape):
    """What somebody said about a study."""

    id: int
    study: str
    kind: Kind
    network: Network
    source: str
    source_key: str
    url: str | None
    title: str
    text: str
    author: str
    lang: str
    published: Stamp
    date_confidence: DateConfidence
    availability: Availability
    availability_since: Stamp | None
    first_seen: Stamp
    because: list[str] = Field(description="The words by which it is about the study")
    score: int
    judged: bool = Field(description="false: no rules for its language, and no flags mean nothing")
    reason: str | None
    drift: list[Drift]
    story: int | None
    revision: int
    ruleset: str
    caveats: Caveats


class MentionOut(MentionBase):
    """What somebody said about a study, with the flags that are in force."""

    flags: list[FlagOut]


class ReviewOut(Shape):
    """What somebody said of a flag."""

    verdict: Verdict
    by: str
    at: Stamp
    why: str


class FlagWithReviews(FlagOut):
    """A flag with all that was said of it, newest first."""

    reviews: list[ReviewOut]


class Revision(Shape):
    """A version of a text."""

    number: int
    at: Stamp
    title: str
    text: str
    text_hash: str


class MentionWhole(MentionBase):
    """A mention with its revisions, the parts of its score, and all its flags, closed ones too."""

    score_parts: dict[str, float]
    flags: list[FlagWithReviews]
    found_on: int | None = Field(description="The mention whose page quotes this post")
    revisions: list[Revision]


class FlagOfMention(FlagOut):
    """A flag with where it was said."""

    mention: int
    outlet: str
    url: str | None
    title: str
    published: Stamp


class AddressIn(Sent):
    """A page that no source brought."""

    url: str = Field(max_length=4_000, examples=["https://harbour-wire.example/news/walks-again"])


class Added(Shape):
    """The mentions that were written; none if all were stored before."""

    mentions: list[int]


class TextIn(Sent):
    """A text to store as a mention. It is known again by its `external_id` or `url`, one of which is needed."""

    url: str | None = Field(None, max_length=4_000)
    title: str = Field("", max_length=2_000)
    text: str = Field("", max_length=500_000)
    published: str = Field("", max_length=200, description="Any usual way to write a moment")
    source: str = Field("", max_length=300, description="An outlet's domain, or @name")
    kind: Kind = Kind.ARTICLE
    lang: str = Field("", max_length=35)
    external_id: str | None = Field(None, max_length=500)
    network: Network = Network.WEB
    author: str = Field("", max_length=300)


class ImportIn(Sent):
    """Texts to store; twice adds nothing."""

    items: list[TextIn] = Field(max_length=MOST_IMPORTED)
    assume_relevant: bool = Field(False, description="Take every text as about the study")


class Imported(Shape):
    """What became of the texts: `read` is the sum of `written`, `known`, `other` (about no study) and `refused`."""

    read: int
    written: int
    known: int
    other: int
    refused: int
    undated: int
    problems: list[Wrong] = Field(description="Those that were refused; `line` counts items from 1")


@router.get("/mentions", response_model=Page[MentionOut])
def search(request: Request, place: Asked, q: Q = "") -> Any:
    """Search mentions, newest first; without a query all of them."""
    service = service_of(request)
    before = place.after[0] if place.after else None
    found = service.store.search(parse_query(q, service.clock()), limit=place.limit + 1, before=before)
    shown = found[: place.limit]
    return place.page([mention_row(one) for one in shown], (shown[-1].id,) if len(found) > place.limit else None)


@router.get("/mentions/{mention_id}", response_model=MentionWhole)
def one(request: Request, mention_id: RowId) -> Any:
    """One mention."""
    store, who = service_of(request).store, who_of(request)
    mention = store.mention(mention_id)
    said = store.reviews_of([flag.id for flag in mention.flags])
    flags = [
        flag_row(flag) | {"reviews": [review_of(review, who) for review in said.get(flag.id, ())]}
        for flag in mention.flags
    ]
    revisions = [
        {"number": r.number, "at": stamp(r.at), "title": r.title, "text": r.text, "text_hash": r.text_hash}
        for r in store.revisions(mention.id)
    ]
    more = {"score_parts": dict(mention.score_parts), "found_on": mention.found_on_id, "revisions": revisions}
    return mention_row(mention) | more | {"flags": flags}


def review_of(review: Review, who: Who) -> Mapping[str, Any]:
    """What somebody said of a flag, as `who` may read it."""
    return {
        "verdict": review.verdict,
        "by": shown_name(review.by, who),
        "at": stamp(review.at),
        "why": review.why,
    }


@router.post(
    "/mentions",
    response_model=Added,
    status_code=201,
    responses={200: {"model": Added, "description": "It was stored before"}},
)
def add(request: Request, sent: AddressIn, response: Response) -> Any:
    """Read a page that no source brought, and store what it says of a study. 200 if it was stored before."""
    ids = add_address(service_of(request).deps, sent.url)
    response.status_code = 201 if ids else 200
    return {"mentions": ids}


@router.post("/mentions/import", response_model=Imported)
def bring(request: Request, sent: ImportIn) -> Any:
    """Store texts that you have, as `hypewatch mentions import` does; what is refused is told, and the others are stored."""
    problems: list[Problem] = []
    rows = [
        Row(number, {key: value for key, value in text.model_dump(mode="json").items() if value}, {})
        for number, text in enumerate(sent.items, start=1)
    ]
    deps = service_of(request).deps
    done = import_rows(deps, rows, name="items", assume_relevant=sent.assume_relevant, tell=problems.append)
    counts = {name: getattr(done, name) for name in ("read", "written", "known", "other", "refused", "undated")}
    return counts | {"problems": [{"what": told.what, "file": told.path, "line": told.line} for told in problems]}


@router.delete("/mentions/{mention_id}", status_code=204)
def purge(request: Request, mention_id: RowId) -> None:
    """Take a mention's text and author away for good; it cannot come back. Mails in the outbox that told of it go too."""
    service = service_of(request)
    service.store.purge(mention_id, now=service.clock())
    service.forget_mails()


# --- flags -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Which:
    """Which flags are asked for; None: any."""

    rule: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,64}$")] = None
    drift: Annotated[Drift | None, Query()] = None
    severity: Annotated[Severity | None, Query()] = None
    tier: Annotated[
        Tier | None, Query(description="confirmed is mailed, drift is shown, look-here is worth a look")
    ] = None
    reviewed: Annotated[bool | None, Query(description="Did anybody decide about it?")] = None

    def takes(self, stored: StoredFlag) -> bool:
        """Is it one of them?"""
        flag = stored.flag
        wanted = (self.rule, self.drift, self.severity, self.tier)
        fits = zip(wanted, (flag.rule, flag.drift, flag.severity, flag.tier), strict=True)
        return all(asked in {None, held} for asked, held in fits) and self.reviewed in {None, stored.review is not None}

    @property
    def query(self) -> str:
        """A search that finds every mention with one, by the index alone. A flag that somebody called wrong has no word there but that
        its mention was reviewed.
        """
        asked = {"rule": self.rule, "drift": self.drift, "severity": self.severity}
        named = [f"{name}:{value}" for name, value in asked.items() if value]
        if self.tier in {Tier.CONFIRMED, Tier.DRIFT}:
            named.append("flagged:yes")
        return " ".join(f"({one} OR reviewed:yes)" for one in named or [_ANY])


#: What a mention with a flag has, however sure.
_ANY = " OR ".join(f"severity:{severity}" for severity in Severity)


@flags_router.get("/flags", response_model=Page[FlagOfMention])
def flags(request: Request, place: Asked, which: Annotated[Which, Depends()], q: Q = "") -> Any:
    """Flags of the mentions that a search finds, newest mention first; those that were closed are left out."""
    rows: list[Mapping[str, Any]] = []
    after = None
    for mention, number, flag in _flags(service_of(request), q, which, place.after):
        if len(rows) == place.limit:
            return place.page(rows, after)
        rows.append(flag_of(flag, mention))
        after = (mention.id, number)
    return place.page(rows, None)


def _flags(service: Service, q: str, which: Which, after: tuple[int, ...]) -> Iterator[tuple[Mention, int, StoredFlag]]:
    """Flags with their mention and their place in it, from 1; behind a place of `after`."""
    parse_query(q, service.clock())  # what is wrong with it is told of it alone
    query = parse_query(f"({q}) {which.query}" if q.strip() else which.query, service.clock())
    before, done = after if len(after) == 2 else (None, 0)
    if before is not None:
        with suppress(NotFoundError):  # it was purged since
            yield from _of(service.store.mention(before), which, done)
    while found := service.store.search(query, limit=AT_A_TIME, before=before):
        for mention in found:
            yield from _of(mention, which, 0)
        before = found[-1].id


def _of(mention: Mention, which: Which, done: int) -> Iterator[tuple[Mention, int, StoredFlag]]:
    active = (flag for flag in mention.flags if flag.state is FlagState.ACTIVE)
    for number, flag in enumerate(active, start=1):
        if number > done and which.takes(flag):
            yield mention, number, flag


def flag_of(flag: StoredFlag, mention: Mention) -> Mapping[str, Any]:
    """A flag with where it was said."""
    where = {
        "mention": mention.id,
        "outlet": mention.source.name,
        "url": mention.url,
        "title": mention.title or mention.text[:80],
        "published": stamp(mention.published),
    }
    return flag_row(flag) | where


@flags_router.get("/flags/{flag_id}", response_model=FlagOfMention)
def flag(request: Request, flag_id: RowId) -> Any:
    """One flag; of a mention that went into another the one on the same words there."""
    store = service_of(request).store
    found = store.flag(flag_id)
    return flag_of(found, store.mention(found.mention_id))
