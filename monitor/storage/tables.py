r"""All tables. A column's comment says what it holds; PostgreSQL shows it in `\d+`, and the operations page prints it.

Moments are stored as whole microseconds since 1970 UTC on both databases: exact, zone-free, and compared as numbers.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: NUL cannot be stored by PostgreSQL, lone surrogates by neither; each is replaced one for one, so that spans still fit.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC; whole microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002 - SQLAlchemy's name
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text from outside, with what no database can hold replaced by U+FFFD, one character for one."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as it comes back from the database."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives out ids only for a column that is INTEGER to the letter.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: Any, comment: str, *args: Any, null: bool = False, **more: Any) -> sa.Column[Any]:
    # What is compared with a column may come from an address as well: no database takes NUL, PostgreSQL says so by an error.
    kind = Words if kind is sa.Text else kind
    return sa.Column(name, kind, *args, comment=comment, nullable=null, **more)


def _id(comment: str = "Its number") -> sa.Column[Any]:
    return sa.Column("id", Id, primary_key=True, comment=comment)


def _to(name: str, column: str, comment: str, *, null: bool = False, **more: Any) -> sa.Column[Any]:
    return _column(name, Id, comment, sa.ForeignKey(column, ondelete=more.pop("gone", None)), null=null, **more)


def _work() -> list[sa.Column[Any]]:
    """The columns of every kind of work that is a row."""
    return [
        _column("due_at", Moment, "When it is to be done; null: never, until something makes it due", null=True),
        _column("not_before", Moment, "Back-off after a failure: not before this moment", null=True),
        _column(
            "lease_owner",
            sa.Text,
            "Token of the process that is doing it; a finish with another token is void",
            null=True,
        ),
        _column("lease_until", Moment, "When that token stops to count", null=True),
        _column("attempts", sa.Integer, "How often it was begun since it last went well", server_default="0"),
        _column("last_error", Words, "How the last failure ended, a sentence", server_default=""),
        _column("quarantined", sa.Boolean, "Failed too often: left alone and shown", server_default=sa.false()),
    ]


feeds = sa.Table(
    "feeds",
    metadata,
    _id(),
    _column(
        "kind",
        sa.Text,
        "How it is read: feed, x-search, bluesky-search, bluesky-stream, mastodon-search, hackernews-search, "
        "pubmed-watch, europepmc-watch, crossref-watch, openalex-watch, registry-watch",
    ),
    _column("url", Words, "Address, the query of a saved search, or the id of the study that is watched"),
    _column("title", Words, "Its name, from you or from the feed"),
    _column("lang", Words, "Language you set (BCP 47), empty if none"),
    _column("weight", sa.Integer, "The outlet's reach 1-5 as you set it", null=True),
    _column("paused", sa.Boolean, "Paused by you", server_default=sa.false()),
    _column(
        "removed", sa.Boolean, "Removed by you; the row stays because entries came from it", server_default=sa.false()
    ),
    _column("interval", sa.BigInteger, "How often it is asked, in microseconds"),
    _column("etag", Words, "Validator the server gave", null=True),
    _column("last_modified", Words, "Validator the server gave", null=True),
    _column("body_hash", sa.Text, "Hash of the last body: an equal one is not parsed again", null=True),
    _column(
        "polls_since_full", sa.Integer, "Conditional requests since the body was last read whole", server_default="0"
    ),
    _column("cursor", Words, "Where the next reading of a search starts", null=True),
    _column("failing", sa.Float, "Sum of the failures' weights since the last success", server_default="0"),
    _column("last_polled_at", Moment, "Last poll, however it ended", null=True),
    _column("last_success_at", Moment, "Last poll that went well", null=True),
    _column("last_outcome", sa.Text, "How the last poll ended: fetched, not-modified, ...", null=True),
    _column("last_status", sa.Integer, "HTTP status of the last poll's answer; null: none, or not known", null=True),
    _column("last_sentence", Words, "How the last poll ended, a sentence", server_default=""),
    _column("created_at", Moment, "When it was added"),
    *_work(),
    sa.UniqueConstraint("kind", "url"),
    sa.Index(None, "due_at"),
)

polls = sa.Table(
    "polls",
    metadata,
    _id(),
    _to("feed_id", "feeds.id", "The feed"),
    _column("at", Moment, "When it was polled"),
    _column("outcome", sa.Text, "fetched, not-modified, rate-limited, temporary, soft, hard, gone"),
    _column("sentence", Words, "How it ended"),
    _column("new", sa.Integer, "Entries that were new"),
    _column("changed", sa.Integer, "Entries whose text changed"),
    _column("same", sa.Integer, "Entries known before"),
    _column("seconds", sa.Float, "How long it took"),
    sa.Index(None, "feed_id", "at"),
)

entries = sa.Table(
    "entries",
    metadata,
    _id(),
    _to("feed_id", "feeds.id", "The feed that brought it: it alone speaks for its text"),
    _column("identity", Words, "What makes it the same item when it comes again"),
    _column("guid", Words, "The feed's own id", null=True),
    _column("url", Words, "Where it can be read", null=True),
    _column("title", Words, "Headline"),
    _column("text", Words, "What the feed or network gave of it"),
    _column("source", Words, "Who speaks: a domain or a handle"),
    _column("source_name", Words, "Its readable name"),
    _column("author", Words, "Author as given"),
    _column("kind", sa.Text, "article or post"),
    _column("network", sa.Text, "web, x, bluesky, ..."),
    _column("published", Moment, "Date we trust, or null", null=True),
    _column("date_confidence", sa.Text, "exact, claimed (by its author alone), day or none"),
    _column("raw_date", Words, "The date as the feed wrote it"),
    _column("lang", Words, "Language the feed says"),
    _column("links", sa.JSON, "Links in it, a list"),
    _column("reposts", sa.BigInteger, "Reposts when last seen", null=True),
    _column("likes", sa.BigInteger, "Likes when last seen", null=True),
    _column("followers", sa.BigInteger, "The account's followers when last seen", null=True),
    _column("content_hash", sa.Text, "Hash of its words: another one is a revision"),
    _column("first_seen", Moment, "When we first saw it"),
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
    _column("sure", sa.Boolean, "True: whoever has this name is the item. False: whoever has it is compared with it"),
    sa.Index(None, "identity"),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("entry_id", Id, sa.ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, comment="The entry"),
    _column("reads", sa.Integer, "How often its page was read", server_default="0"),
    _column("sentence", Words, "How the last reading ended", server_default=""),
    *_work(),
    sa.Index(None, "due_at"),
)

sources = sa.Table(
    "sources",
    metadata,
    _id(),
    _column("key", Words, "Domain, or network:handle; in lower case"),
    _column("name", Words, "Readable name"),
    _column("network", sa.Text, "web, x, bluesky, ..."),
    _column("weight", sa.Integer, "Reach 1-5, 2 unless you set it", server_default="2"),
    _column("followers", sa.BigInteger, "Followers when last seen", null=True),
    sa.UniqueConstraint("key"),
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column(
        "id", Id, primary_key=True, autoincrement=False, comment="Its number, counted by whoever writes mentions"
    ),
    _column("study_id", sa.Text, "The study"),
    _column("title", Words, "Headline of its first mention, or its first words"),
    _column("first_mention_id", Id, "Who said it first"),
    _column("first_at", Moment, "Published date of the first"),
    _column("last_at", Moment, "Published date of the latest"),
    _column("size", sa.Integer, "How many mentions"),
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
    _column("study_id", sa.Text, "The study it is about"),
    _column("identity", Words, "What makes it the same item when it comes again"),
    _to("entry_id", "entries.id", "The entry it came from; null if imported or quoted on a page", null=True),
    _to("source_id", "sources.id", "Who speaks"),
    _to("story_id", "stories.id", "The story it belongs to", null=True),
    _to("found_on_id", "mentions.id", "The mention that quotes this post", null=True, gone="SET NULL"),
    _column("kind", sa.Text, "article or post"),
    _column("network", sa.Text, "web, x, bluesky, ..."),
    _column("url", Words, "Where it can be read", null=True),
    _column("canonical_url", Words, "Address the page gives itself", null=True),
    _column("author", Words, "Author as given"),
    _column("lang", sa.Text, "Language of the text"),
    _column("published", Moment, "Published date; first seen where none is trusted"),
    _column("date_confidence", sa.Text, "exact, claimed (by its author alone), day or none"),
    _column("first_seen", Moment, "When we first saw it"),
    _column("text_from", sa.Text, "feed, page, post or import"),
    _column("partial", sa.Boolean, "True: the text is a part of what was said", server_default=sa.false()),
    _column(
        "availability",
        sa.Text,
        "What can be read at its address now: whole, cut, paywall, consent, stub or missing",
        server_default="whole",
    ),
    _column("availability_since", Moment, "Since when it is not whole", null=True),
    _column("text_hash", sa.Text, "SHA-256 of title and text"),
    _column("revision", sa.Integer, "Number of the newest text, from 1"),
    _column("revised_at", Moment, "When the newest text was stored"),
    _column("because", sa.JSON, "Words that made us think it is about the study, a list"),
    _column("score", sa.Integer, "0-100"),
    _column("score_parts", sa.JSON, "Parts that add up to the score, name to number"),
    _column("caveats_present", sa.JSON, "Caveats it tells, a list"),
    _column("caveats_missing", sa.JSON, "Caveats it leaves out, a list"),
    _column("ruleset", sa.Text, "Digest of the ruleset that judged it"),
    _column("reposts", sa.BigInteger, "Reposts when last seen", null=True),
    _column("likes", sa.BigInteger, "Likes when last seen", null=True),
    _column("title", Words, "Headline, newest"),
    _column("text", Words, "Text, newest: what the spans of its flags point into"),
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
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column(
        "mention_id", Id, sa.ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True, comment="The mention"
    ),
    sa.Column("number", sa.Integer, primary_key=True, comment="From 1; the newest text is in the mention itself"),
    _column("at", Moment, "When this text was stored"),
    _column("title", Words, "Headline"),
    _column("text", Words, "Text"),
    _column("text_from", sa.Text, "feed, page, post or import"),
)

flags = sa.Table(
    "flags",
    metadata,
    _id(),
    _to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    _column("fingerprint", Words, "Rule, place and folded words: the same flag on a later reading"),
    _column("rule", sa.Text, "Rule that raised it"),
    _column("ruleset", sa.Text, "Digest of the ruleset that raised it or last confirmed it"),
    _column("drift", sa.Text, "Drift type"),
    _column("severity", sa.Text, "low, medium or high"),
    _column("confidence", sa.Float, "0-1; from 0.5 it is drift, from 0.8 it is mailed"),
    _column("start", sa.Integer, "Offset of the first character"),
    _column("end", sa.Integer, "Offset after the last character"),
    _column("quote", Words, "The very words"),
    _column("place", sa.Text, "text or title"),
    _column("message", Words, "One sentence for a person"),
    _column("why", Words, "The rule's reason"),
    _column("finding", sa.Text, "Id of the finding it contradicts", null=True),
    _column("found", Words, "The finding's sentence", null=True),
    _column("source_title", Words, "Source of the finding", null=True),
    _column("source_url", Words, "Its address", null=True),
    _column("correction", Words, "Suggested wording", null=True),
    _column("mailed", sa.Boolean, "False: on trial, shown and never mailed"),
    _column("state", sa.Text, "active, fixed (the text was corrected) or withdrawn (judged otherwise)"),
    _column("raised_at", Moment, "When it was raised"),
    _column("raised_in", sa.Integer, "Revision it was raised in"),
    _column("closed_at", Moment, "When it was closed", null=True),
    _column("closed_in", sa.Integer, "Revision it was closed in", null=True),
    _column("review", sa.Text, "Newest verdict: upheld, dismissed, not-about", null=True),
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
    _to("flag_id", "flags.id", "The flag on the same words of the mention that stayed", gone="CASCADE"),
    sa.Index(None, "flag_id"),
)
reviews = sa.Table(
    "reviews",
    metadata,
    _id(),
    _to("flag_id", "flags.id", "The flag", gone="CASCADE"),
    _column("verdict", sa.Text, "upheld, dismissed or not-about"),
    _column("by", Words, "Who decided"),
    _column("at", Moment, "When"),
    _column("why", Words, "Reason given"),
    _column(
        "decision",
        sa.BigInteger,
        "The review that was said: it holds for the same words of other flags",
        server_default="0",
    ),
    _column("undone_at", Moment, "When it was taken back", null=True),
    _column("undone_by", Words, "Who took it back", server_default=""),
    sa.UniqueConstraint("flag_id", "by", "at"),
    sa.Index(None, "decision"),
)

rulesets = sa.Table(
    "rulesets",
    metadata,
    _id(),
    _to("parent", "rulesets.id", "Version it was made from", null=True),
    _column("digest", sa.Text, "Digest of the whole ruleset it makes"),
    _column("files", sa.JSON, "File name to YAML text"),
    _column("author", Words, "Who saved it"),
    _column("at", Moment, "When"),
    _column("note", Words, "What was changed and why"),
    _column("step", sa.Text, "How it came to be: save, undo or redo", server_default="save"),
    _column(
        "judge_old",
        sa.Boolean,
        "False: it judges what is first seen from then on, and leaves older mentions as they were judged",
        server_default=sa.true(),
    ),
    sa.UniqueConstraint("parent"),
)

backtests = sa.Table(
    "backtests",
    metadata,
    _id(),
    _column("study_id", sa.Text, "The study whose mentions are judged"),
    _to("base", "rulesets.id", "Version in use when it was begun; null: none was saved yet", null=True),
    _column("files", sa.JSON, "The pack as it would be saved: file name to YAML text"),
    _column("since", Moment, "Only mentions published from then on; null: all", null=True),
    _column("author", Words, "Who began it"),
    _column("at", Moment, "When"),
    _column("rules", sa.JSON, "Ids of the rules that differ, a list"),
    _column("state", sa.Text, "running, done, stopped or failed"),
    _column("sentence", Words, "Why it failed", server_default=""),
    _column("total", sa.Integer, "Mentions that can hold what changed"),
    _column("seen", sa.Integer, "Of them looked at"),
    _column("judged", sa.Integer, "Of them judged"),
    _column("cursor", Id, "Mention looked at last; they come newest first", null=True),
    _column("gained", sa.Integer, "Flags that come"),
    _column("lost", sa.Integer, "Flags that go"),
    _column("kept", sa.Integer, "Flags of these rules that stay"),
    _column("lost_upheld", sa.Integer, "Of those that go, called right by somebody"),
    _column("reviewed", sa.JSON, "Flags of these rules that were decided about: right and all, before and after"),
    _column("labelled", sa.JSON, "Labelled sentences: right, flagged and drifting, before and after; null: not yet"),
    _column("seconds", sa.Float, "How long it has run"),
    *_work(),
    sa.Index(None, "due_at"),
    sa.Index(None, "base"),
)

backtest_changes = sa.Table(
    "backtest_changes",
    metadata,
    sa.Column(
        "backtest_id",
        Id,
        sa.ForeignKey("backtests.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The back-test",
    ),
    sa.Column("number", sa.Integer, primary_key=True, comment="From 0, in the order in which they were found"),
    _to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    _column("gained", sa.Boolean, "True: the flag comes; false: it goes"),
    _column("rule", sa.Text, "Rule that raises it"),
    _column("drift", sa.Text, "Drift type"),
    _column("severity", sa.Text, "low, medium or high"),
    _column("confidence", sa.Float, "0-1"),
    _column("place", sa.Text, "text or title"),
    _column("quote", Words, "The very words"),
    _column("sentence", Words, "The sentence around them"),
    _column("start", sa.Integer, "Where the words begin in the sentence"),
    _column("end", sa.Integer, "Where they end"),
    _column("source", Words, "Who speaks"),
    _column("published", Moment, "When"),
    _column("review", sa.Text, "What a person said of the flag: upheld, dismissed, not-about", null=True),
    sa.Index(None, "mention_id"),
)

subscribers = sa.Table(
    "subscribers",
    metadata,
    _id(),
    _column("email", Words, "Address, in lower case"),
    _column("name", Words, "Name"),
    _column("state", sa.Text, "pending (not confirmed), active or removed"),
    _column("created_at", Moment, "When it was added"),
    sa.UniqueConstraint("email"),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    _id(),
    _to("subscriber_id", "subscribers.id", "The person"),
    _column("study_id", sa.Text, "The study"),
    _column("at", sa.Text, "Local time, HH:MM:SS"),
    _column("zone", sa.Text, "IANA zone"),
    _column("weekdays", sa.JSON, "0 = Monday, a list"),
    _column("threshold", sa.Text, "Lowest severity told in full"),
    _column("quiet", sa.Boolean, "Whether a day without news sends two lines"),
    _column("paused_until", Moment, "Nothing before this moment", null=True),
    _column("created_at", Moment, "When it began"),
    *_work(),
    _column("due_date", sa.Text, "ISO date where the person lives that the next digest is for", server_default=""),
    _column("crashes", sa.Integer, "How often in a row composing ended its process", server_default="0"),
    sa.UniqueConstraint("subscriber_id", "study_id"),
    sa.Index(None, "due_at"),
)

digests = sa.Table(
    "digests",
    metadata,
    _id(),
    _to("subscription_id", "subscriptions.id", "Whose digest"),
    _column("local_date", sa.Text, "ISO date where the subscriber lives"),
    _column("subject", Words, "Subject line"),
    _column("message_id", sa.Text, "Message-ID, the same for every attempt"),
    _column("recipient", Words, "Address it goes to"),
    _column("mime", sa.LargeBinary, "The whole mail, byte for byte"),
    _column("text", Words, "Its text part"),
    _column("html", Words, "Its HTML part"),
    _column("state", sa.Text, "ready, sending, sent, unknown, failed or skipped"),
    _column("unknowns", sa.Integer, "Attempts whose ending nobody saw; after the second it stops", server_default="0"),
    _column("sentence", Words, "Why it was skipped, or how the last attempt ended"),
    _column("created_at", Moment, "When it was cut"),
    *_work(),
    _column(
        "through_date",
        sa.Text,
        "Last local date it speaks for: later than local_date if days were caught up on",
        server_default="",
    ),
    _column(
        "withdrawn",
        sa.Boolean,
        "Something it told of was withdrawn, and its text was removed",
        server_default=sa.false(),
    ),
    sa.UniqueConstraint("subscription_id", "local_date"),
    sa.Index(None, "due_at"),
)

digest_mentions = sa.Table(
    "digest_mentions",
    metadata,
    sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), primary_key=True, comment="The subscription"),
    sa.Column(
        "mention_id",
        Id,
        sa.ForeignKey("mentions.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The mention: told once to a subscription",
    ),
    _to("digest_id", "digests.id", "The digest that told it", gone="CASCADE"),
    sa.Index(None, "digest_id"),
    sa.Index(None, "mention_id"),
)

digest_flags = sa.Table(
    "digest_flags",
    metadata,
    sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), primary_key=True, comment="The subscription"),
    sa.Column(
        "flag_id",
        Id,
        sa.ForeignKey("flags.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The fixed flag: told once to a subscription",
    ),
    _to("digest_id", "digests.id", "The digest that told it", gone="CASCADE"),
    sa.Index(None, "digest_id"),
    sa.Index(None, "flag_id"),
)

proposals = sa.Table(
    "proposals",
    metadata,
    _id(),
    _column("study_id", sa.Text, "The study it is about"),
    _column("kind", sa.Text, "published, preprint, retracted, concern, corrected or registry"),
    _column("key", Words, "What it is known by: doi:..., pmid:... or registry:hash"),
    _column("sentence", Words, "What may have happened, a sentence"),
    _column("findings", sa.JSON, "Ids of the findings it touches, a list"),
    _column("rung", sa.Text, "The rung that the first of them would reach", null=True),
    _column("title", Words, "Title of the paper or page"),
    _column("url", Words, "Where it can be read"),
    _column("detail", Words, "Lines of a page that changed, each with + or -"),
    _column("seen", sa.JSON, "Indexes that told it, a list"),
    _column("opened_at", Moment, "When it was first told"),
    _column("state", sa.Text, "open, accepted or dismissed", server_default="open"),
    _column("by", Words, "Who decided", server_default=""),
    _column("decided_at", Moment, "When", null=True),
    _column("why", Words, "Reason given", server_default=""),
    sa.UniqueConstraint("study_id", "kind", "key"),
)

digest_proposals = sa.Table(
    "digest_proposals",
    metadata,
    sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), primary_key=True, comment="The subscription"),
    sa.Column(
        "proposal_id",
        Id,
        sa.ForeignKey("proposals.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The proposal: told once to a subscription",
    ),
    _to("digest_id", "digests.id", "The digest that told it", gone="CASCADE"),
    sa.Index(None, "digest_id"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("digest_id", Id, sa.ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True, comment="The digest"),
    sa.Column("attempt", sa.Integer, primary_key=True, comment="From 1"),
    _column("started_at", Moment, "When it was begun"),
    _column("ended_at", Moment, "When its ending was known", null=True),
    _column("outcome", sa.Text, "sent, temporary, permanent, unknown; sending while it goes on"),
    _column("reply", Words, "The mail server's words"),
    sa.Index(None, "started_at"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", Words, primary_key=True, comment="Name of a tick"),
    _column("owner", sa.Text, "Process that holds it"),
    _column("until", Moment, "When it is free again"),
)

spending = sa.Table(
    "spending",
    metadata,
    sa.Column("network", Words, primary_key=True, comment="Network that charges"),
    sa.Column("day", Words, primary_key=True, comment="UTC day, ISO"),
    _column("rows", sa.BigInteger, "Paid rows read on that day"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _id(),
    sa.Column(
        "secret",
        Words,
        nullable=False,
        unique=True,
        comment="SHA-256 of the secret in its sign-in link, and in its cookie once that was used",
    ),
    _column("state", sa.Text, "offered, open or ended"),
    _column("made_at", Moment, "When its link was made"),
    _column("expires_at", Moment, "When the link or the sign-in ends by itself"),
    _column("opened_at", Moment, "When the link was used", null=True),
    _column("browser", Words, "What the browser calls itself"),
    _column("name", Words, "Who it was made for: stands beside what is decided and changed", server_default=""),
    _column("role", sa.Text, "owner, editor or reader", server_default="owner"),
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", Words, primary_key=True, comment="What the installation keeps for itself"),
    _column("value", Words, "Its value"),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("identity_hash", Words, primary_key=True, comment="SHA-256 of the identity of what was withdrawn"),
    _column("at", Moment, "When"),
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
