"""A person ends each subscription by itself, and says which coverage is told and how; reports, urgent mails, mail that came back."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column('subscribers', sa.Column('suppressed_at', sa.BigInteger(), nullable=True, comment='Since when nothing is sent there, because mail came back'))
    op.add_column('subscribers', sa.Column('suppressed_why', sa.Text(), server_default='', nullable=False, comment='Why, a sentence'))
    for column in (
        sa.Column('drifts', sa.JSON(), server_default='[]', nullable=False, comment='Kinds of drift that are told, a list; empty: all'),
        sa.Column('networks', sa.JSON(), server_default='[]', nullable=False, comment='Networks whose mentions are told, a list; empty: all'),
        sa.Column('languages', sa.JSON(), server_default='[]', nullable=False, comment='Languages of coverage that is told, a list; empty: all'),
        sa.Column('weekly', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether a weekly report comes'),
        sa.Column('monthly', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether a monthly report comes'),
        sa.Column('urgent_from', sa.Integer(), nullable=True, comment='Mentions of one claim within a day that send an urgent mail'),
        sa.Column('urgent_most', sa.Integer(), server_default='2', nullable=False, comment='Urgent mails a local date'),
        sa.Column('hush_from', sa.Text(), server_default='21:00:00', nullable=False, comment='Local time from which no urgent mail comes'),
        sa.Column('hush_until', sa.Text(), server_default='07:00:00', nullable=False, comment='Local time until which no urgent mail comes'),
        sa.Column('left_at', sa.BigInteger(), nullable=True, comment='When the person ended it'),
        sa.Column('asked_at', sa.BigInteger(), nullable=True, comment='When the person was asked to confirm, until they answered'),
    ):
        op.add_column('subscriptions', column)
    op.add_column('digests', sa.Column('kind', sa.Text(), server_default='daily', nullable=False, comment='daily, weekly, monthly or urgent'))
    op.add_column('digests', sa.Column('about', sa.Text(), server_default='', nullable=False, comment='The claim that an urgent mail tells of'))
    op.create_table('digest_quotes',
    sa.Column('digest_id', ID, nullable=False, comment='The digest'),
    sa.Column('mention_id', ID, nullable=False, comment='The mention whose words are in it'),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_quotes_digest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_digest_quotes_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest_id', 'mention_id', name=op.f('pk_digest_quotes'))
    )
    op.create_index(op.f('ix_digest_quotes_mention_id'), 'digest_quotes', ['mention_id'])
    op.create_table('bounces',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('subscriber_id', ID, nullable=False, comment='Whose address'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When it was known'),
    sa.Column('status', sa.Text(), nullable=False, comment='Its status, such as 5.1.1 (RFC 3463); empty where none was said'),
    sa.Column('hard', sa.Boolean(), nullable=False, comment='Whether the address takes no mail at all'),
    sa.Column('reply', sa.Text(), nullable=False, comment="The mail server's words"),
    sa.Column('message_id', sa.Text(), server_default='', nullable=False, comment='Message-ID of the mail that came back; empty where it is not known'),
    sa.Column('answered', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether somebody said since that mail shall go there again: it counts no more'),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_bounces_subscriber_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bounces'))
    )
    op.create_index(op.f('ix_bounces_subscriber_id'), 'bounces', ['subscriber_id'])
    # Who had left, had left all. Nobody knows any more when; whether they had confirmed before is not known either.
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    left = "subscriber_id IN (SELECT id FROM subscribers WHERE state = 'removed')"
    op.execute(sa.text(f"UPDATE subscriptions SET left_at = :now WHERE {left}").bindparams(now=now))
    op.execute("UPDATE subscribers SET state = 'pending' WHERE state = 'removed'")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
