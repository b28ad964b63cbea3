"""What a digest tells is kept once for all digests that tell the same."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('editions',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('content', sa.Text(), nullable=True, comment="SHA-256 of its mentions' numbers; null once one of them went or moved"),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_editions')),
    sa.UniqueConstraint('content', name=op.f('uq_editions_content'))
    )
    op.create_table('edition_mentions',
    sa.Column('edition_id', ID, nullable=False, comment='The edition'),
    sa.Column('mention_id', ID, nullable=False, comment='A mention that it tells'),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_edition_mentions_edition_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_edition_mentions_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('edition_id', 'mention_id', name=op.f('pk_edition_mentions'))
    )
    op.create_index(op.f('ix_edition_mentions_mention_id'), 'edition_mentions', ['mention_id'])
    op.add_column('digests', sa.Column('edition_id', ID, nullable=True, comment='What it tells: the number of an edition, which digests that tell the same share'))
    op.create_index(op.f('ix_digests_edition_id'), 'digests', ['edition_id'])
    op.execute("INSERT INTO editions (id) SELECT DISTINCT digest_id FROM digest_mentions")
    op.execute("INSERT INTO edition_mentions (edition_id, mention_id) SELECT digest_id, mention_id FROM digest_mentions")
    op.execute("UPDATE digests SET edition_id = id WHERE id IN (SELECT id FROM editions)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('editions', 'id'), coalesce((SELECT max(id) FROM editions), 0) + 1, false)")
        op.execute("COMMENT ON COLUMN subscribers.state IS 'pending (not confirmed) or active'")
    op.drop_table('digest_mentions')


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
