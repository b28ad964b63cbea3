"""Names are made once for each item, and carried on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from monitor.core.feeds.plan import items_of, plan_poll
from monitor.core.items import aliases, apart
from monitor.core.items import aliases as names
from monitor.core.items.aliases import names_of, tombstone_names_of
from monitor.core.model import Entry, FeedForPoll, FeedKind, Fetched, ItemNames, Kind, Network, Outcome, ParsedFeed

NOW = datetime(2025, 3, 24, 7, tzinfo=UTC)
URL = "https://mas.example/@ada/115012345678901234"
POST = Entry(
    guid="mastodon:https://mas.example/users/ada/statuses/115012345678901234",
    url=URL,
    title="",
    text="One of the four patients of the trial stands, the team says.",
    source="@ada@mas.example",
    kind=Kind.POST,
    network=Network.MASTODON,
)


def test_certain_names_and_candidates():
    found = names_of(POST, POST.guid, text=POST.text)
    assert "status:mas.example/115012345678901234" in found.certain
    assert [name.partition(":")[0] for name in found.candidate] == ["said"]
    assert tuple(found) == (*found.certain, *found.candidate)
    page = Entry(guid=None, url="https://g.example/1", title="T", text="", source="g.example")
    assert names_of(page, "url:g.example/1", text="", canonical="https://g.example/one") == ItemNames(
        (), ("url:g.example/one",)
    )


def test_an_item_is_looked_for_among_the_withdrawn_by_its_names():
    found = names_of(POST, POST.guid, text=POST.text)
    assert {POST.guid, *found.certain} <= tombstone_names_of(POST, POST.guid, found, title="", text=POST.text)


def test_a_poll_makes_the_names_of_each_item_once(monkeypatch):
    made = Counter()

    def counted(kind, make):
        def counting(entry, *rest, **more):
            made[kind, entry.url] += 1
            return make(entry, *rest, **more)

        return counting

    for module, name in ((apart, "certain_names"), (aliases, "certain_names")):
        monkeypatch.setattr(module, name, counted("certain", names.certain_names))
    monkeypatch.setattr("monitor.core.feeds.plan.candidate_names", counted("candidate", names.candidate_names))
    feed = FeedForPoll(id=1, kind=FeedKind.MASTODON_SEARCH, url="#iPSC", lease="L")
    answer = Fetched(url="", final_url="", outcome=Outcome.FETCHED, status=None, headers={}, body=b"", sentence="Read.")
    parsed = ParsedFeed(format="mastodon", title="", entries=(POST,))
    items = items_of(parsed, NOW)
    plan = plan_poll(feed, answer, parsed, [], NOW, (), items)
    assert plan.entries[0].names == names_of(POST, POST.guid, text=POST.text)
    assert made == {("certain", URL): 2, ("candidate", URL): 1}  # once for the plan, once by this test itself
