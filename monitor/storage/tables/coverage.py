"""What was said: sources, stories, mentions with their flags, what people decided about them, and what was withdrawn."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Id, Moment, Words, column, id_column, key_to, metadata, to

#: A mention that was given an earlier date than the one its number was made from. Both databases have an index of these few, which
#: they use for a condition that is written so.
DATED_BACK = "published < (id >> 20) * 1000000"

sources = sa.Table(
    "sources",
    metadata,
    id_column(),
    column("key", Words, "Domain, or network:handle; in lower case"),
    column("name", Words, "Readable name"),
    column("network", sa.Text, "web, x, bluesky, ..."),
    column("weight", sa.Integer, "Reach 1-5, 2 unless you set it", server_default="2"),
    column("followers", sa.BigInteger, "Followers when last seen", null=True),
    column("weighed", sa.Boolean, "True: you set the reach, and no feed's reach changes it", server_default=sa.false()),
    column("contact", sa.Text, "Address that letters go to; empty: not known", server_default=""),
    column("language", sa.Text, "Language of letters to it: en, ja or es; empty: that of its text", server_default=""),
    sa.UniqueConstraint("key"),
)


stories = sa.Table(
    "stories",
    metadata,
    sa.Column(
        "id", Id, primary_key=True, autoincrement=False, comment="Its number, counted by whoever writes mentions"
    ),
    column("study_id", sa.Text, "The study"),
    column("title", Words, "Headline of its first mention, or its first words"),
    column("first_mention_id", Id, "Who said it first"),
    column("first_at", Moment, "Published date of the first"),
    column("last_at", Moment, "Published date of the latest"),
    column("size", sa.Integer, "How many mentions"),
    sa.Index(None, "study_id", "last_at"),
)


mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column(
        "id",
        Id,
        primary_key=True,
        autoincrement=False,
        comment="Published second << 20 | n: newest first is by id. A date corrected later keeps the id",
    ),
    column("study_id", sa.Text, "The study it is about"),
    column("identity", Words, "What makes it the same item when it comes again"),
    to("entry_id", "entries.id", "The entry it came from; null if imported or quoted on a page", null=True),
    to("source_id", "sources.id", "Who speaks"),
    to("story_id", "stories.id", "The story it belongs to", null=True),
    to("found_on_id", "mentions.id", "The mention that quotes this post", null=True, gone="SET NULL"),
    column("kind", sa.Text, "article or post"),
    column("network", sa.Text, "web, x, bluesky, ..."),
    column("url", Words, "Where it can be read", null=True),
    column("canonical_url", Words, "Address the page gives itself", null=True),
    column("author", Words, "Author as given"),
    column("lang", sa.Text, "Language of the text"),
    column("published", Moment, "Published date; first seen where none is trusted"),
    column("date_confidence", sa.Text, "exact, claimed (by its author alone), day or none"),
    column("first_seen", Moment, "When we first saw it"),
    column("text_from", sa.Text, "feed, page, post, import or passage"),
    column("partial", sa.Boolean, "True: the text is a part of what was said", server_default=sa.false()),
    column(
        "availability",
        sa.Text,
        "What can be read at its address now: whole, cut, paywall, consent, stub or missing",
        server_default="whole",
    ),
    column("availability_since", Moment, "Since when it is not whole", null=True),
    column("text_hash", sa.Text, "SHA-256 of title and text"),
    column("revision", sa.Integer, "Number of the newest text, from 1"),
    column("revised_at", Moment, "When the newest text was stored"),
    column("because", sa.JSON, "Words that made us think it is about the study, a list"),
    column("score", sa.Integer, "0-100"),
    column("score_parts", sa.JSON, "Parts that add up to the score, name to number"),
    column("caveats_present", sa.JSON, "Caveats it tells, a list"),
    column("caveats_missing", sa.JSON, "Caveats it leaves out, a list"),
    column("ruleset", sa.Text, "Digest of the ruleset that judged it"),
    column("reposts", sa.BigInteger, "Reposts when last seen", null=True),
    column("likes", sa.BigInteger, "Likes when last seen", null=True),
    column("title", Words, "Headline, newest"),
    column("text", Words, "Text, newest: what the spans of its flags point into"),
    sa.UniqueConstraint("study_id", "identity"),
    sa.Index(None, "identity"),
    sa.Index(None, "entry_id"),
    sa.Index(None, "source_id", "network", "lang"),
    sa.Index(None, "story_id"),
    sa.Index(None, "found_on_id"),
    sa.Index(None, "study_id", "first_seen"),
    sa.Index(None, "network", "first_seen"),
    sa.Index(None, "study_id", "published"),
    sa.Index(None, "study_id", "ruleset"),
    sa.Index("ix_mentions_dated_back", "id", sqlite_where=sa.text(DATED_BACK), postgresql_where=sa.text(DATED_BACK)),
)


#: A mention has some forty, and goes with all of them. On SQLite the primary key is the table: nothing is stored twice.
story_keys = sa.Table(
    "story_keys",
    metadata,
    sa.Column(
        "key",
        Id,
        primary_key=True,
        autoincrement=False,
        comment="Hash of its study with a word of it, or with a part of a sketch of it",
    ),
    key_to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    sa.Index(None, "mention_id"),
    sqlite_with_rowid=False,
)


merged_stories = sa.Table(
    "merged_stories",
    metadata,
    sa.Column(
        "old_id", Id, primary_key=True, autoincrement=False, comment="The number of a story that went into another"
    ),
    to("story_id", "stories.id", "The story that it went into", gone="CASCADE"),
    sa.Index(None, "story_id"),
)


revisions = sa.Table(
    "revisions",
    metadata,
    key_to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    sa.Column("number", sa.Integer, primary_key=True, comment="From 1; the newest text is in the mention itself"),
    column("at", Moment, "When this text was stored"),
    column("title", Words, "Headline"),
    column("text", Words, "Text"),
    column("text_from", sa.Text, "feed, page, post, import or passage"),
)


flags = sa.Table(
    "flags",
    metadata,
    id_column(),
    to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    column("fingerprint", Words, "Rule, place and folded words: the same flag on a later reading"),
    column("rule", sa.Text, "Rule that raised it"),
    column("ruleset", sa.Text, "Digest of the ruleset that raised it or last confirmed it"),
    column("drift", sa.Text, "Drift type"),
    column("severity", sa.Text, "low, medium or high"),
    column("confidence", sa.Float, "0-1; from 0.5 it is drift, from 0.8 it is mailed"),
    column("start", sa.Integer, "Offset of the first character"),
    column("end", sa.Integer, "Offset after the last character"),
    column("quote", Words, "The very words"),
    column("place", sa.Text, "text or title"),
    column("message", Words, "One sentence for a person"),
    column("why", Words, "The rule's reason"),
    column("finding", sa.Text, "Id of the finding it contradicts", null=True),
    column("found", Words, "The finding's sentence", null=True),
    column("source_title", Words, "Source of the finding", null=True),
    column("source_url", Words, "Its address", null=True),
    column("correction", Words, "Suggested wording", null=True),
    column("mailed", sa.Boolean, "False: on trial, shown and never mailed"),
    column("state", sa.Text, "active, fixed (the text was corrected) or withdrawn (judged otherwise)"),
    column("raised_at", Moment, "When it was raised"),
    column("raised_in", sa.Integer, "Revision it was raised in"),
    column("closed_at", Moment, "When it was closed", null=True),
    column("closed_in", sa.Integer, "Revision it was closed in", null=True),
    column("review", sa.Text, "Newest verdict: upheld, dismissed, not-about", null=True),
    sa.Index(None, "mention_id", "state"),
    # Without the state: SQLite would take such an index for the active flags of fifty mentions, and read all there are.
    sa.Index(None, "closed_at"),
    sa.Index(None, "rule", "state", "mention_id"),
)


moved_flags = sa.Table(
    "moved_flags",
    metadata,
    sa.Column(
        "old_id",
        Id,
        primary_key=True,
        autoincrement=False,
        comment="The number of a flag whose mention went into another",
    ),
    to("flag_id", "flags.id", "The flag on the same words of the mention that stayed", gone="CASCADE"),
    sa.Index(None, "flag_id"),
)


reviews = sa.Table(
    "reviews",
    metadata,
    id_column(),
    to("flag_id", "flags.id", "The flag", gone="CASCADE"),
    column("verdict", sa.Text, "upheld, dismissed or not-about"),
    column("by", Words, "Who decided"),
    column("at", Moment, "When"),
    column("why", Words, "Reason given"),
    column(
        "decision",
        sa.BigInteger,
        "The review that was said: it holds for the same words of other flags",
        server_default="0",
    ),
    column("undone_at", Moment, "When it was taken back", null=True),
    column("undone_by", Words, "Who took it back", server_default=""),
    sa.UniqueConstraint("flag_id", "by", "at"),
    sa.Index(None, "decision"),
)


tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("identity_hash", Words, primary_key=True, comment="SHA-256 of the identity of what was withdrawn"),
    column("at", Moment, "When"),
)


#: The search index: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL. Made in migrations, not by metadata.
mention_words = sa.table(
    "mention_words",
    sa.column("rowid", sa.BigInteger),  # SQLite
    sa.column("mention_id", sa.BigInteger),  # PostgreSQL
    sa.column("title", sa.Text),
    sa.column("body", sa.Text),
    sa.column("words", sa.Text),
)
