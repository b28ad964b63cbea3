"""Claim frames: how a sentence is understood."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from monitor.core.drift.attribution import Speaker, Subject
from monitor.core.drift.claims import Certainty, Claim, Stance, asserts, claim
from monitor.core.drift.evidence import Evidence
from monitor.core.drift.judge import Judge
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
JUDGE = Judge(LIBRARY.study("keio-ips-sci"), LIBRARY.ruleset("keio-ips-sci"))
USUAL = {
    "subject": "open",
    "speaker": "writer",
    "stance": "told",
    "denied": False,
    "certainty": "plain",
    "time": "now",
    "wider": False,
    "distance": None,
    "numbers": None,
}


def frames(text: str) -> list[dict[str, object]]:
    return [
        {name: value for name, value in asdict(claim).items() if name in USUAL and value != USUAL[name]}
        for claim in JUDGE.claims(text, lang="en")
    ]


def test_a_claim_above_the_ladder_has_its_distance():
    assert frames("He is walking again.") == [{"distance": 2}]
    assert frames("He was cured.") == [{"distance": 3}]
    assert frames("He is not walking again.") == [{"denied": True}]


def test_numbers_are_right_or_wrong():
    assert frames("Two of the four patients improved.")[0]["numbers"] is True
    assert frames("Three of the four patients improved.")[0]["numbers"] is False


def test_certainty_time_and_voice():
    assert frames("Is he walking again?") == [{"certainty": "asked"}]
    (hoped,) = frames("The team hopes he will be walking again.")
    assert (hoped["certainty"], hoped["time"]) == ("hoped", "will")
    (told,) = frames("Okano said he could be walking again.")
    assert (told["speaker"], told["stance"], told["time"]) == ("team", "reported", "could")
    (doubted,) = frames("Sceptics doubt he is walking again.")
    assert (doubted["speaker"], doubted["stance"]) == ("critic", "doubted")
    (other,) = frames("XellSmart's patient is walking again.")
    assert other["subject"] == "other"
    (boosted,) = frames("He is definitely walking again.")
    assert boosted["certainty"] == "boosted"


def test_sentences_that_say_nothing_of_the_study_are_no_claims():
    assert frames("The room was full. It rained.") == []


# --- a claim from values alone: no text, no rules ---------------------------------------------------------------------


def made(**given) -> Claim:
    usual = {
        "question": False,
        "cues": frozenset[str](),
        "classes": frozenset[str](),
        "speaker": Speaker.WRITER,
        "subject": Subject.OPEN,
        "evidence": Evidence(),
    }
    return claim(0, 9, **(usual | given))


@pytest.mark.parametrize(
    ("question", "cues", "classes", "certainty"),
    [
        (True, {"condition", "hedged"}, {"boosters"}, Certainty.ASKED),
        (False, {"condition", "aim", "hedged"}, {"boosters"}, Certainty.CONDITIONAL),
        (False, {"aim", "hedged"}, {"boosters"}, Certainty.HOPED),
        (False, {"hedged"}, {"boosters"}, Certainty.HEDGED),
        (False, {"negated"}, {"boosters"}, Certainty.BOOSTED),
        (False, {"negated"}, set(), Certainty.PLAIN),
    ],
)
def test_of_several_certainties_the_first_holds(question: bool, cues, classes, certainty: Certainty):
    assert made(question=question, cues=cues, classes=classes).certainty is certainty


@pytest.mark.parametrize(
    ("speaker", "cues", "stance"),
    [
        (Speaker.WRITER, set(), Stance.TOLD),
        (Speaker.TEAM, set(), Stance.REPORTED),
        (Speaker.CRITIC, set(), Stance.DOUBTED),
        (Speaker.TEAM, {"doubts"}, Stance.DOUBTED),
        (Speaker.WRITER, {"refuted"}, Stance.DOUBTED),
    ],
)
def test_the_stance_is_whoever_tells_it_s(speaker: Speaker, cues, stance: Stance):
    assert made(speaker=speaker, cues=cues).stance is stance


def test_a_wrong_number_outweighs_a_right_one_and_a_rung_above_the_one_reached():
    assert made().numbers is None
    assert made(evidence=Evidence(right={1})).numbers is True
    assert made(evidence=Evidence(right={1}, wrong={4})).numbers is False
    assert made(classes={"sheet-reached"}).distance == 0
    assert made(classes={"sheet-reached"}, evidence=Evidence(distance=2)).distance == 2


def test_parts_leave_out_what_is_usual():
    assert list(made().parts) == []
    parts = made(speaker=Speaker.TEAM, subject=Subject.STUDY, classes={"time-could"}, cues={"hedged"}).parts
    assert list(parts) == ["subject:study", "speaker:team", "stance:reported", "certainty:hedged", "time:could"]


@pytest.mark.parametrize(
    ("classes", "evidence", "expected"),
    [
        (set(), Evidence(), False),
        ({"boosters"}, Evidence(), False),
        ({"benefit-claim"}, Evidence(), True),
        (set(), Evidence(negated={"fact-error"}), True),
        (set(), Evidence(right={3}), True),
    ],
)
def test_what_asserts_anything(classes, evidence: Evidence, expected: bool):
    assert asserts(classes, evidence) is expected
