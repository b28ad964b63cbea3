"""Letters that ask for corrections; outlets with a contact, a language, and a reach that was set by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: As every id: SQLite gives out ids only for a column that is INTEGER to the letter.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column('sources', sa.Column('weighed', sa.Boolean(), server_default=sa.false(), nullable=False, comment="True: you set the reach, and no feed's reach changes it"))
    op.add_column('sources', sa.Column('contact', sa.Text(), server_default='', nullable=False, comment='Address that letters go to; empty: not known'))
    op.add_column('sources', sa.Column('language', sa.Text(), server_default='', nullable=False, comment='Language of letters to it: en, ja or es; empty: that of its text'))
    op.create_table('letters',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study'),
    sa.Column('mention_id', ID, nullable=True, comment='The mention; null: it was withdrawn'),
    sa.Column('source_id', ID, nullable=True, comment='Who is asked; null: an account that was withdrawn'),
    sa.Column('language', sa.Text(), nullable=False, comment='en, ja or es'),
    sa.Column('recipient', sa.Text(), nullable=False, comment='Address it goes to; empty: not known'),
    sa.Column('subject', sa.Text(), nullable=False, comment='Subject'),
    sa.Column('body', sa.Text(), nullable=False, comment='Its text'),
    sa.Column('edited', sa.Boolean(), server_default=sa.false(), nullable=False, comment='True: a person changed its words'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it was drafted'),
    sa.Column('created_by', sa.Text(), nullable=False, comment='Who drafted it'),
    sa.Column('remind_days', sa.Integer(), server_default='7', nullable=False, comment='Days after which a reminder is due'),
    sa.Column('state', sa.Text(), nullable=False, comment='draft, asked, reminded, corrected or refused: what its steps lead to'),
    sa.Column('asked_at', sa.BigInteger(), nullable=True, comment='When they were asked'),
    sa.Column('remind_at', sa.BigInteger(), nullable=True, comment='From when on a reminder is due; null: nothing waits'),
    sa.Column('reminded', sa.Integer(), server_default='0', nullable=False, comment='How often they were reminded'),
    sa.Column('closed_at', sa.BigInteger(), nullable=True, comment='When it was corrected or refused'),
    sa.Column('before', sa.Text(), server_default='', nullable=False, comment='Words of the page that its correction took out'),
    sa.Column('after', sa.Text(), server_default='', nullable=False, comment='Words that stand there since'),
    sa.Column('message_id', sa.Text(), server_default='', nullable=False, comment='Message-ID, if our mail server sent it'),
    sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Its mention was withdrawn, and its words were removed'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_letters_mention_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_letters_source_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters'))
    )
    op.create_index(op.f('ix_letters_mention_id'), 'letters', ['mention_id'], unique=False)
    op.create_index(op.f('ix_letters_source_id'), 'letters', ['source_id'], unique=False)
    op.create_index(op.f('ix_letters_state_remind_at'), 'letters', ['state', 'remind_at'], unique=False)
    op.create_table('letter_flags',
    sa.Column('letter_id', ID, nullable=False, comment='The letter'),
    sa.Column('flag_id', ID, nullable=False, comment='A flag that it asks to correct'),
    sa.ForeignKeyConstraint(['flag_id'], ['flags.id'], name=op.f('fk_letter_flags_flag_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_letter_flags_letter_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('letter_id', 'flag_id', name=op.f('pk_letter_flags'))
    )
    op.create_index(op.f('ix_letter_flags_flag_id'), 'letter_flags', ['flag_id'], unique=False)
    op.create_table('letter_steps',
    sa.Column('letter_id', ID, nullable=False, comment='The letter'),
    sa.Column('number', sa.Integer(), nullable=False, comment='From 1, in the order in which they were done'),
    sa.Column('state', sa.Text(), nullable=False, comment='What was done: asked, reminded, corrected or refused'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('by', sa.Text(), nullable=False, comment='Who did it; empty: the page itself showed it'),
    sa.Column('undone_at', sa.BigInteger(), nullable=True, comment='When it was taken back'),
    sa.Column('undone_by', sa.Text(), server_default='', nullable=False, comment='Who took it back'),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_letter_steps_letter_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('letter_id', 'number', name=op.f('pk_letter_steps'))
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
