"""The walk of design.md, its eight functions in order: one entry of one feed becomes one mail in the outbox.

Each step is called with what the one before it returned, and compared whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor.core.digests.schedule import Due
from monitor.core.digests.subscribers import Wishes
from monitor.core.drift import assess
from monitor.core.entry import Entry
from monitor.core.feed import Fetched, ParsedFeed, PlannedEntry, PollOutcome, PollPlan, Validators
from monitor.core.feeds.plan import plan_poll
from monitor.core.items import stories
from monitor.core.items.aliases import names_of
from monitor.core.items.identity import entry_identity
from monitor.core.judgement import Severity, Span
from monitor.core.mention import About, MentionDraft, Relevance, TextFrom
from monitor.core.model import DateConfidence, FeedKind, Kind, Outcome, Work
from monitor.core.relevance import find_mention
from monitor.core.search.nodes import Query
from monitor.pipeline.deliver import deliver_digest
from monitor.pipeline.poll import LEASE
from monitor.service import Service
from monitor.settings import load
from monitor.sources.feeds.parse import parse_feed
from workers import tasks
from workers.app import configure, use_service

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
STUDY = "keio-ips-sci"
TITLE = "Stem cell first from Keio University"
TEXT = (
    "A paralysed man is walking again after Keio University put two million iPS cells into his injured spinal cord. "
    "Four people were treated."
)
FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Test Lantern</title><link>WEB/</link><language>en</language>
<item><guid isPermaLink="false">lantern-1</guid><title>{TITLE}</title><link>WEB/news/first</link>
<pubDate>Mon, 24 Mar 2025 08:30:00 GMT</pubDate><description>{TEXT}</description></item>
</channel></rss>
"""
PAGE = f"""<!doctype html><html lang="en"><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>
<p>{TEXT}</p><p>The university reported on 21 March that two of the four improved. The results have not been reviewed.</p>
<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Breaking: paralysis is cured by stem cells from Keio!</p>
&mdash; Lantern Desk (@lanterndesk) <a href="https://twitter.com/lanterndesk/status/1904000000000000001">March 24, 2025</a>
</blockquote></article></body></html>
"""


@pytest.fixture
def here(web, fakes):
    """The scripted server with one feed and one article."""
    base = web.url("").rstrip("/")
    web["/feed.xml"] = fakes.answer(FEED.replace("WEB", base), ETag='"v1"')
    web["/news/first"] = fakes.answer(PAGE, content_type="text/html; charset=utf-8")
    return base


@pytest.fixture
def service(database_url, web, tmp_path, clock):
    """The Service as it runs, on each database in turn; only its clock stands still."""
    environment = {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
        "HYPEWATCH_HOST_GAP": "0",
        "HYPEWATCH_SECRET_KEY": "a key of the test",
        "HYPEWATCH_BASE_URL": "https://watch.example.org",
        "HYPEWATCH_SMTP_URL": f"outbox:{tmp_path / 'outbox'}",
    }
    opened = Service(load(environment), clock=clock)
    yield opened
    opened.store.close()


def subscribe(service: Service) -> int:
    person = service.store.add_subscriber("ada@example.org", "Ada", now=NOW, state="active")
    subscription = service.store.subscribe(
        person.id,
        STUDY,
        Wishes(at=time(7), zone="Asia/Tokyo", weekdays=tuple(range(7)), threshold=Severity.LOW, quiet=True),
        now=NOW,
        due=Due(NOW, NOW.date().isoformat()),
    )
    return subscription.id


