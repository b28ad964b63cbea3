"""The weekly and the monthly report: what one person is told of a whole period. `compose_report` is pure; what it is given is all it knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digests.compose import Frame, item_of, needs_you, unread_words
from monitor.core.digests.digest import Bar
from monitor.core.digests.lines import NEEDS_MAX
from monitor.core.digests.report_lines import opening, subject
from monitor.core.digests.report_tables import corrections, counts, grown, languages, outlets, places
from monitor.core.digests.subscribers import DigestKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from monitor.core.digests.claims import ClaimCard
    from monitor.core.digests.digest import Item, StoryLine
    from monitor.core.digests.periods import Period
    from monitor.core.digests.report_input import ReportInput
    from monitor.core.digests.subscribers import Wishes
    from monitor.core.digests.tables import Table
    from monitor.core.judgement import Reference
    from monitor.core.study import Study
    from monitor.core.wording import Wording

#: Who is quoted on one card, how many stories are named, and claims below the cards.
VOICES_MAX, GREW_MAX, ALSO_MAX = 2, 5, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim that went too far, and how many different outlets and accounts made it."""

    item: Item
    outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A composed report: every sentence a person reads, still without markup. `quoted` are the mentions whose words or names are in
    it: it is emptied if one of them is withdrawn.
    """

    kind: DigestKind
    local_date: str
    study_id: str
    study_name: str
    language: str
    title: str  # "Week 12 of 2026, Monday 16 March to Sunday 22 March"
    subject: str
    opening: str
    quiet: bool
    claims: tuple[Claim, ...]
    also: tuple[Claim, ...]
    also_more: int
    counts: Table
    places: Table
    languages: Table
    outlets: Table
    grew: Table
    corrections: Table
    bars: tuple[Bar, ...]
    unread: tuple[str, ...]
    read: int
    ruleset: str
    reference: Reference | None
    as_of: str
    quoted: tuple[int, ...]

    @property
    def flag_ids(self) -> tuple[int, ...]:
        """The flags that the mail has links for."""
        return tuple(claim.item.lead.flag_id for claim in self.claims)

    @property
    def weekly(self) -> bool:
        return self.kind is DigestKind.WEEKLY

    @property
    def bar_words(self) -> str:
        return ", ".join(f"{bar.label}: {bar.all}/{bar.flagged}" for bar in self.bars)

    def bar_width(self, count: int, most: int = 96) -> int:
        """Pixels of a bar: the tallest fills `most`, as far as a narrow phone has room beside its words."""
        return max(2, round(count * most / max((bar.all for bar in self.bars), default=1)))


def compose_report(
    given: ReportInput,
    study: Study,
    period: Period,
    *,
    wishes: Wishes,
    now: datetime,
    ruleset: str,
    wording: Wording,
) -> Report:
    """Decide what this person is told of a period. Claims below the wished threshold count, but are not told one by one."""
    zone = ZoneInfo(wishes.zone)
    frame = Frame(study=study, zone=zone, today=now.astimezone(zone).date(), wording=wording)
    cards = needs_you(given.flagged, wishes.threshold)
    told = cards[: NEEDS_MAX + ALSO_MAX]
    claims = tuple(_claim(card, frame) for card in told)
    grew = tuple(story for story in given.grew if story.members > 1)[:GREW_MAX]
    return Report(
        kind=period.kind,
        local_date=period.key,
        study_id=study.id,
        study_name=study.name_in(wording.language),
        language=wording.language,
        title=_title(period, wording),
        subject=subject(given, period, wording),
        opening=opening(given, period, len(cards), wording, some=bool(wishes.drifts)),
        quiet=given.quiet,
        claims=claims[:NEEDS_MAX],
        also=claims[NEEDS_MAX:],
        also_more=len(cards) - len(told),
        counts=counts(given, period.kind, wording),
        places=places(given, wording),
        languages=languages(given, wording),
        outlets=outlets(given, wording),
        grew=grown(grew, period.kind, wording),
        corrections=corrections(given, wording),
        bars=_bars(given, period, wording),
        unread=unread_words(given.feeds, given.host_faults, frame),
        read=sum(feed.problem is None for feed in given.feeds),
        ruleset=ruleset,
        reference=study.reference,
        as_of=study.as_of.isoformat(),
        quoted=_quoted(told, grew, given),
    )


def _claim(card: ClaimCard, frame: Frame) -> Claim:
    speakers = {mention.source.key for telling in card.tellings for mention in (telling.mention, *telling.copies)}
    return Claim(item=item_of(card, {}, frame, voices=VOICES_MAX), outlets=len(speakers))


def _title(period: Period, wording: Wording) -> str:
    """Which days it speaks for."""
    name = period.name(wording)
    if period.weekly:
        first, last = wording.long_day(period.first), wording.long_day(period.last)
        name = wording.say("{period}, {first} to {last}", period=name, first=first, last=last)
    return name[:1].upper() + name[1:]


def _bars(given: ReportInput, period: Period, wording: Wording) -> tuple[Bar, ...]:
    """The period's movement; none where nothing moved."""
    if not given.tallies:
        return ()
    return tuple(
        Bar(label=_part(first, last, period.weekly, wording), all=part.mentions, flagged=part.flagged)
        for (first, last), part in zip(period.parts(), given.parts, strict=True)
    )


def _part(first: date, last: date, weekly: bool, wording: Wording) -> str:
    """A bar's name: a weekday, or the days of a month's week."""
    if weekly:
        return wording.short_weekday(first)
    return f"{first.day}" if first == last else f"{first.day}–{last.day}"


def _quoted(cards: Iterable[ClaimCard], grew: Iterable[StoryLine], given: ReportInput) -> tuple[int, ...]:
    """The mentions whose words, headlines or speakers are told."""
    said = {mention.id for card in cards for telling in card.tellings for mention in (telling.mention, *telling.copies)}
    named = {step.mention_id for step in given.steps if step.mention_id is not None}
    return tuple(
        sorted(
            said
            | named
            | {one.mention_id for one in given.fixed}
            | {story.first_id for story in grew if story.first_id}
        )
    )
