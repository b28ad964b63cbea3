"""What is stored of a mention: drafts, snapshots, flags with their life, stories, reviews, rule versions. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from monitor.core.model import Availability, DateConfidence, told_on
from monitor.core.text.lang import is_judged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from monitor.core.entry import Entry, ItemNames
    from monitor.core.judgement import Assessment, Flag
    from monitor.core.model import Kind, Network


class About(StrEnum):
    """Is a text about the study? `MAYBE` asks for the article page before deciding."""

    ABOUT = "about"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """Is it about the study, and because of which words?"""

    verdict: About
    because: tuple[str, ...] = ()
    confusable: str | None = None  # the other study it is about, if that is why it is not about ours


class TextFrom(StrEnum):
    """Where a mention's text came from; a page outranks a feed's summary and is not overwritten by it.

    PASSAGE is of a page that names the study with no word and links to a mention: the paragraphs that hold those links, and nothing
    else of the page, not even its title. All others outrank it.
    """

    FEED = "feed"
    PAGE = "page"
    POST = "post"
    IMPORT = "import"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to import, as a file holds it, and where it stands. `columns` tells where a field stands, for who has to mend it."""

    line: int
    fields: Mapping[str, Any]
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionDraft:
    """A Mention to write: found and judged, not yet stored. `text` is what the spans of its flags point into."""

    study_id: str
    identity: str
    entry: Entry
    title: str
    text: str
    text_from: TextFrom
    lang: str
    relevance: Relevance
    assessment: Assessment
    names: ItemNames  # what else the item is known by, from this text
    found_on: str | None = None  # identity of the page that quotes this post
    canonical_url: str | None = None
    alias: bool = False  # the item is stored under another of its names than it was met by this time
    availability: Availability = Availability.WHOLE  # anything else means that `text` is a part of what was said

    @property
    def partial(self) -> bool:
        """See `is_part`."""
        return is_part(self.text_from, self.availability)


def is_part(text_from: TextFrom, availability: Availability) -> bool:
    """Is a text, come from there, a part of what was said? Of it nobody can say what it leaves out."""
    return text_from is TextFrom.PASSAGE or availability is not Availability.WHOLE


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A stored mention that an address leads to: the item's identity, its study, and what its source is called."""

    identity: str
    study_id: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryText:
    """What decides to which story a Mention belongs."""

    mention_id: int
    study_id: str
    title: str
    text: str
    published: datetime
    because: tuple[str, ...]  # words that made it a mention: they name the study, not the news
    story_id: int | None = None  # None: it is in none yet
    claimed: bool = False  # `published` is its author's word alone (DateConfidence.CLAIMED)

    @property
    def turn(self) -> tuple[bool, datetime, int]:
        """Of several the least said it first: a date that only its author gives begins no story."""
        return self.claimed, self.published, self.mention_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who speaks: an outlet (key is its domain) or an account (key is network:handle). `weight` 1-5 is its reach.

    `contact` is the address that a letter goes to, `language` the one that it is written in; "" where nobody said so.
    """

    id: int
    key: str
    name: str
    network: Network
    weight: int = 2
    followers: int | None = None
    contact: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of a mention's text. `number` counts from 1. `text_hash` is the SHA-256 of the text."""

    number: int
    at: datetime
    title: str
    text: str
    text_hash: str
    text_from: TextFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An Entry or Post about a Study, as stored. `text` is the newest snapshot; older ones are its revisions."""

    id: int
    study_id: str
    identity: str
    kind: Kind
    network: Network
    source: Source
    url: str | None
    title: str
    text: str
    author: str
    lang: str
    published: datetime
    date_confidence: DateConfidence
    first_seen: datetime
    text_from: TextFrom
    revision: int
    because: tuple[str, ...]
    score: int
    caveats_present: tuple[str, ...]
    caveats_missing: tuple[str, ...]
    score_parts: Mapping[str, float] = field(default_factory=dict)
    ruleset: str = ""
    story_id: int | None = None
    found_on_id: int | None = None  # the mention that quotes this post
    reposts: int | None = None
    likes: int | None = None
    flags: tuple[StoredFlag, ...] = ()
    partial: bool = False  # `text` is a part of what was said: the whole was never read
    availability: Availability = Availability.WHOLE
    availability_since: datetime | None = None  # since when it is not WHOLE

    @property
    def judged(self) -> bool:
        """Are there rules for its language? Where there are none, no flags do not mean that nothing goes too far."""
        return is_judged(self.lang)

    @property
    def told_on(self) -> date | None:
        """See `model.told_on`."""
        return told_on(self.published, self.date_confidence)

    @property
    def turn(self) -> tuple[bool, datetime, int]:
        """As StoryText.turn."""
        return self.date_confidence is DateConfidence.CLAIMED, self.published, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """Of a stored mention what tells whether other rules can judge it differently; `near` says that its own flags can."""

    id: int
    title: str
    text: str
    ruleset: str
    near: bool = False


class FlagState(StrEnum):
    """Where a flag stands in its life."""

    ACTIVE = "active"
    FIXED = "fixed"  # the text was corrected
    WITHDRAWN = "withdrawn"  # the rules changed, or another kind of text was judged


class Verdict(StrEnum):
    """What a person says of a flag."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"
    NOT_ABOUT = "not-about"  # the text is not about the study


