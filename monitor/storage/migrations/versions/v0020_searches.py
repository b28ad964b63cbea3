"""Searches that are kept under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('searches',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('name', sa.Text(), nullable=False, comment='What it is called'),
    sa.Column('key', sa.Text(), nullable=False, comment='The name without regard to capitals'),
    sa.Column('query', sa.Text(), nullable=False, comment='The search as it was typed'),
    sa.Column('by', sa.Text(), nullable=False, comment='Who saved it last'),
    sa.Column('saved_at', sa.BigInteger(), nullable=False, comment='When'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_searches')),
    sa.UniqueConstraint('key', name=op.f('uq_searches_key'))
    )
