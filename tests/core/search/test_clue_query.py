"""Clues as questions to the index, and which texts the index holds as judging reads them."""

from __future__ import annotations

import pytest

from monitor.core.rules.clues import ANYTHING, NOTHING, AllOf, AnyOf, Letters, Word
from monitor.core.search.clue_query import AS_READ, MOST_LEAVES, candidates, indexed_as_read, leaves
from monitor.core.search.nodes import And, Field, Not, Or
from monitor.core.search.nodes import Word as Asked
from monitor.core.search.tokens import split

ODD = Not(AS_READ)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("He didn't walk; 1,000 patients' hopes, 50 % of them.", True),
        ("慶応大学のiPS細胞で、患者が歩けるようになった。", True),
        ("Él camina: ¡un milagro!", True),
        ("See #MedicalMiracle now", False),
        ("the 4th patient", False),
        ("so\u00adft hyphens are left out by both", True),
        ("ﬁne ligatures too", True),
    ],
)
def test_what_the_index_holds_as_it_is_read(text, same):
    assert indexed_as_read("", text, split(text)) is same


def test_a_clue_is_asked_of_the_index_word_by_word():
    assert candidates(Word("walk")) == Or((Asked("walk"), ODD))
    assert candidates(Word("reprogram", begins=True)) == Or((Asked("reprogram", prefix=True), ODD))
    assert candidates(Word("didn't")) == Or((And((Asked("didn"), Asked("t"))), ODD))
    assert candidates(Letters("ips細胞を")) == Or((And((Asked("細胞"), Asked("胞を"))), ODD))
    assert candidates(AllOf((Word("made"), Word("walk")))) == Or((And((Asked("made"), Asked("walk"))), ODD))


def test_where_the_index_cannot_tell_all_are_asked_for():
    assert candidates(ANYTHING) is None
    assert candidates(AnyOf((Word("walk"), ANYTHING))) is None
    assert candidates(Letters("ips")) is None, "latin letters may be the end of a longer word"
    assert candidates(NOTHING) == Or((Field("indexed", "nothing"), ODD))
    assert candidates(Word("#miracle")) == Or((Field("indexed", "nothing"), ODD))


def test_of_very_many_words_the_widest_choice_is_left_out():
    many = AnyOf(tuple(Word(f"word{number}") for number in range(MOST_LEAVES + 1)))
    assert candidates(AllOf((many, Word("walk")))) == Or((Asked("walk"), ODD))
    assert candidates(many) is None
    assert leaves(AllOf((many, Word("walk")))) == MOST_LEAVES + 2
