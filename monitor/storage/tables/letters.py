"""Letters that ask outlets for a correction: their words, which flags they are about, and what was done with them."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, key_to, metadata, to

letters = sa.Table(
    "letters",
    metadata,
    id_column(),
    column("study_id", sa.Text, "The study"),
    to("mention_id", "mentions.id", "The mention; null: it was withdrawn", null=True, gone="SET NULL"),
    to("source_id", "sources.id", "Who is asked; null: an account that was withdrawn", null=True, gone="SET NULL"),
    column("language", sa.Text, "en, ja or es"),
    column("recipient", Words, "Address it goes to; empty: not known"),
    column("subject", Words, "Subject"),
    column("body", Words, "Its text"),
    column("edited", sa.Boolean, "True: a person changed its words", server_default=sa.false()),
    column("created_at", Moment, "When it was drafted"),
    column("created_by", Words, "Who drafted it"),
    column("remind_days", sa.Integer, "Days after which a reminder is due", server_default="7"),
    column("state", sa.Text, "draft, asked, reminded, corrected or refused: what its steps lead to"),
    column("asked_at", Moment, "When they were asked", null=True),
    column("remind_at", Moment, "From when on a reminder is due; null: nothing waits", null=True),
    column("reminded", sa.Integer, "How often they were reminded", server_default="0"),
    column("closed_at", Moment, "When it was corrected or refused", null=True),
    column("before", Words, "Words of the page that its correction took out", server_default=""),
    column("after", Words, "Words that stand there since", server_default=""),
    column("message_id", sa.Text, "Message-ID, if our mail server sent it", server_default=""),
    column("withdrawn", sa.Boolean, "Its mention was withdrawn, and its words were removed", server_default=sa.false()),
    sa.Index(None, "mention_id"),
    sa.Index(None, "source_id"),
    sa.Index(None, "state", "remind_at"),
)


letter_flags = sa.Table(
    "letter_flags",
    metadata,
    key_to("letter_id", "letters.id", "The letter", gone="CASCADE"),
    key_to("flag_id", "flags.id", "A flag that it asks to correct", gone="CASCADE"),
    sa.Index(None, "flag_id"),
)


letter_steps = sa.Table(
    "letter_steps",
    metadata,
    key_to("letter_id", "letters.id", "The letter", gone="CASCADE"),
    sa.Column("number", sa.Integer, primary_key=True, comment="From 1, in the order in which they were done"),
    column("state", sa.Text, "What was done: asked, reminded, corrected or refused"),
    column("at", Moment, "When"),
    column("by", Words, "Who did it; empty: the page itself showed it"),
    column("undone_at", Moment, "When it was taken back", null=True),
    column("undone_by", Words, "Who took it back", server_default=""),
)
