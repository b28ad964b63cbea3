"""Who may come in, and how often somebody tried."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, metadata, to

people = sa.Table(
    "people",
    metadata,
    id_column(),
    sa.Column("email", Words, nullable=False, unique=True, comment="Mail address, in small letters"),
    column("name", Words, "Stands beside what they decide and change; may be empty"),
    column("role", sa.Text, "owner, editor or reader"),
    column("state", sa.Text, "invited, active or removed"),
    column("password", sa.Text, "Argon2id hash; null: they come in by links alone. In no backup", null=True),
    column("made_at", Moment, "When they were invited"),
    column("last_seen_at", Moment, "When they were last here, to the hour", null=True),
)


keys = sa.Table(
    "keys",
    metadata,
    id_column(),
    sa.Column("secret", Words, nullable=False, unique=True, comment="SHA-256 of the key. In no backup"),
    column("name", Words, "What it is for"),
    column("scopes", sa.JSON, "What it may reach, a list"),
    to("person_id", "people.id", "Whose it is; null: made at the machine itself", null=True, index=True),
    column("maker", Words, "How who made it was called"),
    column("made_at", Moment, "When it was made"),
    column("last_used_at", Moment, "When it was last used, to the hour", null=True),
    column("expires_at", Moment, "When it ends by itself; null: never", null=True),
    column("revoked_at", Moment, "When it was revoked", null=True),
)


tries = sa.Table(
    "tries",
    metadata,
    sa.Column("who", Words, primary_key=True, comment="Keyed sum of the address or the place that tried. In no backup"),
    column("tried", sa.Integer, "Tries since the last wait that did not end in a sign-in"),
    column("last_at", Moment, "The last of them"),
)
