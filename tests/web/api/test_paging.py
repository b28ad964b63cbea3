"""Lists in pages: each item once, whatever the size of a page; no cursor opens another list or brings it down."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from monitor.core.model import FeedKind
from monitor.pipeline.review import decide

LISTS = (
    "mentions",
    "flags",
    "stories",
    "reviews",
    "rules",
    "rule-versions",
    "backtests",
    "studies",
    "proposals",
    "feeds",
)
LISTS += ("letters", "outlets", "digests", "subscribers", "webhooks", "users", "tokens", "audit")
LISTS += ("searches", "claims")


def walk(program, path, limit):
    """All items of a list, page by page, by `next` and by `next_url`."""
    items, url = [], f"{path}{'&' if '?' in path else '?'}limit={limit}"
    for _ in range(1_000):
        page = program.get(url)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            assert page["next_url"] is None
            return items
        assert page["next"] in page["next_url"]
        assert page["next_url"].startswith("http://127.0.0.1:8080/api/v1/")
        url = page["next_url"].removeprefix("http://127.0.0.1:8080")
    pytest.fail("the list has no end")


@pytest.fixture
def filled(seeded, owner):
    store, now = seeded.store, seeded.clock()
    for number in range(5):
        store.add_feed(FeedKind.FEED, f"https://{number}.example/rss", title=f"Feed {number}", now=now)
    flags = [flag["id"] for flag in owner.get("/flags")["items"]]
    for flag in flags:
        decide(store, [flag], "upheld", by="ada", why="", now=now)
    for number in range(3):
        owner("POST", "/tokens", {"name": f"key {number}", "scopes": ["read"], "days": 1})
    return owner


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_the_same_in_pages_of_any_size(filled, name):
    whole = walk(filled, f"/{name}", 200)
    assert [len(walk(filled, f"/{name}", limit)) for limit in (1, 2, 3)] == [len(whole)] * 3
    assert walk(filled, f"/{name}", 1) == whole
    if name in {"mentions", "flags", "stories", "reviews", "rules", "feeds", "outlets", "tokens", "audit"}:
        assert len(whole) > 1, "else nothing is shown"


def test_a_search_goes_on_with_itself(filled):
    assert len(walk(filled, "/mentions?q=Keio%20iPS", 1)) == len(filled.get("/mentions?q=Keio%20iPS")["items"]) > 2
    flags = walk(filled, "/flags?q=walking%20OR%20walks", 1)
    assert flags
    assert len({flag["id"] for flag in flags}) == len(flags)


def test_flags_go_on_behind_a_mention_that_was_purged_meanwhile(filled, seeded):
    whole = walk(filled, "/flags", 200)
    page = filled.get("/flags?limit=1")
    seeded.store.purge(page["items"][0]["mention"], now=seeded.clock())
    rest = filled.get(f"/flags?cursor={page['next']}&limit=200")
    gone = {flag["id"] for flag in whole if flag["mention"] == page["items"][0]["mention"]}
    assert {flag["id"] for flag in rest["items"]} == {flag["id"] for flag in whole} - gone


def test_no_cursor_opens_another_list_or_search(filled):
    cursor = filled.get("/mentions?limit=1")["next"]
    for path in (f"/stories?cursor={cursor}", f"/mentions?q=Keio&cursor={cursor}", f"/feeds?cursor={cursor}"):
        answer = filled("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (400, "usage"), path
    assert filled("GET", f"/mentions?cursor={cursor}&limit=2").status_code == 200, "a page may be of another size"


def mangled(cursor: str):
    text = base64.urlsafe_b64decode(cursor + "==").decode()
    yield from ("x", "%00", "ü", "=", "a" * 200, cursor[:-1], cursor + "A", cursor.upper())
    for wrong in (text[:16], f"{text[:16]}:", f"{text[:16]}:-1", f"{text[:16]}:{'9' * 19}", f"{text}:1:1", f"{text} "):
        yield base64.urlsafe_b64encode(wrong.encode()).decode().rstrip("=")


def test_a_broken_cursor_is_said(filled):
    for cursor in mangled(filled.get("/mentions?limit=1")["next"]):
        answer = filled("GET", f"/mentions?cursor={cursor}")
        assert (answer.status_code, answer.json().get("code")) == (400, "usage"), cursor
    assert filled("GET", f"/mentions?cursor={'a' * 201}").status_code == 422


def test_an_address_is_the_one_that_the_program_asked(filled, seeded):
    seeded.settings = replace(seeded.settings, base_url="https://watch.example.org")
    public = filled.get("/mentions?limit=1", Host="watch.example.org")["next_url"]
    assert public.startswith("https://watch.example.org/api/v1/mentions?limit=1&cursor=")
    local = filled.get("/mentions?limit=1&q=Keio", Host="127.0.0.1:8080")["next_url"]
    assert local.startswith("http://127.0.0.1:8080/api/v1/mentions?q=Keio&limit=1&cursor=")
