"""The weeks and months that reports look back on: whose they are, when they end, when their mail is due. Pure.

A period is local: it begins and ends at midnight where the person lives, whatever the clocks did in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.digests.schedule import midnight, next_due
from monitor.core.digests.subscribers import DigestKind
from monitor.core.wording import ENGLISH

if TYPE_CHECKING:
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.wording import Wording


@dataclass(frozen=True, slots=True)
class Period:
    """One ISO week or one month in a zone: its first and its last local date."""

    kind: DigestKind  # WEEKLY or MONTHLY
    first: date
    last: date
    zone: str

    @property
    def key(self) -> str:
        """What a report is stored as: "2026-W12", "2026-03"."""
        if self.kind is DigestKind.MONTHLY:
            return f"{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"{year:04}-W{week:02}"

    @property
    def weekly(self) -> bool:
        return self.kind is DigestKind.WEEKLY

    def name(self, wording: Wording = ENGLISH) -> str:
        """As a person says it: "week 12 of 2026", "March 2026"."""
        return day_words(self.key, wording)

    @property
    def begin(self) -> datetime:
        """Its first instant (aware UTC)."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it (aware UTC)."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def before(self) -> Period:
        """The week or month before it."""
        return period_of(self.kind, self.first - timedelta(days=1), self.zone)

    def parts(self) -> tuple[tuple[date, date], ...]:
        """The bars of its chart, first and last date of each: a week's days, a month's weeks as far as they lie in it."""
        if self.weekly:
            days = (self.first + timedelta(days=at) for at in range(7))
            return tuple((day, day) for day in days)
        parts, day = [], self.first
        while day <= self.last:
            last = min(day + timedelta(days=6 - day.weekday()), self.last)
            parts.append((day, last))
            day = last + timedelta(days=1)
        return tuple(parts)


def period_of(kind: DigestKind, day: date, zone: str) -> Period:
    """The week (from Monday) or month that a local date lies in."""
    if kind is DigestKind.WEEKLY:
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6), zone)
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(kind, first, following - timedelta(days=1), zone)


def owed_report(subscription: Subscription, kind: DigestKind, now: datetime) -> Period | None:
    """The newest week or month whose report the person should have by now; None if they were not there in it, or do not want such
    reports.

    It is due at the first hour of the new week or month at which they get mail. What was missed before is not made up for.
    """
    wishes = subscription.wishes
    wanted = wishes.weekly if kind is DigestKind.WEEKLY else wishes.monthly
    if not wanted:
        return None
    period = _newest(kind, wishes.at, wishes.zone, wishes.weekdays, now)
    return period if subscription.created_at < period.end else None


@lru_cache(maxsize=4096)
def _newest(kind: DigestKind, at: time, zone: str, weekdays: tuple[int, ...], now: datetime) -> Period:
    """The newest period that is due. Kept, as a thousand people want it at the same hours."""
    period = last_ended(kind, now, zone)
    return period if _due(at, zone, weekdays, period) <= now else period.before


def last_ended(kind: DigestKind, now: datetime, zone: str) -> Period:
    """The newest week or month that is over in a zone."""
    period = period_of(kind, now.astimezone(ZoneInfo(zone)).date(), zone)
    return period if period.end <= now else period.before


def _due(at: time, zone: str, weekdays: tuple[int, ...], period: Period) -> datetime:
    """The first hour after a period at which the person gets mail."""
    due = next_due(at, zone, weekdays, period.end - timedelta(microseconds=1))
    while due.date <= period.last.isoformat():  # an hour that a clock change moved over midnight is of the date before
        due = next_due(at, zone, weekdays, due.at)
    return due.at


def kind_of(local_date: str) -> DigestKind:
    """Which kind of mail is stored under this day, week, month or minute."""
    if "W" in local_date:
        return DigestKind.WEEKLY
    if "T" in local_date:
        return DigestKind.URGENT
    return DigestKind.MONTHLY if local_date.count("-") == 1 else DigestKind.DAILY


def day_words(local_date: str, wording: Wording = ENGLISH) -> str:
    """What a mail is for, as a person says it: "week 12 of 2026", "March 2026", "24 March 2026", "24 March 2026, 14:05"."""
    kind = kind_of(local_date)
    if kind is DigestKind.WEEKLY:
        year, _, week = local_date.partition("-W")
        return wording.say("week {week} of {year}", week=int(week), year=year)
    if kind is DigestKind.MONTHLY:
        return wording.month(date.fromisoformat(f"{local_date}-01"))
    moment = datetime.fromisoformat(local_date)
    day = wording.full_day(moment.date())
    return wording.say("{day}, {hour}", day=day, hour=wording.hour(moment)) if kind is DigestKind.URGENT else day
