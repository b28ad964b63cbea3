"""Crossref's REST API (api.crossref.org): what publishers deposit, and with it Retraction Watch's list.

A paper's record names its notices under `updated-by`; a notice's own record names the paper under `update-to`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.core.papers import Notice, Paper, doi_of, latin_people, notice_kind, words_for
from monitor.core.proposals import earliest
from monitor.sources.connector import Setup, Watch
from monitor.sources.json_api import rows_of
from monitor.sources.papers.paper_search import PAGE, mail_of, read_papers, rows, summary, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.feed import FeedForPoll, ParsedFeed
    from monitor.core.study import Study
    from monitor.sources.json_api import Api

SERVICE = "Crossref"
#: Its search weighs words and knows no "and": what is on the study stands on the first page or nowhere.
PAGES = 1
#: What is read of a record; the lists of references are the larger part, and are left out.
FIELDS = "DOI,type,title,abstract,author,container-title,publisher,published,issued,update-to,updated-by,clinical-trial-number"
#: DOIs in one filter.
MOST_DOIS = 20


class CrossrefWatch(Watch):
    """Implements ports.PostSource for FeedKind.CROSSREF_WATCH: `feed.url` is a study's id. No key."""

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._setup = setup
        self._who = {"mailto": mail} if (mail := mail_of(setup.contact)) else {}

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:
        """What Crossref knows of the study. Never raises."""
        return read_papers(SERVICE, feed, self._pages, setup=self._setup, rows_left=rows_left)

    def _pages(self, api: Api, study: Study) -> Iterator[list[Paper]]:
        known = study.watch.dois
        for at in range(0, len(known), MOST_DOIS):
            some = known[at : at + MOST_DOIS]
            yield self._ask(api, {"filter": ",".join(f"doi:{doi}" for doi in some)})
            yield self._ask(api, {"filter": ",".join(f"updates:{doi}" for doi in some)})
        asked = {
            "query.bibliographic": " ".join(group[0] for group in words_for(study)),
            "filter": f"from-pub-date:{earliest(study).isoformat()}",
        }
        if people := latin_people(study):
            asked["query.author"] = " ".join(people)
        yield self._ask(api, asked)

    def _ask(self, api: Api, asked: Mapping[str, str]) -> list[Paper]:
        answer = api.ask(
            f"{self._setup.address}/works?{urlencode({**asked, 'rows': PAGE, 'select': FIELDS, **self._who})}"
        )
        message = table(table(answer).get("message"))
        return [read_item(row) for row in rows(rows_of(message, "items", urlsplit(self._setup.address).hostname))]


def read_item(row: Mapping[str, Any]) -> Paper:
    """One item of /works."""
    authors = rows(row.get("author"))
    of_it = [notice_kind(words(one.get("type"))) for one in rows(row.get("updated-by"))]
    of_others = [
        (kind, doi)
        for one in rows(row.get("update-to"))
        if (kind := notice_kind(words(one.get("type")))) and (doi := doi_of(one.get("DOI")))
    ]
    kind = words(row.get("type"))
    types = ["retraction" if what == "retraction" else "erratum" for what, _ in of_others]
    return Paper(
        service=SERVICE,
        doi=doi_of(row.get("DOI")),
        pmid=None,
        title=words(row.get("title")),
        summary=summary(row.get("abstract")),
        people=tuple(
            " ".join(filter(None, (words(one.get("given")), words(one.get("family") or one.get("name")))))
            for one in authors
        ),
        affiliations=tuple(
            dict.fromkeys(
                name for one in authors for place in rows(one.get("affiliation")) if (name := words(place.get("name")))
            )
        ),
        journal=words(row.get("container-title")) or words(row.get("publisher")),
        published=_day(row.get("published") or row.get("issued")),
        types=tuple(dict.fromkeys(part for part in (kind, *types) if part)),
        preprint=kind == "posted-content",
        trials=tuple(words(one.get("clinical-trial-number")) for one in rows(row.get("clinical-trial-number"))),
        notices=(
            *(Notice(kind=what) for what in sorted({what for what in of_it if what})),
            *(Notice(kind=what, doi=doi) for what, doi in of_others),
        ),
    )


def _day(value: Any) -> str:
    """`{"date-parts": [[2026, 4, 14]]}` as precise as it is."""
    parts = table(value).get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = [part for part in first[:3] if isinstance(part, int) and not isinstance(part, bool) and 0 < part < 10_000]
    return "-".join(f"{number:04d}" if at == 0 else f"{number:02d}" for at, number in enumerate(numbers))
