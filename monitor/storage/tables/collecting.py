"""What is asked and read: feeds, their polls, entries with their pages, and what an index of papers proposes."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Moment, Words, column, id_column, key_to, metadata, to, work_columns

feeds = sa.Table(
    "feeds",
    metadata,
    id_column(),
    column(
        "kind",
        sa.Text,
        "How it is read: feed, x-search, bluesky-search, bluesky-stream, mastodon-search, hackernews-search, "
        "pubmed-watch, europepmc-watch, crossref-watch, openalex-watch, registry-watch",
    ),
    column("url", Words, "Address, the query of a saved search, or the id of the study that is watched"),
    column("title", Words, "Its name, from you or from the feed"),
    column("lang", Words, "Language you set (BCP 47), empty if none"),
    column("weight", sa.Integer, "The outlet's reach 1-5 as you set it", null=True),
    column("paused", sa.Boolean, "Paused by you", server_default=sa.false()),
    column(
        "removed", sa.Boolean, "Removed by you; the row stays because entries came from it", server_default=sa.false()
    ),
    column("interval", sa.BigInteger, "How often it is asked, in microseconds"),
    column("etag", Words, "Validator the server gave", null=True),
    column("last_modified", Words, "Validator the server gave", null=True),
    column("body_hash", sa.Text, "Hash of the last body: an equal one is not parsed again", null=True),
    column(
        "polls_since_full", sa.Integer, "Conditional requests since the body was last read whole", server_default="0"
    ),
    column("cursor", Words, "Where the next reading of a search starts", null=True),
    column("failing", sa.Float, "Sum of the failures' weights since the last success", server_default="0"),
    column("last_polled_at", Moment, "Last poll, however it ended", null=True),
    column("last_success_at", Moment, "Last poll that went well", null=True),
    column("last_outcome", sa.Text, "How the last poll ended: fetched, not-modified, ...", null=True),
    column("last_status", sa.Integer, "HTTP status of the last poll's answer; null: none, or not known", null=True),
    column("last_sentence", Words, "How the last poll ended, a sentence", server_default=""),
    column(
        "last_reason",
        sa.Text,
        "Why it did not go well: missing, slow, no-key, ...; null: it did, or nobody can say",
        null=True,
    ),
    column("created_at", Moment, "When it was added"),
    *work_columns(),
    sa.UniqueConstraint("kind", "url"),
    sa.Index(None, "due_at"),
)


polls = sa.Table(
    "polls",
    metadata,
    id_column(),
    to("feed_id", "feeds.id", "The feed"),
    column("at", Moment, "When it was polled"),
    column("outcome", sa.Text, "fetched, not-modified, rate-limited, temporary, soft, hard, gone"),
    column("sentence", Words, "How it ended"),
    column("new", sa.Integer, "Entries that were new"),
    column("changed", sa.Integer, "Entries whose text changed"),
    column("same", sa.Integer, "Entries known before"),
    column("seconds", sa.Float, "How long it took"),
    column("reason", sa.Text, "Why it did not go well, as in feeds", null=True),
    sa.Index(None, "feed_id", "at"),
)


entries = sa.Table(
    "entries",
    metadata,
    id_column(),
    to("feed_id", "feeds.id", "The feed that brought it: it alone speaks for its text"),
    column("identity", Words, "What makes it the same item when it comes again"),
    column("guid", Words, "The feed's own id", null=True),
    column("url", Words, "Where it can be read", null=True),
    column("title", Words, "Headline"),
    column("text", Words, "What the feed or network gave of it"),
    column("source", Words, "Who speaks: a domain or a handle"),
    column("source_name", Words, "Its readable name"),
    column("author", Words, "Author as given"),
    column("kind", sa.Text, "article or post"),
    column("network", sa.Text, "web, x, bluesky, ..."),
    column("published", Moment, "Date we trust, or null", null=True),
    column("date_confidence", sa.Text, "exact, claimed (by its author alone), day or none"),
    column("raw_date", Words, "The date as the feed wrote it"),
    column("lang", Words, "Language the feed says"),
    column("links", sa.JSON, "Links in it, a list; of posts only"),
    column("reposts", sa.BigInteger, "Reposts when last seen", null=True),
    column("likes", sa.BigInteger, "Likes when last seen", null=True),
    column("followers", sa.BigInteger, "The account's followers when last seen", null=True),
    column("content_hash", sa.Text, "Hash of its words: another one is a revision"),
    column("first_seen", Moment, "When we first saw it"),
    sa.UniqueConstraint("identity"),
    sa.Index(None, "feed_id", "guid"),
    sa.Index(None, "feed_id", "first_seen"),
    sa.Index(None, "network", "first_seen"),
)


names = sa.Table(
    "names",
    metadata,
    sa.Column(
        "name",
        Words,
        primary_key=True,
        comment="Another name of an item: an address or id, the number of a mention that went into it, or a hash of "
        "who said what",
    ),
    sa.Column("identity", Words, primary_key=True, comment="The identity that the item is stored under"),
    column("sure", sa.Boolean, "True: whoever has this name is the item. False: whoever has it is compared with it"),
    sa.Index(None, "identity"),
)


pages = sa.Table(
    "pages",
    metadata,
    key_to("entry_id", "entries.id", "The entry", gone="CASCADE"),
    column("reads", sa.Integer, "How often its page was read", server_default="0"),
    column("sentence", Words, "How the last reading ended", server_default=""),
    *work_columns(),
    sa.Index(None, "due_at"),
)


proposals = sa.Table(
    "proposals",
    metadata,
    id_column(),
    column("study_id", sa.Text, "The study it is about"),
    column("kind", sa.Text, "published, preprint, retracted, concern, corrected or registry"),
    column("key", Words, "What it is known by: doi:..., pmid:... or registry:hash"),
    column("sentence", Words, "What may have happened, a sentence"),
    column("findings", sa.JSON, "Ids of the findings it touches, a list"),
    column("rung", sa.Text, "The rung that the first of them would reach", null=True),
    column("title", Words, "Title of the paper or page"),
    column("url", Words, "Where it can be read"),
    column("detail", Words, "Lines of a page that changed, each with + or -"),
    column("seen", sa.JSON, "Indexes that told it, a list"),
    column("opened_at", Moment, "When it was first told"),
    column("state", sa.Text, "open, accepted or dismissed", server_default="open"),
    column("by", Words, "Who decided", server_default=""),
    column("decided_at", Moment, "When", null=True),
    column("why", Words, "Reason given", server_default=""),
    sa.UniqueConstraint("study_id", "kind", "key"),
)
