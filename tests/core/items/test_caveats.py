"""Which outlets told the caveats of a text again."""

from __future__ import annotations

from types import SimpleNamespace

from monitor.core.items.caveats import retold
from monitor.core.model import Kind


def article(source, *caveats, kind=Kind.ARTICLE, judged=True, partial=False):
    named = SimpleNamespace(id=hash(source), name=source)
    return SimpleNamespace(source=named, kind=kind, judged=judged, partial=partial, caveats_present=caveats)


def lines(found):
    return [(one.mention.source.name, one.kept, one.lost) for one in found]


def test_outlets_that_lost_most_come_first_each_with_its_newest_article():
    found = retold(
        ("small-study", "no-control-group"),
        [
            article("Echo", "small-study"),
            article("Post"),
            article("Echo"),
            article("Ada", "no-control-group", "small-study"),
        ],
    )
    assert lines(found) == [
        ("Post", (), ("small-study", "no-control-group")),
        ("Echo", ("small-study",), ("no-control-group",)),
        ("Ada", ("small-study", "no-control-group"), ()),
    ]


def test_posts_parts_and_texts_without_rules_say_nothing():
    others = [article("a", kind=Kind.POST), article("b", judged=False), article("c", partial=True)]
    assert retold(("small-study",), others) == []
