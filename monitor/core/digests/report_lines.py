"""What a report says first: its subject, and the sentences that must do if nothing else is read. Pure."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.digests.periods import Period
    from monitor.core.digests.report_input import Count, ReportInput
    from monitor.core.wording import Wording

#: Weeks or months with mentions before there is a usual one.
LEAST_PERIODS = 3


def subject(given: ReportInput, period: Period, wording: Wording) -> str:
    """The period, then its counts: "Week 12 of 2026: 31 of 240 mentions go too far"."""
    say, many, name = wording.say, wording.many, period.name(wording)
    name, total = name[:1].upper() + name[1:], given.all
    if total.flagged:
        return many(
            "{period}: {flagged} of {count} mention goes too far",
            "{period}: {flagged} of {count} mentions go too far",
            total.mentions,
            period=name,
            flagged=wording.number(total.flagged),
        )
    if total.mentions:
        return many(
            "{period}: {count} mention, nothing goes too far",
            "{period}: {count} mentions, nothing goes too far",
            total.mentions,
            period=name,
        )
    return say("{period}: nothing new", period=name) if given.quiet else say("{period}: no new mention", period=name)


def opening(given: ReportInput, period: Period, claims: int, wording: Wording, *, some: bool) -> str:
    """How much, how bad, against what it was before; what was corrected; what could not be read. `some`: only some kinds of drift are
    wanted.
    """
    parts = [*_news(given, period, claims, wording, some=some), *_done(given, wording), *_unread(given, wording)]
    return wording.gap.join(parts)


def _news(given: ReportInput, period: Period, claims: int, wording: Wording, *, some: bool) -> list[str]:
    say, many, total = wording.say, wording.many, given.all
    if not total.mentions:
        return [say("Nothing new was found that week.") if period.weekly else say("Nothing new was found that month.")]
    parts = [many("{count} mention.", "{count} mentions.", total.mentions)]
    if total.flagged:
        far = many("{count} goes too far", "{count} go too far", total.flagged)
        made = many("with {count} claim", "with {count} claims", claims)
        parts.append(say("{far}, {claims}.", far=far, claims=made) if claims else say("{far}.", far=far))
    else:
        parts.append(say("None goes too far in the kinds you chose.") if some else say("None goes too far."))
    if given.earlier:
        before = given.earlier[-1]
        values = {"count": wording.number(before.mentions), "flagged": wording.number(before.flagged)}
        parts.append(
            say("The week before: {count}, {flagged} too far.", **values)
            if period.weekly
            else say("The month before: {count}, {flagged} too far.", **values)
        )
    return parts


def _done(given: ReportInput, wording: Wording) -> list[str]:
    corrected = sum(step.to == "corrected" for step in given.steps) + len({one.mention_id for one in given.fixed})
    return (
        [wording.many("{count} text was corrected.", "{count} texts were corrected.", corrected)] if corrected else []
    )


def _unread(given: ReportInput, wording: Wording) -> list[str]:
    unread, feeds = sum(feed.problem is not None for feed in given.feeds), len(given.feeds)
    if not unread:
        return [wording.say("Every source is read.")] if feeds and given.quiet else []
    return [
        wording.many(
            "{unread} of {count} source cannot be read.",
            "{unread} of {count} sources cannot be read.",
            feeds,
            unread=unread,
        )
    ]


def usual_of(earlier: Sequence[Count]) -> tuple[float, float] | None:
    """The median week or month: mentions, and how many of them go too far; None before there are enough of them."""
    if len(earlier) < LEAST_PERIODS:
        return None
    return median(one.mentions for one in earlier), median(one.flagged for one in earlier)
