"""Back-test: two RuleSets over the same texts. What would be gained, lost, changed and kept, before anything is saved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.judgement import Severity, Tier, tier_of
from monitor.core.mention import Verdict
from monitor.core.text.doc import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.judgement import Flag
    from monitor.core.mention import Mention
    from monitor.core.study import Study

#: So many changes of a kind (and so many lost flags that were called right) are kept with their words; the others are counted.
MOST_CHANGES = 500
#: Characters of a sentence that are shown around a flag.
MOST_SENTENCE = 400


class BacktestState(StrEnum):
    """Where a back-test stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by a person
    FAILED = "failed"  # `sentence` says why


class ChangeKind(StrEnum):
    """What becomes of a flag."""

    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"  # it stays, and is graver or milder, or of another tier


@dataclass(frozen=True, slots=True)
class Grade:
    """How severe a flag is and how sure, and whether its rule is mailed or on trial."""

    severity: Severity
    confidence: float
    mailed: bool = True

    @property
    def tier(self) -> Tier:
        return tier_of(self.confidence, mailed=self.mailed)

    def told_as(self, other: Grade) -> bool:
        """Would a reader see no difference? Confidence alone is none, as long as it crosses no line."""
        return (self.severity, self.tier) == (other.severity, other.tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A flag that one RuleSet raises and the other does not, or not alike. `grade` is the flag's where it is raised, of a
    changed one as it would be; `before` is a changed one's as it was, and None for others. `sentence` is what it stands in, as
    it is written, and [start, end) the flag's words in it. `review` is what a person said of the flag, if anybody did.
    """

    mention_id: int
    kind: ChangeKind
    rule: str
    drift: str
    grade: Grade
    before: Grade | None = None
    where: str  # text | title
    quote: str
    sentence: str
    start: int
    end: int
    source: str
    published: datetime
    review: Verdict | None = None

    @property
    def lost_upheld(self) -> bool:
        """Would a flag go that a person called right? A reason to stop."""
        return self.kind is ChangeKind.LOST and self.review is Verdict.UPHELD

    @property
    def turn(self) -> tuple[bool, int, int]:
        """What one called right and would lose comes first, then what goes, what is new, what changes; each newest first."""
        return not self.lost_upheld, _TURNS[self.kind], -self.mention_id

    @property
    def steps(self) -> tuple[str, ...]:
        """What becomes of a changed flag, in words: "graver: high, was medium", "mailed now". Empty for others."""
        if self.before is None:
            return ()
        was, now = self.before, self.grade
        steps = []
        if was.severity is not now.severity:
            word = "graver" if now.severity.rank > was.severity.rank else "milder"
            steps.append(f"{word}: {now.severity}, was {was.severity}")
        if was.tier is not now.tier:
            steps.append(_STEPS[was.tier, now.tier])
        return tuple(steps)


_TURNS = {ChangeKind.LOST: 0, ChangeKind.GAINED: 1, ChangeKind.CHANGED: 2}
_STEPS = {
    (Tier.LOOK_HERE, Tier.DRIFT): "counts now, not mailed",
    (Tier.LOOK_HERE, Tier.CONFIRMED): "mailed now",
    (Tier.DRIFT, Tier.CONFIRMED): "mailed now",
    (Tier.CONFIRMED, Tier.DRIFT): "no longer mailed",
    (Tier.CONFIRMED, Tier.LOOK_HERE): "no longer mailed, only worth a look",
    (Tier.DRIFT, Tier.LOOK_HERE): "only worth a look now",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was right, of how often that could be said."""

    right: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None if it could never be said."""
        return self.right / self.of if self.of else None

    @property
    def lintscore(self) -> float:
        """T * (T / (F + T))^2: what is right counts, and what is wrong costs more the more of it there is. As proselint's lintscore."""
        return self.right * (self.right / self.of) ** 2 if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """How the labelled sentences are judged: drifting ones that were flagged, of all that were flagged, of all that drift."""

    right: int
    flagged: int
    drifting: int

    @property
    def precision(self) -> Tally:
        return Tally(self.right, self.flagged)

    @property
    def recall(self) -> Tally:
        return Tally(self.right, self.drifting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A back-test as it is stored. `base` is the version of the rules in use when it was begun (None: no version was saved yet),
    `files` your pack as it would be saved, `rules` the ids of the rules that differ. Of `total` mentions that can hold what
    changed `seen` were looked at, and `judged` judged. Every flag of `rules` is counted once: `gained`, `lost`, `changed`, or
    `kept`, which are those that stay just as severe and go just as far; a changed one is not kept. (What other rules gain, lose or
    change is counted too.) `reviewed_*` are those of `rules` that people decided about. `kept_at` is when it was last kept how far it is, `held_until` until
    when somebody said to go on with it. `id` 0: not stored yet.
    """

    id: int
    study_id: str
    base: int | None
    files: Mapping[str, str]
    since: datetime | None
    author: str
    at: datetime
    rules: tuple[str, ...] = ()
    state: BacktestState = BacktestState.RUNNING
    sentence: str = ""
    total: int = 0
    seen: int = 0
    judged: int = 0
    cursor: int | None = None  # the mention looked at last
    gained: int = 0
    lost: int = 0
    changed: int = 0
    kept: int = 0
    lost_upheld: int = 0
    reviewed_before: Tally = field(default_factory=Tally)
    reviewed_after: Tally = field(default_factory=Tally)
    labelled_before: Labelled | None = None
    labelled_after: Labelled | None = None
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    lease: str = ""
    kept_at: datetime | None = None
    held_until: datetime | None = None

    @property
    def running(self) -> bool:
        return self.state is BacktestState.RUNNING

    def idle(self, now: datetime) -> bool:
        """Does it wait for somebody to go on with it? Nobody began to, or who did was ended."""
        return self.running and (self.held_until is None or self.held_until <= now)

    @property
    def counted(self) -> int:
        """All that would change, shown with its words or not."""
        return self.gained + self.lost + self.changed

    @property
    def remaining_seconds(self) -> float | None:
        """How long it will still take, by how long it took so far; None while nothing was seen."""
        if not self.running:
            return 0.0
        return None if not self.seen else self.seconds * (self.total - self.seen) / self.seen


def flags_by(mention: Mention, study: Study, ruleset: RuleSet) -> Mapping[str, Flag]:
    """A stored mention's flags by a RuleSet, by their fingerprints: those that are stored, if it was judged by it."""
    if ruleset.digest and mention.ruleset == ruleset.digest:
        return {stored.flag.fingerprint: stored.flag for stored in mention.flags if stored.closed_at is None}
    found = assess(
        mention.title,
        mention.text,
        study,
        ruleset,
        kind=mention.kind,
        lang=mention.lang,
        partial=mention.partial,
        on=mention.told_on,
    )
    return {flag.fingerprint: flag for flag in found.flags}


def changes(mention: Mention, study: Study, before: RuleSet, after: RuleSet) -> Iterator[Change]:
    """What the second RuleSet changes of a mention: lost flags first, then new ones, then those that stay and are told
    otherwise. `mention` holds its closed flags as well: what was decided about one holds for the same words again.
    """
    was, now = flags_by(mention, study, before), flags_by(mention, study, after)
    reviews = {stored.flag.fingerprint: stored.review for stored in mention.flags if stored.review is not None}
    for key, flag in was.items():
        if key not in now:
            yield _change(mention, flag, ChangeKind.LOST, review=reviews.get(key))
    for key, flag in now.items():
        if key not in was:
            yield _change(mention, flag, ChangeKind.GAINED, review=reviews.get(key))
    for key, flag in now.items():
        if key in was and not grade_of(flag).told_as(old := grade_of(was[key])):
            yield _change(mention, flag, ChangeKind.CHANGED, review=reviews.get(key), before=old)


def grade_of(flag: Flag) -> Grade:
    """How severe a flag is, and how far it goes."""
    return Grade(flag.severity, flag.confidence, flag.mailed)


def _change(
    mention: Mention, flag: Flag, kind: ChangeKind, *, review: Verdict | None, before: Grade | None = None
) -> Change:
    sentence, start, end = sentence_of(mention.title if flag.span.where == "title" else mention.text, flag)
    return Change(
        mention_id=mention.id,
        kind=kind,
        rule=flag.rule,
        drift=flag.drift.value,
        grade=grade_of(flag),
        before=before,
        where=flag.span.where,
        quote=flag.span.quote,
        sentence=sentence,
        start=start,
        end=end,
        source=mention.source.name,
        published=mention.published,
        review=review,
    )


def sentence_of(text: str, flag: Flag) -> tuple[str, int, int]:
    """The sentence that a flag stands in, and where its words are in it; of a long one what stands around them."""
    doc, span = read(text), flag.span
    spans = [doc.span(sentence.start, sentence.end)[:2] for sentence in doc.sentences]
    around = [place for place in spans if place[0] < span.end and span.start < place[1]] or [(span.start, span.end)]
    begin, finish = min(around[0][0], span.start), max(around[-1][1], span.end)
    room = max(0, MOST_SENTENCE - (span.end - span.start)) // 2
    begin, finish = max(begin, span.start - room), min(finish, span.end + room)
    return text[begin:finish], span.start - begin, span.end - begin


def with_changes(found: Backtest, more: Sequence[Change]) -> Backtest:
    """The back-test with what further mentions changed. A flag that was decided about before it went counts again if it comes."""
    own = [change for change in more if change.rule in found.rules]
    count = Counter(change.kind for change in more)
    right = sum(_sign(change) for change in own if change.review is Verdict.UPHELD)
    wrong = sum(_sign(change) for change in own if change.review is Verdict.DISMISSED)
    reviewed = found.reviewed_after
    return replace(
        found,
        gained=found.gained + count[ChangeKind.GAINED],
        lost=found.lost + count[ChangeKind.LOST],
        changed=found.changed + count[ChangeKind.CHANGED],
        lost_upheld=found.lost_upheld + sum(change.lost_upheld for change in more),
        # What stands counts what was judged: while stored mentions wait to be judged again, more may go than is known to stand.
        kept=max(0, found.kept - sum(change.kind is not ChangeKind.GAINED for change in own)),
        reviewed_after=Tally(reviewed.right + right, reviewed.of + right + wrong),
        changes=(*found.changes, *_with_words(found.changes, more)),
    )


def _with_words(known: Sequence[Change], more: Sequence[Change]) -> Iterator[Change]:
    """Those of further changes that are kept with their words: many of one kind leave the others their room."""
    count = Counter((change.kind, change.lost_upheld) for change in known) if more else Counter()
    for change in more:
        key = change.kind, change.lost_upheld
        if count[key] < MOST_CHANGES:
            count[key] += 1
            yield change


def _sign(change: Change) -> int:
    return {ChangeKind.GAINED: 1, ChangeKind.LOST: -1, ChangeKind.CHANGED: 0}[change.kind]
