"""The design of a study by the words of its field."""

from __future__ import annotations

import pytest

from monitor.core.drafting.design import Design, design_of, registry_numbers, registry_page


@pytest.mark.parametrize(
    ("text", "design", "sure"),
    [
        ("We randomly assigned 300 adults to the drug or placebo.", Design.RANDOMISED, True),
        ("In this single-arm, open-label phase 1 study five patients were treated.", Design.SINGLE_ARM, True),
        ("This prospective cohort study followed up for 9 years 88,417 women.", Design.COHORT, True),
        ("A Mendelian randomization analysis of a cohort of adults.", Design.COHORT, True),
        ("We compared 200 cases and matched controls in a case-control study.", Design.CASE_CONTROL, True),
        ("A cross-sectional survey of pupils.", Design.CROSS_SECTIONAL, True),
        ("We report two cases, of a man and of a woman: a case series.", Design.CASE_SERIES, True),
        ("Mice were randomly assigned to a diet.", Design.ANIMALS, True),
        ("In vitro, cell lines and organoids were infected.", Design.IN_VITRO, True),
        ("Systematic review and meta-analysis of randomised trials in patients.", Design.REVIEW, True),
        ("A mathematical model simulated the epidemic.", Design.MODELLING, True),
        ("The trial was single-arm; larger randomised trials are needed.", Design.SINGLE_ARM, True),
        ("We looked at desks.", Design.UNKNOWN, False),
        ("", Design.UNKNOWN, False),
    ],
)
def test_words_tell_the_design(text, design, sure):
    seen = design_of(text)
    assert (seen.design, seen.sure) == (design, sure)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ClinicalTrials.gov number, NCT09123456.", ("NCT09123456",)),
        ("UMIN000051234 and jRCT2031210001, ISRCTN12345678", ("UMIN000051234", "jRCT2031210001", "ISRCTN12345678")),
        ("EudraCT number: 2020-001234-12", ("2020-001234-12",)),
        ("NCT123 is none", ()),
    ],
)
def test_registry_numbers_are_found(text, numbers):
    assert registry_numbers(text) == numbers


def test_the_page_of_a_number_is_known_for_some_registries():
    assert registry_page(("UMIN000051234", "NCT09123456")) == "https://clinicaltrials.gov/study/NCT09123456"
    assert registry_page(("UMIN000051234",)) is None
