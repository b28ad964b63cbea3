"""From matches to flags: their words, their finding, one per place."""

from __future__ import annotations

from pathlib import Path

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")


def judged(text: str, *, title: str = "", kind: Kind = Kind.POST, lang: str = "en"):
    return assess(title, text, STUDY, RULES, kind=kind, lang=lang)


def test_a_flag_names_words_finding_source_and_correction():
    (flag,) = judged("The cells were put into their brains.").flags
    assert flag.rule == "wrong-place"
    assert flag.span.quote == "into their brains"
    assert flag.found == "The cells were injected into the injured spinal cord."
    assert flag.source is not None
    assert flag.source.title.startswith("Sugai")
    assert flag.correction == flag.found
    assert flag.confirmed


def test_a_title_is_judged_in_its_own_offsets():
    title = "Paralysed man walks again"
    assessment = judged("The results were told at a press conference.", title=title)
    (flag,) = [f for f in assessment.flags if f.span.where == "title"]
    assert flag.rule == "above-outcome"
    assert title[flag.span.start : flag.span.end] == flag.span.quote == "walks again"
