"""Back-tests are rows, with what each would change; a version of the rules may leave older mentions as they were judged."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column('rulesets', sa.Column('judge_old', sa.Boolean(), server_default=sa.true(), nullable=False, comment='False: it judges what is first seen from then on, and leaves older mentions as they were judged'))
    op.create_index(op.f('ix_flags_rule_state_mention_id'), 'flags', ['rule', 'state', 'mention_id'])
    op.create_table('backtests',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study whose mentions are judged'),
    sa.Column('base', ID, nullable=True, comment='Version in use when it was begun; null: none was saved yet'),
    sa.Column('files', sa.JSON(), nullable=False, comment='The pack as it would be saved: file name to YAML text'),
    sa.Column('since', sa.BigInteger(), nullable=True, comment='Only mentions published from then on; null: all'),
    sa.Column('author', sa.Text(), nullable=False, comment='Who began it'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('rules', sa.JSON(), nullable=False, comment='Ids of the rules that differ, a list'),
    sa.Column('state', sa.Text(), nullable=False, comment='running, done, stopped or failed'),
    sa.Column('sentence', sa.Text(), server_default='', nullable=False, comment='Why it failed'),
    sa.Column('total', sa.Integer(), nullable=False, comment='Mentions that can hold what changed'),
    sa.Column('seen', sa.Integer(), nullable=False, comment='Of them looked at'),
    sa.Column('judged', sa.Integer(), nullable=False, comment='Of them judged'),
    sa.Column('cursor', ID, nullable=True, comment='Mention looked at last; they come newest first'),
    sa.Column('gained', sa.Integer(), nullable=False, comment='Flags that come'),
    sa.Column('lost', sa.Integer(), nullable=False, comment='Flags that go'),
    sa.Column('kept', sa.Integer(), nullable=False, comment='Flags of these rules that stay'),
    sa.Column('lost_upheld', sa.Integer(), nullable=False, comment='Of those that go, called right by somebody'),
    sa.Column('reviewed', sa.JSON(), nullable=False, comment='Flags of these rules that were decided about: right and all, before and after'),
    sa.Column('labelled', sa.JSON(), nullable=False, comment='Labelled sentences: right, flagged and drifting, before and after; null: not yet'),
    sa.Column('seconds', sa.Float(), nullable=False, comment='How long it has run'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.ForeignKeyConstraint(['base'], ['rulesets.id'], name=op.f('fk_backtests_base')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backtests'))
    )
    op.create_index(op.f('ix_backtests_due_at'), 'backtests', ['due_at'])
    op.create_index(op.f('ix_backtests_base'), 'backtests', ['base'])
    op.create_table('backtest_changes',
    sa.Column('backtest_id', ID, nullable=False, comment='The back-test'),
    sa.Column('number', sa.Integer(), nullable=False, comment='From 0, in the order in which they were found'),
    sa.Column('mention_id', ID, nullable=False, comment='The mention'),
    sa.Column('gained', sa.Boolean(), nullable=False, comment='True: the flag comes; false: it goes'),
    sa.Column('rule', sa.Text(), nullable=False, comment='Rule that raises it'),
    sa.Column('drift', sa.Text(), nullable=False, comment='Drift type'),
    sa.Column('severity', sa.Text(), nullable=False, comment='low, medium or high'),
    sa.Column('confidence', sa.Float(), nullable=False, comment='0-1'),
    sa.Column('place', sa.Text(), nullable=False, comment='text or title'),
    sa.Column('quote', sa.Text(), nullable=False, comment='The very words'),
    sa.Column('sentence', sa.Text(), nullable=False, comment='The sentence around them'),
    sa.Column('start', sa.Integer(), nullable=False, comment='Where the words begin in the sentence'),
    sa.Column('end', sa.Integer(), nullable=False, comment='Where they end'),
    sa.Column('source', sa.Text(), nullable=False, comment='Who speaks'),
    sa.Column('published', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('review', sa.Text(), nullable=True, comment='What a person said of the flag: upheld, dismissed, not-about'),
    sa.ForeignKeyConstraint(['backtest_id'], ['backtests.id'], name=op.f('fk_backtest_changes_backtest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_backtest_changes_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('backtest_id', 'number', name=op.f('pk_backtest_changes'))
    )
    op.create_index(op.f('ix_backtest_changes_mention_id'), 'backtest_changes', ['mention_id'])


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
