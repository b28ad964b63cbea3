"""The installation itself: leases, spending, sessions, settings, and who changed what."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Id, Moment, Words, column, id_column, metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", Words, primary_key=True, comment="Name of a tick"),
    column("owner", sa.Text, "Process that holds it"),
    column("until", Moment, "When it is free again"),
)


spending = sa.Table(
    "spending",
    metadata,
    sa.Column("network", Words, primary_key=True, comment="Network that charges"),
    sa.Column("day", Words, primary_key=True, comment="UTC day, ISO"),
    column("rows", sa.BigInteger, "Paid rows read on that day"),
)


sessions = sa.Table(
    "sessions",
    metadata,
    id_column(),
    sa.Column(
        "secret",
        Words,
        nullable=False,
        unique=True,
        comment="SHA-256 of the secret in its sign-in link, and in its cookie once that was used",
    ),
    column("state", sa.Text, "offered, open or ended"),
    column("made_at", Moment, "When its link was made"),
    column("expires_at", Moment, "When the link or the sign-in ends by itself"),
    column("opened_at", Moment, "When the link was used", null=True),
    column("browser", Words, "What the browser calls itself"),
    column("name", Words, "Who it was made for: stands beside what is decided and changed", server_default=""),
    column("role", sa.Text, "owner, editor or reader", server_default="owner"),
    column("person_id", Id, "Number of the person whose it is; null: a link without an account", null=True),
)


settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", Words, primary_key=True, comment="What the installation keeps for itself"),
    column("value", Words, "Its value"),
)


changes = sa.Table(
    "changes",
    metadata,
    id_column(),
    column("at", Moment, "When"),
    column("by", Words, "Who"),
    column("area", sa.Text, "studies, sources, subscribers, people, keys or webhooks"),
    column("did", Words, "What, as it follows the name"),
    column("link", Words, "Path of the page that shows it; empty for none"),
)
