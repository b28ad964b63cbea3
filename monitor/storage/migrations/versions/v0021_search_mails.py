"""Who is mailed what a saved search finds."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('search_mails',
    sa.Column('search_id', ID, nullable=False, comment='The saved search'),
    sa.Column('subscription_id', ID, nullable=False, comment='Who is told'),
    sa.Column('at_once', sa.Boolean(), nullable=False, comment='As it comes; else once a day, at their hour'),
    sa.Column('since', sa.BigInteger(), nullable=False, comment='What was first seen from then on is told'),
    sa.ForeignKeyConstraint(['search_id'], ['searches.id'], name=op.f('fk_search_mails_search_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_search_mails_subscription_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('search_id', 'subscription_id', name=op.f('pk_search_mails'))
    )
    op.create_index(op.f('ix_search_mails_subscription_id'), 'search_mails', ['subscription_id'], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("COMMENT ON COLUMN digests.kind IS 'daily, weekly, monthly, urgent or search'")
        op.execute("COMMENT ON COLUMN digests.about IS 'The claim or saved search that a mail tells of'")