def test_the_walk(service, here, web, tmp_path):
    deps, store = service.deps, service.store
    url = f"{here}/feed.xml"
    feed_id = store.add_feed(FeedKind.FEED, url, now=NOW).id
    subscription_id = subscribe(service)

    # 1. poll_feed claims the row: the message held an id, the database is the truth.
    feed = store.claim_feed(feed_id, deps.owner, NOW, LEASE)
    assert (feed.id, feed.kind, feed.url, feed.validators) == (feed_id, FeedKind.FEED, url, Validators())
    assert store.due(Work.POLL, NOW) == ()

    # 2. Door.fetch: the one door to the network.
    fetched = deps.fetcher.fetch(feed.url, feed.validators)
    body = FEED.replace("WEB", here).encode()
    assert replace(fetched, headers={}, seconds=0.0) == Fetched(
        url=url,
        final_url=url,
        outcome=Outcome.FETCHED,
        status=200,
        headers={},
        body=body,
        sentence="Read.",
        validators=Validators(etag='"v1"'),
    )

    # 3. parse_feed: from bytes to entries.
    parsed = parse_feed(fetched, now=NOW)
    entry = Entry(
        guid="lantern-1",
        url=f"{here}/news/first",
        title=TITLE,
        text=TEXT,
        source="127.0.0.1",
        source_name="The Test Lantern",
        kind=Kind.ARTICLE,
        published=datetime(2025, 3, 24, 8, 30, tzinfo=UTC),
        date_confidence=DateConfidence.EXACT,
        raw_date="Mon, 24 Mar 2025 08:30:00 GMT",
        lang="en",
    )
    assert parsed == ParsedFeed(format="rss20", title="The Test Lantern", entries=(entry,), link=f"{here}/", lang="en")

    # 4. plan_poll: new, changed or the same, and when to come back. It writes nothing.
    plan = plan_poll(feed, fetched, parsed, store.known_entries(feed_id, ["lantern-1"], [entry_identity(entry)]), NOW)
    identity = entry_identity(entry)
    assert NOW < plan.due_at <= NOW + timedelta(minutes=30)
    assert replace(plan, seconds=0.0, entries=()) == PollPlan(
        feed_id=feed_id,
        lease=feed.lease,
        at=NOW,
        outcome=Outcome.FETCHED,
        sentence=plan.sentence,
        validators=Validators(etag='"v1"'),
        body_hash=hashlib.sha256(body).hexdigest(),
        due_at=plan.due_at,
        title="The Test Lantern",
        status=200,
    )
    (planned,) = plan.entries
    assert planned == PlannedEntry(
        entry=entry, identity=identity, content_hash=planned.content_hash, names=names_of(entry, identity, text=TEXT)
    )

    # 5. find_mention: is it about the study, and because of which words?
    study, ruleset = deps.library.study(STUDY), deps.library.ruleset(STUDY)
    relevance = find_mention(entry.title, entry.text, study)
    assert relevance == Relevance(
        verdict=About.ABOUT,
        because=("Keio", "Stem cell", "iPS", "cells", "paralysed", "spinal cord", "two million", "Four people"),
    )

    # 6. assess: what drifts, with the very words.
    assessment = assess(entry.title, entry.text, study, ruleset, kind=entry.kind, lang="en")
    start = TEXT.index("walking again")
    (flag,) = [flag for flag in assessment.flags if flag.finding == "walking"]
    assert (flag.rule, flag.drift.value, flag.severity.value) == ("above-outcome", "overstated-outcome", "high")
    assert flag.span == Span(start=start, end=start + 13, quote="walking again")
    assert assessment.ruleset == ruleset.digest

    # 7. save_poll: one transaction; only afterwards are ids queued.
    draft = MentionDraft(
        study_id=STUDY,
        identity=identity,
        entry=entry,
        title=TITLE,
        text=TEXT,
        text_from=TextFrom.FEED,
        lang="en",
        relevance=relevance,
        assessment=assessment,
        names=planned.names,
    )
    outcome = store.save_poll(plan, {identity: [draft]}, stories.RETELLING, [identity])
    (mention_id,), (entry_id,) = outcome.changed_mentions, outcome.pages_due
    assert outcome == PollOutcome(
        feed_id=feed_id,
        outcome=Outcome.FETCHED,
        sentence=plan.sentence,
        new=1,
        changed_mentions=(mention_id,),
        pages_due=(entry_id,),
    )
    stored = store.mention(mention_id)
    assert (stored.title, stored.text, stored.because) == (TITLE, TEXT, relevance.because)
    assert [stored_flag.flag for stored_flag in stored.flags] == list(assessment.flags)

    # 8. deliver_digest: composed, frozen, sent and recorded, once for the local day.
    frozen = deliver_digest(deps, subscription_id)
    assert (frozen.state, frozen.local_date, frozen.recipient) == ("sent", "2025-03-24", "ada@example.org")
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.read_bytes() == frozen.mime
    mail = message_from_bytes(frozen.mime, policy=policy.SMTP)
    assert (str(mail["To"]), str(mail["Message-ID"])) == ("Ada <ada@example.org>", frozen.message_id)
    text = mail.get_body(("plain",)).get_content()
    assert "1 mention" in text
    assert "is walking again" in text
    assert [row.outcome for row in store.deliveries(frozen.id)] == ["sent"]
    assert [mention.id for mention in store.digest_mentions(frozen.id)] == [mention_id]

    # However often it runs.
    assert deliver_digest(deps, subscription_id) == frozen
    assert [p.name for p in (tmp_path / "outbox").iterdir()] == [path.name]
    assert [asked.path for asked in web.asked] == ["/feed.xml"]


