"""Decide what one poll shall write and when the feed is asked again. Pure: it reads nothing and does nothing.

Speed comes from not reading: first the server says "not modified", then the body is the same as last time, then each
entry is. Some servers lie about the first, so every FULL_EVERY polls the validators are left out.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.entry import ItemNames, unnamed
from monitor.core.feed import PlannedEntry, PollPlan, Validators
from monitor.core.feeds.dates import MOST_AHEAD
from monitor.core.feeds.health import fails_as_a_whole
from monitor.core.items.aliases import candidate_names
from monitor.core.items.apart import told_apart
from monitor.core.items.identity import content_hash, title_identity
from monitor.core.model import WEIGHT, DateConfidence, FeedKind, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.core.entry import Entry
    from monitor.core.feed import FeedForPoll, Fetched, KnownEntry, ParsedFeed
    from monitor.core.items.apart import Item

#: After so many "not modified" in a row the whole body is asked for: about every four hours at the default interval.
FULL_EVERY = 16
#: A feed that brings something new is asked twice as often, one that does not a quarter less often, within these.
#: An interval that was set shorter or longer by hand is left as it is.
SOONEST = timedelta(minutes=15)
LATEST = timedelta(hours=2)
#: What charges for being asked (X does for each question whether there is anything new) is asked 24 times a day and not 96.
SOONEST_PAID = timedelta(hours=1)
#: A stream is read this often, whatever it brings: some ten thousand events each time. What it keeps runs out.
STREAM_EVERY = timedelta(minutes=5)
#: Linear back-off: each hard failure adds an hour, a soft one half, a temporary one a quarter (WEIGHT); never for ever.
BACK_OFF = timedelta(hours=1)
BACK_OFF_MOST = timedelta(days=30)
#: A 410 is the one answer after which nobody asks again by itself; `feeds resume` does.
GONE_FOR = timedelta(days=36_500)
#: Asked to come later without a word when.
LATER = timedelta(minutes=30)
#: Platforms that are known to answer 404 for a day and recover (YouTube, spring 2026): even a single feed of theirs is
#: not at fault. Of any other host it takes several feeds that fail alike (core/health.py).
PLATFORMS = frozenset({"www.youtube.com", "youtube.com", "www.reddit.com", "old.reddit.com"})


def same_body(feed: FeedForPoll, fetched: Fetched) -> bool:
    """Is the body byte for byte the one that was read last? Then there is nothing to parse."""
    return feed.body_hash is not None and feed.body_hash == body_hash(fetched.body)


def body_hash(body: bytes) -> str:
    """SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def plan_poll(
    feed: FeedForPoll,
    fetched: Fetched,
    parsed: ParsedFeed | None,
    known: Sequence[KnownEntry],
    now: datetime,
    neighbours: Sequence[int | None] = (),
    items: Sequence[Item] | None = None,
) -> PollPlan:
    """What to write. `parsed` is None if there was nothing to read: a failure, "not modified", or the same body.

    `known` holds the stored entries that share a guid (in this feed) or an identity (in any) with those parsed;
    `neighbours` the HTTP status that each other feed of the same host was last answered with, as far as that was lately.
    `items` are those of `parsed` (`items_of`); the caller made them if it asked what is known under their names.
    """
    outcome = _outcome(feed, fetched, parsed, neighbours)
    kept = PollPlan(
        feed_id=feed.id,
        lease=feed.lease,
        at=now,
        outcome=outcome,
        sentence=(parsed.problem if parsed and outcome.failed else None) or fetched.sentence,
        validators=feed.validators,
        body_hash=feed.body_hash,
        polls_since_full=feed.polls_since_full,
        cursor=feed.cursor,
        failing=feed.failing,
        due_at=now + feed.interval,
        interval=feed.interval,
        rows_paid=parsed.rows_paid if parsed else 0,
        seconds=fetched.seconds,
        status=fetched.status,
        reason=((parsed.reason if parsed else None) or fetched.reason) if not outcome.went_well else None,
    )
    if outcome is Outcome.FETCHED and parsed is not None:
        return _read(kept, feed, fetched, parsed, known, items_of(parsed, now) if items is None else items)
    if outcome is Outcome.NOT_MODIFIED:
        return _not_modified(kept, feed, fetched)
    return _not_read(kept, feed, fetched.retry_after or (parsed.retry_after if parsed else None))


