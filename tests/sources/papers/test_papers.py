"""The four indexes of papers against the scripted server. Their answers are written after their documents, for this test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.core.errors import NotFoundError
from monitor.core.feed import FeedForPoll
from monitor.core.model import FeedKind, Outcome
from monitor.core.papers import Notice, Paper
from monitor.core.proposals import ProposalKind, propose
from monitor.library.load import Library
from monitor.sources import json_api as api
from monitor.sources.connector import Setup
from monitor.sources.papers import paper_search as papersearch
from monitor.sources.papers.crossref import CrossrefWatch
from monitor.sources.papers.europepmc import EuropePmcWatch
from monitor.sources.papers.openalex import OpenAlexWatch
from monitor.sources.papers.pubmed import PubMedWatch

NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)
LIBRARY = Library(Path("/nonexistent"), {})
STUDY = LIBRARY.study("keio-ips-sci")
CLASSES = LIBRARY.ruleset("keio-ips-sci").classes
FEED = FeedForPoll(id=1, kind=FeedKind.PUBMED_WATCH, url="keio-ips-sci")
PROTOCOL = "10.1016/j.reth.2021.08.005"
TITLE = "iPSC-derived neural progenitor cells for subacute spinal cord injury: one-year outcomes of four patients"
ABSTRACT = "Four patients received cells at Keio University."


def setup(web, door, **given):
    return Setup(door=door, clock=lambda: NOW, address=web.url(""), study_of=LIBRARY.study, stored=None, **given)


class PubMed:
    """esearch gives numbers in pages, esummary their records."""

    paths = ("/entrez/eutils/esearch.fcgi", "/entrez/eutils/esummary.fcgi")

    def __init__(self, web, fakes, door) -> None:
        self.web, self.fakes = web, fakes
        self.watch = PubMedWatch(setup(web, door, contact="press@example.org"))

    def has(self, records: list[dict]) -> None:
        by_number = {record["uid"]: record for record in records}

        def search(asked):
            query = asked_of(asked)
            start, size = int(query["retstart"]), int(query["retmax"])
            numbers = list(by_number)[start : start + size]
            return self.fakes.answer_json({"header": {}, "esearchresult": {"count": str(len(by_number)), "retmax": str(size), "idlist": numbers}})  # fmt: skip

        def fetch(asked):
            numbers = asked_of(asked)["id"].split(",")
            return self.fakes.answer_json({"result": {"uids": numbers, **{number: by_number[number] for number in numbers}}})  # fmt: skip

        self.web[self.paths[0]], self.web[self.paths[1]] = search, fetch

    def record(self, number: int = 1, **changes) -> dict:
        return {
            "uid": str(number),
            "title": f"{TITLE}.",
            "authors": [{"name": "Sugai K", "authtype": "Author"}, {"name": "Nakamura M"}, {"name": "Okano H"}],
            "source": "J Spinal Trials",
            "fulljournalname": "Journal of Spinal Trials",
            "sortpubdate": "2026/06/02 00:00",
            "pubtype": ["Journal Article"],
            "articleids": [{"idtype": "pubmed", "value": str(number)}, {"idtype": "doi", "value": f"10.5555/Results.{number}"}],
            "references": [],
        } | changes  # fmt: skip

    def retracted(self) -> dict:
        return self.record(7, articleids=[{"idtype": "doi", "value": PROTOCOL}], pubtype=["Journal Article", "Retracted Publication"], references=[{"refsource": "Regen Ther. 2026", "reftype": "Retraction in", "pmid": 8, "note": ""}])  # fmt: skip

    def paper(self) -> Paper:
        return Paper(
            service="PubMed",
            doi="10.5555/results.1",
            pmid="1",
            title=f"{TITLE}.",
            people=("Sugai K", "Nakamura M", "Okano H"),
            journal="Journal of Spinal Trials",
            published="2026-06-02",
            types=("journal article",),
            searched=True,
        )


class EuropePmc:
    paths = ("/europepmc/webservices/rest/search",)

    def __init__(self, web, fakes, door) -> None:
        self.web, self.fakes = web, fakes
        self.watch = EuropePmcWatch(setup(web, door))

    def has(self, records: list[dict]) -> None:
        def search(asked):
            query = asked_of(asked)
            start = 0 if query["cursorMark"] == "*" else int(query["cursorMark"])
            page = records[start : start + int(query["pageSize"])]
            answer = {"version": "6.9", "hitCount": len(records), "resultList": {"result": page}}
            if start + len(page) < len(records):
                answer["nextCursorMark"] = str(start + len(page))
            return self.fakes.answer_json(answer)

        self.web[self.paths[0]] = search

    def record(self, number: int = 1, **changes) -> dict:
        where = {"authorAffiliation": [{"affiliation": "Keio University School of Medicine, Tokyo, Japan."}]}
        return {
            "id": str(number),
            "source": "MED",
            "pmid": str(number),
            "doi": f"10.5555/results.{number}",
            "title": f"{TITLE}.",
            "abstractText": f"<h4>Results</h4>{ABSTRACT}",
            "authorString": "Sugai K, Okano H.",
            "authorList": {"author": [{"fullName": "Sugai K", "authorAffiliationDetailsList": where}, {"fullName": "Okano H", "authorAffiliationDetailsList": where}]},
            "journalInfo": {"journal": {"title": "Journal of Spinal Trials"}},
            "pubTypeList": {"pubType": ["research-article", "Journal Article"]},
            "firstPublicationDate": "2026-06-02",
        } | changes  # fmt: skip

    def retracted(self) -> dict:
        return self.record(7, doi=PROTOCOL, commentCorrectionList={"commentCorrection": [{"id": "8", "source": "MED", "type": "Retraction in", "reference": "Regen Ther. 2026"}]})  # fmt: skip

    def paper(self) -> Paper:
        return Paper(
            service="Europe PMC",
            doi="10.5555/results.1",
            pmid="1",
            title=f"{TITLE}.",
            summary=f"Results\n{ABSTRACT}",
            people=("Sugai K", "Okano H"),
            affiliations=("Keio University School of Medicine, Tokyo, Japan.",),
            journal="Journal of Spinal Trials",
            published="2026-06-02",
            types=("research-article", "journal article"),
        )


class Crossref:
    paths = ("/works",)

    def __init__(self, web, fakes, door) -> None:
        self.web, self.fakes = web, fakes
        self.watch = CrossrefWatch(setup(web, door, contact="press@example.org"))

    def has(self, records: list[dict]) -> None:
        def search(asked):
            query = asked_of(asked)
            if query["filter"].startswith("doi:"):
                found = [one for one in records if f"doi:{one['DOI'].lower()}" in query["filter"].split(",")]
            elif query["filter"].startswith("updates:"):
                found = [one for one in records if any(f"updates:{to['DOI'].lower()}" in query["filter"] for to in one.get("update-to", ()))]  # fmt: skip
            else:
                found = records[: int(query["rows"])]
            return self.fakes.answer_json({"status": "ok", "message-type": "work-list", "message": {"total-results": len(found), "items": found}})  # fmt: skip

        self.web[self.paths[0]] = search

    def record(self, number: int = 1, **changes) -> dict:
        return {
            "DOI": f"10.5555/RESULTS.{number}",
            "type": "journal-article",
            "title": [TITLE.replace("iPSC", "<i>iPSC</i>")],
            "abstract": f"<jats:p>{ABSTRACT}</jats:p>",
            "author": [
                {"given": "Hideyuki", "family": "Okano", "sequence": "first", "affiliation": [{"name": "Keio University"}]},
                {"name": "The Spinal Group"},
            ],
            "container-title": ["Journal of Spinal Trials"],
            "published": {"date-parts": [[2026, 6, 2]]},
            "publisher": "Example",
            "clinical-trial-number": [{"clinical-trial-number": "umin000035074", "registry": "10.18810/umin-ctr"}],
        } | changes  # fmt: skip

    def retracted(self) -> dict:
        return self.record(7, DOI=PROTOCOL, **{"updated-by": [{"DOI": "10.5555/notice", "type": "retraction", "label": "Retraction", "source": "retraction-watch"}]})  # fmt: skip

    def paper(self) -> Paper:
        return Paper(
            service="Crossref",
            doi="10.5555/results.1",
            pmid=None,
            title=TITLE,
            summary=ABSTRACT,
            people=("Hideyuki Okano", "The Spinal Group"),
            affiliations=("Keio University",),
            journal="Journal of Spinal Trials",
            published="2026-06-02",
            types=("journal-article",),
            trials=("umin000035074",),
        )


class OpenAlex:
    paths = ("/works",)

    def __init__(self, web, fakes, door) -> None:
        self.web, self.fakes = web, fakes
        self.watch = OpenAlexWatch(setup(web, door, own={"key": "k"}))

    def has(self, records: list[dict]) -> None:
        def search(asked):
            query = asked_of(asked)
            if query["filter"].startswith("doi:"):
                found = [
                    one for one in records if one["doi"].lower() in query["filter"].removeprefix("doi:").split("|")
                ]
                return self.fakes.answer_json({"meta": {"count": len(found), "next_cursor": None}, "results": found})
            start = 0 if query["cursor"] == "*" else int(query["cursor"])
            page = records[start : start + int(query["per_page"])]
            more = str(start + len(page)) if page else None
            return self.fakes.answer_json({"meta": {"count": len(records), "next_cursor": more}, "results": page})

        self.web[self.paths[0]] = search

    def record(self, number: int = 1, **changes) -> dict:
        return {
            "id": f"https://openalex.org/W{number}",
            "doi": f"https://doi.org/10.5555/results.{number}",
            "ids": {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{number}"},
            "title": TITLE,
            "publication_date": "2026-06-02",
            "type": "article",
            "is_retracted": False,
            "authorships": [{"author": {"display_name": "Hideyuki Okano"}, "institutions": [{"display_name": "Keio University"}]}],
            "primary_location": {"source": {"display_name": "Journal of Spinal Trials"}},
            "abstract_inverted_index": {"Four": [0], "patients": [1], "received": [2], "cells": [3], "at": [4], "Keio": [5], "University.": [6]},
        } | changes  # fmt: skip

    def retracted(self) -> dict:
        return self.record(7, doi=f"https://doi.org/{PROTOCOL}", is_retracted=True)

    def paper(self) -> Paper:
        return Paper(
            service="OpenAlex",
            doi="10.5555/results.1",
            pmid="1",
            title=TITLE,
            summary=ABSTRACT,
            people=("Hideyuki Okano",),
            affiliations=("Keio University",),
            journal="Journal of Spinal Trials",
            published="2026-06-02",
            types=("article",),
        )


def asked_of(asked) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}


@pytest.fixture(params=[PubMed, EuropePmc, Crossref, OpenAlex], ids=lambda kind: kind.__name__)
def index(request, web, fakes, door):
    return request.param(web, fakes, door)


def read(index, *, rows_left: int = 500):
    return index.watch.read(FEED, rows_left=rows_left)


# --- every index -----------------------------------------------------------------------------------------------------


def test_a_paper_is_read_whole_and_proposed(index):
    index.has([index.record()])
    parsed = read(index)
    assert (parsed.outcome, parsed.problem, parsed.entries, parsed.papers) == (Outcome.FETCHED, None, (), (index.paper(),))  # fmt: skip
    found = propose(parsed.papers[0], STUDY, CLASSES)
    assert found is not None
    assert (found.kind, found.key) == (ProposalKind.PUBLISHED, "doi:10.5555/results.1"), "one name in every index"


def test_nothing_new(index):
    index.has([])
    parsed = read(index)
    assert (parsed.outcome, parsed.problem, parsed.papers) == (Outcome.FETCHED, None, ())


def test_a_retraction_of_the_protocol(index):
    index.has([index.retracted()])
    parsed = read(index)
    assert [paper.doi for paper in parsed.papers] == [PROTOCOL]
    found = propose(parsed.papers[0], STUDY, CLASSES)
    assert found is not None
    assert (found.kind, found.key, found.seen_in) == (ProposalKind.RETRACTED, f"doi:{PROTOCOL}", parsed.papers[0].service)  # fmt: skip


def test_pages_are_read_to_the_end_but_never_more_than_is_left(index):
    index.has([index.record(number) for number in range(1, 131)])
    parsed = read(index)
    expected = 100 if isinstance(index, Crossref) else 130
    assert (len(parsed.papers), parsed.problem) == (expected, None)
    few = read(index, rows_left=40)
    assert len(few.papers) == 40
    assert few.problem == "There are more than 40 papers; a narrower `query` in the fact sheet's `watch` misses none."


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "wait"),
    [
        (429, {"retry_after": "60"}, Outcome.RATE_LIMITED, timedelta(minutes=1)),
        (503, {}, Outcome.TEMPORARY, None),
        (500, {}, Outcome.TEMPORARY, None),
        (404, {}, Outcome.HARD, None),
    ],
)
def test_refusals_are_endings(index, status, headers, outcome, wait):
    index.has([])
    for path in index.paths:
        index.web[path] = index.fakes.answer_json({"error": "no"}, status, **headers)
    parsed = read(index)
    assert (parsed.outcome, parsed.retry_after, parsed.papers) == (outcome, wait, ())
    assert parsed.problem
    assert parsed.problem.endswith(".")


@pytest.mark.parametrize(
    "body", ["<html><body>Down for maintenance</body></html>", "[]", "{}", "null", '{"message": 3, "result": []}', "[" * 50_000]
)  # fmt: skip
def test_what_is_not_its_form_is_told(index, body):
    for path in index.paths:
        index.web[path] = index.fakes.answer(body)
    parsed = read(index)
    assert (parsed.outcome, parsed.problem) == (Outcome.SOFT, "127.0.0.1 answered in a form that is not its own.")


GARBAGE = [None, 3, "x", [], {}, [None], {"a": {"b": []}}, [[[]]], {"type": 3}, True, -1e400, "\ud800", [{"family": 3}]]


def test_no_row_is_trusted(index):
    """Each field of a record, in turn, holds each kind of rubbish: it costs that field, never the reading."""
    record = index.record()
    seen = 0
    for name in record:
        if name in {"uid", "DOI", "doi"} and not isinstance(index, EuropePmc):
            continue  # the scripted server itself looks these up
        for rubbish in GARBAGE:
            index.has([record | {name: rubbish}])
            parsed = read(index)
            assert parsed.outcome is Outcome.FETCHED, (name, rubbish)
            seen += len(parsed.papers)
            for paper in parsed.papers:
                propose(paper, STUDY, CLASSES)
    assert seen > 50


def test_silence_and_a_lack_of_time_are_endings(index, monkeypatch):
    for path in index.paths:
        index.web[path] = b""
    assert read(index).outcome is Outcome.TEMPORARY
    asked = len(index.web.asked)
    monkeypatch.setattr(api, "MOST_SECONDS", -1.0)
    parsed = read(index)
    assert (parsed.outcome, len(index.web.asked)) == (Outcome.TEMPORARY, asked)


@pytest.mark.parametrize("index", [PubMed, EuropePmc, OpenAlex], indirect=True)  # Crossref is asked for one page
def test_what_was_read_before_a_failure_is_kept(index, monkeypatch):
    monkeypatch.setattr(papersearch, "PAGE", 100)
    index.has([index.record(number) for number in range(1, 131)])
    path = index.paths[0]
    good = index.web.scripts[path]
    first = [good, good] if isinstance(index, OpenAlex) else [good]  # OpenAlex is asked for the known papers first
    index.web[path] = [*first, index.fakes.answer_json({}, 503)]
    parsed = read(index)
    assert (parsed.outcome, len(parsed.papers)) == (Outcome.FETCHED, 100)
    assert parsed.problem == "Only a part was read: 127.0.0.1 has a fault of its own (503); it is asked again later."


def test_a_study_that_is_gone_is_told(index):
    def gone(_study_id):
        raise NotFoundError("There is no study 'x'.", "There are: y.")

    index.watch._setup = replace(index.watch._setup, study_of=gone)
    parsed = read(index)
    assert (parsed.outcome, index.web.asked) == (Outcome.HARD, [])
    assert parsed.problem is not None
    assert parsed.problem.startswith("'keio-ips-sci' cannot be watched: There is no study 'x'.")


# --- what each is asked ----------------------------------------------------------------------------------------------


def test_pubmed_is_asked_politely_since_the_studys_day_and_for_known_papers(web, fakes, door):
    index = PubMed(web, fakes, door)
    index.has([])
    read(index)
    (asked,) = [asked_of(one) for one in web.asked]
    assert {name: asked[name] for name in ("db", "retmode", "tool", "email")} == {"db": "pubmed", "retmode": "json", "tool": "hypewatch", "email": "press@example.org"}  # fmt: skip
    assert '("2025/03/21"[dp] : "3000"[dp])' in asked["term"]
    assert "(Okano OR Nakamura OR Keio)" in asked["term"]
    assert f'"{PROTOCOL}"[aid]' in asked["term"]
    assert '"UMIN000035074"' in asked["term"]


def test_a_notice_in_pubmed_is_not_taken_for_what_it_is_about(web, fakes, door):
    index = PubMed(web, fakes, door)
    index.has([index.record(9, pubtype=["Retraction of Publication"], references=[{"reftype": "Retraction of"}])])
    (paper,) = read(index).papers
    assert (paper.notices, propose(paper, STUDY, CLASSES)) == ((), None)


def test_europepmcs_preprints_are_preprints(web, fakes, door):
    index = EuropePmc(web, fakes, door)
    index.has([index.record(source="PPR", pmid=None, journalInfo=None, bookOrReportDetails={"publisher": "medRxiv"}, pubTypeList={"pubType": ["Preprint"]})])  # fmt: skip
    (paper,) = read(index).papers
    assert (paper.preprint, paper.journal, paper.pmid) == (True, "medRxiv", None)
    found = propose(paper, STUDY, CLASSES)
    assert found is not None
    assert found.kind is ProposalKind.PREPRINT


def test_crossrefs_own_record_of_a_notice_names_the_paper(web, fakes, door):
    index = Crossref(web, fakes, door)
    index.has([index.record(8, title=["Correction to: a protocol"], author=[], **{"update-to": [{"DOI": PROTOCOL.upper(), "type": "correction"}]})])  # fmt: skip
    paper = read(index).papers[0]
    assert (paper.types, paper.notices) == (("journal-article", "erratum"), (Notice(kind="correction", doi=PROTOCOL),))
    found = propose(paper, STUDY, CLASSES)
    assert found is not None
    assert (found.kind, found.key) == (ProposalKind.CORRECTED, f"doi:{PROTOCOL}")
    filters = [asked_of(one)["filter"] for one in web.asked]
    assert [part.partition(":")[0] for part in filters] == ["doi", "updates", "from-pub-date"]
    assert {asked_of(one)["mailto"] for one in web.asked} == {"press@example.org"}
    assert all({"updated-by", "update-to", "DOI"} <= set(asked_of(one)["select"].split(",")) for one in web.asked)


@pytest.mark.parametrize(("parts", "day"), [([[2026]], "2026"), ([[2026, 4]], "2026-04"), ([[None]], ""), ([], "")])
def test_crossrefs_dates_are_as_precise_as_they_are(web, fakes, door, parts, day):
    index = Crossref(web, fakes, door)
    index.has([index.record(published={"date-parts": parts})])
    assert read(index).papers[0].published == day


def test_openalex_is_asked_with_the_key_which_nobody_hears_of(web, fakes, door):
    index = OpenAlex(web, fakes, door)
    index.has([])
    read(index)
    assert {asked_of(one)["api_key"] for one in web.asked} == {"k"}
    web["/works"] = fakes.answer_json({"error": "Invalid API key: k"}, 401)
    assert read(index).problem == "OpenAlex does not know the key in HYPEWATCH_OPENALEX_KEY."
    web["/works"] = fakes.answer_json({}, 429)
    assert "a key of your own (HYPEWATCH_OPENALEX_KEY) is free" in (read(index).problem or "")
