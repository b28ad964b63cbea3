"""Claim frames: how a sentence is understood."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

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