def _outcome(
    feed: FeedForPoll, fetched: Fetched, parsed: ParsedFeed | None, neighbours: Sequence[int | None]
) -> Outcome:
    if fetched.outcome is Outcome.FETCHED:
        return parsed.outcome if parsed is not None else Outcome.NOT_MODIFIED
    if fetched.outcome is Outcome.HARD and fetched.status is not None:
        known = fetched.status == 404 and urlsplit(feed.url).hostname in PLATFORMS
        alike = 1 + sum(status == fetched.status for status in neighbours)
        if known or fails_as_a_whole(alike, 1 + len(neighbours)):
            return Outcome.TEMPORARY
    return fetched.outcome


def _read(
    plan: PollPlan,
    feed: FeedForPoll,
    fetched: Fetched,
    parsed: ParsedFeed,
    known: Sequence[KnownEntry],
    items: Sequence[Item],
) -> PollPlan:
    entries, same, deleted = _sort(items, known)
    new = sum(1 for planned in entries if planned.known_id is None)
    sentence = f"{new} new, {len(entries) - new} changed, {same} as before."
    if parsed.problem:
        sentence = f"{parsed.problem} {sentence}"
    interval = feed.interval if feed.kind.streams else _interval(feed.interval, found=bool(entries))
    if parsed.rows_paid:
        interval = max(interval, SOONEST_PAID)
    # A server may not ask for more than a day, and what it asks for after a good answer is only a wish.
    wait = fetched.retry_after or parsed.retry_after
    not_before = plan.at + wait if wait else None
    return replace(
        plan,
        sentence=sentence,
        entries=tuple(entries),
        same=same,
        deleted=tuple(deleted),
        validators=fetched.validators,
        body_hash=body_hash(fetched.body) if feed.kind is FeedKind.FEED else None,
        polls_since_full=0,
        cursor=parsed.cursor or feed.cursor,
        failing=0.0,
        interval=interval,
        due_at=max(plan.at if parsed.more else plan.at + interval, not_before or plan.at),
        not_before=not_before,
        title=parsed.title,
        moved_to=fetched.moved_to,
    )


def _not_ahead(entry: Entry, now: datetime) -> Entry:
    """An entry without a date from the future: a network that hands on what its authors write has no better one."""
    if entry.published is None or entry.published <= now + MOST_AHEAD:
        return entry
    return replace(entry, published=None, date_confidence=DateConfidence.NONE)


def _not_modified(plan: PollPlan, feed: FeedForPoll, fetched: Fetched) -> PollPlan:
    """Nothing changed: the server said so, or the body is the same (then it was read whole, and its validators are new)."""
    whole = fetched.outcome is Outcome.FETCHED
    polls = 0 if whole else feed.polls_since_full + 1
    validators = fetched.validators if whole else feed.validators
    if polls >= FULL_EVERY:
        polls, validators = 0, Validators()
    interval = _interval(feed.interval, found=False)
    return replace(
        plan,
        sentence="Read; nothing has changed.",
        validators=validators,
        polls_since_full=polls,
        failing=0.0,
        interval=interval,
        due_at=plan.at + interval,
        moved_to=fetched.moved_to,
    )


def _not_read(plan: PollPlan, feed: FeedForPoll, retry_after: timedelta | None) -> PollPlan:
    """Failed, or asked to come later. The feed keeps what is known of it, and is asked again, later each time."""
    failing = feed.failing + WEIGHT.get(plan.outcome, 0.0)
    if plan.outcome is Outcome.GONE:
        sentence = f"{plan.sentence} It is not asked again by itself; `hypewatch feeds resume {feed.id}` does."
        return replace(plan, failing=failing, due_at=plan.at + GONE_FOR, sentence=sentence)
    wait = min(feed.interval + BACK_OFF * failing, BACK_OFF_MOST)
    if plan.outcome is Outcome.RATE_LIMITED:
        retry_after = retry_after or LATER
    not_before = plan.at + _jittered(retry_after, feed) if retry_after else None
    return replace(plan, failing=failing, due_at=max(plan.at + wait, not_before or plan.at), not_before=not_before)


def _interval(interval: timedelta, *, found: bool) -> timedelta:
    if found:
        return max(interval / 2, min(interval, SOONEST))
    return min(interval * 1.25, max(interval, LATEST))


