"""One paper by its DOI: Europe PMC first, which has the abstract, then Crossref, which knows every DOI that publishers deposit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from monitor.core.papers import doi_of
from monitor.sources.json_api import Api, RefusalError, rows_of
from monitor.sources.papers import crossref, europepmc
from monitor.sources.papers.paper_search import mail_of, rows, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from monitor.core.papers import Paper
    from monitor.sources.json_api import ApiDoor


class PaperLookup:
    """Implements ports.PaperLookup."""

    def __init__(
        self, door: ApiDoor, *, europepmc_url: str, crossref_url: str, contact: str, clock: Callable[[], datetime]
    ) -> None:
        """The addresses are those of HYPEWATCH_EUROPEPMC_API_URL and HYPEWATCH_CROSSREF_API_URL; nothing is asked yet."""
        self._door, self._clock = door, clock
        self._europepmc, self._crossref = europepmc_url, crossref_url
        self._who = {"mailto": mail} if (mail := mail_of(contact)) else {}

    def find(self, doi: str) -> tuple[Paper | None, str]:
        """The paper, or None; and a sentence on what could not be asked, "" if all went well."""
        said = []
        found: list[Paper] = []
        for ask in (self._ask_europepmc, self._ask_crossref):
            try:
                found += [paper for paper in ask(doi) if paper.doi == doi]
            except RefusalError as error:
                said.append(error.sentence)
            if found and found[0].summary:
                break
        return _joined(found), " ".join(said)

    def _ask_europepmc(self, doi: str) -> Sequence[Paper]:
        asked = {"query": f'DOI:"{doi}"', "resultType": "core", "format": "json", "pageSize": "5"}
        answer = table(
            Api(self._door, self._clock()).ask(
                f"{self._europepmc}/europepmc/webservices/rest/search?{urlencode(asked)}"
            )
        )
        listed = rows_of(table(answer.get("resultList")), "result", urlsplit(self._europepmc).hostname)
        return [europepmc.read_result(row) for row in rows(listed)]

    def _ask_crossref(self, doi: str) -> Sequence[Paper]:
        asked = {"filter": f"doi:{doi}", "rows": "1", "select": crossref.FIELDS, **self._who}
        answer = table(Api(self._door, self._clock()).ask(f"{self._crossref}/works?{urlencode(asked)}"))
        listed = rows_of(table(answer.get("message")), "items", urlsplit(self._crossref).hostname)
        return [crossref.read_item(row) for row in rows(listed)]


def _joined(found: Sequence[Paper]) -> Paper | None:
    """One record of what the indexes say of one paper: the first, with what it lacks from the second."""
    if not found:
        return None
    first, *others = found
    for other in others:
        first = replace(
            first,
            summary=first.summary or other.summary,
            people=first.people if any(first.people) else other.people,
            affiliations=first.affiliations or other.affiliations,
            journal=first.journal or other.journal,
            trials=first.trials or other.trials,
        )
    return replace(first, doi=doi_of(first.doi))
