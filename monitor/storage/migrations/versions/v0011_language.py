"""Mails can be had in other languages than English."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscriptions', sa.Column('language', sa.Text(), server_default="en", nullable=False, comment='Language of the mail: en, ja or es'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