def _jittered(wait: timedelta, feed: FeedForPoll) -> timedelta:
    """Up to a tenth longer, by the feed's id: a thousand feeds of one host do not all come back in the same second."""
    return wait * (1 + zlib.crc32(str(feed.id).encode()) / 2**32 / 10)


def items_of(parsed: ParsedFeed, now: datetime) -> list[Item]:
    """What an answer holds, each item under the names that are its own."""
    return told_apart([_not_ahead(entry, now) for entry in parsed.entries])


def _sort(items: Sequence[Item], known: Sequence[KnownEntry]) -> tuple[list[PlannedEntry], int, list[str]]:
    """New and changed entries in the feed's order, how many came as they are stored, and identities that were deleted."""
    sorting = _Sorting(known, {item.entry.guid for item in items if item.entry.guid})
    for item in items:
        sorting.add(item)
    return sorting.planned, sorting.same, sorting.deleted


class _Sorting:
    """The entries of one answer against what is stored, one after the other."""

    def __init__(self, known: Sequence[KnownEntry], guids: set[str]) -> None:
        self.planned: list[PlannedEntry] = []
        self.same, self.deleted = 0, list[str]()
        self._guids = guids
        self._by_guid = {stored.guid: stored for stored in known if stored.guid and stored.same_feed}
        self._by_words = {stored.content_hash: stored for stored in known if stored.same_feed}
        self._by_identity: dict[str, KnownEntry] = {}
        for stored in sorted(known, key=lambda stored: not stored.same_feed):
            self._by_identity.setdefault(stored.identity, stored)
        self._seen: dict[str, str | None] = {}

    def add(self, item: Item) -> None:
        """Sort one more entry."""
        entry, hashed = item.entry, content_hash(item.entry)
        identity, match = self._known(item, hashed)
        if entry.deleted and identity not in self.deleted:
            # A stream tells of a post and, further on, of its end: the end counts.
            self.deleted.append(identity)
            self.planned = [other for other in self.planned if other.identity != identity]
        if identity in self._seen or entry.deleted:
            self._seen.setdefault(identity, entry.guid)
            return
        self._seen[identity] = entry.guid
        if match is None and self._told_by_its_network(item):
            self.same += 1
        elif (
            match is not None
            and not self._names(entry, match)
            and (match.content_hash == hashed or not match.same_feed)
        ):
            # The same item from another feed has another summary there; the two must not revise each other for ever.
            self.same += 1
        else:
            self.planned.append(
                PlannedEntry(
                    entry=entry,
                    identity=identity,
                    content_hash=hashed,
                    names=ItemNames(item.certain, candidate_names(entry, identity, text=entry.text)),
                    known_id=match.id if match and match.same_feed else None,
                    own_page=item.own_page,
                )
            )

    def _known(self, item: Item, hashed: str) -> tuple[str, KnownEntry | None]:
        """The identity of an entry, and what is stored under it."""
        guid = item.entry.guid
        match = self._by_guid.get(guid) if guid else None
        if match is None and not item.own:
            # It was stored under a name that its feed gave to no other item at that time.
            match = self._by_words.get(hashed)
        if match is not None:
            return match.identity, match
        identity, match = item.identity, self._by_identity.get(item.identity)
        taken = identity in self._seen and guid is not None and self._seen[identity] != guid
        if guid and (taken or (match and match.guid != guid and match.guid in self._guids and match.same_feed)):
            # Another item at the same address: many feeds link all their entries to one page.
            identity = f"{identity}#{guid}"
            match = self._by_identity.get(identity)
        if match is None and identity not in self._seen:
            alone = self._by_identity.get(title_identity(item.entry))
            if alone is not None and alone.same_feed and not alone.guid:
                # Its feed gave one name to several items before, and it was known by its title; now it stands alone.
                return alone.identity, alone
        return identity, match

    @staticmethod
    def _names(entry: Entry, match: KnownEntry) -> bool:
        """Does it tell the name of an account that another feed knows by its number? Bluesky's stream tells the number alone."""
        return match.unnamed and not match.same_feed and not unnamed(entry.author)

    def _told_by_its_network(self, item: Item) -> bool:
        """Does a feed of posts bring one that its network brought before? The network itself tells more, so it is heard."""
        return item.entry.kind is not Kind.POST and any(name in self._by_identity for name in item.certain)