#: Verdicts after which a flag no longer counts, though it is still shown.
DISMISSED = (Verdict.DISMISSED, Verdict.NOT_ABOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlag:
    """A Flag with its life: raised at a revision, closed as fixed (the text changed) or withdrawn (the rules changed)."""

    id: int
    mention_id: int
    flag: Flag
    ruleset: str
    state: FlagState
    raised_at: datetime
    raised_in: int  # revision number
    closed_at: datetime | None = None
    closed_in: int | None = None
    review: Verdict | None = None  # of the newest Review

    @property
    def stands(self) -> bool:
        """Is it active, and did nobody call it wrong?"""
        return self.state is FlagState.ACTIVE and self.review not in DISMISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A cluster of Mentions carrying the same news; `first` is who said it first."""

    id: int
    study_id: str
    title: str
    first_mention_id: int
    first_at: datetime
    last_at: datetime
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOverview:
    """What a list tells of a story beside itself. `flagged` are mentions that go too far: a flag that is mailed stands;
    `drift` are the types of standing drift in it, the most frequent first; `lang` is the language of the first.
    """

    first_source: str
    first_key: str
    outlets: int
    flagged: int
    drift: tuple[str, ...]
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's decision about a Flag. `id` and `decision` are 0 while it is not stored.

    What was decided about a flag holds for the same words elsewhere: each of those flags has a Review of its own with the
    same `decision`, and taking the decision back (`undone_at`, `undone_by`) takes all of them back.
    """

    flag_id: int
    verdict: Verdict
    by: str
    at: datetime
    why: str = ""
    id: int = 0
    decision: int = 0
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def stands(self) -> bool:
        """Was it not taken back?"""
        return self.undone_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedFlag:
    """A Review with the flag it is about and where that stands, as lists and exports tell of it."""

    review: Review
    flag: StoredFlag
    identity: str  # of the mention: the same on every machine that stores it
    url: str | None
    source: str
    title: str
    lang: str
    sentence: str  # the sentence around the flagged words


class Step(StrEnum):
    """How a version of the rules came to be."""

    SAVE = "save"
    UNDO = "undo"  # it holds what stood before the version that it takes back
    REDO = "redo"  # it holds what an undo took back


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetVersion:
    """One saved version of the user's own pack: `files` maps file names to YAML text. `id` 0: not stored yet."""

    id: int
    parent: int | None
    digest: str  # of the whole RuleSet it makes together with the packs in use
    files: Mapping[str, str]
    author: str
    at: datetime
    note: str
    step: Step = Step.SAVE
    judge_old: bool = True  # False: mentions that were first seen before keep their judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """24 hours of mentions by when they were first seen; `date` is the UTC day on which they end. `flagged` go too far: they have a
    standing flag that is mailed.
    """

    date: date
    all: int
    flagged: int
