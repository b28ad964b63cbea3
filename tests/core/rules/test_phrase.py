"""The phrase language: what it finds, where, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import PhraseError, parse, unmatched_signs
from monitor.core.text.doc import read

CLASSES = {
    "patients": ("patient|patients|man|men", "he|she|they"),
    "walk": ("walk|walks|walking", "take .. steps"),
    "nested": ("<walk> again",),
    "empty": (),
}


@pytest.mark.parametrize(
    ("phrase", "what"),
    [
        ("", "no word"),
        ("...", "no word"),
        ("walk ...", "begins or ends with a gap"),
        ("(walk", "without a )"),
        ("walk)", "without a ("),
        ("|walk", "without a word before it"),
        ("walk|", "ends with a |"),
        ("w*k", "not at the end"),
        ("a*", "two letters"),
        ("<Not A Class>", "a word class is written"),
        ("((((((a))))))", "four deep"),
        ("x" * 3000, "longer than"),
        ("<nobody>", "nobody defines"),
    ],
)
def test_refuses_with_a_reason(phrase: str, what: str):
    with pytest.raises(
        PhraseError,
        match="(?s).*" + what.replace("(", r"\(").replace(")", r"\)").replace("|", r"\|").replace("*", r"\*"),
    ):
        Lexicon(CLASSES).resolve(parse(phrase))


@given(st.text(max_size=80))
def test_any_text_is_a_phrase_or_a_phrase_error(phrase: str):
    try:
        parts = parse(phrase)
        Lexicon(CLASSES).resolve(parts)
    except PhraseError:
        return
    list(Matcher(read(phrase), Lexicon(CLASSES)).find(parts))


@pytest.mark.parametrize(
    ("phrase", "signs"),
    [
        ("C++", "++"),
        ("$5 cure", "$"),
        ("cured!", "!"),
        ("(really?|cured) today", "?"),
        ("🎉 cure", "🎉"),
        ("a = b", "="),
        ("R&D", ""),
        ("U.S. trial", ""),
        ("man’s “cure” - iPS-cell", ""),
        ("reprogram*", ""),
        ("50 %", ""),
        ("made ... walk", ""),
    ],
)
def test_signs_that_would_not_be_heeded_are_told(phrase: str, signs: str):
    assert unmatched_signs(phrase) == signs


@pytest.mark.parametrize(
    ("phrase", "text", "finds"),
    [
        ("lesión medular", "La lesion medular cura.", True),
        ("lesión medular", "La lesión medular cura.", True),
        ("médul*", "medulas", True),
        ("devolvió|dio", "devolvio", True),
        ("caminó", "el camino", False),  # another word
        ("está", "esta", False),
        ("lesion", "lesión", False),  # who writes the phrase without an accent asks for that
    ],
)
def test_a_word_is_found_without_its_accents_unless_that_is_another_word(phrase: str, text: str, finds: bool):
    lexicon = Lexicon({})
    parts = lexicon.resolve(parse(phrase))
    assert (next(Matcher(read(text), lexicon).find(parts), None) is not None) is finds
