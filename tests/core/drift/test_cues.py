"""Cues: looked up by kind, without the masked ones, by sentence, clause and place."""

from __future__ import annotations

import pytest

from monitor.core.drift.cues import Cues
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import PhraseError
from monitor.core.text.doc import read

CLASSES = {
    "guard-negated": ("no|not|never", "no longer"),
    "mask-negated": ("not only", "no doubt"),
    "guard-says": ("said|says",),
}


def cues(text: str) -> Cues:
    return Cues(Matcher(read(text), Lexicon(CLASSES)))


def places(found) -> list[tuple[int, int]]:
    return [(cue.first, cue.last) for cue in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He did not walk.", [(2, 3)]),
        ("He no longer walks, not today.", [(1, 3), (4, 5)]),
        ("Not only he walks.", []),
        ("There is no doubt, and not a cure.", [(5, 6)]),
        ("He walks.", []),
    ],
)
def test_masked_cues_are_none(text: str, expected: list[tuple[int, int]]):
    assert places(cues(text).at("negated", 0)) == expected


def test_cues_stand_by_sentence_and_by_clause():
    found = cues("He never walked. She said no, but he did not. Fine.")
    assert [len(found.at("negated", sentence)) for sentence in range(3)] == [1, 2, 0]
    first, second = found.at("negated", 1)
    assert first.clause != second.clause
    assert found.of("negated").in_clause(second.clause) == [second]
    assert [len(found.at("says", sentence)) for sentence in range(3)] == [0, 1, 0]


def test_over_finds_the_cues_that_hold_one_of_the_words():
    found = cues("He no longer can and will not go.").of("negated")
    assert places(found.over(0, 0, 8)) == [(1, 3), (6, 7)]
    assert places(found.over(0, 2, 3)) == [(1, 3)]  # it begins before the words and reaches into them
    assert places(found.over(0, 3, 6)) == []
    assert places(found.over(0, 3, 7)) == [(6, 7)]
    assert places(found.over(1, 0, 8)) == []


def test_quotations_are_offsets_into_the_text():
    text = "He said “I walk” today."
    quoted = cues(text).quotations
    start = text.index("walk")
    assert quoted.hold(start, start + 4)
    assert not quoted.hold(0, 2)


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(PhraseError, match="guard-nothing"):
        cues("He walks.").of("nothing")
