"""A study from its pasted abstract to a sheet that judges, by forms alone; and what is pasted in bad faith."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from monitor.core.model import Kind
from monitor.pipeline.assess_text import assess_text

ABSTRACT = (Path(__file__).parents[1] / "data" / "abstracts" / "randomised-structured.txt").read_text(encoding="utf-8")
HOSTILE = '"><script>alert(1)</script>'


def fields(html):
    """What the questions' form sends if nothing is changed."""
    sent = {
        name: unescape(inner)
        for name, inner in re.findall(r'<textarea[^>]* name="([\w-]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    }
    chosen = re.findall(r'<input type="radio" name="([\w-]+)" value="([^"]*)" checked>', html)
    return sent | {name: unescape(value) for name, value in chosen}


def answered(sent):
    """Every open answer filled in, as somebody would who knows the study."""
    known = {
        "institution": "Tarn University",
        "people": "Mira Okafor, Jon Lund",
        "interest": "none",
        "approval": "no",
        "published": "in a peer-reviewed journal",
    }
    return {name: value if value not in {"", "?"} else known.get(name, "yes") for name, value in sent.items()}


def test_a_pasted_abstract_becomes_a_study_that_judges_and_never_flags_itself(browser, seeded):
    made = browser("/studies/new", "POST", {"text": ABSTRACT, "name": "Lantern trial"})
    assert made.headers["location"] == "/studies/lantern-trial/questions"
    draft = browser("/studies/lantern-trial/questions").text
    assert "must be answered before it judges anything" in draft
    assert seeded.library.default().id == "keio-ips-sci", "a draft is never the one that is meant"
    assert "lantern-trial" not in {study.id for study in seeded.library.studies()}
    assert "This is a draft: it judges nothing" in browser("/studies/lantern-trial").text

    for _ in range(3):
        page = browser("/studies/lantern-trial/questions").text
        answer = browser("/studies/lantern-trial/questions", "POST", answered(fields(page)))
        assert answer.status == 303, re.findall(r'class="wrong"[^>]*>([^<]*)', answer.text)
        if answer.headers["location"].startswith("/studies/lantern-trial?saved"):
            break
    study = seeded.library.study("lantern-trial")
    assert not study.draft
    assert seeded.library.default().id == "keio-ips-sci", (
        "a study that is added does not take the place of the one that is there"
    )
    ruleset = seeded.library.ruleset("lantern-trial")
    judged = assess_text("", ABSTRACT, study, ruleset, kind=Kind.ARTICLE, lang="en", assume=True)
    assert [flag for flag in judged.assessment.flags if flag.is_drift] == []
    assert [one.note for one in seeded.store.sheet_history("lantern-trial")][-1] == "Drafted."


def test_a_wrong_answer_is_told_at_its_field_and_the_others_stay_typed(browser, seeded):
    browser("/studies/new", "POST", {"text": ABSTRACT, "name": "lantern"})
    sent = fields(browser("/studies/lantern/questions").text)
    key = "institution" if "institution" in sent else next(iter(sent))
    answer = browser("/studies/lantern/questions", "POST", sent | {key: "..."})
    assert answer.status == 400
    assert "Answer in words." in answer.text or "holds no word" in answer.text
    assert "aria-invalid" in answer.text
    assert len(seeded.store.sheet_history("lantern")) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Paste the abstract"),
        ("x" * 300_000, "longer than any abstract"),
        ("word " * 30_000, "characters"),
        ("https://127.0.0.1:1/page", "could not be read"),
        ("doi:10.1000/nothing-like-it", "Paste"),
    ],
)
def test_what_is_no_study_is_told_and_stores_nothing(browser, seeded, text, told):
    answer = browser("/studies/new", "POST", {"text": text})
    assert answer.status == 400
    assert told in answer.text
    assert seeded.store.sheets() == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{HOSTILE} in 4 mice.\nWe found that {HOSTILE} cured 3 of 4 mice.",
        "a: [\n- {{7*7}}\n# x\n\x00\u2028 reduced 12 %",
    ],
)
def test_hostile_texts_stay_text(browser, seeded, text):
    answer = browser("/studies/new", "POST", {"text": text, "name": HOSTILE})
    assert answer.status in {303, 400}
    for version in seeded.store.sheets():
        for path in (f"/studies/{version.study_id}", f"/studies/{version.study_id}/questions", "/studies"):
            shown = browser(path)
            assert shown.status == 200
            assert "<script>alert" not in shown.text
            assert ">49<" not in shown.text


def test_two_studies_of_one_name_have_two_ids(browser):
    first = browser("/studies/new", "POST", {"text": ABSTRACT, "name": "Keio iPS SCI"})
    second = browser("/studies/new", "POST", {"text": ABSTRACT, "name": "Keio iPS SCI"})
    assert first.headers["location"] == "/studies/keio-ips-sci-2/questions", "a shipped sheet is not taken over"
    assert second.headers["location"] == "/studies/keio-ips-sci-3/questions"
    assert (
        browser("/studies/new", "POST", {"text": ABSTRACT, "name": "new"}).headers["location"]
        == "/studies/new-2/questions"
    )
