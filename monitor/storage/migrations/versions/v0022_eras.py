"""The newest are found quickly: eras and beginnings of names stand in the index, SQLite tells which words it holds, and what was dated
back has an index of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    back = sa.text("published < (id >> 20) * 1000000")
    op.create_index("ix_mentions_dated_back", "mentions", ["id"], sqlite_where=back, postgresql_where=back)
    op.execute("DELETE FROM mention_words")  # its rows are written again when all migrations have run (`upgrade.py`)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE mention_words_held USING fts5vocab(mention_words, 'instance')")
        return
    # New mentions wait beside the index, and every search reads those that wait: no more than can be read in a millisecond.
    op.execute("ALTER INDEX ix_mention_words_words SET (gin_pending_list_limit = 256)")
