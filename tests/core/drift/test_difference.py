"""What two RuleSets can judge differently: everything else they judge alike, whatever was changed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.difference import difference
from monitor.core.judgement import Drift
from monitor.core.model import Kind
from monitor.core.rules.clues import ANYTHING, AllOf, AnyOf, Clues, Held, Letters, Word
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.phrase import parse
from monitor.library.load import Library

STUDY_ID = "keio-ips-sci"
PLAIN = Library(Path("/nowhere"), {})
STUDY, RULES = PLAIN.study(STUDY_ID), PLAIN.ruleset(STUDY_ID)
LABELLED = Path(__file__).parents[2] / "data" / "labelled"
TEXTS = [
    (row["text"], row.get("lang", "en"))
    for name in ("pieces.jsonl", "pieces-ja.jsonl", "pieces-es.jsonl", "sentences.jsonl")
    for row in map(json.loads, (LABELLED / name).read_text(encoding="utf-8").splitlines())
]
RULE = (
    'id: our-rule\nmessage: "“{{match}}” is much."\nwhy: It is.\nseverity: high\nkind: phrase\ndrift: {drift}\n{more}'
    'match:\n  any: ["{phrase}"]\nflags: [one, two]\npasses: [three]\n'
)


def own(phrase: str, drift: str = "sensational-language", more: str = "") -> dict[str, str]:
    return {"our-rule.yaml": RULE.format(phrase=phrase, drift=drift, more=more)}


def with_files(files):
    return Library(Path("/nowhere"), files).ruleset(STUDY_ID)


def changed(rng: random.Random) -> dict[str, str]:
    """Files of some change: a phrase of a text as a rule, a shipped rule changed, a word class with one more phrase."""
    words = [word for word in rng.choice(TEXTS)[0].split() if word.isalpha()] or ["walks"]
    at = rng.randrange(len(words))
    phrase = " ".join(words[at : at + 2])
    shipped = rng.choice(RULES.rules).id
    kind = rng.randrange(6)
    if kind == 0:
        return own(phrase, rng.choice(list(Drift)).value)
    if kind == 1:
        return own(f"{words[at]} ... <patients>", rng.choice(list(Drift)).value, "finding: walking\n")
    if kind == 2:
        return {"_changes.yaml": f"{shipped}:\n  status: {rng.choice(['retired', 'trial'])}\n"}
    if kind == 3:
        return {"_changes.yaml": f"{shipped}:\n  severity: low\n"}
    if kind == 4:
        within = rng.choice(["phrase", "sentence", "text"])
        return {"_changes.yaml": f'{shipped}:\n  unless:\n    within: {within}\n    any: ["{phrase}"]\n'}
    name = rng.choice(["patients", "guard-negated", "guard-aim", "benefit-claim", "debunks", "ja-cells"])
    return {"_classes.yaml": f'{name}: ["{phrase}"]\n'}


@pytest.mark.parametrize("seed", range(14))
def test_whatever_it_does_not_reach_is_judged_alike(seed):
    rng = random.Random(seed)
    before = RULES if seed % 2 else with_files(changed(rng))
    after = with_files(changed(rng))
    found = difference(STUDY, before, after)
    if found.everything:
        return
    for text, lang in rng.sample(TEXTS, 40):
        kind = rng.choice([Kind.POST, Kind.ARTICLE])
        one, other = (
            replace(assess("", text, STUDY, ruleset, kind=kind, lang=lang), ruleset="") for ruleset in (before, after)
        )
        near = found.near and any(flag.rule == found.near.rule for flag in one.flags)
        assert found.reaches_text("", text) or near or one == other, text


def test_what_changes_is_reached():
    after = with_files(own("moonshot ... mankind"))
    found = difference(STUDY, RULES, after)
    assert found.rules == {"our-rule"}
    assert found.reaches_text("", "A moonshot it is for all of mankind.")
    assert found.reaches_text("A moonshot for mankind", "")
    assert not found.reaches_text("", "Mankind has no moonshot.")
    assert not found.reaches_text("", "It is a moonshot. Mankind waits.")
    assert difference(STUDY, RULES, RULES).nothing


def test_an_exception_reaches_only_what_holds_it_and_the_words():
    after = with_files({"_changes.yaml": 'miracle:\n  unless: {any: ["they laughed"]}\n'})
    found = difference(STUDY, RULES, after)
    assert found.reaches_text("", "A miracle, they laughed.")
    assert not found.reaches_text("", "A miracle, they cried.")
    assert not found.reaches_text("", "A day, they laughed.")


def test_a_word_class_reaches_as_far_as_the_words_it_gained():
    found = difference(STUDY, RULES, with_files({"_classes.yaml": "patients: [gentleman]\n"}))
    assert (found.everything, found.reaches_text("", "The gentleman."), found.reaches_text("", "The patient.")) == (
        False,
        True,
        False,
    )


def test_what_decides_nothing_changes_nothing():
    passes = {"_changes.yaml": "miracle:\n  passes: [A calm day.]\n"}
    assert difference(STUDY, RULES, with_files(passes)).nothing


def test_the_second_reader_going_reaches_everything():
    assert difference(STUDY, RULES, with_files({"_changes.yaml": "second-reader:\n  status: retired\n"})).everything


def clue(phrase: str, **classes):
    lexicon = Lexicon(classes)
    return Clues(lexicon).of(lexicon.resolve(parse(phrase)))


def test_clues_say_no_more_than_phrases_do():
    assert clue("made ... walk") == AllOf((Word("made"), Word("walk")))
    assert clue("(fully|) recover*") == Word("recover", begins=True)
    assert clue("<n:number> patients") == Word("patients")
    assert clue("50 %") == Word("50"), "a percent sign may be written as a word"
    assert clue("#Miracle") == Word("#miracle")
    assert clue("<who> walk", who=("man", "woman")) == AllOf((AnyOf((Word("man"), Word("woman"))), Word("walk")))
    assert clue("患者...歩") == AllOf((Letters("患者"), Letters("歩")))
    assert clue("(a|<n:number>) ... b") == Word("b")
    assert clue("<n:number>") == ANYTHING


def test_a_hashtag_is_held_as_itself_and_as_its_words():
    held = Held("", "See #MedicalMiracle now")
    assert all(held.hold(clue(phrase)) for phrase in ("#MedicalMiracle", "medical miracle", "see ... now"))
    assert not held.hold(clue("miracles"))
