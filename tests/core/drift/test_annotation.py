"""One sentence with what the passes found out: worked out once, handed on."""

from __future__ import annotations

from pathlib import Path

from monitor.core.drift.annotation import Annotated
from monitor.core.drift.attribution import Speaker, Subject
from monitor.core.drift.compile import compile_rules
from monitor.core.text.doc import read
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
COMPILED = compile_rules(STUDY, RULES.rules, RULES.classes)


def annotated(text: str) -> Annotated:
    return Annotated(read(text), COMPILED.lexicon, COMPILED.rules, "en")


def test_a_sentence_has_what_every_pass_found():
    text = "It rained. Okano said the patients may not walk again."
    seen = annotated(text).sentence(1)
    assert seen.cues == {"team", "says", "ours", "hedged", "negated"}
    assert {"patients", "time-could"} <= seen.classes
    assert (seen.speaker, seen.subject) == (Speaker.TEAM, Subject.STUDY)
    assert "overstated-outcome" in seen.evidence.negated
    assert text[seen.claim.start : seen.claim.end] == "Okano said the patients may not walk again."
    assert seen.claim.denied


def test_a_sentence_is_annotated_once():
    found = annotated("It rained. He walks again.")
    assert found.sentence(1) is found.sentence(1)
    assert found.sentence(0) is not found.sentence(1)
