"""The Store on SQLite or PostgreSQL: one class, put together from one module for each group of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.storage.backtests import BacktestRows
from monitor.storage.candidates import CandidateRows
from monitor.storage.changes import ChangeRows
from monitor.storage.claims import ClaimRows
from monitor.storage.database import BUSY_SECONDS, Database
from monitor.storage.digests.bounces import BounceRows
from monitor.storage.digests.digests import DigestRows
from monitor.storage.digests.newest import NewestRows
from monitor.storage.digests.reports import ReportRows
from monitor.storage.digests.subscribers import PeopleRows
from monitor.storage.digests.urgent import UrgentRows
from monitor.storage.exports import ExportRows
from monitor.storage.feeds.feeds import FeedRows
from monitor.storage.feeds.polls import PollRows
from monitor.storage.items.flags import FlagRows
from monitor.storage.items.mentions import MentionRows
from monitor.storage.items.outlets import OutletRows
from monitor.storage.items.pages import PageRows
from monitor.storage.items.reviews import ReviewRows
from monitor.storage.items.withdraw import PurgeRows
from monitor.storage.letters import LetterRows
from monitor.storage.people import KeyRows, PersonRows, TryRows
from monitor.storage.personal import PersonalRows
from monitor.storage.proposals import ProposalRows
from monitor.storage.retention import RetentionRows
from monitor.storage.rule_hits import RuleHitRows
from monitor.storage.rules import RuleRows
from monitor.storage.search import SearchRows
from monitor.storage.searches import SavedSearchRows
from monitor.storage.sessions import SessionRows
from monitor.storage.settings import SettingRows
from monitor.storage.sheets import SheetRows
from monitor.storage.stories import StoryRows
from monitor.storage.trends import TrendRows
from monitor.storage.upgrade import upgrade
from monitor.storage.usage import UsageRows
from monitor.storage.webhooks import WebhookRows
from monitor.storage.work import WorkRows

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.ports import Store


class SqlStore(
    WorkRows,  # ports.WorkQueue
    FeedRows,  # ports.Feeds, and what a poll writes
    PollRows,
    PageRows,  # ports.Pages
    MentionRows,  # ports.Items: mentions, flags, what is found of them, and withdrawal
    FlagRows,
    ReviewRows,  # ports.Reviews
    SearchRows,
    StoryRows,
    SavedSearchRows,  # ports.SavedSearches
    ExportRows,  # ports.Exports
    PurgeRows,
    PersonalRows,
    RuleRows,  # ports.Rules: versions of people's own rules, what they would change, and what they can reach
    BacktestRows,
    CandidateRows,
    RuleHitRows,
    SheetRows,  # ports.Sheets
    ProposalRows,  # ports.Proposals
    PeopleRows,  # ports.Digests: who gets mail, and what became of it
    DigestRows,
    BounceRows,
    NewestRows,
    ReportRows,
    UrgentRows,
    LetterRows,  # ports.Letters
    OutletRows,  # ports.Outlets
    TrendRows,  # ports.Trends
    ClaimRows,  # ports.Claims
    WebhookRows,  # ports.Webhooks
    SessionRows,  # ports.Sessions
    PersonRows,  # ports.People
    KeyRows,
    TryRows,
    ChangeRows,  # ports.Changes
    UsageRows,  # ports.Installation
    SettingRows,
    RetentionRows,
):
    """Implements ports.Store, whose docstrings tell the laws. Can be used from many threads and processes."""

    def __init__(self, db: Database) -> None:
        """Nothing is opened yet."""
        self._db = db

    def time(self) -> datetime:
        return self._db.time()

    def upgrade(self) -> None:
        upgrade(self._db)

    def close(self) -> None:
        self._db.close()


def open_store(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The Store at `sqlite:///PATH` or `postgresql://...`; call `upgrade` before anything else.

    `busy_seconds` is how long a writer waits for another program before StorageBusyError. Raises SettingError if the
    address is none.
    """
    return SqlStore(Database(url, busy_seconds=busy_seconds))
