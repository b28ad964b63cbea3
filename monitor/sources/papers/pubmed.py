"""PubMed: NCBI's E-utilities (ncbi.nlm.nih.gov/books/NBK25499), esearch for numbers and esummary for records.

Its summaries have no abstract and no affiliations: what is decided from them is decided by title, authors and type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.papers import Notice, Paper, boolean, doi_of, latin_people, notice_kind, words_for
from monitor.core.proposals import earliest
from monitor.sources.connector import Setup, Watch
from monitor.sources.json_api import other_form, rows_of
from monitor.sources.papers.paper_search import PAGE, mail_of, names, read_papers, rows, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.core.study import Study
    from monitor.sources.json_api import Api

SERVICE = "PubMed"


class PubMedWatch(Watch):
    """Implements ports.PostSource for FeedKind.PUBMED_WATCH: `feed.url` is a study's id. No key."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup = setup
        self._who = {"tool": "hypewatch", **({"email": mail} if (mail := mail_of(setup.contact)) else {})}

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """What PubMed knows of the study. Never raises."""
        return read_papers(SERVICE, feed, self._pages, setup=self._setup, rows_left=rows_left)

    def _pages(self, api: Api, study: Study) -> Iterator[list[Paper]]:
        start = 0
        while True:
            asked = {"term": term(study), "retmax": PAGE, "retstart": start, "sort": "pub_date"}
            found = table(self._ask(api, "esearch", asked).get("esearchresult"))
            numbers = [str(number) for number in rows_of(found, "idlist", self._host) if str(number).isdecimal()]
            if not numbers:
                return
            answer = self._ask(api, "esummary", {"id": ",".join(numbers)})
            result = answer.get("result")
            if not isinstance(result, dict):
                raise other_form(self._host)
            yield [read_summary(row) for number in numbers if (row := table(result.get(number))) and "error" not in row]
            start += PAGE
            total = str(found.get("count"))
            if not total.isdecimal() or start >= int(total):
                return

    def _ask(self, api: Api, what: str, asked: Mapping[str, object]) -> Mapping[str, Any]:
        query = urlencode({"db": "pubmed", "retmode": "json", **asked, **self._who})
        return table(api.ask(f"{self._setup.address}/entrez/eutils/{what}.fcgi?{query}"))

    @property
    def _host(self) -> str:
        return urlsplit(self._setup.address).hostname or ""


def term(study: Study) -> str:
    """The search: words and people since the study's day, its number in a registry, or a paper that the fact sheet knows."""
    people = latin_people(study)
    groups = (*words_for(study), people) if people else words_for(study)
    new = f'({boolean(groups)}) AND ("{earliest(study):%Y/%m/%d}"[dp] : "3000"[dp])'
    numbers = [f'"{number}"' for number in study.watch.numbers]
    return " OR ".join([f"({new})", *numbers, *(f'"{doi}"[aid]' for doi in study.watch.dois)])


def read_summary(row: Mapping[str, Any]) -> Paper:
    """One record of esummary."""
    ids = {words(one.get("idtype")): words(one.get("value")) for one in rows(row.get("articleids"))}
    types = names(row.get("pubtype"))
    # "Retraction in" is of this record; "Retraction of" says that this record is the notice.
    told = [words(one.get("reftype")) for one in rows(row.get("references"))]
    kinds = {kind for one in told if one.lower().endswith(" in") and (kind := notice_kind(one))}
    if "retracted publication" in types:
        kinds.add("retraction")
    return Paper(
        service=SERVICE,
        doi=doi_of(ids.get("doi") or row.get("elocationid")),
        pmid=words(row.get("uid")) or None,
        title=words(row.get("title")),
        people=tuple(words(one.get("name")) for one in rows(row.get("authors"))),
        journal=words(row.get("fulljournalname")) or words(row.get("source")),
        published=words(row.get("sortpubdate"))[:10].replace("/", "-"),
        types=types,
        preprint="preprint" in types,
        searched=True,
        notices=tuple(Notice(kind=kind) for kind in sorted(kinds)),
    )
