"""The nouns of a digest: what it is given, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitor.core.feeds.health import HostFault, Silence
    from monitor.core.judgement import Drift, Reference
    from monitor.core.mention import Mention, StoredFlag
    from monitor.core.model import Network
    from monitor.core.proposals import Proposal
    from monitor.core.translation import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """One line of "what was read". `problem` is None if its last poll went well."""

    title: str
    last_success_at: datetime | None
    problem: str | None
    network: str = "web"
    read: int = 0  # polls that went well since the last digest
    silence: Silence | None = None  # it is read well, but brings nothing any more
    with_host: bool = False  # it fails because its whole host does


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """A story as a digest needs it. `members` counts all its mentions, `new` those not told before to this subscription."""

    id: int
    title: str
    members: int
    new: int
    first_source: str
    first_at: datetime
    first_id: int = 0  # the mention that said it first; 0 where nobody asked
    first_key: str = ""  # of the source that said it first


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFlag:
    """A flag that was closed because the text was corrected, with the mention it stood in."""

    flag: StoredFlag
    mention_id: int
    source: str
    title: str
    url: str | None
    network: Network
    lang: str
    source_key: str = ""
    asked_at: datetime | None = None  # when somebody of yours asked them for it


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedText:
    """One mention whose text was corrected: `said` are the words that spoke for it, `more` counts its other closed flags."""

    mention_id: int
    source: str
    title: str
    url: str | None
    said: str
    more: int
    asked: str = ""  # on which day they were asked for it, "" if they were not


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestInput:
    """All that a digest is composed from, read in one go. `mentions` have not been told to this subscription before."""

    mentions: tuple[Mention, ...]
    stories: Mapping[int, StoryLine]
    fixed: tuple[FixedFlag, ...]
    feeds: tuple[FeedHealth, ...]
    since: datetime  # when the last digest was cut, or a day before the subscription began
    daily: tuple[int, ...]  # mentions first seen in each of the 28 days (24 hours) before the last, oldest first
    daily_flagged: tuple[int, ...]
    spent: Mapping[str, int] = field(default_factory=dict)  # paid rows this month by network
    first: bool = False  # no digest was sent to this subscription before
    host_faults: tuple[HostFault, ...] = ()
    proposals: tuple[Proposal, ...] = ()  # about the study itself, open and not told to this subscription before


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One outlet or account that makes a claim, in its own words, and how far those were copied."""

    mention_id: int
    flag_id: int
    source: str
    reach: str  # "reach 4 of 5", "120,000 followers"
    when: str  # local; without an hour where none is known, with its year where that is not this one
    url: str | None
    lang: str
    said: str  # the flagged words
    context: str  # the sentence around them
    copies: tuple[str, ...]  # who else carries the same story and makes the claim too, oldest first

    @property
    def marked(self) -> tuple[str, str, str]:
        """The sentence in three: before the flagged words, they themselves, after them."""
        before, found, after = self.context.partition(self.said)
        return (before, self.said, after) if found else ("", self.said, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One claim that goes beyond the study: what the study found stands once, and above it those who said otherwise, who weigh
    most first.
    """

    drift: Drift
    found: Said | None
    reference: Reference | None
    why: str  # "" in other languages than English, which rules are written in
    correction: Said | None
    voices: tuple[Voice, ...]
    more: int  # further stories that make the claim
    mentions: int  # all that make it, copies too
    first_said_by: str  # who said it first, "" if it is the first voice

    @property
    def lead(self) -> Voice:
        return self.voices[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of the week's movement."""

    label: str
    all: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutItself:
    """One thing that may have happened to the study itself, and where it was seen."""

    proposal_id: int
    sentence: str
    url: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A composed digest: every sentence a person reads, still without markup."""

    local_date: str
    study_id: str
    study_name: str
    subject: str
    opening: str
    calm: str  # where nothing is told in full: how far that is good news
    new: int
    drifting: int
    outlets: int
    needs: tuple[Item, ...]
    also: tuple[Item, ...]
    also_more: int
    look_here: int  # mentions with candidates that are not confirmed
    fixed: tuple[FixedText, ...]
    sharing: tuple[Mention, ...]
    networks: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    unjudged: tuple[tuple[str, int], ...]  # "not judged (German)" and how many: nobody knows whether they drift
    week: tuple[Bar, ...]
    grew: tuple[StoryLine, ...]
    read: tuple[str, ...]
    unread: tuple[str, ...]
    silent: tuple[str, ...]
    spent: tuple[str, ...]
    ruleset: str
    reference: Reference | None
    as_of: str
    itself: tuple[AboutItself, ...] = ()
    language: str = "en"
    day: str = ""  # the local date in full: "Tuesday 24 March"

    @property
    def flag_ids(self) -> tuple[int, ...]:
        """The flags that the mail has links for."""
        return tuple(item.lead.flag_id for item in (*self.needs, *self.also))

    @property
    def quiet(self) -> bool:
        """Nothing new, nothing fixed, nothing about the study itself: two lines are enough."""
        return not self.new and not self.fixed and not self.itself

    @property
    def judged(self) -> int:
        """How many of the new mentions could be judged, or drift all the same."""
        return self.new - sum(count for _, count in self.unjudged)

    @property
    def moved(self) -> bool:
        """Is there a week to compare with? Not on the first day."""
        return any(bar.all for bar in self.week[:-1])

    @property
    def week_words(self) -> str:
        return ", ".join(f"{bar.label} {bar.all}/{bar.flagged}" for bar in self.week)

    def bar_width(self, count: int, most: int = 300) -> int:
        """Pixels of a bar: the week's tallest day fills `most`."""
        return max(2, round(count * most / max((bar.all for bar in self.week), default=1)))
