"""One paper by its DOI, asked of the scripted server. The answers are written after the services' documents, for this test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.sources.papers.lookup import PaperLookup

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DOI = "10.1234/talorin"
RESULT = {
    "doi": "10.1234/TALORIN",
    "title": "Talorin for migraine.",
    "abstractText": "<h4>Background</h4>Migraine is common.<h4>Results</h4>Attacks fell by 41%.",
    "authorList": {"author": [{"fullName": "Berg A"}, {"fullName": "Sund B"}]},
    "journalInfo": {"journal": {"title": "Annals of Headache"}},
}
ITEM = {
    "DOI": DOI,
    "type": "journal-article",
    "title": ["Talorin for migraine"],
    "abstract": "<jats:p>Attacks fell by 41%.</jats:p>",
    "author": [{"given": "Anna", "family": "Berg", "affiliation": [{"name": "Aldmoor University"}]}],
    "container-title": ["Annals of Headache"],
}
EUROPEPMC, CROSSREF = "/europepmc/webservices/rest/search", "/works"


@pytest.fixture
def lookup(web, door):
    return PaperLookup(
        door,
        europepmc_url=web.url(""),
        crossref_url=web.url(""),
        contact="press@example.org",
        clock=lambda: NOW,
    )


def results(*rows):
    return {"resultList": {"result": list(rows)}}


def items(*rows):
    return {"message": {"items": list(rows)}}


def test_europe_pmc_is_enough_where_it_has_the_abstract(web, fakes, lookup):
    web[EUROPEPMC] = fakes.answer_json(results(RESULT))
    paper, said = lookup.find(DOI)
    assert said == ""
    assert (paper.doi, paper.people, paper.journal) == (DOI, ("Berg A", "Sund B"), "Annals of Headache")
    assert "Results" in paper.summary.splitlines()
    assert [asked.path.partition("?")[0] for asked in web.asked] == [EUROPEPMC]
    assert "10.1234%2Ftalorin" in web.asked[0].path


def test_crossref_fills_what_europe_pmc_lacks(web, fakes, lookup):
    web[EUROPEPMC] = fakes.answer_json(results({**RESULT, "abstractText": ""}))
    web[CROSSREF] = fakes.answer_json(items(ITEM))
    paper, said = lookup.find(DOI)
    assert said == ""
    assert (paper.summary, paper.affiliations) == ("Attacks fell by 41%.", ("Aldmoor University",))
    assert paper.people == ("Berg A", "Sund B")
    assert "mailto=press%40example.org" in web.asked[-1].path


def test_another_papers_record_is_none(web, fakes, lookup):
    web[EUROPEPMC] = fakes.answer_json(results({**RESULT, "doi": "10.1234/other"}))
    web[CROSSREF] = fakes.answer_json(items())
    assert lookup.find(DOI) == (None, "")


@pytest.mark.parametrize("body", [b"<html>no</html>", b"[]", b'{"resultList": 3, "message": "no"}', b"null"])
def test_an_answer_that_is_none_of_theirs_is_told_and_never_raises(web, fakes, lookup, body):
    web[EUROPEPMC] = fakes.answer(body, content_type="application/json")
    web[CROSSREF] = fakes.answer(body, content_type="application/json")
    paper, said = lookup.find(DOI)
    assert paper is None
    assert "in a form that is not its own" in said


def test_one_that_is_down_leaves_the_other(web, fakes, lookup):
    web[EUROPEPMC] = fakes.answer(b"", 503)
    web[CROSSREF] = fakes.answer_json(items(ITEM))
    paper, said = lookup.find(DOI)
    assert paper.summary == "Attacks fell by 41%."
    assert said
