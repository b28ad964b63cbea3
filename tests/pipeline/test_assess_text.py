"""The one way to judge a text that comes in: language, then relevance, then drift."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.mention import About, Relevance
from monitor.core.model import Kind
from monitor.library.load import Library
from monitor.pipeline.assess_text import assess_text

LIBRARY = Library(Path("/nowhere"), {})
STUDY = LIBRARY.study("keio-ips-sci")
RULES = LIBRARY.ruleset("keio-ips-sci")
NAMED = "Keio University treated four people with spinal cord injury with iPS cells. One of them is walking again."
UNNAMED = "One of the men is walking again thanks to stem cells."
FOREIGN = "The bakery opens at seven and sells out by nine."


def assessed(text: str, **given):
    return assess_text("", text, STUDY, RULES, kind=given.pop("kind", Kind.POST), **given)


def test_a_text_that_names_the_study_is_judged():
    found = assessed(NAMED)
    assert found.lang == "en"
    assert found.relevance.verdict is About.ABOUT
    assert found.assessment is not None
    assert found.assessment.drift


def test_a_text_of_something_else_is_not_judged_unless_it_is_assumed():
    assert assessed(FOREIGN).assessment is None
    assumed = assessed(FOREIGN, assume=True)
    assert assumed.assessment is not None
    assert not assumed.assessment.drift
    assert assumed.relevance.verdict is About.NO  # assuming changes nothing of what was found


def test_what_is_quoted_on_its_page_need_not_name_it():
    assert assessed(UNNAMED).assessment is None
    quoted = assessed(UNNAMED, on_its_page=True)
    assert quoted.relevance.verdict is About.MAYBE
    assert quoted.assessment is not None
    assert quoted.assessment.drift


def test_relevance_that_is_taken_stands_in_only_where_the_text_does_not_name_it():
    taken = Relevance(verdict=About.ABOUT, because=("somebody said so",))
    assert assessed(FOREIGN, taken=taken).relevance is taken
    assert assessed(FOREIGN, taken=taken).assessment is not None
    assert "somebody said so" not in assessed(NAMED, taken=taken).relevance.because


@pytest.mark.parametrize(("given", "lang"), [({}, "en"), ({"lang": "es"}, "es"), ({"hint": "es"}, "en")])
def test_a_language_that_is_known_is_not_guessed(given: dict[str, str], lang: str):
    assert assessed(NAMED, **given).lang == lang


def test_what_a_part_of_a_text_leaves_out_is_unknown():
    article = " ".join([NAMED, *(f"Doctor number {at} was there and saw what everybody saw." for at in range(30))])
    whole, part = (assessed(article, kind=Kind.ARTICLE, partial=partial).assessment for partial in (False, True))
    assert whole is not None
    assert part is not None
    assert whole.caveats_missing
    assert "missing-caveats" in {flag.rule for flag in whole.flags}
    assert part.caveats_missing == ()
    assert "missing-caveats" not in {flag.rule for flag in part.flags}


def test_of_a_language_without_rules_nothing_is_said():
    """Spanish words of the fact sheet mean something else elsewhere, and nobody can say what the text leaves out."""
    text = f"{NAMED} La cura." + " Os outros três doentes ficaram na mesma." * 30
    found = assessed(text, kind=Kind.ARTICLE, lang="pt").assessment
    assert found is not None
    assert (found.flags, found.caveats_missing) == ((), ())
    known = assessed(text, kind=Kind.ARTICLE, lang="und").assessment
    assert known is not None
    assert known.flags
    assert known.caveats_missing
