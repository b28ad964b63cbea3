"""What came after the first schema."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':  # SQLite keeps no comments
        kinds = 'feed, x-search, bluesky-search, bluesky-stream, mastodon-search, hackernews-search'
        op.alter_column('feeds', 'kind', comment=f'How it is read: {kinds}')
    # What a feed brought on each day: has it gone silent?
    op.create_index('ix_entries_feed_id_first_seen', 'entries', ['feed_id', 'first_seen'], unique=False)
    # What is older than its network's days: at 100,000 mentions finding that nothing is takes 0.5 ms instead of 150.
    op.create_index('ix_entries_network_first_seen', 'entries', ['network', 'first_seen'], unique=False)
    op.create_index('ix_mentions_network_first_seen', 'mentions', ['network', 'first_seen'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
