"""Poll one feed, read one page: the first half of the walk, from the outside world into the database."""

from __future__ import annotations

import logging
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.digests.schedule import next_page_read, retry_in
from monitor.core.entry import Entry
from monitor.core.errors import UsageError
from monitor.core.feed import Fetched
from monitor.core.feeds.health import HOST_LATELY, host_of
from monitor.core.feeds.plan import items_of, plan_poll, same_body
from monitor.core.items import stories
from monitor.core.items.identity import entry_identity
from monitor.core.items.revision import Told
from monitor.core.items.urls import domain_of, unwrapped
from monitor.core.items.walls import unavailable
from monitor.core.mention import TextFrom
from monitor.core.model import Availability, FeedKind, Kind, Outcome, Reason, Work
from monitor.pipeline.assess_text import draft_entry, draft_mentions
from monitor.pipeline.linking import because_of, leads, linker, passage_drafts, studies_meant
from monitor.pipeline.missed import note_unjudged
from monitor.pipeline.watch import watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.entry import Page, PageForReading
    from monitor.core.feed import FeedForPoll, ParsedFeed, PlannedEntry, PollOutcome, PollPlan
    from monitor.core.mention import MentionDraft
    from monitor.ports import Deps, Library

logger = logging.getLogger(__name__)

#: Longer than the hard limit of the task (70 s): whoever held it works no more when it runs out. Short enough that what
#: a killed worker held is done within 120 s of the kill: the lease, one sweep (30 s), the work.
LEASE = timedelta(seconds=80)
#: A page that fails this often is left alone; the mention keeps what the feed said.
PAGE_ATTEMPTS = 3
#: Work whose host was busy with our other requests comes again after so many seconds, each at another one of them.
BUSY_FIRST, BUSY_SPREAD = 10, 50
#: A page that was read while a study could not be used is read again so much later, if no other study wants it.
UNJUDGED_PAGE = timedelta(hours=1)
#: A network without a budget charges nothing; still no poll reads more posts than this.
FREE_ROWS = 500


def poll_feed(deps: Deps, feed_id: int, *, force: bool = False) -> PollOutcome | None:
    """Poll one feed now; None if another process holds it, it is not due (unless `force`), or it must wait for its turn."""
    now = deps.clock()
    feed = deps.store.claim_feed(feed_id, deps.owner, now, LEASE, force=force)
    if feed is None:
        return None
    # Two searches must not spend the same rest of a budget: one at a time reads what costs.
    paid = f"paid:{feed.kind.network.value}" if feed.kind.network.value in deps.budgets else None
    if paid and not deps.store.lock(paid, feed.lease, now, LEASE):
        deps.store.release(Work.POLL, feed.id, feed.lease, until=_turn_later(now, feed.lease))
        return None
    fetched, parsed = _read(deps, feed, now)
    if fetched.busy:
        # It was not asked: no failure of the feed, and nothing to write down.
        deps.store.release(Work.POLL, feed.id, feed.lease, until=_turn_later(now, feed.lease))
        return None
    items = items_of(parsed, now) if parsed else []
    known = deps.store.known_entries(
        feed.id,
        [entry.guid for entry in parsed.entries if entry.guid] if parsed else [],
        [name for item in items for name in item.looked_up],
    )
    plan = plan_poll(feed, fetched, parsed, known, deps.clock(), _neighbours(deps, feed, fetched, now), items)
    drafts, pages, plan = _judge(deps, plan)
    if feed.kind.watches:
        plan = watch(deps, feed, parsed, plan)
    outcome = deps.store.save_poll(plan, drafts, stories.RETELLING, pages)
    if plan.rows_paid:
        deps.store.spend(feed.kind.network.value, plan.rows_paid, now)
    if paid:
        deps.store.lock(paid, feed.lease, deps.clock(), timedelta(0))
    return outcome


def _neighbours(deps: Deps, feed: FeedForPoll, fetched: Fetched, now: datetime) -> Sequence[int | None]:
    """How the other feeds of its host did lately; asked only when this one failed with an answer."""
    if feed.kind is not FeedKind.FEED or fetched.outcome is not Outcome.HARD:
        return ()
    return deps.store.neighbours(feed.id, host_of(feed.url), since=now - HOST_LATELY)


def _turn_later(now: datetime, lease: str) -> datetime:
    """When work that was refused its turn is due again; spread by the lease's token, so that not all come back at once."""
    return now + timedelta(seconds=BUSY_FIRST + zlib.crc32(lease.encode()) % BUSY_SPREAD)


