"""How a version of the rules came to be, so that undo and redo know where they stand; and browsers that are signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column('rulesets', sa.Column('step', sa.Text(), server_default='save', nullable=False, comment='How it came to be: save, undo or redo'))
    op.create_table('sessions',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('secret', sa.Text(), nullable=False, comment='SHA-256 of the secret in its sign-in link, and in its cookie once that was used'),
    sa.Column('state', sa.Text(), nullable=False, comment='offered, open or ended'),
    sa.Column('made_at', sa.BigInteger(), nullable=False, comment='When its link was made'),
    sa.Column('expires_at', sa.BigInteger(), nullable=False, comment='When the link or the sign-in ends by itself'),
    sa.Column('opened_at', sa.BigInteger(), nullable=True, comment='When the link was used'),
    sa.Column('browser', sa.Text(), nullable=False, comment='What the browser calls itself'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('secret', name=op.f('uq_sessions_secret'))
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
