"""Finding phrases in a text: what is found, where, and at what cost."""

from __future__ import annotations

import pytest

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.text.doc import read

CLASSES = {
    "patients": ("patient|patients|man|men", "he|she|they"),
    "walk": ("walk|walks|walking", "take .. steps"),
    "nested": ("<walk> again",),
    "empty": (),
}


def found(phrase: str, text: str) -> list[str]:
    lexicon = Lexicon(CLASSES)
    parts = lexicon.resolve(parse(phrase))
    return [text[f.start : f.end] for f in Matcher(read(text), lexicon).find(parts)]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("walking again", "He is Walking  again, walking-again.", ["Walking  again", "walking-again"]),
        ("he's", "He’s back", ["He’s"]),
        ("walk|walks far", "he walks far, they walk far", ["walks far", "walk far"]),
        ("(able to|can) walk", "able to walk; can walk", ["able to walk", "can walk"]),
        ("(fully|) recovered", "fully recovered. recovered", ["fully recovered", "recovered"]),
        ("reprogram*", "Reprogramming and reprogrammed", ["Reprogramming", "reprogrammed"]),
        ("made ... walk", "made the man stand up and walk", ["made the man stand up and walk"]),
        ("made ... walk", "made a b c d e f g walk", []),
        ("made .. walk", "made him walk, made a b c walk", ["made him walk"]),
        ("made ... walk", "He made it. They walk.", []),
        ("made ... walk", "made it: they walk", []),
        ("<n:number> men", "four men, 1,000 men, twenty-two men, 2 million men", ["four men", "1,000 men", "twenty-two men", "2 million men"]),
        ("<patients> .. <nested>", "the man is walking again", ["man is walking again"]),
        ("<patients> <walk>", "they take his first steps", ["they take his first steps"]),
        ("#MedicalMiracle", "wow #MedicalMiracle medical miracle", ["MedicalMiracle"]),
        ("medical miracle", "wow #MedicalMiracle", ["MedicalMiracle"]),
        ("cure", "écure curé obscure cure", ["cure"]),
        ("奇跡", "これは奇跡だ", ["奇跡"]),
        ("奇跡...治療|完治", "奇跡の新しい治療。完治した", ["奇跡の新しい治療", "完治"]),
        ("<empty> x|y", "x", []),
    ],
)  # fmt: skip
def test_finds(phrase: str, text: str, expected: list[str]):
    assert found(phrase, text) == expected


def test_the_tightest_match_wins_and_matches_do_not_overlap():
    assert found("made ... walk", "made him walk and made her walk") == ["made him walk", "made her walk"]


def test_numbers_are_caught():
    lexicon = Lexicon({})
    (match,) = Matcher(read("two million cells each"), lexicon).find(parse("<n:number> cells"))
    assert match.numbers == (2_000_000.0,)


def test_hostile_text_costs_no_more_than_its_length():
    """Ten times the text costs about ten times the work: counted in steps, not in seconds."""
    steps = []
    for words in (500, 5000):
        matcher = Matcher(read("made " * words), Lexicon({}))
        calls = 0
        original = matcher._step

        def counted(*args: object, original: object = original) -> object:
            nonlocal calls
            calls += 1
            return original(*args)  # type: ignore[operator]

        matcher._step = counted  # type: ignore[method-assign]
        assert list(matcher.find(parse("made ... made ... made ... walk"))) == []
        steps.append(calls)
    assert steps[1] <= steps[0] * 11


def test_a_line_without_words_moves_no_word():
    """What stands behind each word was told one word off from there on, and "spinal cord" was not found."""
    lexicon = Lexicon({"cord": ("spinal cord",)})
    matcher = Matcher(read("Fine.\n…\nA spinal cord."), lexicon)
    assert [found.first for found in matcher.class_found("cord")] == [2]
    assert [found.first for found in matcher.find(lexicon.resolve(parse("spinal cord")))] == [2]


def test_a_number_that_begins_the_next_sentence_ends_no_match():
    """It was taken for what stands behind the last word of this one."""
    lexicon = Lexicon({})
    text = "Two came from Kyoto. 2030 is far away."
    assert [*Matcher(read(text), lexicon).find(lexicon.resolve(parse("from .. <n:number>")))] == []
