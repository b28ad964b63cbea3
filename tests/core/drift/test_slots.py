"""Slots: a match is told of the study's treatment or patients, of something or somebody else, or it cannot be told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.annotation import Annotated
from monitor.core.drift.compile import compile_rules
from monitor.core.drift.slots import Filler
from monitor.core.model import Kind
from monitor.core.rules.rule import Slot
from monitor.core.text.doc import read
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def filled(text: str, words: str, slot: Slot, lang: str = "en") -> Filler | None:
    """Who fills the slot of these words, the last such in the text."""
    probe = replace(RULES.rule("miracle"), any=(words,), needs=(), unless=(), ignores=("negated",), languages=(lang,))
    compiled = compile_rules(STUDY, (probe,), RULES.classes)
    found = Annotated(read(text), compiled.lexicon, (), lang)
    return found.slots.filled(slot, list(found.matcher.find(compiled.rules[0].patterns[0].parts))[-1])


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        ("The ministry approved the treatment.", Filler.OWN),
        ("The cells were approved.", Filler.OWN),
        ("The ministry approved the plan of the treatment.", Filler.ELSE),
        ("The protocol for the cells was approved.", Filler.ELSE),
        ("A committee approved a test for the virus.", Filler.ELSE),
        ("The budget of the hospital was approved.", Filler.ELSE),
        ("The plan was filed in May; the treatment was approved.", Filler.OWN),
        ("The plan was filed in May. It was approved.", Filler.ELSE),
        ("The cells are frozen. It was approved.", Filler.OWN),
        ("It was approved.", Filler.BACK),
        ("So that was approved at last.", Filler.BACK),
        ("Approved!", None),
    ],
)
def test_what_was_approved(text: str, filler: Filler | None):
    assert filled(text, "approved", Slot.TREATMENT) is filler


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        ("One of the patients walks.", Filler.OWN),
        ("Her physiotherapist walks.", Filler.ELSE),
        ("The volunteer read the letter. He walks.", Filler.OWN),
        ("The therapist put on her coat. She walks.", Filler.ELSE),
        ("The therapist waved to the patients, and they walked.", Filler.OWN),
        ("One of the men, his wife says, walks.", Filler.OWN),
        ("He recognised his mother and walked.", Filler.ELSE),
        ("He walks.", Filler.BACK),
        ("Walks!", None),
    ],
)
def test_who_walks(text: str, filler: Filler | None):
    assert filled(text, "walks|walked", Slot.PATIENTS) is filler


def test_who_does_it_stands_before_the_verb_and_is_not_what_the_words_end_with():
    assert filled("He walks to his mother.", "walks", Slot.PATIENTS) is Filler.BACK
    assert filled("Recognised his mother.", "recognised his mother", Slot.PATIENTS) is not Filler.ELSE


@pytest.mark.parametrize(
    ("lang", "words", "slot", "ours", "others"),
    [
        ("es", "aprobado", Slot.TREATMENT, "El tratamiento fue aprobado.", "El plan del tratamiento fue aprobado."),
        ("es", "camina", Slot.PATIENTS, "El paciente camina.", "La enfermera camina."),
        ("ja", "承認", Slot.TREATMENT, "治療が承認された。", "研究の計画が承認された。"),
        ("ja", "歩いた", Slot.PATIENTS, "患者は歩いた。", "看護師は歩いた。"),
    ],
)
def test_other_languages_have_fillers_of_their_own(lang: str, words: str, slot: Slot, ours: str, others: str):
    assert filled(ours, words, slot, lang) is Filler.OWN
    assert filled(others, words, slot, lang) is Filler.ELSE


def rules_of(text: str, lang: str = "en") -> set[str]:
    return {flag.rule for flag in assess("", text, STUDY, RULES, kind=Kind.POST, lang=lang).flags} - {"second-reader"}


@pytest.mark.parametrize(
    ("rule", "lang", "drifts", "faithful"),
    [
        ("above-approval", "en", "Japan has approved the therapy.", "Japan has approved the plan of the therapy."),
        ("above-approval", "en", "The cells have been approved.", "The study protocol has been approved."),
        ("above-outcome", "en", "The patient is walking again.", "The fans cheered. The dancer is walking again."),
        ("es-status", "es", "En Japón la terapia ha sido aprobada.", "En Japón el ensayo de la terapia fue aprobado."),
        ("ja-status", "ja", "治療を厚労省が承認した。", "治療の研究計画を厚労省が承認した。"),
    ],
)
def test_a_rule_is_silent_where_its_slot_is_filled_by_something_else(rule: str, lang: str, drifts: str, faithful: str):
    assert rule in rules_of(drifts, lang)
    assert rule not in rules_of(faithful, lang)


def test_a_rule_names_its_slot_or_what_it_is_about_implies_it():
    assert RULES.rule("above-outcome").slot is Slot.PATIENTS
    assert RULES.rule("es-status").slot is Slot.TREATMENT
    assert RULES.rule("miracle").slot is None
