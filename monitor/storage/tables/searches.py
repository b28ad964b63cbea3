"""Searches that are kept under a name."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, metadata

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
