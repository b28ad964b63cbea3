"""Builders for what is stored: short in a test, whole in the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import DigestState, FrozenDigest, SubscriberState, Subscription, Wishes
from monitor.core.entry import Entry
from monitor.core.feed import PlannedEntry, PollOutcome, PollPlan
from monitor.core.items.aliases import names_of
from monitor.core.items.stories import StoryKeys, StoryRelation
from monitor.core.judgement import Assessment, Drift, Flag, Reference, Severity, Span
from monitor.core.mention import About, MentionDraft, Relevance, TextFrom
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome
from monitor.core.proposals import ProposalDraft, ProposalKind

if TYPE_CHECKING:
    from monitor.ports import Store

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"


def flag(text: str, quote: str, *, rule: str = "walking-again", where: str = "text", **changes: Any) -> Flag:
    """A flag on the first `quote` in `text`."""
    start = text.index(quote)
    whole = Flag(
        rule=rule,
        drift=Drift.OVERSTATED_OUTCOME,
        severity=Severity.HIGH,
        confidence=0.93,
        span=Span(start=start, end=start + len(quote), quote=quote, where=where),
        message=f"“{quote}” goes beyond the study.",
        why="One of four stands.",
        finding="walking",
        found="One of the four patients can stand.",
        source=Reference(title="Newsroom", url="https://example.org/newsroom"),
        correction="is practising walking",
    )
    return replace(whole, **changes)


def assessed(*flags: Flag, ruleset: str = "sha256:one", score: int = 10) -> Assessment:
    return Assessment(
        flags=flags,
        caveats_present=("small-study",),
        caveats_missing=("not-peer-reviewed",),
        score=score,
        ruleset=ruleset,
        score_parts={"drift": 10.0},
    )


def draft(
    number: int,
    text: str,
    *quotes: str,
    title: str = "",
    hours: float = 0,
    source: str = "example.org",
    network: Network = Network.WEB,
    text_from: TextFrom = TextFrom.FEED,
    ruleset: str = "sha256:one",
    lang: str = "en",
    study: str = STUDY,
    found_on: str | None = None,
    **of_entry: Any,
) -> MentionDraft:
    """Draft `number`, published `hours` before NOW, with one flag on each of `quotes`."""
    kind = Kind.ARTICLE if network is Network.WEB else Kind.POST
    values: dict[str, Any] = {
        "guid": f"g{number}",
        "url": f"https://example.org/{number}",
        "title": title,
        "text": text,
        "source": source,
        "source_name": source.title(),
        "author": "A. Writer",
        "kind": kind,
        "network": network,
        "published": NOW - timedelta(hours=hours),
        "date_confidence": DateConfidence.EXACT,
    }
    entry = Entry(**(values | of_entry))
    return MentionDraft(
        study_id=study,
        identity=f"url:example.org/{number}",
        entry=entry,
        title=title,
        text=text,
        text_from=text_from,
        lang=lang,
        relevance=Relevance(verdict=About.ABOUT, because=("iPS", "Keio")),
        assessment=assessed(*(flag(text, quote) for quote in quotes), ruleset=ruleset),
        names=names_of(entry, f"url:example.org/{number}", text=text),
        found_on=found_on,
    )


def _relation(key: Any, same: Any) -> StoryRelation:
    """Texts with the same key are candidates at any distance in time."""
    return StoryRelation(lambda told: StoryKeys(frozenset(key(told)), frozenset()), same, same, version=1)


def _number(words: str) -> int:
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big", signed=True)


#: Each mention is a story of its own.
alone = _relation(lambda _told: (), lambda _one, _other: False)
#: All mentions of a study are one story.
together = _relation(lambda told: (_number(told.study_id),), lambda one, other: one.study_id == other.study_id)
#: Equal texts are one story.
same_words = _relation(
    lambda told: (_number(f"{told.study_id} {told.text}"),), lambda one, other: one.text == other.text
)


def content_hash(draft: MentionDraft) -> str:
    return hashlib.sha256(f"{draft.entry.title}\x00{draft.entry.text}".encode()).hexdigest()


@dataclass
class Newsroom:
    """A store with one feed, and the walk's steps in one line each."""

    store: Store
    feed_id: int

    def plan(self, *drafts: MentionDraft, now: datetime = NOW, owner: str = "me", **changes: Any) -> PollPlan:
        """Claim the feed, and plan what the drafts' entries say, as `plan_poll` does."""
        feed = self.store.claim_feed(self.feed_id, owner, now, timedelta(minutes=10), force=True)
        assert feed is not None
        known = {
            entry.identity: entry
            for entry in self.store.known_entries(self.feed_id, [], [draft.identity for draft in drafts])
        }
        planned = [
            PlannedEntry(
                entry=draft.entry,
                identity=draft.identity,
                content_hash=content_hash(draft),
                names=names_of(draft.entry, draft.identity, text=draft.entry.text),
                known_id=known[draft.identity].id if draft.identity in known else None,
            )
            for draft in drafts
            if draft.identity not in known or known[draft.identity].content_hash != content_hash(draft)
        ]
        values: dict[str, Any] = {
            "feed_id": self.feed_id,
            "lease": feed.lease,
            "at": now,
            "outcome": Outcome.FETCHED,
            "sentence": "Read.",
            "entries": tuple(planned),
            "same": len(drafts) - len(planned),
            "due_at": now + timedelta(minutes=15),
        }
        return PollPlan(**(values | changes))

    def poll(
        self, *drafts: MentionDraft, now: datetime = NOW, assign: Any = alone, pages: Any = (), **changes: Any
    ) -> PollOutcome:
        plan = self.plan(*drafts, now=now, **changes)
        return self.store.save_poll(plan, {draft.identity: [draft] for draft in drafts}, assign, pages)

    def subscribe(
        self, *, now: datetime = NOW, email: str = "reader@example.org", state: SubscriberState = SubscriberState.ACTIVE
    ) -> Subscription:
        person = self.store.add_subscriber(email, "Reader", now=now, state=state)
        return self.store.subscribe(
            person.id,
            STUDY,
            Wishes(at=time(7), zone="Asia/Tokyo", weekdays=(0, 1, 2, 3, 4, 5, 6), threshold=Severity.LOW, quiet=True),
            now=now,
            due=Due(now, now.date().isoformat()),
        )

    def freeze(
        self,
        subscription: Subscription,
        *,
        now: datetime = NOW,
        state: DigestState = DigestState.READY,
        words: str = "what was said",
    ) -> FrozenDigest:
        """Claim, gather, freeze: as deliver does."""
        claimed = self.store.claim_subscription(subscription.id, "me", now, timedelta(minutes=5), force=True)
        assert claimed is not None
        given = self.store.digest_input(claimed, now)
        day = now.date().isoformat()
        frozen = FrozenDigest(
            id=0,
            subscription_id=claimed.id,
            local_date=day,
            through_date=day,
            subject="1 drift, 2 new",
            message_id=f"<{claimed.id}.{day}@example.org>",
            recipient=claimed.subscriber.email,
            mime=words.encode(),
            text=words,
            html=f"<p>{words}</p>",
            state=state,
            created_at=now,
        )
        return self.store.freeze_digest(
            frozen,
            [mention.id for mention in given.mentions],
            [fixed.flag.id for fixed in given.fixed],
            lease=claimed.lease,
            next_due=Due(now + timedelta(days=1), (now + timedelta(days=1)).date().isoformat()),
            proposal_ids=[proposal.id for proposal in given.proposals],
        )


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    """A store on each database in turn, with one feed."""
    return Newsroom(store, store.add_feed(FeedKind.FEED, "https://example.org/feed.xml", now=NOW).id)


@pytest.fixture
def make() -> type[Make]:
    """The builders, by name (test files do not import each other)."""
    return Make


class Make:
    NOW = NOW
    STUDY = STUDY
    Newsroom = Newsroom
    flag = staticmethod(flag)
    assessed = staticmethod(assessed)
    draft = staticmethod(draft)
    proposal = ProposalDraft(
        study_id=STUDY,
        kind=ProposalKind.PUBLISHED,
        key="doi:10.5555/one",
        sentence="A paper about this study may have appeared: “One”, doi:10.5555/one.",
        findings=("peer-review",),
        rung="peer-reviewed",
        title="One",
        url="https://doi.org/10.5555/one",
        seen_in="PubMed",
    )
    alone = alone
    together = together
    same_words = same_words


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without a schema, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return request.getfixturevalue("empty_postgresql_url")
