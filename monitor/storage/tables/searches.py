"""Searches that are kept under a name."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, key_to, metadata

searches = sa.Table(
    "searches",
    metadata,
    id_column(),
    column("name", Words, "What it is called"),
    column("key", Words, "The name without regard to capitals"),
    column("query", Words, "The search as it was typed"),
    column("by", Words, "Who saved it last"),
    column("saved_at", Moment, "When"),
    sa.UniqueConstraint("key"),
)

#: Who is mailed what a search finds. What was told stands with the mails themselves (`digests.about`, `digest_quotes`).
search_mails = sa.Table(
    "search_mails",
    metadata,
    key_to("search_id", "searches.id", "The saved search", gone="CASCADE"),
    key_to("subscription_id", "subscriptions.id", "Who is told", gone="CASCADE"),
    column("at_once", sa.Boolean, "As it comes; else once a day, at their hour"),
    column("since", Moment, "What was first seen from then on is told"),
    sa.Index(None, "subscription_id"),
)
