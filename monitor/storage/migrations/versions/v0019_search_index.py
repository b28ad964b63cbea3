"""The search index anew: authors, scores, tiers and corrections are found in it, and more spellings are one.

Its rows are written again when all migrations have run (`upgrade.py`).
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM mention_words")
