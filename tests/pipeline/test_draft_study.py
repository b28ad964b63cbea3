"""Drafts from a text, a page and a DOI: what can be had becomes a draft, and what cannot is one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.core.entry import Page
from monitor.core.errors import UsageError
from monitor.core.feed import Fetched
from monitor.core.model import DateConfidence, Outcome
from monitor.core.papers import Paper
from monitor.library.load import Library
from monitor.pipeline.draft_study import draft_answered, draft_from_doi, draft_from_text, draft_from_url

LIBRARY = Library(Path("/nowhere"), {})
TODAY = date(2026, 11, 29)
ABSTRACT = (
    "METHODS: We randomly assigned 240 adults with migraine to receive talorin or placebo for 12 weeks. "
    "RESULTS: Attacks fell by 41% with talorin. CONCLUSIONS: Talorin reduced attacks of migraine."
)
PAPER = Paper(
    service="Europe PMC",
    doi="10.1234/talorin",
    pmid=None,
    title="Talorin for migraine: a randomised trial",
    summary=ABSTRACT,
    people=("Berg A", "Sund B"),
    affiliations=("Aldmoor University Hospital, Aldmoor",),
    journal="Annals of Headache",
)


class Papers:
    def __init__(self, paper: Paper | None = PAPER, said: str = "") -> None:
        self.paper, self.said, self.asked = paper, said, []

    def find(self, doi: str):
        self.asked.append(doi)
        return self.paper, self.said


class Pages:
    def __init__(self, text: str = "", sentence: str = "It was not found (404).") -> None:
        self.text, self.sentence = text, sentence

    def read(self, url: str):
        fetched = Fetched(
            url=url,
            final_url=url,
            outcome=Outcome.FETCHED if self.text else Outcome.HARD,
            status=200 if self.text else 404,
            headers={},
            body=b"",
            sentence=self.sentence,
        )
        page = Page(
            url=url,
            canonical_url=None,
            title="Talorin and migraine",
            text=self.text,
            author="",
            site="",
            published=datetime(2026, 1, 1, tzinfo=UTC),
            date_confidence=DateConfidence.EXACT,
            lang="en",
        )
        return (page if self.text else None), fetched


def test_a_doi_is_asked_for_its_abstract():
    papers = Papers()
    draft = draft_from_doi(LIBRARY, papers, "talorin", "https://doi.org/10.1234/TALORIN", today=TODAY)
    assert papers.asked == ["10.1234/talorin"]
    assert (draft.study.institution, draft.study.people) == ("Aldmoor University Hospital", ("Berg", "Sund"))
    assert draft.study.findings["main"].sentence == "Talorin reduced attacks of migraine."
    assert draft.study.reference.url == "https://doi.org/10.1234/talorin"


@pytest.mark.parametrize(
    ("doi", "papers", "said"),
    [
        ("eleven", Papers(), "'eleven' is no DOI"),
        ("10.1234/x", Papers(None), "Neither Europe PMC nor Crossref knows it"),
        ("10.1234/x", Papers(None, "www.ebi.ac.uk did not answer."), "www.ebi.ac.uk did not answer"),
        ("10.1234/x", Papers(Paper(service="Crossref", doi="10.1234/x", pmid=None, title="T")), "no abstract of it"),
    ],
)
def test_a_doi_that_brings_nothing_is_one_sentence(doi, papers, said):
    with pytest.raises(UsageError, match=said) as error:
        draft_from_doi(LIBRARY, papers, "x", doi, today=TODAY)
    assert "\n" not in str(error.value)


def test_a_page_is_read_and_one_of_a_paper_is_looked_up():
    text = ABSTRACT.replace("METHODS: ", "").replace("RESULTS: ", "").replace("CONCLUSIONS: ", "")
    papers = Papers(None)
    draft = draft_from_url(LIBRARY, Pages(text), papers, "talorin", "https://news.example.org/talorin", today=TODAY)
    assert draft.study.reference.title == "Talorin and migraine"
    assert draft.study.reference.url == "https://news.example.org/talorin"
    assert papers.asked == []
    at = "https://journal.example.org/doi/10.1234/talorin"
    assert draft_from_url(LIBRARY, Pages(text), Papers(), "talorin", at, today=TODAY).study.people == ("Berg", "Sund")
    assert draft_from_url(LIBRARY, Pages(text), papers, "talorin", at, today=TODAY).study.people == ()


@pytest.mark.parametrize(
    ("url", "pages", "said"),
    [
        ("news.example.org", Pages(), "is no address of a page"),
        ("file:///etc/passwd", Pages(), "is no address of a page"),
        ("https://news.example.org/x", Pages(), "It was not found"),
        ("https://news.example.org/x", Pages("Menu"), "no text of an article"),
        (
            "https://news.example.org/x",
            Pages("The study found 3% of men ill. " * 3_000),
            "no abstract and no press release",
        ),
    ],
)
def test_a_page_that_brings_nothing_is_one_sentence(url, pages, said):
    with pytest.raises(UsageError, match=said) as error:
        draft_from_url(LIBRARY, pages, Papers(None), "x", url, today=TODAY)
    assert "\n" not in str(error.value)


def test_an_answer_that_contradicts_the_text_makes_no_sheet_that_does():
    """Words that the abstract itself uses cannot go too far."""
    draft = draft_from_text(LIBRARY, "talorin", f"Talorin and migraine\n{ABSTRACT}", today=TODAY)
    done = draft_answered(LIBRARY, draft, {"too-far": ["reduced attacks", "ends migraine"]})
    assert "ends migraine" in done.study.ladders["outcome"].rungs[-1].says
    assert "reduced attacks" not in done.study.ladders["outcome"].rungs[-1].says


def test_an_answer_that_goes_too_far_is_asked_for_again():
    draft = draft_from_text(LIBRARY, "talorin", f"Talorin and migraine\n{ABSTRACT}", today=TODAY)
    done = draft_answered(
        LIBRARY, draft, {"interest": "The miracle drug is completely safe, says its maker.", "confirm": True}
    )
    assert "interest" not in done.study.findings or done.study.draft
