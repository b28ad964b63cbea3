"""The page of a trial registry, read as a visitor sees it: whole, because tables hold what matters there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.core.errors import HypewatchError
from monitor.core.feed import ParsedFeed
from monitor.core.model import Network, Outcome, Reason
from monitor.core.proposals import page_lines
from monitor.sources.connector import Setup, Watch
from monitor.sources.http.robots import Robots
from monitor.sources.json_api import RefusalError, refused
from monitor.sources.markup import html_text, well_formed
from monitor.sources.pages.page import ACCEPT

if TYPE_CHECKING:
    from monitor.core.feed import FeedForPoll, Fetched
    from monitor.core.study import Study

#: Less text than this is a login, an error or a page that scripts fill in later.
LEAST_CHARACTERS = 200
#: A row of a table is a line: what is asked and what was answered change together.
_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)


class RegistryWatch(Watch):
    """Implements ports.PostSource for FeedKind.REGISTRY_WATCH: `feed.url` is a study's id.

    The cursor is the page as it was at the last visit, without the lines that change at each.
    """

    def __init__(self, setup: Setup) -> None:
        """Nothing is asked yet."""
        self._door, self._study_of = setup.door, setup.study_of
        self._robots = Robots(setup.door, clock=setup.clock)

    @staticmethod
    def lacking(study: Study) -> str:
        """A study can be watched here if its fact sheet names the page."""
        if study.watch.registry:
            return ""
        return f"The fact sheet {study.id} names no registry's page (`watch:` with `registry: https://...`)."

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed:  # noqa: ARG002 - a page is one page
        """The page as it is now, as the cursor. Never raises."""
        try:
            study = self._study_of(feed.url)
        except HypewatchError as error:
            return refused(
                Network.WEB,
                RefusalError(Outcome.HARD, f"{feed.url!r} cannot be watched: {error}", reason=Reason.FACT_SHEET),
            )
        url = study.watch.registry
        if url is None:
            return refused(Network.WEB, RefusalError(Outcome.HARD, self.lacking(study), reason=Reason.FACT_SHEET))
        refusal = self._robots.refusal(url)
        if refusal:
            return refused(Network.WEB, RefusalError(refusal.outcome, refusal.sentence, reason=refusal.reason))
        fetched = self._door.fetch(url, headers=ACCEPT)
        if fetched.outcome is not Outcome.FETCHED:
            outcome = Outcome.HARD if fetched.outcome is Outcome.GONE else fetched.outcome
            return refused(
                Network.WEB, RefusalError(outcome, fetched.sentence, fetched.retry_after, reason=fetched.reason)
            )
        text = page_lines(well_formed(html_text(_CELL.sub(" ", _decoded(fetched)))), study.watch.ignore)
        problem = _no_entry(text, study)
        if problem:
            return refused(Network.WEB, RefusalError(Outcome.SOFT, problem))
        return ParsedFeed(format="registry", title="", entries=(), cursor=text)


def _no_entry(text: str, study: Study) -> str | None:
    """Why this is not the registry's entry: an error page must not be told as a change."""
    if len(text) < LEAST_CHARACTERS:
        return "The registry's page holds no text; it may be an error, a login, or filled in by a script."
    numbers = study.watch.numbers
    if numbers and not any(number.casefold() in text.casefold() for number in numbers):
        return f"The registry's page does not name {' or '.join(numbers)}: it may be an error page."
    return None


def _decoded(fetched: Fetched) -> str:
    head = fetched.body[:2048].decode("latin-1")
    for where in (fetched.headers.get("content-type", ""), head):
        named = re.search(r"charset=[\"']?([\w-]+)", where, re.IGNORECASE)
        if named:
            try:
                return fetched.body.decode(named[1], "replace")
            except LookupError:
                continue
    return fetched.body.decode("utf-8", "replace")
