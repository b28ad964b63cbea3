"""Where the flags of a mention went that went into another: mails hold their numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('moved_flags',
    sa.Column('old_id', ID, autoincrement=False, nullable=False, comment='The number of a flag whose mention went into another'),
    sa.Column('flag_id', ID, nullable=False, comment='The flag on the same words of the mention that stayed'),
    sa.ForeignKeyConstraint(['flag_id'], ['flags.id'], name=op.f('fk_moved_flags_flag_id_flags'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('old_id', name=op.f('pk_moved_flags'))
    )
    op.create_index(op.f('ix_moved_flags_flag_id'), 'moved_flags', ['flag_id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
