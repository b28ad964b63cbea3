"""Who gets digests, what is frozen of each, and what became of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from monitor.storage.tables.columns import Id, Moment, Words, column, id_column, key_to, metadata, to, work_columns

subscribers = sa.Table(
    "subscribers",
    metadata,
    id_column(),
    column("email", Words, "Address, in lower case"),
    column("name", Words, "Name"),
    column("state", sa.Text, "pending (not confirmed) or active"),
    column("created_at", Moment, "When it was added"),
    column("suppressed_at", Moment, "Since when nothing is sent there, because mail came back", null=True),
    column("suppressed_why", Words, "Why, a sentence", server_default=""),
    sa.UniqueConstraint("email"),
)


subscriptions = sa.Table(
    "subscriptions",
    metadata,
    id_column(),
    to("subscriber_id", "subscribers.id", "The person"),
    column("study_id", sa.Text, "The study"),
    column("at", sa.Text, "Local time, HH:MM:SS"),
    column("zone", sa.Text, "IANA zone"),
    column("weekdays", sa.JSON, "0 = Monday, a list"),
    column("threshold", sa.Text, "Lowest severity told in full"),
    column("quiet", sa.Boolean, "Whether a day without news sends two lines"),
    column("paused_until", Moment, "Nothing before this moment", null=True),
    column("created_at", Moment, "When it began"),
    *work_columns(),
    column("due_date", sa.Text, "ISO date where the person lives that the next digest is for", server_default=""),
    column("crashes", sa.Integer, "How often in a row composing ended its process", server_default="0"),
    column("language", sa.Text, "Language of the mail: en, ja or es", server_default="en"),
    column("drifts", sa.JSON, "Kinds of drift that are told, a list; empty: all", server_default="[]"),
    column("networks", sa.JSON, "Networks whose mentions are told, a list; empty: all", server_default="[]"),
    column("languages", sa.JSON, "Languages of coverage that is told, a list; empty: all", server_default="[]"),
    column("weekly", sa.Boolean, "Whether a weekly report comes", server_default=sa.false()),
    column("monthly", sa.Boolean, "Whether a monthly report comes", server_default=sa.false()),
    column("urgent_from", sa.Integer, "Mentions of one claim within a day that send an urgent mail", null=True),
    column("urgent_most", sa.Integer, "Urgent mails a local date", server_default="2"),
    column("hush_from", sa.Text, "Local time from which no urgent mail comes", server_default="21:00:00"),
    column("hush_until", sa.Text, "Local time until which no urgent mail comes", server_default="07:00:00"),
    column("left_at", Moment, "When the person ended it", null=True),
    column("asked_at", Moment, "When the person was asked to confirm, until they answered", null=True),
    sa.UniqueConstraint("subscriber_id", "study_id"),
    sa.Index(None, "due_at"),
)


digests = sa.Table(
    "digests",
    metadata,
    id_column(),
    to("subscription_id", "subscriptions.id", "Whose digest"),
    column("local_date", sa.Text, "ISO date where the subscriber lives"),
    column("subject", Words, "Subject line"),
    column("message_id", sa.Text, "Message-ID, the same for every attempt"),
    column("recipient", Words, "Address it goes to"),
    column("mime", sa.LargeBinary, "The whole mail, byte for byte"),
    column("text", Words, "Its text part"),
    column("html", Words, "Its HTML part"),
    column("state", sa.Text, "ready, sending, sent, unknown, failed or skipped"),
    column("unknowns", sa.Integer, "Attempts whose ending nobody saw; after the second it stops", server_default="0"),
    column("sentence", Words, "Why it was skipped, or how the last attempt ended"),
    column("created_at", Moment, "When it was cut"),
    *work_columns(),
    column(
        "through_date",
        sa.Text,
        "Last local date it speaks for: later than local_date if days were caught up on",
        server_default="",
    ),
    column(
        "withdrawn",
        sa.Boolean,
        "Something it told of was withdrawn, and its text was removed",
        server_default=sa.false(),
    ),
    column("kind", sa.Text, "daily, weekly, monthly, urgent or search", server_default="daily"),
    column("about", sa.Text, "The claim or saved search that a mail tells of", server_default=""),
    column(
        "edition_id",
        Id,
        "What it tells: the number of an edition, which digests that tell the same share",
        null=True,
    ),
    sa.UniqueConstraint("subscription_id", "local_date"),
    sa.Index(None, "due_at"),
    sa.Index(None, "edition_id"),
)


#: What a digest tells, kept once for all digests that tell the same: a thousand readers of one study share it.
editions = sa.Table(
    "editions",
    metadata,
    id_column(),
    column("content", sa.Text, "SHA-256 of its mentions' numbers; null once one of them went or moved", null=True),
    sa.UniqueConstraint("content"),
)
edition_mentions = sa.Table(
    "edition_mentions",
    metadata,
    key_to("edition_id", "editions.id", "The edition", gone="CASCADE"),
    key_to("mention_id", "mentions.id", "A mention that it tells", gone="CASCADE"),
    sa.Index(None, "mention_id"),
)


def _told_once(name: str, key: sa.Column[Any], *more: sa.Index) -> sa.Table:
    """What a digest told: once to a subscription."""
    return sa.Table(
        name,
        metadata,
        key_to("subscription_id", "subscriptions.id", "The subscription"),
        key,
        to("digest_id", "digests.id", "The digest that told it", gone="CASCADE"),
        sa.Index(None, "digest_id"),
        *more,
    )


digest_flags = _told_once(
    "digest_flags",
    key_to("flag_id", "flags.id", "The fixed flag: told once to a subscription", gone="CASCADE"),
    sa.Index(None, "flag_id"),
)
digest_proposals = _told_once(
    "digest_proposals",
    key_to("proposal_id", "proposals.id", "The proposal: told once to a subscription", gone="CASCADE"),
)

#: Whose words stand in a report or an urgent mail, which tell again what a daily digest tells: withdrawn with them.
digest_quotes = sa.Table(
    "digest_quotes",
    metadata,
    key_to("digest_id", "digests.id", "The digest", gone="CASCADE"),
    key_to("mention_id", "mentions.id", "The mention whose words are in it", gone="CASCADE"),
    sa.Index(None, "mention_id"),
)


#: Mail that came back: an answer of the mail server at once, or a notice that arrived later (RFC 3464).
bounces = sa.Table(
    "bounces",
    metadata,
    id_column(),
    to("subscriber_id", "subscribers.id", "Whose address", gone="CASCADE"),
    column("at", Moment, "When it was known"),
    column("status", sa.Text, "Its status, such as 5.1.1 (RFC 3463); empty where none was said"),
    column("hard", sa.Boolean, "Whether the address takes no mail at all"),
    column("reply", Words, "The mail server's words"),
    column(
        "message_id", sa.Text, "Message-ID of the mail that came back; empty where it is not known", server_default=""
    ),
    column(
        "answered",
        sa.Boolean,
        "Whether somebody said since that mail shall go there again: it counts no more",
        server_default=sa.false(),
    ),
    sa.Index(None, "subscriber_id"),
)


deliveries = sa.Table(
    "deliveries",
    metadata,
    key_to("digest_id", "digests.id", "The digest", gone="CASCADE"),
    sa.Column("attempt", sa.Integer, primary_key=True, comment="From 1"),
    column("started_at", Moment, "When it was begun"),
    column("ended_at", Moment, "When its ending was known", null=True),
    column("outcome", sa.Text, "sent, temporary, permanent, unknown; sending while it goes on"),
    column("reply", Words, "The mail server's words"),
    sa.Index(None, "started_at"),
)
