"""Phrases drafted from a text find the place that they were drafted from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.rules.draft import exception_around, id_from, phrase_from, sentence_around, signs_of_words
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.text.doc import read

LABELLED = Path(__file__).parents[2] / "data" / "labelled"
TEXTS = [
    json.loads(line)["text"]
    for name in ("pieces.jsonl", "pieces-ja.jsonl", "pieces-es.jsonl")
    for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()[:120]
]


def found(phrase: str, text: str) -> list[str]:
    doc = read(text)
    return [doc.span(match.start, match.end)[2] for match in Matcher(doc, Lexicon({})).find(parse(phrase))]


def test_an_exception_holds_the_words_around():
    text = "Rain fell. She hopes to walk again one day, he said."
    at = text.index("walk again")
    assert exception_around(text, at, at + 10) == "she hopes to walk again one day he"
    assert sentence_around(text, at, at + 10) == "She hopes to walk again one day, he said."
    assert exception_around("Cure - walk again: soon", 7, 17) == ""
    assert exception_around("歩けるようになったと信じる。", 0, 4) == "歩けるようになったと"
    assert exception_around("英語で stand unaided といいます。", 14, 16) == "unaided", "no word is cut"


@given(st.sampled_from(TEXTS), st.data())
def test_what_is_drafted_finds_its_place(text, data):
    start = data.draw(st.integers(0, max(0, len(text) - 2)))
    end = data.draw(st.integers(start + 1, min(len(text), start + 60)))
    phrase = exception_around(text, start, end)
    assert phrase == "" or found(phrase, text)
    piece = phrase_from(text[start:end])
    assert piece == "" or found(piece, text[start:end])


def test_an_id_is_none_that_is_taken():
    assert id_from("Walks again!", []) == "our-walks-again"
    assert id_from("walks again", ["our-walks-again", "our-walks-again-2"]) == "our-walks-again-3"
    assert id_from("奇跡") == "our-rule"
    assert len(id_from("word " * 40)) < 60


@pytest.mark.parametrize(("marked", "signs"), [("C++", "++"), ("$5 now", "$"), ("walks again! 🎉", ""), ("a + b", "")])
def test_signs_that_no_phrase_matches(marked, signs):
    assert signs_of_words(marked) == signs
