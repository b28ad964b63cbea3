"""The newest are found quickly: by eras in PostgreSQL's index, by a view of SQLite's words; and those before a day."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    back = sa.text("published < (id >> 20) * 1000000")
    op.create_index("ix_mentions_dated_back", "mentions", ["id"], sqlite_where=back, postgresql_where=back)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE mention_words_held USING fts5vocab(mention_words, 'instance')")
        return
    # As `storage/eras.py` names them.
    eras = " || ".join(f"' ''§era{bits}·' || (mention_id >> {bits}) || ''''" for bits in (32, 37, 42))
    op.execute(f"UPDATE mention_words SET words = words || CAST({eras} AS tsvector)")
    # New mentions wait beside the index, and every search reads those that wait: no more than can be read in a millisecond.
    op.execute("ALTER INDEX ix_mention_words_words SET (gin_pending_list_limit = 256)")
