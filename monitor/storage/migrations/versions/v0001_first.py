"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('feeds',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('kind', sa.Text(), nullable=False, comment='How it is read: feed, x-search'),
    sa.Column('url', sa.Text(), nullable=False, comment='Address, or the query of a saved search'),
    sa.Column('title', sa.Text(), nullable=False, comment='Its name, from you or from the feed'),
    sa.Column('lang', sa.Text(), nullable=False, comment='Language you set (BCP 47), empty if none'),
    sa.Column('weight', sa.Integer(), nullable=True, comment="The outlet's reach 1-5 as you set it"),
    sa.Column('paused', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Paused by you'),
    sa.Column('removed', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Removed by you; the row stays because entries came from it'),
    sa.Column('interval', sa.BigInteger(), nullable=False, comment='How often it is asked, in microseconds'),
    sa.Column('etag', sa.Text(), nullable=True, comment='Validator the server gave'),
    sa.Column('last_modified', sa.Text(), nullable=True, comment='Validator the server gave'),
    sa.Column('body_hash', sa.Text(), nullable=True, comment='Hash of the last body: an equal one is not parsed again'),
    sa.Column('polls_since_full', sa.Integer(), server_default='0', nullable=False, comment='Conditional requests since the body was last read whole'),
    sa.Column('cursor', sa.Text(), nullable=True, comment='Where the next reading of a search starts'),
    sa.Column('failing', sa.Float(), server_default='0', nullable=False, comment="Sum of the failures' weights since the last success"),
    sa.Column('last_polled_at', sa.BigInteger(), nullable=True, comment='Last poll, however it ended'),
    sa.Column('last_success_at', sa.BigInteger(), nullable=True, comment='Last poll that went well'),
    sa.Column('last_outcome', sa.Text(), nullable=True, comment='How the last poll ended: fetched, not-modified, ...'),
    sa.Column('last_sentence', sa.Text(), server_default='', nullable=False, comment='How the last poll ended, a sentence'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it was added'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feeds')),
    sa.UniqueConstraint('kind', 'url', name=op.f('uq_feeds_kind_url'))
    )
    op.create_index(op.f('ix_feeds_due_at'), 'feeds', ['due_at'], unique=False)
    op.create_table('leases',
    sa.Column('name', sa.Text(), nullable=False, comment='Name of a tick'),
    sa.Column('owner', sa.Text(), nullable=False, comment='Process that holds it'),
    sa.Column('until', sa.BigInteger(), nullable=False, comment='When it is free again'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('rulesets',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('parent', ID, nullable=True, comment='Version it was made from'),
    sa.Column('digest', sa.Text(), nullable=False, comment='Digest of the whole ruleset it makes'),
    sa.Column('files', sa.JSON(), nullable=False, comment='File name to YAML text'),
    sa.Column('author', sa.Text(), nullable=False, comment='Who saved it'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('note', sa.Text(), nullable=False, comment='What was changed and why'),
    sa.ForeignKeyConstraint(['parent'], ['rulesets.id'], name=op.f('fk_rulesets_parent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rulesets')),
    sa.UniqueConstraint('parent', name=op.f('uq_rulesets_parent'))
    )
    op.create_table('settings',
    sa.Column('name', sa.Text(), nullable=False, comment='What the installation keeps for itself'),
    sa.Column('value', sa.Text(), nullable=False, comment='Its value'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_settings'))
    )
    op.create_table('sources',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('key', sa.Text(), nullable=False, comment='Domain, or network:handle; in lower case'),
    sa.Column('name', sa.Text(), nullable=False, comment='Readable name'),
    sa.Column('network', sa.Text(), nullable=False, comment='web, x, bluesky, ...'),
    sa.Column('weight', sa.Integer(), server_default='2', nullable=False, comment='Reach 1-5, 2 unless you set it'),
    sa.Column('followers', sa.BigInteger(), nullable=True, comment='Followers when last seen'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources')),
    sa.UniqueConstraint('key', name=op.f('uq_sources_key'))
    )
    op.create_table('spending',
    sa.Column('network', sa.Text(), nullable=False, comment='Network that charges'),
    sa.Column('day', sa.Text(), nullable=False, comment='UTC day, ISO'),
    sa.Column('rows', sa.BigInteger(), nullable=False, comment='Paid rows read on that day'),
    sa.PrimaryKeyConstraint('network', 'day', name=op.f('pk_spending'))
    )
    op.create_table('stories',
    sa.Column('id', ID, autoincrement=False, nullable=False, comment='Its number, counted by whoever writes mentions'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study'),
    sa.Column('title', sa.Text(), nullable=False, comment='Headline of its first mention, or its first words'),
    sa.Column('first_mention_id', ID, nullable=False, comment='Who said it first'),
    sa.Column('first_at', sa.BigInteger(), nullable=False, comment='Published date of the first'),
    sa.Column('last_at', sa.BigInteger(), nullable=False, comment='Published date of the latest'),
    sa.Column('size', sa.Integer(), nullable=False, comment='How many mentions'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stories'))
    )
    op.create_index(op.f('ix_stories_study_id_last_at'), 'stories', ['study_id', 'last_at'], unique=False)
    op.create_table('subscribers',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('email', sa.Text(), nullable=False, comment='Address, in lower case'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('state', sa.Text(), nullable=False, comment='pending (not confirmed), active or removed'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it was added'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscribers')),
    sa.UniqueConstraint('email', name=op.f('uq_subscribers_email'))
    )
    op.create_table('tombstones',
    sa.Column('identity_hash', sa.Text(), nullable=False, comment='SHA-256 of the identity of what was withdrawn'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.PrimaryKeyConstraint('identity_hash', name=op.f('pk_tombstones'))
    )
    op.create_table('entries',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('feed_id', ID, nullable=False, comment='The feed that brought it: it alone speaks for its text'),
    sa.Column('identity', sa.Text(), nullable=False, comment='What makes it the same item when it comes again'),
    sa.Column('guid', sa.Text(), nullable=True, comment="The feed's own id"),
    sa.Column('url', sa.Text(), nullable=True, comment='Where it can be read'),
    sa.Column('title', sa.Text(), nullable=False, comment='Headline'),
    sa.Column('text', sa.Text(), nullable=False, comment='What the feed or network gave of it'),
    sa.Column('source', sa.Text(), nullable=False, comment='Who speaks: a domain or a handle'),
    sa.Column('source_name', sa.Text(), nullable=False, comment='Its readable name'),
    sa.Column('author', sa.Text(), nullable=False, comment='Author as given'),
    sa.Column('kind', sa.Text(), nullable=False, comment='article or post'),
    sa.Column('network', sa.Text(), nullable=False, comment='web, x, bluesky, ...'),
    sa.Column('published', sa.BigInteger(), nullable=True, comment='Date we trust, or null'),
    sa.Column('date_confidence', sa.Text(), nullable=False, comment='exact, day or none'),
    sa.Column('raw_date', sa.Text(), nullable=False, comment='The date as the feed wrote it'),
    sa.Column('lang', sa.Text(), nullable=False, comment='Language the feed says'),
    sa.Column('links', sa.JSON(), nullable=False, comment='Links in it, a list'),
    sa.Column('reposts', sa.BigInteger(), nullable=True, comment='Reposts when last seen'),
    sa.Column('likes', sa.BigInteger(), nullable=True, comment='Likes when last seen'),
    sa.Column('followers', sa.BigInteger(), nullable=True, comment="The account's followers when last seen"),
    sa.Column('content_hash', sa.Text(), nullable=False, comment='Hash of its words: another one is a revision'),
    sa.Column('first_seen', sa.BigInteger(), nullable=False, comment='When we first saw it'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_entries_feed_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entries')),
    sa.UniqueConstraint('identity', name=op.f('uq_entries_identity'))
    )
    op.create_index(op.f('ix_entries_feed_id_guid'), 'entries', ['feed_id', 'guid'], unique=False)
    op.create_table('polls',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('feed_id', ID, nullable=False, comment='The feed'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When it was polled'),
    sa.Column('outcome', sa.Text(), nullable=False, comment='fetched, not-modified, rate-limited, temporary, soft, hard, gone'),
    sa.Column('sentence', sa.Text(), nullable=False, comment='How it ended'),
    sa.Column('new', sa.Integer(), nullable=False, comment='Entries that were new'),
    sa.Column('changed', sa.Integer(), nullable=False, comment='Entries whose text changed'),
    sa.Column('same', sa.Integer(), nullable=False, comment='Entries known before'),
    sa.Column('seconds', sa.Float(), nullable=False, comment='How long it took'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_polls_feed_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_polls'))
    )
    op.create_index(op.f('ix_polls_feed_id_at'), 'polls', ['feed_id', 'at'], unique=False)
    op.create_table('subscriptions',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('subscriber_id', ID, nullable=False, comment='The person'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study'),
    sa.Column('at', sa.Text(), nullable=False, comment='Local time, HH:MM:SS'),
    sa.Column('zone', sa.Text(), nullable=False, comment='IANA zone'),
    sa.Column('weekdays', sa.JSON(), nullable=False, comment='0 = Monday, a list'),
    sa.Column('threshold', sa.Text(), nullable=False, comment='Lowest severity told in full'),
    sa.Column('quiet', sa.Boolean(), nullable=False, comment='Whether a day without news sends two lines'),
    sa.Column('paused_until', sa.BigInteger(), nullable=True, comment='Nothing before this moment'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it began'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_subscriptions_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriptions')),
    sa.UniqueConstraint('subscriber_id', 'study_id', name=op.f('uq_subscriptions_subscriber_id_study_id'))
    )
    op.create_index(op.f('ix_subscriptions_due_at'), 'subscriptions', ['due_at'], unique=False)
    op.create_table('digests',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('subscription_id', ID, nullable=False, comment='Whose digest'),
    sa.Column('local_date', sa.Text(), nullable=False, comment='ISO date where the subscriber lives'),
    sa.Column('subject', sa.Text(), nullable=False, comment='Subject line'),
    sa.Column('message_id', sa.Text(), nullable=False, comment='Message-ID, the same for every attempt'),
    sa.Column('recipient', sa.Text(), nullable=False, comment='Address it goes to'),
    sa.Column('mime', sa.LargeBinary(), nullable=False, comment='The whole mail, byte for byte'),
    sa.Column('text', sa.Text(), nullable=False, comment='Its text part'),
    sa.Column('html', sa.Text(), nullable=False, comment='Its HTML part'),
    sa.Column('state', sa.Text(), nullable=False, comment='ready, sending, sent, unknown, failed or skipped'),
    sa.Column('unknowns', sa.Integer(), server_default='0', nullable=False, comment='Attempts whose ending nobody saw; after the second it stops'),
    sa.Column('sentence', sa.Text(), nullable=False, comment='Why it was skipped, or how the last attempt ended'),
    sa.Column('created_at', sa.BigInteger(), nullable=False, comment='When it was cut'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_digests_subscription_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digests')),
    sa.UniqueConstraint('subscription_id', 'local_date', name=op.f('uq_digests_subscription_id_local_date'))
    )
    op.create_index(op.f('ix_digests_due_at'), 'digests', ['due_at'], unique=False)
    op.create_table('mentions',
    sa.Column('id', ID, autoincrement=False, nullable=False, comment='Published second << 20 | n: newest first is by id. A date corrected later keeps the id'),
    sa.Column('study_id', sa.Text(), nullable=False, comment='The study it is about'),
    sa.Column('identity', sa.Text(), nullable=False, comment='What makes it the same item when it comes again'),
    sa.Column('entry_id', ID, nullable=True, comment='The entry it came from; null if imported or quoted on a page'),
    sa.Column('source_id', ID, nullable=False, comment='Who speaks'),
    sa.Column('story_id', ID, nullable=True, comment='The story it belongs to'),
    sa.Column('found_on_id', ID, nullable=True, comment='The mention that quotes this post'),
    sa.Column('kind', sa.Text(), nullable=False, comment='article or post'),
    sa.Column('network', sa.Text(), nullable=False, comment='web, x, bluesky, ...'),
    sa.Column('url', sa.Text(), nullable=True, comment='Where it can be read'),
    sa.Column('canonical_url', sa.Text(), nullable=True, comment='Address the page gives itself'),
    sa.Column('author', sa.Text(), nullable=False, comment='Author as given'),
    sa.Column('lang', sa.Text(), nullable=False, comment='Language of the text'),
    sa.Column('published', sa.BigInteger(), nullable=False, comment='Published date; first seen where none is trusted'),
    sa.Column('date_confidence', sa.Text(), nullable=False, comment='exact, day or none'),
    sa.Column('first_seen', sa.BigInteger(), nullable=False, comment='When we first saw it'),
    sa.Column('text_from', sa.Text(), nullable=False, comment='feed, page, post or import'),
    sa.Column('text_hash', sa.Text(), nullable=False, comment='SHA-256 of title and text'),
    sa.Column('revision', sa.Integer(), nullable=False, comment='Number of the newest text, from 1'),
    sa.Column('revised_at', sa.BigInteger(), nullable=False, comment='When the newest text was stored'),
    sa.Column('because', sa.JSON(), nullable=False, comment='Words that made us think it is about the study, a list'),
    sa.Column('score', sa.Integer(), nullable=False, comment='0-100'),
    sa.Column('score_parts', sa.JSON(), nullable=False, comment='Parts that add up to the score, name to number'),
    sa.Column('caveats_present', sa.JSON(), nullable=False, comment='Caveats it tells, a list'),
    sa.Column('caveats_missing', sa.JSON(), nullable=False, comment='Caveats it leaves out, a list'),
    sa.Column('ruleset', sa.Text(), nullable=False, comment='Digest of the ruleset that judged it'),
    sa.Column('reposts', sa.BigInteger(), nullable=True, comment='Reposts when last seen'),
    sa.Column('likes', sa.BigInteger(), nullable=True, comment='Likes when last seen'),
    sa.Column('title', sa.Text(), nullable=False, comment='Headline, newest'),
    sa.Column('text', sa.Text(), nullable=False, comment='Text, newest: what the spans of its flags point into'),
    sa.ForeignKeyConstraint(['entry_id'], ['entries.id'], name=op.f('fk_mentions_entry_id')),
    sa.ForeignKeyConstraint(['found_on_id'], ['mentions.id'], name=op.f('fk_mentions_found_on_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_mentions_source_id')),
    sa.ForeignKeyConstraint(['story_id'], ['stories.id'], name=op.f('fk_mentions_story_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentions')),
    sa.UniqueConstraint('study_id', 'identity', name=op.f('uq_mentions_study_id_identity'))
    )
    op.create_index(op.f('ix_mentions_entry_id'), 'mentions', ['entry_id'], unique=False)
    op.create_index(op.f('ix_mentions_found_on_id'), 'mentions', ['found_on_id'], unique=False)
    op.create_index(op.f('ix_mentions_identity'), 'mentions', ['identity'], unique=False)
    op.create_index(op.f('ix_mentions_source_id_network_lang'), 'mentions', ['source_id', 'network', 'lang'], unique=False)
    op.create_index(op.f('ix_mentions_story_id'), 'mentions', ['story_id'], unique=False)
    op.create_index(op.f('ix_mentions_study_id_first_seen'), 'mentions', ['study_id', 'first_seen'], unique=False)
    op.create_index(op.f('ix_mentions_study_id_published'), 'mentions', ['study_id', 'published'], unique=False)
    op.create_index(op.f('ix_mentions_study_id_ruleset'), 'mentions', ['study_id', 'ruleset'], unique=False)
    op.create_table('pages',
    sa.Column('entry_id', ID, nullable=False, comment='The entry'),
    sa.Column('reads', sa.Integer(), server_default='0', nullable=False, comment='How often its page was read'),
    sa.Column('sentence', sa.Text(), server_default='', nullable=False, comment='How the last reading ended'),
    sa.Column('due_at', sa.BigInteger(), nullable=True, comment='When it is to be done; null: never, until something makes it due'),
    sa.Column('not_before', sa.BigInteger(), nullable=True, comment='Back-off after a failure: not before this moment'),
    sa.Column('lease_owner', sa.Text(), nullable=True, comment='Token of the process that is doing it; a finish with another token is void'),
    sa.Column('lease_until', sa.BigInteger(), nullable=True, comment='When that token stops to count'),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='How often it was begun since it last went well'),
    sa.Column('last_error', sa.Text(), server_default='', nullable=False, comment='How the last failure ended, a sentence'),
    sa.Column('quarantined', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Failed too often: left alone and shown'),
    sa.ForeignKeyConstraint(['entry_id'], ['entries.id'], name=op.f('fk_pages_entry_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_pages'))
    )
    op.create_index(op.f('ix_pages_due_at'), 'pages', ['due_at'], unique=False)
    op.create_table('deliveries',
    sa.Column('digest_id', ID, nullable=False, comment='The digest'),
    sa.Column('attempt', sa.Integer(), nullable=False, comment='From 1'),
    sa.Column('started_at', sa.BigInteger(), nullable=False, comment='When it was begun'),
    sa.Column('ended_at', sa.BigInteger(), nullable=True, comment='When its ending was known'),
    sa.Column('outcome', sa.Text(), nullable=False, comment='sent, temporary, permanent, unknown; sending while it goes on'),
    sa.Column('reply', sa.Text(), nullable=False, comment="The mail server's words"),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_deliveries_digest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest_id', 'attempt', name=op.f('pk_deliveries'))
    )
    op.create_index(op.f('ix_deliveries_started_at'), 'deliveries', ['started_at'], unique=False)
    op.create_table('digest_mentions',
    sa.Column('subscription_id', ID, nullable=False, comment='The subscription'),
    sa.Column('mention_id', ID, nullable=False, comment='The mention: told once to a subscription'),
    sa.Column('digest_id', ID, nullable=False, comment='The digest that told it'),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_mentions_digest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_digest_mentions_mention_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_digest_mentions_subscription_id')),
    sa.PrimaryKeyConstraint('subscription_id', 'mention_id', name=op.f('pk_digest_mentions'))
    )
    op.create_index(op.f('ix_digest_mentions_digest_id'), 'digest_mentions', ['digest_id'], unique=False)
    op.create_index(op.f('ix_digest_mentions_mention_id'), 'digest_mentions', ['mention_id'], unique=False)
    op.create_table('flags',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('mention_id', ID, nullable=False, comment='The mention'),
    sa.Column('fingerprint', sa.Text(), nullable=False, comment='Rule, place and folded words: the same flag on a later reading'),
    sa.Column('rule', sa.Text(), nullable=False, comment='Rule that raised it'),
    sa.Column('ruleset', sa.Text(), nullable=False, comment='Digest of the ruleset that raised it or last confirmed it'),
    sa.Column('drift', sa.Text(), nullable=False, comment='Drift type'),
    sa.Column('severity', sa.Text(), nullable=False, comment='low, medium or high'),
    sa.Column('confidence', sa.Float(), nullable=False, comment='0-1; from 0.5 it is drift, from 0.8 it is mailed'),
    sa.Column('start', sa.Integer(), nullable=False, comment='Offset of the first character'),
    sa.Column('end', sa.Integer(), nullable=False, comment='Offset after the last character'),
    sa.Column('quote', sa.Text(), nullable=False, comment='The very words'),
    sa.Column('place', sa.Text(), nullable=False, comment='text or title'),
    sa.Column('message', sa.Text(), nullable=False, comment='One sentence for a person'),
    sa.Column('why', sa.Text(), nullable=False, comment="The rule's reason"),
    sa.Column('finding', sa.Text(), nullable=True, comment='Id of the finding it contradicts'),
    sa.Column('found', sa.Text(), nullable=True, comment="The finding's sentence"),
    sa.Column('source_title', sa.Text(), nullable=True, comment='Source of the finding'),
    sa.Column('source_url', sa.Text(), nullable=True, comment='Its address'),
    sa.Column('correction', sa.Text(), nullable=True, comment='Suggested wording'),
    sa.Column('mailed', sa.Boolean(), nullable=False, comment='False: on trial, shown and never mailed'),
    sa.Column('state', sa.Text(), nullable=False, comment='active, fixed (the text was corrected) or withdrawn (judged otherwise)'),
    sa.Column('raised_at', sa.BigInteger(), nullable=False, comment='When it was raised'),
    sa.Column('raised_in', sa.Integer(), nullable=False, comment='Revision it was raised in'),
    sa.Column('closed_at', sa.BigInteger(), nullable=True, comment='When it was closed'),
    sa.Column('closed_in', sa.Integer(), nullable=True, comment='Revision it was closed in'),
    sa.Column('review', sa.Text(), nullable=True, comment='Newest verdict: upheld, dismissed, not-about'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_flags_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flags'))
    )
    op.create_index(op.f('ix_flags_closed_at'), 'flags', ['closed_at'], unique=False)
    op.create_index(op.f('ix_flags_mention_id_state'), 'flags', ['mention_id', 'state'], unique=False)
    op.create_table('revisions',
    sa.Column('mention_id', ID, nullable=False, comment='The mention'),
    sa.Column('number', sa.Integer(), nullable=False, comment='From 1; the newest text is in the mention itself'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When this text was stored'),
    sa.Column('title', sa.Text(), nullable=False, comment='Headline'),
    sa.Column('text', sa.Text(), nullable=False, comment='Text'),
    sa.Column('text_from', sa.Text(), nullable=False, comment='feed, page, post or import'),
    sa.ForeignKeyConstraint(['mention_id'], ['mentions.id'], name=op.f('fk_revisions_mention_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('mention_id', 'number', name=op.f('pk_revisions'))
    )
    op.create_table('digest_flags',
    sa.Column('subscription_id', ID, nullable=False, comment='The subscription'),
    sa.Column('flag_id', ID, nullable=False, comment='The fixed flag: told once to a subscription'),
    sa.Column('digest_id', ID, nullable=False, comment='The digest that told it'),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_flags_digest_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['flag_id'], ['flags.id'], name=op.f('fk_digest_flags_flag_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_digest_flags_subscription_id')),
    sa.PrimaryKeyConstraint('subscription_id', 'flag_id', name=op.f('pk_digest_flags'))
    )
    op.create_index(op.f('ix_digest_flags_digest_id'), 'digest_flags', ['digest_id'], unique=False)
    op.create_index(op.f('ix_digest_flags_flag_id'), 'digest_flags', ['flag_id'], unique=False)
    op.create_table('reviews',
    sa.Column('id', ID, nullable=False, comment='Its number'),
    sa.Column('flag_id', ID, nullable=False, comment='The flag'),
    sa.Column('verdict', sa.Text(), nullable=False, comment='upheld, dismissed or not-about'),
    sa.Column('by', sa.Text(), nullable=False, comment='Who decided'),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='When'),
    sa.Column('why', sa.Text(), nullable=False, comment='Reason given'),
    sa.ForeignKeyConstraint(['flag_id'], ['flags.id'], name=op.f('fk_reviews_flag_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('flag_id', 'by', 'at', name=op.f('uq_reviews_flag_id_by_at'))
    )
    if op.get_bind().dialect.name == "sqlite":
        # The words come split and folded (words.py): ASCII stops separate, everything else is part of a word.
        op.execute("CREATE VIRTUAL TABLE mention_words USING fts5(title, body, tokenize='ascii')")
    else:
        op.execute(
            "CREATE TABLE mention_words (mention_id BIGINT PRIMARY KEY"
            " REFERENCES mentions (id) ON DELETE CASCADE, words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_mention_words_words ON mention_words USING gin (words)")
        op.execute("COMMENT ON COLUMN mention_words.mention_id IS 'The mention'")
        op.execute("COMMENT ON COLUMN mention_words.words IS 'Its words and filters, split by words.py'")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup from before the upgrade.")
