"""Many phrases at once: what is found is what looking for each of them alone finds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.drift.compile import compile_rules
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.scan import Scanner
from monitor.core.text.doc import RUN_OF_LETTERS, fold, read, runs_of_letters, spell
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
CLASSES = {
    "cells": ("(stem cell|stem cells|cells)", "iPS*", "細胞"),
    "walks": ("walk|walks|walking", "(get|gets) up", "(fully|) recovered"),
    "either": ("<cells>", "<walks>"),
}
PHRASES = (
    *("walking again", "walk|walks|walked", "(able to|can) walk", "(fully|) recovered", "reprogram*", "made ... walk"),
    *(
        "made .. walk",
        "<n:number>",
        "<n:share> of the <cells>",
        "a year",
        "<cells>",
        "<walks> again",
        "<either>",
        "#MedicalMiracle",
    ),
    *(
        "奇跡",
        "<cells>が...(治|癒)し",
        "didn't walk",
        "didn't*",
        "it's",
        "1,000 cells",
        "curé",
        "écure",
        "İstanbul",
        "ﬃ",
        "ẞ",
    ),
    *(
        "covid19",
        "percent",
        "75 %",
        "R&D",
        "C++",
        "no-one",
        "the of",
        "in a",
        "(a b|c) d",
        "lesión medular",
        "(walk|奇跡)",
        "xy*",
    ),
)
LEXICON = Lexicon(CLASSES)
PARTS = [LEXICON.resolve(parse(phrase)) for phrase in PHRASES]
SCANNER = Scanner(PARTS, LEXICON)


def one_by_one(text: str) -> list[tuple[int, int, int]]:
    doc = read(text)
    matcher = Matcher(doc, Ungated(CLASSES))
    return [
        (place, *doc.span(found.start, found.end)[:2])
        for place, parts in enumerate(PARTS)
        for found in matcher.find(parts)
    ]


class Ungated(Lexicon):
    """One that knows nothing of what a text must hold, so that each phrase is looked for in each text."""

    def plan(self, parts):
        return super().plan(parts)._replace(need=0, following=0, rest=None, words=None, tight=None)

    def index(self, name):
        return replace(super().index(name), need=0)


PIECES = (
    *(
        "walk",
        "walking",
        "again",
        "stem",
        "cell",
        "cells",
        "iPS",
        "iPSC",
        "made",
        "him",
        "get",
        "up",
        "can",
        "able",
        "to",
    ),
    *(
        "fully",
        "recovered",
        "reprogrammed",
        "two",
        "half",
        "of",
        "the",
        "75",
        "%",
        "1,000",
        "3.5",
        "a",
        "year",
        "#MedicalMiracle",
    ),
    *(
        "#iPS細胞",
        "奇跡",
        "細胞が彼を治した",
        "didn't",
        "didn’t",
        "it’s",
        "curé",
        "curé",
        "écure",
        "İSTANBUL",
        "istanbul",
        "ﬃ",
    ),
    *(
        "straße",
        "wal\u00adking",
        "a\u200bgain",
        "covid19",
        "covid19x",
        "100mg",
        "R&D",
        "c++",
        "no‑one",
        "NO-ONE",
        "x",
        "xylo",
        "(",
        ")",
        "\n",
    ),
    *(
        ". ",
        "! ",
        "; ",
        "、",
        "。",
        "_",
        "walk_again",
        "d",
        "b",
        "c",
        "lesion",
        "medular",
        "medical",
        "miracle",
        "in",
        "'s",
        "ａｇａｉｎ",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).flatmap(
    lambda pieces: st.lists(
        st.sampled_from([" ", "", "-", "'", ".", ", "]), min_size=len(pieces), max_size=len(pieces)
    ).map(lambda between: "".join(map("".join, zip(pieces, between, strict=True))))
)


@given(TEXTS)
def test_together_as_one_by_one(text: str):
    assert SCANNER.spans(text) == one_by_one(text)


@given(st.text(max_size=40))
def test_together_as_one_by_one_in_any_text(text: str):
    assert SCANNER.spans(text) == one_by_one(text)


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_is_found_in_what_it_says(phrase: str):
    """Lest the two agree because neither finds anything."""
    said = {
        "<n:number>": "four", "<n:share> of the <cells>": "half of the stem cells", "<cells>": "iPSC", "<walks> again": "gets up again",
        "<either>": "recovered", "<cells>が...(治|癒)し": "細胞が彼を治した", "(able to|can) walk": "able to walk", "made ... walk": "made him walk",
        "made .. walk": "made walk", "(fully|) recovered": "recovered", "(a b|c) d": "a b d", "walk|walks|walked": "walked", "(walk|奇跡)": "奇跡",
        "reprogram*": "reprogrammed", "didn't*": "didn’t", "xy*": "xylo",
    }.get(phrase, phrase)  # fmt: skip
    assert PHRASES.index(phrase) in {place for place, _, _ in SCANNER.spans(f"So {said}")}


@given(TEXTS)
def test_runs_of_letters_are_those_of_the_words_that_are_read(text: str):
    spelt = spell(text).text
    runs = runs_of_letters(spelt, fold(spelt))
    for word in read(text).words:
        assert runs.issuperset(RUN_OF_LETTERS.findall(word.text))


@pytest.mark.parametrize(
    "text",
    [
        "He is walking again.",
        "walking-again: walking again",
        "xwalking again",
        "walking, again",
        "walking. Again",
        "walking\nagain",
        "Walking again's",
        "#WalkingAgain",
        "walking`again",
        "walking\tagain",
    ],
)
def test_a_phrase_of_words_is_found_where_reading_finds_it(text: str):
    """Some of these are read and some are not."""
    assert SCANNER.spans(text) == one_by_one(text)


@pytest.mark.parametrize("study_id", [study.id for study in LIBRARY.studies()])
def test_the_shipped_rules_are_found_alike_in_labelled_texts(study_id: str):
    """Every phrase of every rule and every word class, in the texts of the project in three languages."""
    study = LIBRARY.study(study_id)
    classes = compile_rules(study, LIBRARY.rules(), LIBRARY.ruleset(study_id).classes).lexicon.classes
    gated, plain = Lexicon(classes), Ungated(classes)
    phrases = [phrase for rule in LIBRARY.rules() for phrase in rule.any]
    told, alone = ([one.resolve(parse(phrase)) for phrase in phrases] for one in (gated, plain))
    scanner = Scanner(told, gated)
    for text in labelled_texts():
        doc = read(text)
        ours, theirs = Matcher(doc, gated), Matcher(doc, plain)
        found = [[*ours.find(parts)] for parts in told]
        assert found == [[*theirs.find(parts)] for parts in alone]
        assert {at for at, matches in enumerate(found) if matches} <= {*scanner.possible(text)}
        for name in classes:
            assert ours.class_found(name) == theirs.class_found(name), name


def labelled_texts() -> list[str]:
    """Whole texts of several kinds, and single sentences in English, Spanish and Japanese."""
    folder = Path(__file__).parents[2] / "data" / "labelled"
    found = []
    for name, step in (("documents.jsonl", 3), ("pieces-es.jsonl", 9), ("pieces-ja.jsonl", 9), ("sentences.jsonl", 60)):
        rows = (folder / name).read_text(encoding="utf-8").splitlines()
        found += [json.loads(row)["text"] for row in rows[::step]]
    return found
