"""What a network says was removed is purged by the next poll, also when it was written and removed between two polls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.feed import ParsedFeed
from monitor.core.model import FeedKind, Network, Outcome
from monitor.core.search.nodes import Query
from monitor.pipeline.poll import poll_feed
from monitor.ports import RETAIN, Budget
from monitor.service import Service
from monitor.settings import load
from monitor.sources.networks import bluesky
from monitor.sources.networks import x_payload as xpayload

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)
HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
X_POST = {"id": "1904100000000000001", "text": HYPE, "author_id": "7", "created_at": "2025-03-24T08:00:00.000Z"}
X_OTHER = X_POST | {"id": "1904100000000000002", "text": f"{HYPE} So it is."}
X_DELETE = {"delete": {"status": {"id": 1904100000000000001, "id_str": "1904100000000000001", "user_id_str": "7"}}}


def event(operation: str, rkey: str, text: str = "") -> dict:
    commit = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey}
    if text:
        commit["record"] = {"text": text, "createdAt": "2025-03-24T08:00:00Z", "langs": ["en"]}
    return {"did": "did:plc:ada", "kind": "commit", "commit": commit}


PAYLOADS = {
    FeedKind.X_SEARCH: (xpayload.read_posts, [X_POST], [X_OTHER], [X_DELETE]),
    FeedKind.BLUESKY_SEARCH: (
        bluesky.read_posts,
        [event("create", "1", HYPE)],
        [event("create", "2", f"{HYPE} So it is.")],
        [event("delete", "1")],
    ),
}


class Said:
    """A network that gives the payloads it was told to, as its connector reads them."""

    def __init__(self, kind: FeedKind) -> None:
        self.read_posts, self.first, self.other, self.delete = PAYLOADS[kind]
        self.payloads: list[dict] = []

    def read(self, feed, *, rows_left):
        posts = [post for payload in self.payloads for post in self.read_posts(payload)]
        return ParsedFeed(format="posts", title="", entries=tuple(post.as_entry() for post in posts))


@pytest.fixture
def deps(store, tmp_path, clock, database_url):
    service = Service(
        load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_DATABASE_URL": database_url, "HYPEWATCH_SECRET_KEY": "k"}),
        clock=clock,
    )
    clock.now = NOW
    yield replace(service.deps, budgets={"x": Budget(per_day=100, per_month=100)})
    service.store.close()


@pytest.mark.parametrize("kind", list(PAYLOADS), ids=lambda kind: kind.network.value)
def test_a_deletion_in_a_poll_is_a_purge(deps, kind):
    network = Said(kind)
    deps = replace(deps, networks={kind: network})
    feed = deps.store.add_feed(kind, "Keio", now=NOW).id
    network.payloads = network.first + network.other
    assert poll_feed(deps, feed).new == 2
    first = next(mention for mention in deps.store.search(Query()) if mention.text == HYPE)
    network.payloads = network.delete
    assert poll_feed(deps, feed, force=True).outcome is Outcome.FETCHED
    with pytest.raises(NotFoundError):
        deps.store.mention(first.id)
    assert [mention.text for mention in deps.store.search(Query())] == [f"{HYPE} So it is."]
    network.payloads = network.first
    again = poll_feed(deps, feed, force=True)
    assert (again.new, again.changed_mentions) == (0, ()), "the tombstone holds"


@pytest.mark.parametrize("kind", list(PAYLOADS), ids=lambda kind: kind.network.value)
@pytest.mark.parametrize("end_first", [False, True])
def test_written_and_removed_between_two_polls(deps, kind, end_first):
    network = Said(kind)
    deps = replace(deps, networks={kind: network})
    feed = deps.store.add_feed(kind, "Keio", now=NOW).id
    both = [network.first, network.delete]
    network.payloads = [payload for part in (reversed(both) if end_first else both) for payload in part] + network.other
    outcome = poll_feed(deps, feed)
    assert (outcome.new, len(outcome.changed_mentions)) == (1, 1)
    assert [mention.text for mention in deps.store.search(Query())] == [f"{HYPE} So it is."]


def test_what_is_kept_for_some_days_is_purged_by_housekeeping(deps, clock):
    networks = {kind: Said(kind) for kind in PAYLOADS}
    deps = replace(deps, networks=networks)
    for kind, network in networks.items():
        network.payloads = network.first
        poll_feed(deps, deps.store.add_feed(kind, "Keio", now=NOW).id)
    clock.forward(days=30)
    for kind, network in networks.items():
        network.payloads = network.other
        poll_feed(deps, deps.store.add_feed(kind, "Keio, too", now=clock.now).id)
    clock.forward(hours=1)
    deps.store.housekeeping(clock.now)
    assert deps.store.count(Query()) == 4, "nothing is set"
    assert deps.store.older("x", clock.now - timedelta(days=30)) == (1, 0)
    deps.store.set_setting(f"{RETAIN}x", "30")
    deps.store.housekeeping(clock.now)
    kept = [(mention.network, mention.text) for mention in deps.store.search(Query())]
    assert sorted(kept) == [
        (Network.BLUESKY, HYPE),
        (Network.BLUESKY, f"{HYPE} So it is."),
        (Network.X, f"{HYPE} So it is."),
    ]
    deps.store.set_setting(f"{RETAIN}x", "")
    clock.forward(days=300)
    deps.store.housekeeping(clock.now)
    assert deps.store.count(Query()) == 3, "switched off"
