"""Answers fill a draft in; one that cannot be is told in a sentence; what is not answered stays open."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.core.drafting.answers import answer, problem_of, questions
from monitor.core.drafting.design import Design
from monitor.core.drafting.designs import TOLD
from monitor.core.drafting.draft import draft_sheet
from monitor.core.errors import UsageError

TEXT = "Standing desks and pain\nWe compared standing desks with sitting desks in 62 workers. Pain fell by 12%."
DRAFT = draft_sheet("desks", TEXT, today=date(2026, 11, 29))
ALL = {
    "institution": "Tarn University",
    "people": "Moe, Lund; Ito",
    "design": "randomised trial",
    "published": "2",
    "treatment": ["standing desks", "standing desk"],
    "condition": "back pain",
    "approval": "it is nothing that is approved",
    "harm": False,
    "too-far": "no more pain, ends pain",
    "interest": "A maker of desks paid for it.",
    "confirm": True,
}


def test_every_question_has_an_answer_and_then_the_sheet_judges():
    assert {question.id for question in questions(DRAFT)} == set(ALL)
    done = answer(DRAFT, ALL)
    study = done.study
    assert questions(done) == ()
    assert not study.draft
    assert study.findings["efficacy"].sentence == TOLD[Design.RANDOMISED]
    assert study.institution == "Tarn University"
    assert study.people == ("Moe", "Lund", "Ito")
    assert study.terms.must["who"] == ("Tarn University", "Moe", "Lund", "Ito")
    assert {"standing desks", "standing desk", "back pain"} <= set(study.terms.must["what"])
    assert study.findings["efficacy"].rung == "randomised"
    assert study.findings["peer-review"].rung == "preprint"
    assert study.findings["interest"].sentence == "A maker of desks paid for it."
    assert study.findings["safety"].sentence == "Side effects were not studied."
    assert study.ladders["outcome"].rungs[-1].says[:2] == ("no more pain", "ends pain")
    assert {"not-peer-reviewed", "safety-open", "interest", "small-study"} <= {one.slug for one in study.caveats}


@pytest.mark.parametrize(("given", "slugs"), [("no", {"not-approved"}), ("yes", set())])
def test_approval_is_a_rung(given, slugs):
    study = answer(DRAFT, {"approval": given}).study
    assert study.findings["approval"].rung == ("approved" if given == "yes" else "in-trial")
    assert {one.slug for one in study.caveats} & {"not-approved"} == slugs


@pytest.mark.parametrize("given", ["", "?", " "])
def test_what_is_not_answered_stays_open(given):
    done = answer(DRAFT, {**ALL, "institution": given})
    assert [question.id for question in questions(done)] == ["institution"]
    assert done.study.draft


def test_a_sheet_that_nobody_confirms_stays_a_draft():
    done = answer(DRAFT, {**ALL, "confirm": False})
    assert [question.id for question in questions(done)] == ["confirm"]
    assert done.study.draft


def test_a_question_that_is_not_required_is_closed_by_none():
    done = answer(DRAFT, {"interest": "none", "people": "-"})
    assert not {"interest", "people"} & {question.id for question in questions(done)}
    assert "interest" not in done.study.findings
    assert "institution" in {question.id for question in questions(answer(DRAFT, {"people": "none"}))}


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("confirm", "perhaps", "Answer yes or no."),
        ("published", "in the pub", "Answer with one of"),
        ("published", "4", "Answer with one of"),
        ("published", "0", "Answer with one of"),
        ("treatment", "((((", "holds no word"),
        ("treatment", "a," * 30, ""),
        ("treatment", ", ".join(f"word{n}" for n in range(40)), "too long"),
        ("institution", "x" * 1_000_000, "too long"),
        ("institution", "!!!", "Answer in words."),
        ("institution", "<script>alert(1)</script>", ""),
    ],
)
def test_a_bad_answer_is_told_at_once(key, given, said):
    question = next(one for one in questions(DRAFT) if one.id == key)
    told = problem_of(question, given)
    assert (said in told) if said else told == ""
    if said:
        with pytest.raises(UsageError):
            answer(DRAFT, {key: given})


def test_an_answer_to_nothing_is_told():
    with pytest.raises(UsageError, match="Nothing is asked by the name 'colour'"):
        answer(DRAFT, {"colour": "blue"})


def test_hostile_answers_are_words_only():
    study = answer(DRAFT, {"institution": "A\x00\u202eB University\n\tx: y", "treatment": "desk (|<x>, #tag ..."}).study
    assert study.institution == "AB University x: y"
    assert study.classes["treatment"] == ("desk x", "tag")
