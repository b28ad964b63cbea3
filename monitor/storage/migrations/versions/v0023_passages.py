"""What is kept of pages that only link to a mention: said of the columns, which hold it as they are."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("mentions", "revisions"):
            op.execute(f"COMMENT ON COLUMN {table}.text_from IS 'feed, page, post, import or passage'")
        op.execute("COMMENT ON COLUMN entries.links IS 'Links in it, a list; of posts only'")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
