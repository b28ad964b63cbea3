"""What a digest says first: its subject, and the line that must do if nothing else is read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from monitor.core.model import DateConfidence
from monitor.core.text.excerpt import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from monitor.core.digests.digest import DigestInput, Item
    from monitor.core.wording import Wording

#: How much one digest may hold; a person reads it in two minutes.
NEEDS_MAX = 3
ALSO_MAX = 7
SUBJECT_MAX = 60
#: Letters of what was said that a subject must have room for beside a name.
LEAST_SAID = 12
#: What was published so long before the last digest is told with its date, and is no news of that day.
OLD = timedelta(days=14)
#: Days with mentions before there is a usual day.
LEAST_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted in a digest: mentions that go too far, claims, corrected texts, and what was not judged, by language."""

    drifting: int
    claims: int
    fixed: int
    silent: Sequence[tuple[str, int]]
    unserved: str = ""  # the networks that are wanted and that no source reads, in words
    some: bool = False  # only some kinds of drift are wanted: of the others nothing is said

    @property
    def unjudged(self) -> int:
        return sum(count for _, count in self.silent)


def subject(given: DigestInput, counts: Counts, top: Item | None, wording: Wording) -> str:
    """Counts first, then the claim that stands first."""
    say, many = wording.say, wording.many
    if not given.mentions:
        return _quiet_subject(given, counts, wording)
    new = many("{count} new", "{count} new", len(given.mentions))
    if not counts.drifting:
        silent = counts.unjudged
        rest = many("{count} not judged", "{count} not judged", silent) if silent else say("nothing needs you")
        if counts.some and not silent:
            rest = say("nothing of the kinds you chose")
        return say("0 drift, {new}: {rest}", new=new, rest=rest)
    head = say("{drifting} drift, {new}", drifting=counts.drifting, new=new)
    if top is None:
        return head
    spread = (
        many(" spreads to {count} place", " spreads to {count} places", top.mentions)
        if top.mentions > 1
        else say(" in {source}", source=top.lead.source)
    )
    room = SUBJECT_MAX - len(head) - len(": “”")
    if room - len(spread) < LEAST_SAID:
        spread = ""
    return f"{head}: “{shortened(top.lead.said, room - len(spread))}”{spread}"


def _quiet_subject(given: DigestInput, counts: Counts, wording: Wording) -> str:
    say, many = wording.say, wording.many
    parts = [many("{count} corrected", "{count} corrected", counts.fixed)] if counts.fixed else []
    if given.proposals:
        parts.append(say("{things} about the study itself", things=_things(given, wording)))
    else:
        read, count = sum(feed.problem is None for feed in given.feeds), len(given.feeds)
        sources = (
            many("{count} source read", "{count} sources read", read)
            if read == count
            else many("{read} of {count} source read", "{read} of {count} sources read", count, read=read)
        )
        parts.append(say("nothing new: {sources}", sources=sources))
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def opening(given: DigestInput, counts: Counts, zone: ZoneInfo, wording: Wording) -> str:
    """How much, how bad, how long it takes, and what was not looked at."""
    say, many = wording.say, wording.many
    since = given.since.astimezone(zone)
    moment = wording.moment(since, since.date())
    parts = [say("Your first digest.")] if given.first else []
    if given.mentions:
        parts += _news(given, counts, moment, wording)
    else:
        parts.append(say(NO_MENTION if given.proposals else NOTHING, moment=moment))
    if given.proposals:
        parts.append(say("{things} about the study itself.", things=_things(given, wording)))
    unread, feeds = sum(feed.problem is not None for feed in given.feeds), len(given.feeds)
    if unread:
        parts.append(
            many(
                "{unread} of {count} source could not be read.",
                "{unread} of {count} sources could not be read.",
                feeds,
                unread=unread,
            )
        )
    if counts.unserved:
        parts.append(say("No source here reads {places}.", places=counts.unserved))
    elif feeds and not unread and not given.mentions:
        parts.append(say("Every source was read.") if feeds > 1 else say("The source was read."))
    return wording.gap.join(parts)


def calm(given: DigestInput, counts: Counts, wording: Wording) -> str:
    """What is said where nothing is told in full; "" where nothing could be judged. It never says more than was looked for."""
    say = wording.say
    if counts.claims or counts.unjudged == len(given.mentions):
        return ""
    if counts.drifting:
        return say("Nothing needs you: what goes too far is less severe than what you asked to be told in full.")
    if counts.some:
        return say("Nothing needs you: none of the new mentions goes too far in the kinds you chose.")
    if counts.unjudged:
        return say("Nothing needs you: none of the new mentions that could be judged says more than the study found.")
    return say("Nothing needs you: none of the new mentions says more than the study found.")


NO_MENTION, NOTHING = "No new mention since {moment}.", "Nothing new since {moment}."


def _news(given: DigestInput, counts: Counts, moment: str, wording: Wording) -> list[str]:
    say, many = wording.say, wording.many
    count, days = len(given.mentions), usual(given.daily)
    told = (
        say(" (on a usual day {number}: the median of {days} days)", number=wording.number(days[0]), days=days[1])
        if days
        else ""
    )
    parts = [
        many(
            "{count} mention since {moment}{usual}.",
            "{count} mentions since {moment}{usual}.",
            count,
            moment=moment,
            usual=told,
        )
    ]
    if counts.unjudged < count:
        drifting = counts.drifting
        none = say("None goes too far in the kinds you chose.") if counts.some else say("None overstates.")
        parts.append(many("{count} overstates.", "{count} overstate.", drifting) if drifting else none)
    parts.extend(f"{number} {words}." for words, number in counts.silent)
    if older := _older(given):
        parts.append(
            many(
                "{count} of them was published earlier and is found only now.",
                "{count} of them were published earlier and are found only now.",
                older,
            )
        )
    more = min(max(counts.claims - NEEDS_MAX, 0), ALSO_MAX)
    seconds = min(counts.claims, NEEDS_MAX) * 25 + more * 6 + 30
    return [*parts, say("About {minutes} min.", minutes=max(1, round(seconds / 60)))]


def usual(daily: Sequence[int]) -> tuple[float, int] | None:
    """The median of the days since the first mention, and how many those are; None before there is a week of them. `daily`: mentions
    on each day, oldest first.
    """
    lived = len(daily) - next((at for at, count in enumerate(daily) if count), len(daily))
    return (median(daily[-lived:]), lived) if lived >= LEAST_DAYS else None


def _things(given: DigestInput, wording: Wording) -> str:
    return wording.many("{count} thing", "{count} things", len(given.proposals))


def _older(given: DigestInput) -> int:
    """How many of the new mentions were published long before the last digest: found now, but no news."""
    sure = {DateConfidence.EXACT, DateConfidence.DAY}
    return sum(m.published < given.since - OLD and m.date_confidence in sure for m in given.mentions)
