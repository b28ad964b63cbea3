"""What can be read of a mention at its address now, and the status that a feed was last answered with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('feeds', sa.Column('last_status', sa.Integer(), nullable=True, comment="HTTP status of the last poll's answer; null: none, or not known"))
    op.add_column('mentions', sa.Column('partial', sa.Boolean(), server_default=sa.false(), nullable=False, comment='True: the text is a part of what was said'))
    op.add_column('mentions', sa.Column('availability', sa.Text(), server_default='whole', nullable=False, comment='What can be read at its address now: whole, cut, paywall, consent, stub or missing'))
    op.add_column('mentions', sa.Column('availability_since', sa.BigInteger(), nullable=True, comment='Since when it is not whole'))
    if op.get_bind().dialect.name == 'postgresql':  # SQLite keeps no comments
        for table in ('entries', 'mentions'):
            op.alter_column(table, 'date_confidence', comment='exact, claimed (by its author alone), day or none')


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
