"""Which stored items is one that is met now?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.entry import Entry, ItemNames
from monitor.core.items.aliases import Item
from monitor.core.items.identity import quoted_id
from monitor.core.items.resolution import (
    Known,
    Met,
    Twin,
    United,
    best,
    merged,
    one_of_each,
    resolve,
    stored_as,
    under_one_name,
    which_stays,
)
from monitor.core.judgement import Assessment
from monitor.core.mention import About, MentionDraft, Relevance, TextFrom

AT = datetime(2025, 3, 24, 7, tzinfo=UTC)
WORDS = "One of the four patients of the trial stands, the team of the university says."
QUOTED = f"x:{quoted_id('ada', WORDS)}"


def item(identity, text=WORDS, title="He stands", handle="ada"):
    return Item(identity, handle, title, text, AT)


def known(*items):
    stored = Known()
    for at, one in enumerate(items):
        stored.items[one.identity] = one
        stored.since[one.identity] = (AT, at)
    return stored


def test_a_certain_name_decides():
    stored = known(item("x:1"))
    stored.note("status:x/1", "x:1", sure=True)
    assert stored_as(
        stored, item("x:9", text="Other words altogether, said by somebody."), ItemNames(("status:x/1",))
    ) == {"x:1": "its own name status:x/1"}
    assert list(stored_as(stored, item("x:1"), ItemNames())) == ["x:1"]
    assert stored_as(stored, item("x:2"), ItemNames()) == {}


def test_a_candidate_is_compared():
    stored = known(item("x:1"))
    stored.note("said:h", "x:1", sure=False)
    found = stored_as(stored, item(QUOTED), ItemNames((), ("said:h",)))
    assert list(found) == ["x:1"]
    assert "said:h" in found["x:1"]
    assert (
        stored_as(stored, item(QUOTED, text="Something else was said by her that day."), ItemNames((), ("said:h",)))
        == {}
    )
    # Two posts with ids of their own are two, though they say the same.
    assert stored_as(stored, item("x:2"), ItemNames((), ("said:h",))) == {}


def test_a_quoted_post_is_one_of_several():
    stored = known(item("x:1"), item("x:2"))
    for identity in ("x:1", "x:2"):
        stored.note("said:h", identity, sure=False)
    assert list(stored_as(stored, item(QUOTED), ItemNames((), ("said:h",)))) == ["x:1"]


def test_the_best_identity():
    stored = known(item("url:g.example/1"), item("x:1"), item("x:2"))
    assert best((QUOTED, "url:g.example/1", "x:2", "x:1"), stored) == "x:1"
    assert best((QUOTED, "url:g.example/1"), stored) == "url:g.example/1"
    assert best(("url:new", "url:g.example/1"), stored) == "url:g.example/1"
    assert best(("url:b", "url:a"), known()) == "url:b"


def test_two_that_are_made_one():
    stored = known(item("x:1"), item("x:2"))
    stored.note("a", "x:2", sure=True)
    stored.note("b", "x:2", sure=False)
    stored.rename("x:2", "x:1")
    assert stored.sure == {"a": "x:1", "x:2": "x:1"}
    assert stored.likely["b"] == ["x:1"]
    assert "x:2" not in stored.items


def test_a_batch_knows_what_came_before():
    found = resolve(
        [Met(item("x:1"), ItemNames(("status:x/1",))), Met(item("x:9"), ItemNames(("status:x/1",), ("said:h",)))],
        known(),
    )
    assert found.stored_as == {"x:1": "x:1", "x:9": "x:1"}
    assert found.united == []
    assert found.names == [("status:x/1", "x:1", True), ("x:9", "x:1", True), ("said:h", "x:1", False)]


def test_an_item_tells_that_two_stored_ones_are_one_and_earlier_ones_follow():
    stored = known(item("x:1"), item("x:2"))
    stored.note("a", "x:1", sure=True)
    stored.note("b", "x:2", sure=True)
    found = resolve([Met(item("x:8"), ItemNames(("b",))), Met(item("x:9"), ItemNames(("a", "b")))], stored)
    assert found.united == [United("x:2", "x:1", "its own name b")]
    assert found.stored_as == {"x:8": "x:1", "x:9": "x:1"}
    assert ("x:8", "x:1", True) in found.names


def test_what_is_noted_already_is_not_noted_again():
    stored = known(item("x:1"))
    stored.note("a", "x:1", sure=True)
    assert resolve([Met(item("x:1"), ItemNames(("a",)))], stored).names == []


def twin(number: int, identity: str = "x:1", **more) -> Twin:
    return Twin(id=number, identity=identity, first_seen=AT + timedelta(hours=number), **more)


def test_what_was_there_first_stays_but_a_post_rather_than_its_quote():
    first, second, quote = twin(2), twin(3), twin(1, QUOTED)
    assert which_stays([quote, second, first]) == (first, [second, quote])
    same = [replace(twin(1), id=9, entry_id=4), replace(twin(1), id=8, entry_id=5), replace(twin(1), id=7)]
    assert [one.id for one in (which_stays(same)[0], *which_stays(same)[1])] == [9, 8, 7]


def test_the_one_that_stays_takes_what_only_the_other_knew():
    stays, goes = twin(2, url="https://a.example"), twin(1, url="https://b.example", entry_id=5, found_on_id=40)
    assert merged(stays, goes) == replace(stays, first_seen=goes.first_seen, entry_id=5, found_on_id=40)
    assert merged(replace(stays, entry_id=1, found_on_id=41), goes).found_on_id == 41


def test_one_mention_is_not_found_on_itself():
    assert merged(twin(1), twin(2, found_on_id=1)).found_on_id is None
    assert merged(twin(1, found_on_id=2), twin(2)).found_on_id is None


def draft(identity: str, **changes) -> MentionDraft:
    entry = Entry(guid=None, url="https://g.example/1", title="He stands", text=WORDS, source="g.example")
    made = MentionDraft(
        study_id="s",
        identity=identity,
        entry=entry,
        title=entry.title,
        text=entry.text,
        text_from=TextFrom.FEED,
        lang="en",
        relevance=Relevance(verdict=About.ABOUT),
        assessment=Assessment(flags=(), caveats_present=(), caveats_missing=(), score=0, ruleset=""),
        names=ItemNames(),
    )
    return replace(made, **changes)


def test_of_several_drafts_of_an_item_the_one_that_tells_most_comes_last():
    page, quote, post = draft("url:p"), draft(QUOTED, found_on="url:p"), draft("x:1")
    found = under_one_name([post, page, quote], {"url:p": "url:p", QUOTED: "x:1", "x:1": "x:1"})
    assert [(one.identity, one.found_on, one.alias) for one in found] == [
        ("x:1", "url:p", True), ("x:1", None, False), ("url:p", None, False),
    ]  # fmt: skip
    alias, own = draft("url:amp"), draft("url:own")
    assert under_one_name([own, alias], {"url:amp": "url:own", "url:own": "url:own"})[-1] == own


def test_what_is_found_on_a_page_follows_the_pages_name():
    (found,) = under_one_name([draft("x:1", found_on="url:amp")], {"x:1": "x:1", "url:amp": "url:own"})
    assert found.found_on == "url:own"
    (unknown,) = under_one_name([draft("x:1", found_on="url:other")], {"x:1": "x:1"})
    assert unknown.found_on == "url:other"


def test_an_item_is_resolved_by_the_draft_whose_page_names_its_address():
    feed, page = draft("url:a"), draft("url:a", canonical_url="https://c.example")
    assert one_of_each([feed, page]) == [page]
    assert one_of_each([page, feed]) == [page]
    assert one_of_each([feed, replace(feed, study_id="t"), draft("url:b")]) == [feed, draft("url:b")]
