"""Other programs and chats that are told of flags and digests, and each call to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('webhooks',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('service', sa.Text(), nullable=False, comment='webhook, slack, teams, mattermost, discord, matrix or telegram'),
    sa.Column('url', sa.Text(), nullable=False, comment='Where it is told; kept like a password, and in no backup'),
    sa.Column('secret', sa.Text(), nullable=False, comment='What its calls are signed with; empty for a chat'),
    sa.Column('events', sa.JSON(), nullable=False, comment='What it is told of, a list: flag.confirmed, digest.sent'),
    sa.Column('study_id', sa.Text(), server_default='', nullable=False, comment='Of which study; empty: all'),
    sa.Column('since', sa.BigInteger(), nullable=False, comment='What happened from then on is told'),
    sa.Column('disabled', sa.Text(), server_default='', nullable=False, comment='Why it is told nothing any more, a sentence; empty while it is'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhooks'))
    )
    op.create_table('webhook_calls',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('webhook_id', ID, nullable=False, comment='Who is told'),
    sa.Column('event', sa.Text(), nullable=False, comment='flag.confirmed, digest.sent or test'),
    sa.Column('key', sa.Text(), nullable=False, comment='What happened: told once to each webhook'),
    sa.Column('message_id', sa.Text(), nullable=False, comment='Its webhook-id, the same for every attempt'),
    sa.Column('body', sa.LargeBinary(), nullable=False, comment='The body, byte for byte the same for every attempt'),
    sa.Column('mention_id', ID, nullable=True, comment='The mention whose words are in the body'),
    sa.Column('state', sa.Text(), nullable=False, comment='waiting, sent or dead (given up until somebody sends it again)'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it was found'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhooks.id'], name=op.f('fk_webhook_calls_webhook_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_webhook_calls_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_calls')),
    sa.UniqueConstraint('webhook_id', 'key', name=op.f('uq_webhook_calls_webhook_id_key'))
    )
    op.create_index(op.f('ix_webhook_calls_due_at'), 'webhook_calls', ['due_at'])
    op.create_index(op.f('ix_webhook_calls_mention_id'), 'webhook_calls', ['mention_id'])


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
