"""Withdrawn for good: gone byte by byte, and it cannot come back."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.digests.subscribers import DeliveryOutcome, DigestState
from monitor.core.errors import NotFoundError, StorageBusyError
from monitor.core.mention import Review, TextFrom, Verdict
from monitor.core.model import Network, Work
from monitor.core.search.nodes import Query
from monitor.core.search.query import parse_query
from monitor.storage.store import open_store

ALL = Query()
CANARY = "zyxcanary"


def write_canary(newsroom, make):
    """A mention whose every text, author, revision, flag, review and digest holds the canary, among others."""
    for number in range(20, 60):
        newsroom.poll(make.draft(number, f"Harmless text {number} about walking again. " * 40, title="Harmless"))
    text = f"{CANARY} is walking again. " * 300
    one = make.draft(
        1,
        text,
        "walking again",
        network=Network.X,
        source=f"@{CANARY}",
        author=CANARY,
        text_from=TextFrom.POST,
        url=f"https://example.org/{CANARY}",
    )
    newsroom.poll(one)
    newsroom.poll(
        make.draft(
            1,
            f"Edited {CANARY} is walking again.",
            f"{CANARY} is",
            network=Network.X,
            source=f"@{CANARY}",
            author=CANARY,
            text_from=TextFrom.POST,
        )
    )
    (mention,) = newsroom.store.search(parse_query(CANARY, make.NOW))
    newsroom.store.review(Review(flag_id=mention.flags[0].id, verdict=Verdict.UPHELD, by="ed", at=make.NOW, why=CANARY))
    return mention


def test_a_purge_leaves_nothing_and_the_next_poll_cannot_bring_it_back(newsroom, make):
    mention = write_canary(newsroom, make)
    newsroom.store.purge(mention.id, now=make.NOW)
    for ask in (newsroom.store.mention, newsroom.store.revisions):
        with pytest.raises(NotFoundError):
            ask(mention.id)
    with pytest.raises(NotFoundError):
        newsroom.store.purge(mention.id, now=make.NOW)
    assert newsroom.store.count(parse_query(CANARY, make.NOW)) == 0
    assert "x:" + CANARY not in newsroom.store.facets(ALL, most=100)["source"]
    assert CANARY not in {story.title for story in newsroom.store.stories(ALL, limit=100)}
    again = make.draft(1, f"{CANARY} again", network=Network.X, source=f"@{CANARY}", text_from=TextFrom.POST)
    outcome = newsroom.poll(again, now=make.NOW + timedelta(hours=1), pages=[again.identity])
    assert (outcome.new, outcome.changed_mentions, outcome.pages_due) == (0, (), ())
    assert newsroom.store.import_mentions([again], make.alone, now=make.NOW) == ()
    assert newsroom.store.count(ALL) == 40


def test_a_deletion_told_by_the_network_is_a_purge(newsroom, make):
    mention = write_canary(newsroom, make)
    newsroom.poll(now=make.NOW + timedelta(hours=1), deleted=(mention.identity, "url:example.org/never-seen"))
    assert newsroom.store.count(parse_query(CANARY, make.NOW)) == 0
    assert newsroom.store.count(ALL) == 40


def test_digests_that_tell_of_it_are_emptied_or_made_again(newsroom, make):
    store = newsroom.store
    newsroom.poll(make.draft(2, "Another"))
    mention = write_canary(newsroom, make)
    people = [newsroom.subscribe(email=f"{name}@example.org") for name in ("queued", "sent", "sending")]
    queued, sent, sending = (newsroom.freeze(person, words=f"he said {CANARY}") for person in people)
    done = store.claim_digest(sent.id, "me", make.NOW, timedelta(minutes=1))
    store.finish_digest(
        done, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250", now=make.NOW, retry_at=None
    )
    going = store.claim_digest(sending.id, "me", make.NOW, timedelta(minutes=1))
    store.purge(mention.id, now=make.NOW)
    with pytest.raises(NotFoundError):
        store.digest(queued.id)
    assert [digest.state for digest in (store.digest(sent.id), store.digest(sending.id))] == ["sent", "unknown"]
    for digest in store.digests():
        assert CANARY not in digest.text + digest.html + digest.mime.decode() + digest.subject
    assert not store.finish_digest(
        going, outcome=DeliveryOutcome.SENT, state=DigestState.SENT, reply="250", now=make.NOW, retry_at=None
    )
    assert people[0].id in store.due(Work.COMPOSE, make.NOW)
    given = store.digest_input(people[0], make.NOW)
    assert len(given.mentions) == 41
    assert store.digest_input(people[1], make.NOW).mentions == ()


def test_what_is_older_goes_with_items_that_are_about_nothing(newsroom, make):
    """Mentions of one network, and what was read of it without being one; in parts, and never again."""
    store, later = newsroom.store, make.NOW + timedelta(days=31)
    old = [make.draft(number, f"Text {number}", network=Network.X, source="@ada") for number in range(5)]
    plan = newsroom.plan(*old)
    store.save_poll(plan, {draft.identity: [draft] for draft in old[:3]}, make.alone)
    newsroom.poll(make.draft(9, "On the web"))
    newsroom.poll(make.draft(7, "New", network=Network.X, source="@bob"), now=later)
    before = later - timedelta(days=30)
    assert store.older("x", before) == (3, 2)
    assert store.older("web", before) == (1, 0)
    assert store.older("bluesky", before) == (0, 0)
    gone = []
    while removed := store.purge_older("x", before, now=later, limit=2):
        gone.append(removed)
    assert (sum(gone), max(gone), store.older("x", before)) == (5, 2, (0, 0))
    assert {mention.text for mention in store.search(ALL)} == {"On the web", "New"}
    outcome = newsroom.poll(*old, now=later + timedelta(hours=1))
    assert (outcome.new, outcome.changed_mentions) == (0, ())
    assert store.count(ALL) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_byte_is_left_in_database_log_or_index(newsroom, make, database_url):
    path = Path(database_url.removeprefix("sqlite:///"))
    mention = write_canary(newsroom, make)
    person = newsroom.subscribe()
    newsroom.freeze(person, words=f"he said {CANARY} " * 500)
    before = path.read_bytes() + Path(f"{path}-wal").read_bytes()
    assert CANARY.encode() in before
    newsroom.store.purge(mention.id, now=make.NOW)
    for file in path.parent.iterdir():
        held = file.read_bytes().lower()
        assert CANARY.encode() not in held, file.name
    assert newsroom.store.count(ALL) == 40


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_that_holds_the_log_is_told_and_housekeeping_finishes(newsroom, make, database_url):
    path = Path(database_url.removeprefix("sqlite:///"))
    mention = write_canary(newsroom, make)
    impatient = open_store(database_url, busy_seconds=0.2)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mentions").fetchone()
    with pytest.raises(StorageBusyError, match="withdrawn"):
        impatient.purge(mention.id, now=make.NOW)
    assert newsroom.store.count(parse_query(CANARY, make.NOW)) == 0
    reader.close()
    newsroom.store.housekeeping(make.NOW)
    assert all(CANARY.encode() not in file.read_bytes().lower() for file in path.parent.iterdir())
    impatient.close()
