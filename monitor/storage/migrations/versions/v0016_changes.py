"""Fact sheets are saved on the pages, who changed what is kept, and why a reading did not go well."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('changes',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('by', sa.Text(), nullable=False, comment='Who'),
    sa.Column('area', sa.Text(), nullable=False, comment='studies, sources, subscribers, people, keys or webhooks'),
    sa.Column('did', sa.Text(), nullable=False, comment='What, as it follows the name'),
    sa.Column('link', sa.Text(), nullable=False, comment='Path of the page that shows it; empty for none'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_changes'))
    )
    op.create_table('fact_sheets',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study; its newest version is in use'),
    sa.Column('text', sa.Text(), nullable=False, comment='The sheet as YAML; empty: what ships, or lies in the folder, is in use again'),
    sa.Column('digest', sa.Text(), nullable=False, comment='SHA-256 of the text'),
    sa.Column('author', sa.Text(), nullable=False, comment='Who saved it'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('note', sa.Text(), server_default='', nullable=False, comment='What was changed and why'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fact_sheets'))
    )
    op.create_index(op.f('ix_fact_sheets_study_id_id'), 'fact_sheets', ['study_id', 'id'])
    op.add_column('feeds', sa.Column('last_reason', sa.Text(), nullable=True, comment='Why it did not go well: missing, slow, no-key, ...; null: it did, or nobody can say'))
    op.add_column('polls', sa.Column('reason', sa.Text(), nullable=True, comment='Why it did not go well, as in feeds'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
