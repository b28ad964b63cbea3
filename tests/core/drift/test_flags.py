"""From matches to flags: their words, their finding, one per place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.drift.compile import Pattern, compile_rules
from monitor.core.drift.flags import MOST_CONFIDENT, NearFindings, correction, fill, flag_of, stems, tidy
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.model import Kind
from monitor.core.rules.matcher import Match, Matcher
from monitor.core.rules.rule import Status
from monitor.core.text.doc import read
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


RULE = replace(RULES.rule("miracle"), finding=None, correction=None, confidence=0.7)
TEXT = "Such a miracle."


def flag(rule=RULE, pattern: Pattern | None = None) -> Flag:
    found = Match(7, 14, 0, 0, 2, 3)
    return flag_of(rule, pattern or Pattern(parts=()), found, doc=read(TEXT), where="text", study=STUDY)


def test_a_name_in_braces_that_stands_for_nothing_is_shown_to_nobody():
    """Rules that an earlier version saved; what stands in braces in a text is that text's own."""
    finding = next(iter(STUDY.findings.values()))
    assert fill("“{match}”: {findng} {finding}", "a {b} c", finding) == f"“a {{b}} c”: … {finding.sentence}"
    assert flag(replace(RULE, message="“{match}” is {x y}.", correction="Say {that}.")).message == "“miracle” is …."
    assert flag(replace(RULE, correction="Say {that}.")).correction == "Say …."


def test_the_words_of_the_pattern_win_over_those_of_the_rule():
    finding = next(iter(STUDY.findings.values()))
    bare = flag()
    assert (bare.span.quote, bare.finding, bare.source, bare.correction) == ("miracle", None, None, None)
    assert (bare.confidence, bare.severity, bare.mailed) == (0.7, RULE.severity, True)
    told = flag(pattern=Pattern(parts=(), finding=finding.id, correction="Say less.", severity=Severity.HIGH))
    assert (told.finding, told.found, told.source) == (finding.id, finding.sentence, finding.reference)
    assert (told.correction, told.severity) == ("Say less.", Severity.HIGH)


@pytest.mark.parametrize(("distance", "confidence"), [(0, 0.7), (1, 0.7), (2, 0.74), (3, 0.78), (50, MOST_CONFIDENT)])
def test_every_rung_farther_is_surer(distance: int, confidence: float):
    assert flag(pattern=Pattern(parts=(), distance=distance)).confidence == confidence


def test_a_rule_on_trial_is_not_mailed():
    assert not flag(replace(RULE, status=Status.TRIAL)).mailed


def test_only_two_names_of_a_template_are_filled_in():
    finding = next(iter(STUDY.findings.values()))
    assert (
        fill("“{match}”:  {finding} {other} {0}", "a {finding}", finding) == f"“a {{finding}}”: {finding.sentence} … …"
    )
    assert fill("{finding}{match}", "x", None) == "x"


def test_a_correction_is_of_the_words_else_the_rule_s_else_the_finding_s():
    finding = replace(next(iter(STUDY.findings.values())), correction="Of the finding.")
    ruled = replace(RULE, correction="Of the rule.")
    assert correction(ruled, finding, "Of the words.") == "Of the words."
    assert correction(ruled, finding) == "Of the rule."
    assert correction(RULE, finding) == "Of the finding."
    assert correction(RULE, None) is None


def nearest(drift: Drift, text: str, rules=RULES.rules) -> str | None:
    compiled = compile_rules(STUDY, rules, RULES.classes)
    matcher = Matcher(read(text), compiled.lexicon)
    finding = NearFindings(compiled).near(drift, matcher.doc.sentences[0], matcher)
    return finding.id if finding else None


@pytest.mark.parametrize(
    ("drift", "text", "finding"),
    [
        (Drift.MECHANISM_ERROR, "The laboratory reprogrammed the man himself before his treatment.", "reprogramming"),
        (Drift.OVERSTATED_OUTCOME, "It rained all day.", None),
        # The patients and the cells are in most findings: they tell none from another.
        (Drift.CAUSAL_OVERCLAIM, "The four patients in the study received cells.", None),
        # It says what the finding says.
        (Drift.MECHANISM_ERROR, "Each received about two million neural precursor cells from a donor.", None),
        (Drift.OVERSTATED_OUTCOME, "The other two improved little in motor function after a year.", None),
    ],
)
def test_the_nearest_finding_speaks_of_most_of_the_words_and_contradicts_them(drift, text: str, finding: str | None):
    assert nearest(drift, text) == finding


def test_no_rule_no_nearest_finding():
    assert nearest(Drift.OVERSTATED_OUTCOME, "Motor function improved in the other two.", ()) is None


def test_stems_are_of_words_that_say_something():
    assert stems(read("The transplantation was in the cells").words) == {"trans", "cells"}


def placed(start: int, end: int, **given) -> Flag:
    usual = {"rule": "r", "drift": Drift.FACT_ERROR, "severity": Severity.MEDIUM, "confidence": 0.8, "message": ""}
    where = given.pop("where", "text")
    return Flag(span=Span(start=start, end=end, quote="x" * (end - start), where=where), **(usual | given))


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ([placed(0, 9), placed(4, 12, severity=Severity.HIGH)], [1]),
        ([placed(0, 9), placed(4, 12, confidence=0.9)], [1]),
        ([placed(0, 9), placed(4, 14)], [1]),  # as severe and sure: the longer
        ([placed(0, 9), placed(9, 12)], [0, 1]),
        ([placed(0, 9), placed(4, 12, drift=Drift.AVAILABILITY)], [0, 1]),
        ([placed(4, 9), placed(0, 9, where="title")], [1, 0]),
    ],
)
def test_one_flag_per_place_and_type_stands_in_reading_order(flags: list[Flag], kept: list[int]):
    assert tidy(flags) == [flags[at] for at in kept]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The cells regrow the severed spinal cord in the men.", "regrow the severed"),
        ("It works better than any other treatment.", "better than any other treatment"),
        ("It works better than any, they say.", "better than any"),
    ],
)
def test_a_quotation_does_not_end_with_what_belongs_to_the_next_word(text: str, quote: str):
    found = assess("", text, STUDY, replace(RULES, classifier=None, digest=""), kind=Kind.POST).flags
    assert quote in {flag.span.quote for flag in found}, found