def _read(deps: Deps, feed: FeedForPoll, now: datetime) -> tuple[Fetched, ParsedFeed | None]:
    """Ask the feed. A body we have read before is not parsed again."""
    if feed.kind is FeedKind.FEED:
        fetched = deps.fetcher.fetch(feed.url, feed.validators)
        if fetched.outcome is not Outcome.FETCHED or same_body(feed, fetched):
            return fetched, None
        return fetched, deps.read_feed(fetched, now=now, feed_lang=feed.lang)
    source = deps.networks.get(feed.kind)
    if source is None:
        sentence = f"{feed.kind.value} is not set up: its key is missing (see `hypewatch help operations`)."
        return _answer(feed, Outcome.HARD, sentence, reason=Reason.NO_KEY), None
    parsed = source.read(feed, rows_left=_rows_left(deps, feed.kind.network.value, now))
    said = parsed.problem or "Read."
    return _answer(feed, parsed.outcome, said, retry_after=parsed.retry_after, reason=parsed.reason), parsed


def _answer(
    feed: FeedForPoll,
    outcome: Outcome,
    sentence: str,
    *,
    retry_after: timedelta | None = None,
    reason: Reason | None = None,
) -> Fetched:
    """A network's answer in the form the plan takes: there is no body, its client read it."""
    return Fetched(
        url=feed.url,
        final_url=feed.url,
        outcome=outcome,
        status=None,
        headers={},
        body=b"",
        sentence=sentence,
        retry_after=retry_after,
        reason=reason,
    )


def _rows_left(deps: Deps, network: str, now: datetime) -> int:
    budget = deps.budgets.get(network)
    if budget is None:
        return FREE_ROWS
    return deps.store.rows_left(network, now, per_day=budget.per_day, per_month=budget.per_month)


def _judge(deps: Deps, plan: PollPlan) -> tuple[dict[str, list[MentionDraft]], list[str], PollPlan]:
    """Judge each planned entry. One that breaks the judge is stored unjudged and told of; the others go on."""
    drafts: dict[str, list[MentionDraft]] = {}
    pages: list[str] = []
    broken = 0
    library = deps.library.current()  # looked up once: a feed has dozens of entries
    if plan.entries:
        note_unjudged(deps.store, library, plan.at)
    for planned in plan.entries:
        try:
            drafts[planned.identity], wants_page = draft_entry(library, planned.entry, planned.identity, planned.names)
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
            logger.exception("An entry of feed %s could not be judged", plan.feed_id)
            broken += 1
            continue
        if wants_page and planned.own_page:
            pages.append(planned.identity)
    # A post that hardly names the study may be stored already: a page on the study quotes it.
    silent = [
        (one.identity, one.entry, one.names)
        for one in plan.entries
        if one.entry.kind is Kind.POST and drafts.get(one.identity) == []
    ]
    known = deps.store.studies_of(silent) if silent else {}
    for identity, entry, names in silent:
        if identity in known:
            drafts[identity], _ = draft_entry(library, entry, identity, names, about=known[identity])
    pages += _linking(deps, library, plan, drafts, pages)
    if broken:
        plan = replace(plan, sentence=f"{plan.sentence} {broken} of its entries could not be judged; see the log.")
    return drafts, pages, plan


def _linking(
    deps: Deps, library: Library, plan: PollPlan, drafts: dict[str, list[MentionDraft]], pages: Sequence[str]
) -> list[str]:
    """Entries that name the study with no word, and link to what is stored of it: a post is a mention for it, put into `drafts`;
    of an article only its page tells with which words it links there. Returns the articles whose page is to be read for it.
    """
    asked = set(pages)
    silent = {
        one.identity: one
        for one in plan.entries
        if one.entry.links and drafts.get(one.identity) == [] and (one.entry.kind is Kind.POST or _has_page(one))
    }
    linkers = {at: linker(one.entry, at, one.entry.links) for at, one in silent.items() if at not in asked}
    wanted = []
    for identity, led in leads(deps.store, linkers).items():
        one = silent[identity]
        studies = studies_meant(library, led, one.entry.title, one.entry.text)
        if studies and one.entry.kind is Kind.POST:
            taken = because_of(target for targets in led.values() for target in targets)
            drafts[identity], _ = draft_entry(library, one.entry, identity, one.names, about=studies, taken=taken)
        elif studies:
            wanted.append(identity)
    return wanted


def _has_page(planned: PlannedEntry) -> bool:
    return planned.own_page and planned.entry.url is not None


# --- pages -----------------------------------------------------------------------------------------------------------


