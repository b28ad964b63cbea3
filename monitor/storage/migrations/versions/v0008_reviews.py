"""Reviews that can be taken back, told once however many copies they hold for; and who a signed-in browser is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('reviews', sa.Column('decision', sa.BigInteger(), server_default='0', nullable=False, comment='The review that was said: it holds for the same words of other flags'))
    op.add_column('reviews', sa.Column('undone_at', sa.BigInteger(), nullable=True, comment='When it was taken back'))
    op.add_column('reviews', sa.Column('undone_by', sa.Text(), server_default='', nullable=False, comment='Who took it back'))
    # What one person said at one instant was one decision.
    op.execute(sa.text(
        'UPDATE reviews SET decision = (SELECT min(said.id) FROM reviews AS said '
        'WHERE said."by" = reviews."by" AND said.at = reviews.at AND said.verdict = reviews.verdict)'
    ))
    op.create_index(op.f('ix_reviews_decision'), 'reviews', ['decision'])
    op.add_column('sessions', sa.Column('name', sa.Text(), server_default='', nullable=False, comment='Who it was made for: stands beside what is decided and changed'))
    op.add_column('sessions', sa.Column('role', sa.Text(), server_default='owner', nullable=False, comment='owner, editor or reader'))


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
