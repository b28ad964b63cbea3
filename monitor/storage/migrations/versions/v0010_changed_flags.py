"""A back-test tells flags that stay and are told otherwise: graver, milder, mailed or not. Those of before told none.

Flags say nothing in braces any more.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BRACES = re.compile(r'\{[a-zA-Z_ -]{1,40}\}')


def upgrade() -> None:
    op.add_column('backtests', sa.Column('changed', sa.Integer(), server_default='0', nullable=False, comment='Flags that stay, and are told otherwise: graver, milder, mailed or not'))
    op.add_column('backtest_changes', sa.Column('mailed', sa.Boolean(), server_default=sa.true(), nullable=False, comment='False: on trial, shown and never mailed'))
    op.add_column('backtest_changes', sa.Column('severity_before', sa.Text(), nullable=True, comment='Of a flag that changes, how severe it was; null: it comes or goes'))
    op.add_column('backtest_changes', sa.Column('confidence_before', sa.Float(), nullable=True, comment='Of a flag that changes'))
    op.add_column('backtest_changes', sa.Column('mailed_before', sa.Boolean(), nullable=True, comment='Of a flag that changes'))
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column('backtests', 'kept', comment='Flags of these rules that stay as they are')
        op.alter_column('backtest_changes', 'gained', comment='True: the flag comes; false: it goes or, with a severity before, changes')
    _without_braces()


def _without_braces() -> None:
    """Flags of rules that an earlier version saved with a name in braces that stands for nothing, as `{findng}`: readers see dots."""
    flags = sa.table('flags', *(sa.column(name) for name in ('id', 'quote', 'message', 'correction')))
    bound = op.get_bind()
    held = [flags.c.message.like('%{%}%'), flags.c.correction.like('%{%}%')]
    for row in bound.execute(sa.select(flags).where(sa.or_(*held))).mappings().all():
        told = {name: _told(row[name], row['quote']) for name in ('message', 'correction') if row[name]}
        bound.execute(sa.update(flags).where(flags.c.id == row['id']).values(told))


def _told(text: str, quote: str) -> str:
    return BRACES.sub(lambda found: found[0] if found[0] in quote else '…', text)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
