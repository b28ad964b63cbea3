"""Europe PMC's articles service (europepmc.org/RestfulWebService): PubMed's records with their abstracts, and preprints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.papers import Notice, Paper, boolean, doi_of, latin_people, notice_kind, words_for
from monitor.core.proposals import earliest
from monitor.sources.connector import Setup, Watch
from monitor.sources.json_api import rows_of
from monitor.sources.papers.paper_search import PAGE, names, read_papers, rows, summary, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.core.study import Study
    from monitor.sources.json_api import Api

SERVICE = "Europe PMC"


class EuropePmcWatch(Watch):
    """Implements ports.PostSource for FeedKind.EUROPEPMC_WATCH: `feed.url` is a study's id. No key."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup = setup

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """What Europe PMC knows of the study. Never raises."""
        return read_papers(SERVICE, feed, self._pages, setup=self._setup, rows_left=rows_left)

    def _pages(self, api: Api, study: Study) -> Iterator[list[Paper]]:
        mark = "*"
        while True:
            asked = {
                "query": query(study),
                "resultType": "core",
                "format": "json",
                "pageSize": PAGE,
                "cursorMark": mark,
            }
            answer = table(api.ask(f"{self._setup.address}/europepmc/webservices/rest/search?{urlencode(asked)}"))
            found = rows_of(table(answer.get("resultList")), "result", urlsplit(self._setup.address).hostname)
            yield [read_result(row) for row in rows(found)]
            more = answer.get("nextCursorMark")
            if not found or not isinstance(more, str) or more == mark:
                return
            mark = more


def query(study: Study) -> str:
    """The search: words and people since the study's day, its number in a registry, or a paper that the fact sheet knows."""
    people = latin_people(study)
    groups = (*words_for(study), people) if people else words_for(study)
    new = f"({boolean(groups)}) AND FIRST_PDATE:[{earliest(study).isoformat()} TO 3000-12-31]"
    numbers = [f'"{number}"' for number in study.watch.numbers]
    return " OR ".join([f"({new})", *numbers, *(f'DOI:"{doi}"' for doi in study.watch.dois)])


def read_result(row: Mapping[str, Any]) -> Paper:
    """One record of resultType=core."""
    authors = rows(table(row.get("authorList")).get("author"))
    where = [
        words(one.get("affiliation"))
        for author in authors
        for one in rows(table(author.get("authorAffiliationDetailsList")).get("authorAffiliation"))
    ]
    types = names(table(row.get("pubTypeList")).get("pubType"))
    told = [words(one.get("type")) for one in rows(table(row.get("commentCorrectionList")).get("commentCorrection"))]
    kinds = {kind for one in told if one.lower().endswith(" in") and (kind := notice_kind(one))}
    if "retracted publication" in types:
        kinds.add("retraction")
    preprint = row.get("source") == "PPR" or "preprint" in types
    journal = words(table(table(row.get("journalInfo")).get("journal")).get("title"))
    return Paper(
        service=SERVICE,
        doi=doi_of(row.get("doi")),
        pmid=words(row.get("pmid")) or None,
        title=words(row.get("title")),
        summary=summary(row.get("abstractText")),
        people=tuple(words(author.get("fullName")) for author in authors)
        or tuple(name.strip() for name in words(row.get("authorString")).split(",")),
        affiliations=tuple(dict.fromkeys(one for one in (*where, words(row.get("affiliation"))) if one)),
        journal=journal or words(table(row.get("bookOrReportDetails")).get("publisher")),
        published=words(row.get("firstPublicationDate")) or words(row.get("pubYear")),
        types=types,
        preprint=preprint,
        notices=tuple(Notice(kind=kind) for kind in sorted(kinds)),
    )
