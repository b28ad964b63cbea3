"""Word classes: compiled once, shared, and refused where they cannot be read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.core.rules.lexicon import First, Lexicon, leading
from monitor.core.rules.phrase import PhraseError, parse


def test_a_class_that_holds_itself_is_refused():
    with pytest.raises(PhraseError, match="holds itself"):
        Lexicon({"a": ("<b>",), "b": ("x <a>",)}).options("a")


def test_a_class_that_nobody_defines_is_refused_where_it_is_named():
    lexicon = Lexicon({"a": ("x <b>",)})
    with pytest.raises(PhraseError, match="<b>, which nobody defines"):
        lexicon.options("a")
    with pytest.raises(PhraseError, match="<c>, which nobody defines"):
        lexicon.resolve(parse("(one|<c>) two"))


def test_a_refused_class_is_refused_again_and_does_not_look_like_a_circle():
    lexicon = Lexicon({"a": ("x <b>",)})
    for _ in range(2):
        with pytest.raises(PhraseError, match="nobody defines"):
            lexicon.options("a")


def test_equal_parts_of_different_phrases_are_one_object():
    lexicon = Lexicon({})
    one, other = lexicon.resolve(parse("made walk")), lexicon.resolve(parse("made run"))
    assert one[0] is other[0]


@pytest.mark.parametrize(
    ("phrase", "first"),
    [
        ("walk again", First(words=frozenset({"walk"}))),
        ("walk|run again", First(words=frozenset({"walk", "run"}))),
        ("reprogram*", First(prefixes=frozenset({"reprogram"}))),
        ("<a> x", First(classes=frozenset({"a"}))),
        (
            "(<a>|walk home|<n:number>) x",
            First(frozenset({"walk"}), frozenset(), frozenset({"a"}), frozenset(), frozenset({"number"})),
        ),
        ("(fully|) healed", First(words=frozenset({"fully", "healed"}))),
    ],
)
def test_what_a_phrase_can_begin_with(phrase: str, first: First):
    lexicon = Lexicon({"a": ("x",)})
    found = First()
    for part in leading(lexicon.resolve(parse(phrase))):
        found |= lexicon.first(part)
    assert found == first


def test_threads_do_not_see_each_other_s_half_way_classes_as_a_circle():
    deep = {f"c{at}": (f"<c{at + 1}> x",) for at in range(40)} | {"c40": ("y",)}
    for _ in range(20):
        lexicon = Lexicon(deep)
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda at, lexicon=lexicon: lexicon.options(f"c{at}"), [0, 5, 10, 20, 0, 5, 10, 20]))
