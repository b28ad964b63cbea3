"""What came after the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':  # SQLite keeps no comments
        kinds = 'feed, x-search, bluesky-search, bluesky-stream, mastodon-search, hackernews-search'
        watches = 'pubmed-watch, europepmc-watch, crossref-watch, openalex-watch, registry-watch'
        op.alter_column('feeds', 'kind', comment=f'How it is read: {kinds}, {watches}')
        op.alter_column('feeds', 'url', comment='Address, the query of a saved search, or the id of the study that is watched')
    # What a feed brought on each day: has it gone silent?
    op.create_index('ix_entries_feed_id_first_seen', 'entries', ['feed_id', 'first_seen'], unique=False)
    # What is older than its network's days: at 100,000 mentions finding that nothing is takes 0.5 ms instead of 150.
    op.create_index('ix_entries_network_first_seen', 'entries', ['network', 'first_seen'], unique=False)
    op.create_index('ix_mentions_network_first_seen', 'mentions', ['network', 'first_seen'], unique=False)
    _proposals()


def _proposals() -> None:
    op.create_table('proposals',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study it is about'),
    sa.Column('kind', sa.Text(), nullable=False, comment='published, preprint, retracted, concern, corrected or registry'),
    sa.Column('key', sa.Text(), nullable=False, comment='What it is known by: doi:..., pmid:... or registry:hash'),
    sa.Column('sentence', sa.Text(), nullable=False, comment='What may have happened, a sentence'),
    sa.Column('findings', sa.JSON(), nullable=False, comment='Ids of the findings it touches, a list'),
    sa.Column('rung', sa.Text(), nullable=True, comment='The rung that the first of them would reach'),
    sa.Column('title', sa.Text(), nullable=False, comment='Title of the paper or page'),
    sa.Column('url', sa.Text(), nullable=False, comment='Where it can be read'),
    sa.Column('detail', sa.Text(), nullable=False, comment='Lines of a page that changed, each with + or -'),
    sa.Column('seen', sa.JSON(), nullable=False, comment='Indexes that told it, a list'),
    sa.Column('opened_at', sa.BigInteger(), nullable=False, comment='When it was first told'),
    sa.Column('state', sa.Text(), server_default='open', nullable=False, comment='open, accepted or dismissed'),
    sa.Column('by', sa.Text(), server_default='', nullable=False, comment='Who decided'),
    sa.Column('decided_at', sa.BigInteger(), nullable=True, comment='When'),
    sa.Column('why', sa.Text(), server_default='', nullable=False, comment='Reason given'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals')),
    sa.UniqueConstraint('study_id', 'kind', 'key', name=op.f('uq_proposals_study_id_kind_key'))
    )
    op.create_table('digest_proposals',
    sa.Column('subscription_id', ID, nullable=False, comment='The subscription'),
    sa.Column('proposal_id', ID, nullable=False, comment='The proposal: told once to a subscription'),
    sa.Column('digest_id', ID, nullable=False, comment='The digest that told it'),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_proposals_digest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_digest_proposals_proposal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_digest_proposals_subscription_id')),
    sa.PrimaryKeyConstraint('subscription_id', 'proposal_id', name=op.f('pk_digest_proposals'))
    )
    op.create_index(op.f('ix_digest_proposals_digest_id'), 'digest_proposals', ['digest_id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
