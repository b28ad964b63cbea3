"""OpenAlex's works (developers.openalex.org): papers of every publisher with their authors' institutions.

Since February 2026 it wants a key, which is free; without one it answers a few requests a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.model import Reason
from monitor.core.papers import Notice, Paper, boolean, doi_of, words_for
from monitor.core.proposals import earliest
from monitor.sources.connector import Setup, Watch
from monitor.sources.json_api import Said, rows_of
from monitor.sources.papers.paper_search import MOST_SUMMARY, PAGE, mail_of, names, read_papers, rows, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.core.study import Study
    from monitor.sources.json_api import Api

SERVICE = "OpenAlex"
REFUSED = {
    401: Said("OpenAlex does not know the key in HYPEWATCH_OPENALEX_KEY.", Reason.KEY_UNKNOWN),
    403: Said("OpenAlex does not know the key in HYPEWATCH_OPENALEX_KEY.", Reason.KEY_UNKNOWN),
    429: Said(
        "OpenAlex has given what it gives in a day; a key of your own (HYPEWATCH_OPENALEX_KEY) is free and gives more.",
        Reason.DAY_SPENT,
    ),
}
MOST_DOIS = 50
#: What is read of a work; its references and topics are the larger part, and are left out.
FIELDS = "id,doi,ids,title,display_name,publication_date,type,is_retracted,authorships,primary_location,abstract_inverted_index"


class OpenAlexWatch(Watch):
    """Implements ports.PostSource for FeedKind.OPENALEX_WATCH: `feed.url` is a study's id."""

    offered = False  # without a key it answers a few requests a day

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup, key = setup, setup.own["key"]
        self._who = {"api_key": key} if key else {"mailto": mail} if (mail := mail_of(setup.contact)) else {}

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """What OpenAlex knows of the study. Never raises."""
        return read_papers(SERVICE, feed, self._pages, setup=self._setup, rows_left=rows_left)

    def _pages(self, api: Api, study: Study) -> Iterator[list[Paper]]:
        known = study.watch.dois
        for at in range(0, len(known), MOST_DOIS):
            some = "|".join(f"https://doi.org/{doi}" for doi in known[at : at + MOST_DOIS])
            yield self._ask(api, {"filter": f"doi:{some}"})[0]
        more: str | None = "*"
        while more:
            asked = {
                "search": boolean(words_for(study)),
                "filter": f"from_publication_date:{earliest(study).isoformat()}",
                "cursor": more,
            }
            page, more = self._ask(api, asked)
            yield page
            if not page:
                return

    def _ask(self, api: Api, asked: Mapping[str, str]) -> tuple[list[Paper], str | None]:
        query = urlencode({**asked, "per_page": PAGE, "select": FIELDS, **self._who})
        answer = table(api.ask(f"{self._setup.address}/works?{query}", words=REFUSED))
        found = rows_of(answer, "results", urlsplit(self._setup.address).hostname)
        more = table(answer.get("meta")).get("next_cursor")
        return [read_work(row) for row in rows(found)], more if isinstance(more, str) else None


def read_work(row: Mapping[str, Any]) -> Paper:
    """One work."""
    authors = rows(row.get("authorships"))
    kind = names(row.get("type"))
    pmid = words(table(row.get("ids")).get("pmid")).rstrip("/").rpartition("/")[2]
    return Paper(
        service=SERVICE,
        doi=doi_of(row.get("doi")),
        pmid=pmid if pmid.isdecimal() else None,
        title=words(row.get("title")) or words(row.get("display_name")),
        summary=_abstract(row.get("abstract_inverted_index")),
        people=tuple(words(table(one.get("author")).get("display_name")) for one in authors),
        affiliations=tuple(
            dict.fromkeys(
                name
                for one in authors
                for place in rows(one.get("institutions"))
                if (name := words(place.get("display_name")))
            )
        ),
        journal=words(table(table(row.get("primary_location")).get("source")).get("display_name")),
        published=words(row.get("publication_date")),
        types=kind,
        preprint="preprint" in kind,
        notices=(Notice(kind="retraction"),) if row.get("is_retracted") is True else (),
    )


def _abstract(index: Any) -> str:
    """The abstract, which OpenAlex gives as each word's places."""
    places = [
        (at, word)
        for word, ats in table(index).items()
        for at in (ats if isinstance(ats, list) else ())
        if isinstance(at, int)
    ]
    return words(" ".join(word for _, word in sorted(places)))[:MOST_SUMMARY]
