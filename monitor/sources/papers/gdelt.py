"""GDELT's DOC 2.0 API (blog.gdeltproject.org/gdelt-doc-2-0-api-debuts): addresses of news articles of the last months.

It gives at most 250 articles for a question, so a span of time that holds more is asked in halves; one question every
five seconds, told in plain text and often with status 200 when that was too fast.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from monitor.core.items.urls import http_link
from monitor.core.model import Outcome
from monitor.core.papers import boolean
from monitor.sources.json_api import Api, RefusalError, other_form
from monitor.sources.papers.paper_search import rows, table, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from monitor.sources.json_api import ApiDoor

#: What it gives for one question at most.
MOST_ROWS = 250
#: It asks for five seconds between questions; its clock is not ours.
PAUSE = 6.0
#: A span is not halved further than this: what is beyond 250 articles in it cannot be had.
SHORTEST = timedelta(minutes=30)
#: How often a question that was refused for a while is asked again, and how long after.
TRIES, AGAIN = 3, 20.0
#: It refuses shorter words ("The specified phrase is too short").
LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as GDELT lists it."""

    url: str
    title: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The articles of one span of time; `missing` is a sentence if some or all could not be had."""

    since: datetime
    until: datetime
    articles: tuple[Article, ...] = ()
    missing: str | None = None


class Gdelt:
    """Finds articles by words. Waits between questions: made for a command that a person watches, not for a worker."""

    def __init__(
        self,
        door: ApiDoor,
        *,
        api_url: str,
        clock: Callable[[], datetime],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`api_url` is HYPEWATCH_GDELT_API_URL; nothing is asked yet."""
        self._door, self._api_url, self._clock, self._wait = door, api_url.rstrip("/"), clock, wait
        self._asked = False

    def articles(self, query: str, since: datetime, until: datetime) -> Iterator[Span]:
        """Span after span, oldest first, each article once. Never raises for what GDELT does."""
        seen: set[str] = set()
        for span in self._spans(query, since, until):
            fresh = tuple(article for article in span.articles if article.url not in seen)
            seen.update(article.url for article in fresh)
            yield Span(since=span.since, until=span.until, articles=fresh, missing=span.missing)

    def _spans(self, query: str, since: datetime, until: datetime) -> Iterator[Span]:
        try:
            found, full = self._ask(query, since, until)
        except RefusalError as error:
            yield Span(since=since, until=until, missing=error.sentence)
            return
        if not full:
            yield Span(since=since, until=until, articles=found)
        elif until - since > SHORTEST:
            middle = since + (until - since) / 2
            yield from self._spans(query, since, middle)
            yield from self._spans(query, middle, until)
        else:
            more = (
                f"There are more than {MOST_ROWS} articles; the others cannot be had. A narrower search misses fewer."
            )
            yield Span(since=since, until=until, articles=found, missing=more)

    def _ask(self, query: str, since: datetime, until: datetime) -> tuple[tuple[Article, ...], bool]:
        """One question, patiently: the articles, and whether there may be more."""
        asked = {
            "query": query,
            "mode": "artlist",
            "format": "json",
            "maxrecords": MOST_ROWS,
            "sort": "dateasc",
            "startdatetime": f"{since:%Y%m%d%H%M%S}",
            "enddatetime": f"{until:%Y%m%d%H%M%S}",
        }
        url = f"{self._api_url}/api/v2/doc/doc?{urlencode(asked)}"
        for tries in range(1, TRIES + 1):
            if self._asked:
                self._wait(PAUSE if tries == 1 else AGAIN * tries)
            self._asked = True
            try:
                return self._answer(url)
            except RefusalError as error:
                if tries == TRIES or error.outcome not in {Outcome.RATE_LIMITED, Outcome.TEMPORARY}:
                    raise
        raise AssertionError("unreachable")  # pragma: no cover - the last try returns or raises

    def _answer(self, url: str) -> tuple[tuple[Article, ...], bool]:
        fetched = self._door.request("GET", url, headers={"accept": "application/json"})
        said = " ".join(fetched.body[:300].decode("utf-8", "replace").split())
        if fetched.outcome is Outcome.FETCHED and "limit requests" in said:
            raise RefusalError(Outcome.RATE_LIMITED, "GDELT was asked too often and wants us to come later.")
        if fetched.outcome is Outcome.FETCHED and said and not said.startswith(("{", "[", "<")):
            raise RefusalError(Outcome.HARD, f"GDELT does not take the question: {said.rstrip('.')}.", status=400)
        nothing = fetched.outcome is Outcome.FETCHED and not said  # as for an empty list
        answer: Any = {} if nothing else Api(_Given(fetched), self._clock()).ask(url)
        listed = table(answer).get("articles", [])
        if not isinstance(answer, dict) or not isinstance(listed, list):
            raise other_form("GDELT")
        found = tuple(
            Article(url=link, title=words(row.get("title")), domain=words(row.get("domain")))
            for row in rows(listed)
            if (link := http_link(words(row.get("url"))))
        )
        return found, len(listed) >= MOST_ROWS


@dataclass(frozen=True, slots=True)
class _Given:
    """A door that gives one answer, which is there already: Api reads it and says in words what is wrong with it."""

    fetched: Any

    def request(self, *_: Any, **__: Any) -> Any:
        return self.fetched


def query_for(groups: Sequence[Sequence[str]]) -> str:
    """Groups of words as GDELT reads them: groups side by side are all needed, words in brackets are alternatives.

    GDELT searches all languages by their English translation. Words that it refuses are left out of their group.
    """
    kept = [tuple(word for word in group if len(word) >= LEAST_LETTERS and word.isascii()) for group in groups]
    return boolean([group for group in kept if group]).replace(" AND ", " ")
