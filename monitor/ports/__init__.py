"""What the inside needs from the outside, a module a topic. Use cases (pipeline/) see these Protocols and `core`, nothing else.

Shipped implementations double as test fakes: the outbox is a Mailer, replay from files is a Fetcher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitor.core.session import TRIES_OF_ADDRESS, TRIES_OF_PLACE
from monitor.ports.collecting import (
    Budget,
    FeedReader,
    Feeds,
    Fetcher,
    PageReader,
    Pages,
    PaperLookup,
    PostSource,
    RateLimit,
    StudyWatch,
)
from monitor.ports.digests import Digests, Mailer, MailPrinter, Printed, Rendered
from monitor.ports.exports import Exports
from monitor.ports.installation import Changes, Installation, WorkQueue
from monitor.ports.letters import LetterPrinter, Letters, Outlets
from monitor.ports.mentions import RETAIN, Items, Reviews, SavedSearches
from monitor.ports.outgoing import Caller, Webhooks
from monitor.ports.people import People, Sessions
from monitor.ports.rules import Backtests, Judges, Library, Proposals, RuleLibrary, Rules, Sheets
from monitor.ports.trends import Claims, Trends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from monitor.core.model import FeedKind

__all__ = [
    "RETAIN",
    "Backtests",
    "Budget",
    "Caller",
    "Changes",
    "Claims",
    "Deps",
    "Digests",
    "Exports",
    "FeedReader",
    "Feeds",
    "Fetcher",
    "Installation",
    "Items",
    "Judges",
    "LetterPrinter",
    "Letters",
    "Library",
    "MailPrinter",
    "Mailer",
    "Outlets",
    "PageReader",
    "Pages",
    "PaperLookup",
    "People",
    "PostSource",
    "Printed",
    "Proposals",
    "RateLimit",
    "Rendered",
    "Reviews",
    "RuleLibrary",
    "Rules",
    "SavedSearches",
    "Sessions",
    "Sheets",
    "Store",
    "StudyWatch",
    "Trends",
    "Webhooks",
    "WorkQueue",
]


class Store(
    WorkQueue,
    Feeds,
    Pages,
    Items,
    Exports,
    Reviews,
    SavedSearches,
    Rules,
    Backtests,
    Sheets,
    Proposals,
    Digests,
    Letters,
    Outlets,
    Trends,
    Claims,
    Webhooks,
    Sessions,
    People,
    Changes,
    Installation,
    Protocol,
):
    """The database: all topics. A use case that needs one of them asks for that one.

    Laws: every method can be called from many threads and processes; each is one transaction, and a repeat is
    harmless; no network happens inside; all datetimes are aware UTC; unknown ids raise NotFoundError; a database that
    is held, full or read-only raises a StorageError with a sentence. Finishing work whose lease was lost changes nothing.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Everything a use case may touch, put together by `service.open_world`. `owner` names this process in leases."""

    store: Store
    library: Library
    rules_with: Callable[[Mapping[str, str]], RuleLibrary]  # the library as it would be with these files as your pack
    fetcher: Fetcher
    read_feed: FeedReader
    networks: Mapping[FeedKind, PostSource]
    pages: PageReader
    papers: PaperLookup
    mailer: Mailer
    caller: Caller
    printer: MailPrinter
    letters: LetterPrinter
    budgets: Mapping[str, Budget]
    clock: Callable[[], datetime]
    owner: str
    mail_from: str
    base_url: str = ""  # where the pages are, without a slash at the end
    tries_of_address: int = TRIES_OF_ADDRESS  # passwords that may be wrong before one waits, for an address
    tries_of_place: int = TRIES_OF_PLACE  # and from a place
    resends: int = 1  # how often a digest whose ending nobody saw goes out again by itself
