"""What was collected, as it is stored, and what people decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.digests.search_mail import SearchMail, ToldBefore
    from monitor.core.items.stories import StoryRelation
    from monitor.core.judgement import Assessment
    from monitor.core.mention import (
        Day,
        Mention,
        MentionDraft,
        Review,
        ReviewedFlag,
        Revision,
        StoredFlag,
        Story,
        StoryOverview,
        Verdict,
    )
    from monitor.core.reviews import RuleRecord
    from monitor.core.search.nodes import Query
    from monitor.core.search.saved import SavedSearch


#: The setting `retain-days:NETWORK` holds how many days what comes from a network is kept; housekeeping obeys it.
RETAIN = "retain-days:"


class Items(Protocol):
    """What was said: mentions with their flags, stories, search and withdrawal. Laws: see Store."""

    def mention(self, mention_id: int) -> Mention:
        """One mention with all its flags, closed ones too. The number of one that went into another leads to that."""
        ...

    def search(self, query: Query, *, limit: int = 50, before: int | None = None) -> Sequence[Mention]:
        """Newest first, with active flags. `before` continues after the mention with that id."""
        ...

    def count(self, query: Query, *, most: int | None = None) -> int:
        """How many it finds; with `most`, no more than so many are counted."""
        ...

    def facets(self, query: Query, *, most: int) -> Mapping[str, Mapping[str, int]]:
        """Counts by source, network, lang and drift over the newest `most` that the query finds."""
        ...

    def knows(self, field: str, value: str) -> bool:
        """Is there a `source`, `rule`, `study` or `story` that a search for `field:value` means, as far as mentions tell?"""
        ...

    def source_names(self) -> Sequence[str]:
        """Keys and names of sources, to propose one for another that there is not; of many only some thousand."""
        ...

    def names_of(self, keys: Collection[str]) -> Mapping[str, str]:
        """What sources are called, by key; those without a name are left out. To be asked of some dozens."""
        ...

    def languages(self, query: Query) -> Mapping[str, int]:
        """The count by language alone, as `facets` has it."""
        ...

    def flag(self, flag_id: int, *, as_of: datetime | None = None) -> StoredFlag:
        """The flag with this number; if its mention went into another, the flag there on the same words.

        `as_of`: the flag that had this number then. Raises NotFoundError if it is gone.
        """
        ...

    def daily(self, now: datetime, *, study_id: str | None = None, days: int = 30) -> Sequence[Day]:
        """The last `days` times 24 hours, oldest first, the last ending now; those without mentions are there with zeros."""
        ...

    def revisions(self, mention_id: int) -> Sequence[Revision]: ...
    def import_mentions(
        self, drafts: Sequence[MentionDraft], relation: StoryRelation, *, now: datetime
    ) -> tuple[int, ...]:
        """Write mentions that came without a feed; returns the ids that are new or changed."""
        ...

    def identities_of(self, ids: Sequence[int]) -> Collection[str]:
        """The identities of stored mentions."""
        ...

    def judged_otherwise(
        self, study_id: str, ruleset: str, limit: int = 500, *, seen_from: datetime | None = None
    ) -> Sequence[int]:
        """Ids of mentions judged with another ruleset than this digest, newest first; `seen_from`: only those first seen then or
        later.
        """
        ...

    def save_assessment(self, mention_id: int, assessment: Assessment, *, now: datetime) -> None:
        """Judge again, same text: flags that no longer hold are closed as withdrawn, new ones are raised."""
        ...

    def stories(self, query: Query, *, limit: int = 50, offset: int = 0) -> Sequence[Story]:
        """Those with a mention that the query finds, told latest first."""
        ...

    def count_stories(self, query: Query) -> int: ...
    def story(self, story_id: int) -> Story:
        """One story; the number of one that went into another leads to that. Raises NotFoundError if there is none."""
        ...

    def story_overviews(self, story_ids: Sequence[int]) -> Mapping[int, StoryOverview]:
        """What a list tells of stories beside themselves."""
        ...

    def story_times(self, story_id: int) -> Sequence[tuple[datetime, bool]]:
        """When a story was told, oldest first, and whether that telling goes too far."""
        ...

    def story_members(self, story_id: int, *, limit: int | None = None) -> Sequence[Mention]:
        """Oldest first: the first one said it first; at most `limit` of them."""
        ...

    def key_stories(self, relation: StoryRelation, limit: int) -> int:
        """Look for what stored mentions retell that have no keys, or those of an older version; returns how many were looked at.

        At most `limit` of them, newest first; to be called until it returns 0.
        """
        ...

    def purge(self, mention_id: int, *, now: datetime) -> None:
        """Take text, author and index away for good; tombstones keep hashes of its names so it cannot come back."""
        ...

    def older(self, network: str, before: datetime) -> tuple[int, int]:
        """How many mentions of a network were first seen before, and how many other items of it that were read."""
        ...

    def said_by(self, who: str) -> Sequence[Mention]:
        """All mentions of an author of exactly this name, or of an account of this handle on any network, whatever its capitals."""
        ...

    def erase_author(self, who: str, now: datetime) -> int:
        """Purge all that `said_by` gives, and what else was read of them; returns how many items."""
        ...

    def purge_older(self, network: str, before: datetime, *, now: datetime, limit: int = 500) -> int:
        """Purge at most `limit` items of a network that were first seen before; to be called until it returns 0."""
        ...


class SavedSearches(Protocol):
    """Searches that are kept under a name, which is one whatever its capitals. Laws: see Store."""

    def saved_searches(self) -> Sequence[SavedSearch]:
        """All, by name."""
        ...

    def saved_search(self, search_id: int) -> SavedSearch: ...
    def save_search(self, *, name: str, query: str, by: str, now: datetime) -> SavedSearch:
        """Keep a search; one of that name keeps its number and takes this query."""
        ...

    def remove_search(self, search_id: int) -> None: ...
    def search_mails(
        self, *, search_id: int | None = None, subscription_id: int | None = None, now: datetime | None = None
    ) -> Sequence[SearchMail]:
        """Who is mailed what a search finds; of one search, or to one subscription. With `now` only those that bring mail then."""
        ...

    def set_search_mail(self, search_id: int, subscription_id: int, *, at_once: bool, now: datetime) -> None:
        """Mail what a search finds from now on; for who is mailed already only `at_once` changes."""
        ...

    def stop_search_mail(self, search_id: int, subscription_id: int) -> bool:
        """Mail it no more; False if it was not mailed."""
        ...

    def search_told(self, subscription_id: int, about: str) -> ToldBefore:
        """The mails about a search (`SearchMail.about`) that were made for a subscription."""
        ...


class Reviews(Protocol):
    """What people decide about flags. A verdict is in force at once: for the score, the search, the digest, and for the same
    words elsewhere in the mention and in its copies. Laws: see Store.
    """

    def review(self, review: Review, *, imported: bool = False) -> tuple[int, ...]:
        """Decide about a flag; returns the flags that it holds for, the one that was asked about first.

        `not-about` holds for every flag of the mention. Of several decisions about a flag the one with the latest `at` is in
        force. Whoever says again what they said, and is in force, decides nothing new; a reason that they give is kept.
        A decision is in force at once, also over one that is dated later, which is taken back; unless it is `imported`,
        and takes its place in time.
        """
        ...

    def undo_review(self, flag_id: int, *, by: str, now: datetime) -> Review:
        """Take back the newest decision about a flag, wherever it holds: the one before is in force again. Returns it.

        Raises UsageError if there is none.
        """
        ...

    def reviews(self, flag_id: int) -> Sequence[Review]:
        """Newest first, those that were taken back too."""
        ...

    def reviews_of(self, flag_ids: Sequence[int]) -> Mapping[int, Sequence[Review]]:
        """`reviews` of several flags; those without any are left out."""
        ...

    def decisions(
        self,
        *,
        rule: str | None = None,
        verdict: Verdict | None = None,
        by: str | None = None,
        since: datetime | None = None,
        undone: bool = False,
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[ReviewedFlag]:
        """What was decided, newest first, each once; with `undone` also what was taken back. `before` continues after the
        review with that id.
        """
        ...

    def decision_counts(self) -> Mapping[Verdict, int]:
        """How many decisions there are of each verdict: as many as `decisions` lists."""
        ...

    def rule_records(self, rule: str | None = None) -> Mapping[str, RuleRecord]:
        """By rule, what was decided about its flags and is in force; rules without any are left out."""
        ...

    def flags_of(self, identity: str) -> Sequence[StoredFlag]:
        """Every flag of the mentions of an item, closed ones too; empty if it is not stored."""
        ...
