"""Other programs that are told, and each call to them."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, metadata, to, work_columns

webhooks = sa.Table(
    "webhooks",
    metadata,
    id_column(),
    column("service", sa.Text, "webhook, slack, teams, mattermost, discord, matrix or telegram"),
    column("url", Words, "Where it is told; kept like a password, and in no backup"),
    column("secret", Words, "What its calls are signed with; empty for a chat"),
    column("events", sa.JSON, "What it is told of, a list: flag.confirmed, digest.sent"),
    column("study_id", sa.Text, "Of which study; empty: all", server_default=""),
    column("since", Moment, "What happened from then on is told"),
    column("disabled", Words, "Why it is told nothing any more, a sentence; empty while it is", server_default=""),
)


webhook_calls = sa.Table(
    "webhook_calls",
    metadata,
    id_column(),
    to("webhook_id", "webhooks.id", "Who is told", gone="CASCADE"),
    column("event", sa.Text, "flag.confirmed, digest.sent or test"),
    column("key", sa.Text, "What happened: told once to each webhook"),
    column("message_id", sa.Text, "Its webhook-id, the same for every attempt"),
    column("body", sa.LargeBinary, "The body, byte for byte the same for every attempt"),
    to("mention_id", "mentions.id", "The mention whose words are in the body", null=True, gone="CASCADE"),
    column("state", sa.Text, "waiting, sent or dead (given up until somebody sends it again)"),
    column("created_at", Moment, "When it was found"),
    *work_columns(),
    sa.UniqueConstraint("webhook_id", "key"),
    sa.Index(None, "due_at"),
    sa.Index(None, "mention_id"),
)
