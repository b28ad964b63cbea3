"""Which stored items is one that is met now?"""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.core.items.aliases import Item
from monitor.core.items.identity import quoted_id
from monitor.core.items.resolution import Known, best, stored_as
from monitor.core.model import ItemNames

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
