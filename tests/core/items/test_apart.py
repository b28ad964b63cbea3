"""Items whose feed gives them all the same id or address."""

from __future__ import annotations

from monitor.core.entry import Entry
from monitor.core.items.apart import told_apart
from monitor.core.model import Kind


def entry(number, *, guid=None, url=None, **more):
    return Entry(guid=guid, url=url, title=f"Story {number}", text=f"Words {number}", source="g.example", **more)


def identities(entries):
    return [item.identity for item in told_apart(entries)]


def test_one_id_and_one_address_for_all():
    items = told_apart([entry(n, guid="N/A", url="https://g.example/N/A") for n in range(4)])
    assert [item.identity for item in items] == [f"title:g.example|story {n}|" for n in range(4)]
    assert [(item.entry.guid, item.own, item.own_page) for item in items] == [(None, False, False)] * 4
    assert {item.entry.url for item in items} == {"https://g.example/N/A"}  # shown all the same


def test_one_address_and_ids_of_their_own():
    items = told_apart([entry(n, guid=f"g{n}", url="https://g.example/news") for n in range(3)])
    assert [(item.entry.guid, item.own, item.own_page) for item in items] == [(f"g{n}", True, True) for n in range(3)]


def test_one_address_for_some():
    entries = [entry(n, url="https://g.example/news") for n in range(3)] + [entry(9, url="https://g.example/9")]
    assert identities(entries) == [*(f"title:g.example|story {n}|" for n in range(3)), "url:g.example/9"]


def test_an_item_that_stands_there_twice_keeps_its_id():
    edited = [entry(1, guid="a", url="https://g.example/1"), entry(2, guid="a", url="https://g.example/1"), entry(3, guid="b", url="https://g.example/3")]  # fmt: skip
    assert [item.entry.guid for item in told_apart(edited)] == ["a", "a", "b"]
    same = [entry(1, guid="a", url="https://g.example/1")] * 4
    assert [item.own for item in told_apart(same)] == [True] * 4
    assert told_apart([]) == []


def test_posts_have_ids_of_their_own():
    posts = [entry(n, guid="x:1", url="https://x.com/a/status/1", kind=Kind.POST) for n in range(3)]
    assert identities(posts) == ["x:1"] * 3
