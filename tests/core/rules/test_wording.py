"""Phrases turned into words that they find."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.drift.compile import word_classes
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.wording import wording
from monitor.core.text.doc import read
from monitor.library.load import Library

CLASSES = {"men": ("(old|young) man|men", "boys"), "two-men": ("two <men>",), "none": ()}
LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")


def number(kind: str) -> str:
    return {"number": "7", "share": "70 percent", "days": "7 days"}[kind]


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("walking again", "walking again"),
        ("walk|walks|walked home", "walk home"),
        ("(able to|can) walk", "able to walk"),
        ("(fully|) recovered", "recovered"),
        ("(|fully) recovered", "recovered"),
        ("reprogram* .. cells", "reprogram cells"),
        ("made ... (walk|run) (again|once (more|)|)", "made walk"),
        ("((very|) big|huge) step", "big step"),
        ("(a|b)|c d", "a d"),
        ("<n:number> of <share> in <d:days>", "7 of 70 percent in 7 days"),
        ("the <two-men>", "the two old man"),
        ("<none> walk", "none walk"),
        ("back-to-back", "back-to-back"),
        ("#MedicalMiracle", "#MedicalMiracle"),
        ("奇跡...治療|完治", "奇跡治療"),
    ],
)
def test_the_first_of_each_choice_and_nothing_optional(phrase, words):
    assert wording(phrase, CLASSES, number) == words


def test_every_phrase_of_a_shipped_sheet_finds_its_own_wording():
    classes = word_classes(STUDY, LIBRARY.ruleset(STUDY.id).classes)
    lexicon = Lexicon(classes)
    phrases = [phrase for ladder in STUDY.ladders.values() for rung in ladder.rungs for phrase in rung.says]
    phrases += [phrase for finding in STUDY.findings.values() for entry in finding.excludes for phrase in entry.says]
    phrases += [phrase for quantity in STUDY.quantities for phrase in quantity.says]
    phrases += [phrase for caveat in STUDY.caveats for phrase in caveat.says]
    assert len(phrases) > 200
    lost = []
    for phrase in phrases:
        found = Matcher(read(wording(phrase, classes, number)), lexicon).find(lexicon.resolve(parse(phrase)))
        lost.extend([phrase] if next(found, None) is None else [])
    assert lost == []
