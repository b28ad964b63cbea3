"""Digests belong to the local date they were due for; withdrawn ones are marked as such, not known by their subject."""

from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0007"
branch_labels = None
depends_on = None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.add_column('subscriptions', sa.Column('due_date', sa.Text(), server_default='', nullable=False, comment='ISO date where the person lives that the next digest is for'))
    op.add_column('subscriptions', sa.Column('crashes', sa.Integer(), server_default='0', nullable=False, comment='How often in a row composing ended its process'))
    op.add_column('digests', sa.Column('through_date', sa.Text(), server_default='', nullable=False, comment='Last local date it speaks for: later than local_date if days were caught up on'))
    op.add_column('digests', sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Something it told of was withdrawn, and its text was removed'))
    conn = op.get_bind()
    conn.execute(sa.text("UPDATE digests SET through_date = local_date"))
    # Until now such a digest was known by its subject alone.
    digests = sa.table('digests', sa.column('withdrawn', sa.Boolean), sa.column('subject', sa.Text))
    conn.execute(sa.update(digests).where(digests.c.subject == '(withdrawn)').values(withdrawn=True))
    _due_dates(conn)


def _due_dates(conn: sa.Connection) -> None:
    from monitor.core.digests.schedule import due_at

    table = sa.table('subscriptions', *(sa.column(name) for name in ('id', 'at', 'zone', 'due_at', 'due_date')), sa.column('weekdays', sa.JSON))
    for row in conn.execute(sa.select(table).where(table.c.due_at.is_not(None))).all():
        instant = EPOCH + timedelta(microseconds=row.due_at)
        due = due_at(time.fromisoformat(row.at), row.zone, row.weekdays, instant)
        conn.execute(sa.update(table).where(table.c.id == row.id).values(due_date=due.date))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
