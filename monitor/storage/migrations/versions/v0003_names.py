"""Items under several names."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('names',
    sa.Column('name', sa.Text(), nullable=False, comment='Another name of an item: an address or id, the number of a mention that went into it, or a hash of who said what'),
    sa.Column('identity', sa.Text(), nullable=False, comment='The identity that the item is stored under'),
    sa.Column('sure', sa.Boolean(), nullable=False, comment='True: whoever has this name is the item. False: whoever has it is compared with it'),
    sa.PrimaryKeyConstraint('name', 'identity', name=op.f('pk_names'))
    )
    op.create_index(op.f('ix_names_identity'), 'names', ['identity'], unique=False)
    # Names are looked up as the code in use makes them, so it makes those of what is stored as well.
    from monitor.storage.items.aliases import put_stored

    put_stored(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
