"""Alembic's entry: runs on the connection, and in the transaction, that `storage.upgrade` opened."""

from __future__ import annotations

from alembic import context

from monitor.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
    # The search index is made by hand: it is no table that SQLAlchemy could describe on both databases.
    include_name=lambda name, kind, _parents: not (kind == "table" and (name or "").startswith("mention_words")),
)
with context.begin_transaction():
    context.run_migrations()
