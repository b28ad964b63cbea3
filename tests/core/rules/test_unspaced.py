"""Phrases in scripts without spaces: found letter by letter, within one sentence."""

from __future__ import annotations

import pytest

from monitor.core.rules.phrase import CJK_GAP, Substring
from monitor.core.rules.unspaced import found_unspaced, words_over
from monitor.core.text.doc import read


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("奇跡の治療だ。", ("奇跡",), ["奇跡"]),
        ("奇跡、奇跡。奇跡。", ("奇跡",), ["奇跡"] * 3),
        ("奇跡の新しい治療だ。", ("奇跡", "治療"), ["奇跡の新しい治療"]),
        ("奇跡だ。治療した。", ("奇跡", "治療"), []),  # another sentence
        (f"奇跡{'の' * CJK_GAP}治療だ。", ("奇跡", "治療"), [f"奇跡{'の' * CJK_GAP}治療"]),
        (f"奇跡{'の' * (CJK_GAP + 1)}治療だ。", ("奇跡", "治療"), []),
        ("ははは。", ("はは",), ["はは"]),  # without overlaps
        ("It rained.", ("奇跡",), []),
    ],
)
def test_pieces_are_found_within_a_sentence_and_a_gap(text: str, pieces: tuple[str, ...], expected: list[str]):
    doc = read(text)
    found = list(found_unspaced(doc, Substring(pieces), None))
    assert [doc.folded[start:end] for start, end, _ in found] == expected
    assert all(place.start <= start and end <= place.end for start, end, place in found)


def test_one_sentence_can_be_asked_alone():
    doc = read("奇跡だ。奇跡だ。")
    assert [place.index for _, _, place in found_unspaced(doc, Substring(("奇跡",)), doc.sentences[1])] == [1]


def test_the_words_that_stand_at_the_letters():
    doc = read("iPS細胞で治療した。")
    (place,) = doc.sentences
    start = doc.folded.index("細胞")
    first, behind = words_over(doc, place, start, start + 2)
    assert [word.text for word in doc.words[first:behind]] == ["細胞で治療した"]
