"""Keys by which retellings are found, and the numbers of stories that went into another."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('story_keys',
    sa.Column('key', ID, autoincrement=False, nullable=False, comment='Hash of its study with a word of it, or with a part of a sketch of it'),
    sa.Column('mention_id', ID, nullable=False, comment='The mention'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_story_keys_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', 'mention_id', name=op.f('pk_story_keys')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_story_keys_mention_id'), 'story_keys', ['mention_id'])
    op.create_table('merged_stories',
    sa.Column('old_id', ID, autoincrement=False, nullable=False, comment='The number of a story that went into another'),
    sa.Column('story_id', ID, nullable=False, comment='The story that it went into'),
    sa.ForeignKeyConstraint(['story_id'], ['stories.id'], name=op.f('fk_merged_stories_story_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('old_id', name=op.f('pk_merged_stories'))
    )
    op.create_index(op.f('ix_merged_stories_story_id'), 'merged_stories', ['story_id'])


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