def read_page(deps: Deps, entry_id: int) -> tuple[int, ...]:
    """Read the article page of an entry: its whole text and the posts it quotes; returns the mentions written."""
    now = deps.clock()
    work = deps.store.claim_page(entry_id, deps.owner, now, LEASE)
    if work is None:
        return ()
    page, fetched = deps.pages.read(unwrapped(work.url))
    if page is None:
        return _page_failed(deps, work, fetched, now)
    drafts = page_drafts(deps, work.entry, work.identity, page)
    shown = Told(
        title=page.title,
        text=page.text,
        text_from=TextFrom.PAGE,
        partial=page.availability is not Availability.WHOLE,
        availability=page.availability,
    )
    return deps.store.save_page(
        work,
        drafts,
        stories.RETELLING,
        now=deps.clock(),
        # A page that does not show its article may show it again.
        next_due=_page_again(deps, work, now, wanted=bool(drafts) or shown.partial),
        sentence=fetched.sentence,
        shown=shown,
    )


def _page_again(deps: Deps, work: PageForReading, now: datetime, *, wanted: bool) -> datetime | None:
    """When a page that was read is read again. While a study cannot be used nobody knows whether it is about that one."""
    if not wanted and deps.library.broken():
        return now + UNJUDGED_PAGE
    return next_page_read(work.reads + 1, now) if wanted else None


def page_drafts(deps: Deps, entry: Entry, identity: str, page: Page) -> list[MentionDraft]:
    """The mentions on a page: the article's own text, or what of it links to a mention; each quoted post as one of its own."""
    whole = replace(
        entry,
        title=page.title or entry.title,
        author=page.author or entry.author,
        source_name=entry.source_name or page.site,
        published=entry.published or page.published,
        date_confidence=entry.date_confidence if entry.published else page.date_confidence,
        lang=page.lang or entry.lang,
    )
    drafts, _ = draft_mentions(
        deps.library,
        whole,
        identity=identity,
        title=whole.title,
        text=page.text,
        text_from=TextFrom.PAGE,
        canonical_url=page.canonical_url,
        availability=page.availability,
    )
    about = [draft.study_id for draft in drafts]  # a page that only links there may quote posts on anything
    if not drafts:
        drafts = passage_drafts(deps.store, deps.library, whole, identity, page)
    for post in page.quoted:
        quoted = post.as_entry()
        found, _ = draft_mentions(
            deps.library,
            quoted,
            identity=entry_identity(quoted),
            title="",
            text=quoted.text,
            text_from=TextFrom.POST,
            found_on=identity,
            about=about,
        )
        drafts.extend(found)
    return drafts


def _page_failed(deps: Deps, work: PageForReading, fetched: Fetched, now: datetime) -> tuple[int, ...]:
    if fetched.busy:
        deps.store.release(Work.PAGE, work.entry_id, work.lease, until=_turn_later(now, work.lease))
        return ()
    if fetched.outcome in {Outcome.GONE, Outcome.HARD, Outcome.SOFT, Outcome.NOT_MODIFIED}:
        # Asking again soon will not help; what the feed said stays, and so does the reason.
        return deps.store.save_page(
            work,
            [],
            stories.RETELLING,
            now=now,
            next_due=next_page_read(work.reads + 1, now),
            sentence=fetched.sentence,
            gone=Availability.PAYWALL if fetched.wants_login else unavailable(fetched.status),
        )
    wait = fetched.retry_after or retry_in(work.attempts)
    deps.store.postpone(
        Work.PAGE, work.entry_id, work.lease, until=now + wait, error=fetched.sentence, attempts_max=PAGE_ATTEMPTS
    )
    return ()


def page_entry(page: Page) -> Entry:
    """An article that no feed brought, from its page."""
    return Entry(
        guid=None,
        url=page.url,
        title=page.title,
        text="",
        source=domain_of(page.url) or "unknown",
        source_name=page.site,
        author=page.author,
        published=page.published,
        date_confidence=page.date_confidence,
        lang=page.lang,
    )


def found_page(deps: Deps, page: Page) -> list[MentionDraft]:
    """The mentions on a page that no feed brought. What it calls its own address is the one that a feed would bring."""
    entry = page_entry(page)
    return page_drafts(deps, entry, entry_identity(replace(entry, url=page.canonical_url or page.url)), page)


def add_address(deps: Deps, url: str) -> tuple[int, ...]:
    """Read one page that no feed brought ("report a missed mention"); returns the mentions written.

    Raises UsageError with a sentence if it cannot be read or is about none of the studies.
    """
    page, fetched = deps.pages.read(unwrapped(url))
    if page is None:
        raise UsageError(f"{url} could not be read: {fetched.sentence}", "Check the address in a browser.")
    drafts = found_page(deps, page)
    if not drafts:
        raise UsageError(
            f"{url} was read, but it is about none of your studies.",
            "If it should be, add a word to the terms of the fact sheet.",
        )
    return deps.store.import_mentions(drafts, stories.RETELLING, now=deps.clock())