def test_the_tasks_walk_the_same_way(service, here, clock, tmp_path, monkeypatch):
    """The Celery tasks, called as a worker calls them, page and quoted post included; every one of them twice."""
    use_service(service)
    configure(service.settings)
    queued: list[tuple[str, tuple[int, ...]]] = []
    for task in (tasks.poll_feed, tasks.read_page, tasks.deliver_digest, tasks.send_digest):
        monkeypatch.setattr(task, "nudge", lambda *ids, task=task: not queued.append((task.name, ids)))
    store = service.store
    feed_id = store.add_feed(FeedKind.FEED, f"{here}/feed.xml", now=NOW).id
    subscription_id = subscribe(service)

    tasks.dispatch()
    assert queued == [("workers.tasks.poll_feed", (feed_id,))]
    for _ in range(2):
        tasks.poll_feed(feed_id)
    (_, (name, (entry_id,))) = queued
    assert name == "workers.tasks.read_page"
    for _ in range(2):
        tasks.read_page(entry_id)
    article, post = sorted(store.search(Query()), key=lambda mention: mention.kind)  # "article" before "post"
    assert (article.kind, article.text_from, article.found_on_id) == (Kind.ARTICLE, TextFrom.PAGE, None)
    assert (post.source.name, post.url, post.found_on_id) == (
        "Lantern Desk",
        "https://x.com/lanterndesk/status/1904000000000000001",
        article.id,
    )
    assert post.text == "Breaking: paralysis is cured by stem cells from Keio!"

    queued.clear()
    tasks.dispatch_digests()
    assert queued == [("workers.tasks.deliver_digest", (subscription_id,))]
    for _ in range(2):
        tasks.deliver_digest(subscription_id)
    (frozen,) = store.digests()
    tasks.send_digest(frozen.id)
    assert [(row.attempt, row.outcome) for row in store.deliveries(frozen.id)] == [(1, "sent")]
    assert {mention.id for mention in store.digest_mentions(frozen.id)} == {article.id, post.id}

    queued.clear()
    tasks.dispatch()
    tasks.dispatch_digests()
    assert queued == []
    clock.forward(days=1)
    tasks.dispatch()
    tasks.dispatch_digests()
    assert queued == [
        ("workers.tasks.poll_feed", (feed_id,)),
        ("workers.tasks.read_page", (entry_id,)),
        ("workers.tasks.deliver_digest", (subscription_id,)),
    ]


def test_design_names_the_eight_functions_and_they_exist():
    """The walk as it is told is the walk as it is."""
    design = (Path(__file__).parents[1] / "monitor" / "docs" / "design.md").read_text(encoding="utf-8")
    told = [
        line.split("`")[1].partition("(")[0]
        for line in design.splitlines()
        if line[:2] in {f"{n}." for n in range(1, 9)}
    ]
    assert told == [
        "workers.tasks.poll_feed",
        "sources.http.client.HttpClient.fetch",
        "sources.feeds.parse.parse_feed",
        "core.feeds.plan.plan_poll",
        "core.relevance.find_mention",
        "core.drift.assess",
        "Store.save_poll",
        "pipeline.deliver.deliver_digest",
    ]
