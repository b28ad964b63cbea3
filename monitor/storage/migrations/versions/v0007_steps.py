"""How a version of the rules came to be, so that undo and redo know where they stand."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('rulesets', sa.Column('step', sa.Text(), server_default='save', nullable=False, comment='How it came to be: save, undo or redo'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
