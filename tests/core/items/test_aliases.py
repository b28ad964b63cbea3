"""Under which names an item is met, and when two that share a likely one are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.entry import Entry, ItemNames
from monitor.core.feed import FeedForPoll, Fetched, KnownEntry, ParsedFeed
from monitor.core.feeds.plan import _sort, items_of, plan_poll
from monitor.core.items import aliases, apart
from monitor.core.items import aliases as names
from monitor.core.items.aliases import (
    Item,
    candidate_names,
    certain_names,
    handle_of,
    is_same,
    item_of,
    names_of,
    said,
    same_words,
    tombstone_names,
    tombstone_names_of,
)
from monitor.core.items.apart import told_apart
from monitor.core.items.identity import address_identity, is_quoted, quoted_id
from monitor.core.model import DateConfidence, FeedKind, Kind, Network, Outcome

AT = datetime(2025, 3, 24, 8, tzinfo=UTC)
WORDS = "Breaking barriers! 🚀 A paralyzed man is walking again thanks to “reprogramming” in Japan. #Innovation https://t.co/gPFne1JOzf"
POST = Entry(guid="x:12", url="https://x.com/ada/status/12", title="", text=WORDS, source="@Ada", author="Ada", kind=Kind.POST, network=Network.X, published=AT, date_confidence=DateConfidence.EXACT)  # fmt: skip
QUOTED = f"x:{quoted_id('ada', WORDS)}"


@pytest.mark.parametrize(
    "other",
    [
        WORDS,
        WORDS.upper(),
        WORDS.replace("“", '"').replace("”", '"'),
        WORDS.replace(" https://t.co/gPFne1JOzf", ""),
        WORDS.replace("https://t.co/gPFne1JOzf", "pic.twitter.com/gPFne1JOzf"),
        WORDS.replace("https://t.co/gPFne1JOzf", "glassalmanac.com/paralyzed-man…"),
        WORDS.replace("🚀 ", "\n"),
        "Breaking barriers! A paralyzed man is walking aga…",
        "Breaking barriers! A paralyzed man is walking aga... https://t.co/gPFne1JOzf",
        "“Breaking barriers! A paralyzed man is walking again…”",
    ],
)
def test_the_same_words(other):
    assert same_words(WORDS, other)
    assert same_words(other, WORDS)


@pytest.mark.parametrize(
    "other",
    [
        WORDS.replace("again", "now"),
        "Breaking barriers! A paralyzed man is walking again",
        "Breaking barriers! A paralyzed…",
        "A paralyzed man is walking again thanks to “reprogramming” in Japan.…",
        "",
    ],
)
def test_other_words(other):
    assert not same_words(WORDS, other)
    assert not same_words(other, WORDS)


def test_what_stands_below_a_post_makes_no_other_of_it():
    """Descriptions of its pictures and the title of its card are stored with it; a page that quotes it has its words alone."""
    short = "A man walks again in Japan"
    for words in (WORDS, short, f"{short}\nand two sit."):
        assert same_words(words, f"{words}\nA man stands at a rail")
        assert same_words(f"{words}\nA man stands\nat a rail", words)
        own = candidate_names(replace(POST, text=words), "x:12", text=words)
        assert set(own) & set(candidate_names(POST, "x:12", text=f"{words}\nA man stands"))
    assert not same_words(short, f"{short} says the paper\nA man stands")
    assert not same_words("Wow, great news!", "Wow, great news!\nA man stands at a rail")


def test_few_words_say_the_same_by_chance():
    assert same_words("Wow, what a great day it is", "Wow, what a great day it is")
    assert not same_words("Wow, great news!", "wow great news")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mas.example/@ada/115012345678901234", "status:mas.example/115012345678901234"),
        ("https://mas.example/@ada@other.example/115012345678901234", "status:mas.example/115012345678901234"),
        ("https://mas.example/users/ada/statuses/115012345678901234", "status:mas.example/115012345678901234"),
        ("https://mas.example/ap/users/1150/statuses/115012345678901234", "status:mas.example/115012345678901234"),
        ("https://mas.example/web/statuses/115012345678901234", "status:mas.example/115012345678901234"),
        ("https://bsky.app/profile/Ada.example/post/3k", "bluesky:ada.example/3k"),
        ("https://bsky.app/profile/did:plc:a/post/3k", "bluesky:at://did:plc:a/app.bsky.feed.post/3k"),
        ("https://xcancel.com/ada/status/12", "x:12"),
    ],
)
def test_an_address_tells_names(url, name):
    assert name in certain_names(replace(POST, guid=None, url=None, also=(url,)))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a/1",
        "https://www.threads.com/@ada/post/C112233",
        "https://www.tiktok.com/@ada/video/7312345678901234567",
        "https://mas.example/tags/ips",
        "https://bsky.app/profile/ada.example",
    ],
)
def test_other_addresses_tell_none(url):
    assert certain_names(replace(POST, kind=Kind.ARTICLE, network=Network.WEB, guid=url, url=url)) == ()


@pytest.mark.parametrize(
    ("entry", "handle"),
    [
        (POST, "ada"),
        (replace(POST, source="x.com", author="@Ada"), "ada"),
        (replace(POST, source="x.com", author="Ada Lovelace"), ""),
        (replace(POST, source="id:7", author="id:7"), ""),
        (replace(POST, network=Network.MASTODON, url="https://mas.example/@ada/1"), "ada@mas.example"),
        (replace(POST, network=Network.MASTODON, source="@ada@other.example"), "ada@other.example"),
        (replace(POST, kind=Kind.ARTICLE), ""),
    ],
)
def test_whose_it_is(entry, handle):
    assert handle_of(entry) == handle


def test_likely_names_hold_no_words():
    names = candidate_names(POST, "x:12", text=WORDS)
    assert [name.partition(":")[0] for name in names] == ["said", "short"]
    assert not any(word in name for name in names for word in ("ada", "Breaking", "gPFne1JOzf"))
    assert candidate_names(replace(POST, source="@ADA"), "x:13", text=WORDS.lower())[0] == names[0]
    assert candidate_names(replace(POST, text="Wow"), "x:12", text="Wow") == ()


def test_only_a_page_of_its_own_names_a_canonical_address():
    article = replace(POST, kind=Kind.ARTICLE, network=Network.WEB, url="https://example.org/a")
    named = [candidate_names(article, "url:example.org/a", text="", canonical=f"https://example.org{path}") for path in ("/b", "/a", "/")]  # fmt: skip
    assert named == [("url:example.org/b",), (), ()]


@pytest.mark.parametrize(
    ("identity", "days", "same"),
    [(QUOTED, 0, True), (QUOTED, 1, True), (QUOTED, -1, True), (QUOTED, 2, False), (QUOTED, None, True), ("x:13", 0, False)],
)  # fmt: skip
def test_a_post_is_the_quoted_one(identity, days, same):
    one = item_of(POST, "x:12", title="", text=WORDS)
    other = Item(identity, "ada", "", WORDS, None if days is None else AT + timedelta(days=days))
    assert is_same("said:1", one, other) is same
    assert is_same("said:1", other, one) is same
    assert is_same("short:1", one, other) is False
    assert is_same("short:1", one, replace(other, handle="")) is same


def test_pages_are_compared_before_they_are_taken_for_one():
    body = "Four patients were treated at Keio University, and one of them can stand up by himself. " * 3
    one = Item("url:e.org/1", "", "He stands", body, None)
    for other, same in (
        (replace(one, text="Other words entirely"), True),
        (replace(one, title="He stands - The Lantern", text=""), False),
        (replace(one, title="Keio: man stands", text=f"{body} Read more."), True),
        (replace(one, title="Another", text="The council of the town has voted on its budget of the coming year. " * 3), False),
        (replace(one, title="", text=""), False),
    ):  # fmt: skip
        assert is_same("url:e.org/2", one, other) is same


def left(identity, **changes):
    return tombstone_names(
        identity, (), candidate_names(POST, identity, text=WORDS), leave=True, **({"published": AT} | changes)
    )


def looked(identity, **changes):
    return tombstone_names(
        identity, (), candidate_names(POST, identity, text=WORDS), leave=False, **({"published": AT} | changes)
    )


def test_graves_meet_as_items_do():
    for here, there, day, meets in (
        (QUOTED, "x:12", 0, True),
        ("x:12", QUOTED, 1, True),
        ("x:12", QUOTED, 2, False),
        ("x:12", "x:13", 0, False),
        (QUOTED, f"x:{quoted_id('ada', 'other')}", -1, True),
    ):
        assert bool(left(here) & looked(there, published=AT + timedelta(days=day))) is meets
    assert left(QUOTED, published=None) & looked("x:12")
    assert left(QUOTED) & looked(f"x:{quoted_id('ada', 'other')}", published=None)
    titled = {"titles": ["He stands"], "published": None}
    page = tombstone_names("url:e.org/1", (), ("url:e.org/c",), leave=True, **titled)
    assert page & tombstone_names("url:e.org/2", (), ("url:e.org/c",), leave=False, **titled)
    assert page & tombstone_names("url:e.org/c", (), (), leave=False, **titled)
    assert not page & tombstone_names("url:e.org/2", (), ("url:e.org/c",), leave=False, titles=["Another"])


def test_a_feed_of_posts_brings_nothing_new_after_its_network():
    entry = replace(POST, kind=Kind.ARTICLE, network=Network.WEB, guid="at://did:plc:a/app.bsky.feed.post/3k", url="https://bsky.app/profile/a.example/post/3k")  # fmt: skip
    known = KnownEntry(id=1, guid=None, identity="bluesky:at://did:plc:a/app.bsky.feed.post/3k", content_hash="x", same_feed=False)  # fmt: skip
    assert _sort(told_apart([entry]), [known]) == ([], 1, [])
    assert len(_sort(told_apart([entry]), [])[0]) == 1
    # The network itself tells more than the feed did: it is written.
    told = replace(POST, network=Network.BLUESKY, guid="bluesky:at://did:plc:a/app.bsky.feed.post/3k", url=None)
    planned, same, _ = _sort(told_apart([told]), [replace(known, identity="url:bsky.app/profile/a.example/post/3k")])
    assert (len(planned), same) == (1, 0)


def test_made_ids_are_known_from_others():
    assert is_quoted(QUOTED)
    assert not is_quoted("x:12")
    assert address_identity("https://example.org/a/") == "url:example.org/a"
    assert address_identity("https://example.org/") is None
    assert address_identity("no link") is None


@given(st.text(), st.text())
def test_comparing_is_symmetric_and_never_fails(one, other):
    assert same_words(one, other) == same_words(other, one)
    assert said(one) == " ".join(said(one).split())


NOW = datetime(2025, 3, 24, 7, tzinfo=UTC)


STATUS_URL = "https://mas.example/@ada/115012345678901234"
STATUS = Entry(
    guid="mastodon:https://mas.example/users/ada/statuses/115012345678901234",
    url=STATUS_URL,
    title="",
    text="One of the four patients of the trial stands, the team says.",
    source="@ada@mas.example",
    kind=Kind.POST,
    network=Network.MASTODON,
)


def test_certain_names_and_candidates():
    found = names_of(STATUS, STATUS.guid, text=STATUS.text)
    assert "status:mas.example/115012345678901234" in found.certain
    assert [name.partition(":")[0] for name in found.candidate] == ["said"]
    assert tuple(found) == (*found.certain, *found.candidate)
    page = Entry(guid=None, url="https://g.example/1", title="T", text="", source="g.example")
    assert names_of(page, "url:g.example/1", text="", canonical="https://g.example/one") == ItemNames(
        (), ("url:g.example/one",)
    )


def test_an_item_is_looked_for_among_the_withdrawn_by_its_names():
    found = names_of(STATUS, STATUS.guid, text=STATUS.text)
    assert {STATUS.guid, *found.certain} <= tombstone_names_of(STATUS, STATUS.guid, found, title="", text=STATUS.text)


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
    parsed = ParsedFeed(format="mastodon", title="", entries=(STATUS,))
    items = items_of(parsed, NOW)
    plan = plan_poll(feed, answer, parsed, [], NOW, (), items)
    assert plan.entries[0].names == names_of(STATUS, STATUS.guid, text=STATUS.text)
    assert made == {
        ("certain", STATUS_URL): 2,
        ("candidate", STATUS_URL): 1,
    }  # once for the plan, once by this test itself
