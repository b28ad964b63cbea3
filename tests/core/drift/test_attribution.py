"""Who speaks and of whose study: what one sentence carries over to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.core.drift import assess
from monitor.core.drift.attribution import Attribution
from monitor.core.drift.compile import compile_rules
from monitor.core.drift.cues import Cues
from monitor.core.rules.matcher import Matcher
from monitor.core.text.doc import read
from monitor.library.load import Library

if TYPE_CHECKING:
    from monitor.core.rules.lexicon import Lexicon

LIBRARY = Library(Path("/nowhere"), {})
STUDY, RULES = LIBRARY.study("keio-ips-sci"), LIBRARY.ruleset("keio-ips-sci")
LEXICON = compile_rules(STUDY, RULES.rules, RULES.classes).lexicon


def attribution(text: str, lexicon: Lexicon = LEXICON):
    matcher = Matcher(read(text), lexicon)
    found = Attribution(matcher, Cues(matcher))
    return [(str(found.speaker(s.index)), str(found.subject(s.index))) for s in matcher.doc.sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He stands.", [("writer", "open")]),
        ("Okano said he stands.", [("team", "study")]),
        ("“We did it. He stands,” Okano said.", [("team", "open"), ("team", "study")]),
        ("“We did it,” Okano said. “He stands.”", [("team", "study"), ("team", "study")]),
        ("“We did it,” Okano said. Today he stands.", [("team", "study"), ("writer", "open")]),
        ("“He is cured,” critics mocked.", [("critic", "open")]),
        ("“He is cured,” a neighbour said.", [("other", "open")]),
        ("XellSmart treated two. It cured them.", [("writer", "other"), ("writer", "other")]),
        ("XellSmart treated two. They said so. It cured them.", [("writer", "other"), ("other", "other"), ("writer", "other")]),
        ("XellSmart treated two. Keio treated four. It cured them.", [("writer", "other"), ("writer", "study"), ("writer", "study")]),
        ("XellSmart treated two. In Tokyo a man stands.", [("writer", "other"), ("writer", "open")]),
        ("It worked in mice. It cured a man.", [("writer", "other"), ("writer", "open")]),
    ],
)  # fmt: skip
def test_speaker_and_subject(text: str, expected: list[tuple[str, str]]):
    assert attribution(text) == expected


@pytest.mark.parametrize(
    ("text", "drift"),
    [
        ("Despite the sceptics, he was cured by the cells.", True),
        ("Critics said it could never work, but the cells cured him.", True),
        ("Nobody doubts that the cells cured him.", True),
        ("“The patients are cured,” critics mocked.", False),
        ("Stemirac was approved in 2018. It uses the patient's own cells.", False),
        ("The Keio cells are in a trial. They use the patient's own cells.", True),
        ("The cells worked in mice. They have now cured a man.", True),
    ],
)
def test_guards_are_scoped_by_speaker_and_subject(text: str, drift: bool):
    assessment = assess("", text, STUDY, replace(RULES, classifier=None, digest="sha256:voices"))
    assert assessment.drift is drift


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("aquello", "XellSmart operó a dos. Aquello les curó."),
        ("あちらは", "XellSmartは二人に移植した。あちらは成功だった。"),
    ],
)
def test_a_pack_says_in_its_language_how_a_sentence_goes_on(words: str, text: str):
    own = {**RULES.classes, "guard-goes-on": (*RULES.classes["guard-goes-on"], words)}
    assert attribution(text)[1][1] == "open"
    assert attribution(text, compile_rules(STUDY, RULES.rules, own).lexicon)[1][1] == "other"
