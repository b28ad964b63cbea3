"""What a person wants to be told of, in which language, which reports, and urgent mails. Digests are of several kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscriptions', sa.Column('drifts', sa.JSON(), server_default="[]", nullable=False, comment='Kinds of drift told one by one, a list; empty: all'))
    op.add_column('subscriptions', sa.Column('networks', sa.JSON(), server_default="[]", nullable=False, comment='Networks whose mentions are told, a list; empty: all'))
    op.add_column('subscriptions', sa.Column('languages', sa.JSON(), server_default="[]", nullable=False, comment='Languages whose mentions are told, a list; empty: all'))
    op.add_column('subscriptions', sa.Column('language', sa.Text(), server_default="en", nullable=False, comment='Language of the mail: en, ja or es'))
    op.add_column('subscriptions', sa.Column('weekly', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether a report comes each week'))
    op.add_column('subscriptions', sa.Column('monthly', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether a report comes each month'))
    op.add_column('subscriptions', sa.Column('urgent', sa.Integer(), server_default="0", nullable=False, comment='At most so many urgent mails a day; 0: none'))
    op.add_column('subscriptions', sa.Column('hush_from', sa.Text(), server_default="21:00:00", nullable=False, comment='Local time from which no urgent mail comes, HH:MM:SS'))
    op.add_column('subscriptions', sa.Column('hush_until', sa.Text(), server_default="07:00:00", nullable=False, comment='Local time until which none comes'))
    op.add_column('digests', sa.Column('kind', sa.Text(), server_default="daily", nullable=False, comment='daily, weekly, monthly or urgent'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
