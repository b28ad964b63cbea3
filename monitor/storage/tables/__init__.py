r"""All tables. A column's comment says what it holds; PostgreSQL shows it in `\d+`, and the operations page prints it.

Moments are stored as whole microseconds since 1970 UTC on both databases: exact, zone-free, and compared as numbers.
"""

from __future__ import annotations

from monitor.storage.tables.collecting import entries, feeds, names, pages, polls, proposals
from monitor.storage.tables.columns import Id, Moment, Words, metadata, storable
from monitor.storage.tables.coverage import (
    DATED_BACK,
    flags,
    mention_words,
    mentions,
    merged_stories,
    moved_flags,
    reviews,
    revisions,
    sources,
    stories,
    story_keys,
    tombstones,
)
from monitor.storage.tables.installation import changes, leases, sessions, settings, spending
from monitor.storage.tables.letters import letter_flags, letter_steps, letters
from monitor.storage.tables.mailing import (
    bounces,
    deliveries,
    digest_flags,
    digest_proposals,
    digest_quotes,
    digests,
    edition_mentions,
    editions,
    subscribers,
    subscriptions,
)
from monitor.storage.tables.people import keys, people, tries
from monitor.storage.tables.searches import search_mails, searches
from monitor.storage.tables.tuning import backtest_changes, backtests, fact_sheets, rulesets
from monitor.storage.tables.webhooks import webhook_calls, webhooks

__all__ = [
    "DATED_BACK",
    "Id",
    "Moment",
    "Words",
    "backtest_changes",
    "backtests",
    "bounces",
    "changes",
    "deliveries",
    "digest_flags",
    "digest_proposals",
    "digest_quotes",
    "digests",
    "edition_mentions",
    "editions",
    "entries",
    "fact_sheets",
    "feeds",
    "flags",
    "keys",
    "leases",
    "letter_flags",
    "letter_steps",
    "letters",
    "mention_words",
    "mentions",
    "merged_stories",
    "metadata",
    "moved_flags",
    "names",
    "pages",
    "people",
    "polls",
    "proposals",
    "reviews",
    "revisions",
    "rulesets",
    "search_mails",
    "searches",
    "sessions",
    "settings",
    "sources",
    "spending",
    "storable",
    "stories",
    "story_keys",
    "subscribers",
    "subscriptions",
    "tombstones",
    "tries",
    "webhook_calls",
    "webhooks",
]
