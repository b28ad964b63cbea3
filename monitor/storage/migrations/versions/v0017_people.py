"""People with accounts, keys for programs, and a count of tries to sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('people',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('email', sa.Text(), nullable=False, comment='Mail address, in small letters'),
    sa.Column('name', sa.Text(), nullable=False, comment='Stands beside what they decide and change; may be empty'),
    sa.Column('role', sa.Text(), nullable=False, comment='owner, editor or reader'),
    sa.Column('state', sa.Text(), nullable=False, comment='invited, active or removed'),
    sa.Column('password', sa.Text(), nullable=True, comment='Argon2id hash; null: they come in by links alone. In no backup'),
    sa.Column('made_at', sa.BigInteger(), nullable=False, comment='When they were invited'),
    sa.Column('last_seen_at', sa.BigInteger(), nullable=True, comment='When they were last here, to the hour'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('email', name=op.f('uq_people_email'))
    )
    op.create_table('keys',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('secret', sa.Text(), nullable=False, comment='SHA-256 of the key. In no backup'),
    sa.Column('name', sa.Text(), nullable=False, comment='What it is for'),
    sa.Column('scopes', sa.JSON(), nullable=False, comment='What it may reach, a list'),
    sa.Column('person_id', ID, nullable=True, comment='Whose it is; null: made at the machine itself'),
    sa.Column('maker', sa.Text(), nullable=False, comment='How who made it was called'),
    sa.Column('made_at', sa.BigInteger(), nullable=False, comment='When it was made'),
    sa.Column('last_used_at', sa.BigInteger(), nullable=True, comment='When it was last used, to the hour'),
    sa.Column('expires_at', sa.BigInteger(), nullable=True, comment='When it ends by itself; null: never'),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True, comment='When it was revoked'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_keys_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_keys')),
    sa.UniqueConstraint('secret', name=op.f('uq_keys_secret'))
    )
    op.create_index(op.f('ix_keys_person_id'), 'keys', ['person_id'])
    op.create_table('tries',
    sa.Column('who', sa.Text(), nullable=False, comment='Keyed sum of the address or the place that tried. In no backup'),
    sa.Column('tried', sa.Integer(), nullable=False, comment='Tries since the last wait that did not end in a sign-in'),
    sa.Column('last_at', sa.BigInteger(), nullable=False, comment='The last of them'),
    sa.PrimaryKeyConstraint('who', name=op.f('pk_tries'))
    )
    op.add_column('sessions', sa.Column('person_id', ID, nullable=True, comment='Number of the person whose it is; null: a link without an account'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
