"""Drafts of abstracts of every design, written for this test: each keeps its numbers, and passes its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from monitor.core.drafting.blanks import FINDING, INSTITUTION, STUDIED
from monitor.core.drafting.design import Design
from monitor.core.drafting.designs import TOLD
from monitor.core.drafting.draft import MOST_FINDINGS, draft_sheet
from monitor.core.drafting.numbers import Kind as Kinds
from monitor.core.drafting.numbers import numbers_of
from monitor.core.drafting.settle import settled
from monitor.core.drafting.source_text import MOST_CHARACTERS
from monitor.core.drift import assess
from monitor.core.errors import UsageError
from monitor.core.evaluation.own_words import failed_words
from monitor.core.model import Kind
from monitor.core.papers import Paper
from monitor.core.text.doc import read
from monitor.library.load import Library

TODAY = date(2026, 11, 29)
ABSTRACTS = sorted((Path(__file__).parents[2] / "data" / "abstracts").glob("*.txt"))
LIBRARY = Library(Path("/nowhere"), {})
DESIGNS = {
    "case-series": Design.CASE_SERIES,
    "cohort-coffee": Design.COHORT,
    "cross-sectional-teens": Design.CROSS_SECTIONAL,
    "in-vitro-antiviral": Design.IN_VITRO,
    "japanese": Design.RANDOMISED,
    "mice-lifespan": Design.ANIMALS,
    "modelling-heat": Design.MODELLING,
    "nonrandomised-surgery": Design.COHORT,
    "preprint-diagnostic": Design.CASE_CONTROL,
    "press-release": Design.SINGLE_ARM,
    "randomised-safe-effective": Design.RANDOMISED,
    "randomised-structured": Design.RANDOMISED,
    "review-meta-analysis": Design.REVIEW,
    "single-arm-cells": Design.SINGLE_ARM,
    "unlabelled-short": Design.UNKNOWN,
}


@lru_cache
def drafted(name: str):
    text = next(path for path in ABSTRACTS if path.stem == name).read_text(encoding="utf-8")
    draft = draft_sheet("drafted", text, today=TODAY)
    ruleset = replace(LIBRARY.ruleset_of(draft.study), digest="")  # no draft is judged as another one was
    return text, draft, settled(draft, ruleset), ruleset


def test_every_abstract_has_a_design_to_be_found():
    assert {path.stem for path in ABSTRACTS} == set(DESIGNS)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_draft_passes_its_own_words_and_its_abstract_raises_nothing(name):
    text, _, draft, ruleset = drafted(name)
    assert [(failed.keys, failed.what) for failed in failed_words(draft.study, ruleset)] == []
    if draft.study.abstract:
        raised = assess("", text, draft.study, ruleset, kind=Kind.POST, lang="ja" if name == "japanese" else "en").flags
        assert [flag.rule for flag in raised if flag.is_drift] == []


@pytest.mark.parametrize("name", DESIGNS)
def test_the_design_is_told_by_its_words(name):
    _, draft, _, _ = drafted(name)
    found = draft.study.findings.get("efficacy")
    assert (found.sentence if found else None) == TOLD.get(DESIGNS[name])
    asked = {question.id for question in draft.study.questions}
    assert ("design" in asked) == (DESIGNS[name] is Design.UNKNOWN)


@pytest.mark.parametrize("name", [name for name in DESIGNS if name != "press-release"])
def test_every_number_of_a_result_stands_in_a_finding(name):
    """Those that are not checked say why; none is lost."""
    _, draft, done, _ = drafted(name)
    sentences = " ".join(finding.sentence for finding in done.study.findings.values())
    for kept in done.kept:
        assert kept.why
        assert kept.finding in done.study.findings
        assert all(part in sentences for part in kept.written.split(", "))
    assert draft.checked + len(draft.kept) == draft.numbers


def test_how_much_is_kept_and_asked(capsys):
    """The measure of the page on fact sheets: numbers of the texts, those in findings, those that are checked, questions."""
    rows = []
    for name, design in DESIGNS.items():
        text, draft, done, _ = drafted(name)
        doc = read(text)
        told = sum(one.kind is not Kinds.NAME for sentence in doc.sentences for one in numbers_of(doc, sentence))
        required = sum(question.required for question in done.study.questions)
        rows.append((name, design.value, told, draft.numbers, done.checked, len(done.study.questions), required))
    with capsys.disabled():
        print()  # noqa: T201 - the measure is to be read
        for row in rows:
            print("{:26} {:32} {:3} numbers, {:3} in findings, {:3} checked, {:2} questions, {} required".format(*row))  # noqa: T201
    told, kept, checked = (sum(row[at] for row in rows) for at in (2, 3, 4))
    assert kept >= 0.9 * told
    assert checked >= 0.5 * kept
    assert max(row[5] for row in rows) <= 12


def test_a_wrong_number_of_a_draft_is_flagged_and_a_right_one_is_not():
    _, _, draft, ruleset = drafted("randomised-structured")

    def numbers_wrong(text: str) -> bool:
        flags = assess("", text, draft.study, ruleset, kind=Kind.POST, lang="en").flags
        return any(flag.rule == "wrong-number" for flag in flags)

    assert numbers_wrong("The trial tested the drug in 3,500 adults.")
    assert not numbers_wrong("The trial tested the drug in 1,482 adults.")
    assert not numbers_wrong("The trial tested the drug in nearly 1,500 adults.")
    assert not numbers_wrong("Patients on tovorelin lost 11.6 percent of their weight in the trial.")


def test_animals_are_no_people():
    _, _, draft, ruleset = drafted("mice-lifespan")
    flags = assess("", "It works in people, too.", draft.study, ruleset, kind=Kind.POST, lang="en").flags
    assert "wider-population" in {flag.rule for flag in flags}
    assert [caveat.slug for caveat in draft.study.caveats] == ["not-in-humans"]


def test_a_release_is_no_authors_word():
    """What goes too far in it is asked for in other words, and does not silence the rules."""
    _, _, draft, ruleset = drafted("press-release")
    assert draft.study.abstract == ""
    assert draft.study.institution == "Northmoor University"
    assert draft.study.findings["main"].sentence.startswith("In the trial, 18 of 24 patients")
    assert draft.study.name.startswith("Study of")
    assert "name" in {question.id for question in draft.study.questions}
    hype = "A revolutionary new treatment developed at Northmoor University has helped patients."
    assert assess("", hype, draft.study, ruleset, kind=Kind.POST, lang="en").flags


def test_what_the_authors_say_word_for_word_is_no_drift_and_the_same_in_other_words_is():
    _, _, draft, ruleset = drafted("randomised-safe-effective")

    def rules(text: str) -> set[str]:
        return {flag.rule for flag in assess("", text, draft.study, ruleset, kind=Kind.POST, lang="en").flags}

    assert rules("RV-12 was safe and well tolerated.") == set()
    assert "safety-absolute" in rules("The vaccine is completely safe.")


def test_a_title_an_institution_and_people_come_from_the_index():
    paper = Paper(
        service="Europe PMC",
        doi="10.1234/abc",
        pmid=None,
        title="Tovorelin in adults with obesity",
        people=("Lindqvist A", "Moe B", "Ito CD"),
        affiliations=("Dept of Medicine, Aldmoor University, Aldmoor.",),
        journal="Annals of Trials",
    )
    study = draft_sheet("drafted", "We randomly assigned 40 adults to tovorelin.", today=TODAY, paper=paper).study
    assert (study.name, study.institution, study.people) == (paper.title, "Aldmoor University", ("Lindqvist", "Ito"))
    assert study.reference.url == "https://doi.org/10.1234/abc"
    assert study.watch.dois == ("10.1234/abc",)
    assert study.findings["peer-review"].rung == "peer-reviewed"
    assert not {"title", "institution", "people", "published"} & {question.id for question in study.questions}
    preprint = draft_sheet("drafted", "We assigned 40.", today=TODAY, paper=replace(paper, preprint=True)).study
    assert preprint.findings["peer-review"].rung == "preprint"
    assert "not-peer-reviewed" in {caveat.slug for caveat in preprint.caveats}


def test_a_text_without_anything_is_a_sheet_of_questions():
    draft = draft_sheet("drafted", "", today=TODAY)
    assert draft.study.draft
    assert draft.study.institution == INSTITUTION
    assert draft.study.terms.must["what"] == (STUDIED,)
    assert draft.study.findings["main"].sentence == FINDING
    assert {"institution", "title", "main", "design", "treatment", "confirm"} <= {q.id for q in draft.study.questions}


def test_a_whole_paper_is_refused_with_a_sentence():
    with pytest.raises(UsageError, match="characters, which no abstract"):
        draft_sheet("drafted", "A study found 3 things. " * MOST_CHARACTERS, today=TODAY)
    many = draft_sheet("drafted", "The study found that 30% of men died. " * 200, today=TODAY)
    assert len(many.study.findings) <= MOST_FINDINGS + 2


@pytest.mark.parametrize(
    ("text", "rung", "caveats"),
    [
        ("A systematic review and meta-analysis of 12 randomised trials found that pain fell.", "randomised", []),
        ("A systematic review of 12 cohorts found that pain was rarer.", "observational", ["observational"]),
        ("A mathematical model simulated that 12% of men fall ill.", "uncontrolled", ["from-a-model"]),
    ],
)
def test_a_review_stands_as_high_as_what_it_sums_up(text, rung, caveats):
    study = draft_sheet("drafted", text, today=TODAY).study
    assert study.findings["efficacy"].rung == rung
    assert [caveat.slug for caveat in study.caveats] == caveats
