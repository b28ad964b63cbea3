"""What the indexes of papers have in common: asked about one study through the one door, and read without trusting a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.core.errors import HypewatchError
from monitor.core.feed import ParsedFeed
from monitor.core.model import Network, Outcome, Reason
from monitor.sources.json_api import Api, RefusalError, refused
from monitor.sources.markup import html_text, one_line, well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitor.core.feed import FeedForPoll
    from monitor.core.papers import Paper
    from monitor.core.study import Study
    from monitor.sources.connector import Setup

#: Records that one reading looks at. A query that finds more is too wide to watch a study with.
MOST_PAPERS = 300
#: Records of one page.
PAGE = 100
MOST_SUMMARY = 20_000


def read_papers(
    service: str,
    feed: FeedForPoll,
    ask: Callable[[Api, Study], Iterator[list[Paper]]],
    *,
    setup: Setup,
    rows_left: int,
) -> ParsedFeed:
    """One reading of an index: `ask` gives page after page of records. Never raises.

    It begins anew each time: indexes add papers late and change old records, and a study has few.
    """
    try:
        study = setup.study_of(feed.url)
    except HypewatchError as error:
        return refused(
            Network.WEB,
            RefusalError(Outcome.HARD, f"{feed.url!r} cannot be watched: {error}", reason=Reason.FACT_SHEET),
        )
    most = min(MOST_PAPERS, rows_left)
    papers: dict[str, Paper] = {}
    problem = None
    try:
        for page in ask(Api(setup.door, setup.clock()), study):
            for paper in page:
                papers.setdefault(paper.key or paper.title, paper)
            if len(papers) >= most:
                problem = (
                    f"There are more than {most} papers; a narrower `query` in the fact sheet's `watch` misses none."
                )
                break
    except RefusalError as error:
        if not papers:
            return refused(Network.WEB, error)
        problem = f"Only a part was read: {error.sentence}"
    found = tuple(papers.values())[:most]
    return ParsedFeed(format=service.lower(), title="", entries=(), problem=problem, papers=found)


def mail_of(contact: str) -> str:
    """The mail address in HYPEWATCH_CONTACT, which these services ask for to tell who asks; "" if it is a page."""
    return contact.strip() if "@" in contact and "//" not in contact and " " not in contact.strip() else ""


# --- rows ------------------------------------------------------------------------------------------------------------


def table(value: Any) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; one object counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def words(value: Any) -> str:
    """A JSON string, or the first of a list of them, on one line and without markup; "" for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return one_line(html_text(well_formed(value))) if isinstance(value, str) else ""


def summary(value: Any) -> str:
    """An abstract as text."""
    return html_text(well_formed(value))[:MOST_SUMMARY] if isinstance(value, str) else ""


def names(value: Any) -> tuple[str, ...]:
    """The strings of a JSON list, in lower case."""
    items = value if isinstance(value, list) else [value]
    return tuple(words(item).lower() for item in items if isinstance(item, str) and item.strip())
