"""When things happen: local hours over DST, reading pages again, trying again. Pure; the time is an argument.

A schedule is a local time, an IANA zone and weekdays. A local time that does not exist (clocks go forward) is the first
instant after the gap; one that occurs twice (clocks go back) is its first occurrence. What is due is due *for* a local
date: a 23:45 that a clock change moves past midnight still belongs to the date before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.errors import UsageError
from monitor.core.wording import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.wording import Wording

#: An article is edited most in its first days; a correction after two weeks is rare (sources.md, "Pages").
#: Days 1, 3 and 14 after the first reading, each as the wait since the one before.
PAGE_READS = (timedelta(days=1), timedelta(days=2), timedelta(days=11))
#: Nobody means a longer pause; who wants one leaves.
MOST_PAUSE = timedelta(days=730)
#: First wait after a failure; each further one doubles it.
RETRY_FIRST = timedelta(minutes=2)
RETRY_MOST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is due: the instant (aware UTC), and the local date that it is for (ISO)."""

    at: datetime
    date: str


def next_due(at: time, zone: str, weekdays: Sequence[int], now: datetime) -> Due:
    """The first instant after `now` at which it is `at` in `zone` on one of `weekdays` (0 = Monday), and its date.

    Raises UsageError if no weekday is named, ZoneInfoNotFoundError for a zone that does not exist.
    """
    found: Due | None = None
    # A gap can push yesterday's hour into today, so the search starts a day early, and ends one day after a week.
    for due in _dues(at, zone, weekdays, now, range(-1, 9)):
        if found is not None and due.at > found.at:
            break
        if due.at > now:
            found = (
                due  # of two dates at one instant the later: the other does not exist there (Samoa, 30 December 2011)
            )
    assert found is not None, "a week holds every weekday"  # noqa: S101 - for the type checker
    return found


def last_due(at: time, zone: str, weekdays: Sequence[int], now: datetime) -> Due:
    """The newest that was due at `now` or before; raises as `next_due`."""
    return [due for due in _dues(at, zone, weekdays, now, range(-9, 2)) if due.at <= now][-1]


def due_at(at: time, zone: str, weekdays: Sequence[int], instant: datetime) -> Due:
    """What was due at this very instant; if nothing was by this schedule, the date that it was there."""
    due = last_due(at, zone, weekdays, instant)
    return due if due.at == instant else Due(instant, local_date(instant, zone))


def _dues(at: time, zone: str, weekdays: Sequence[int], now: datetime, days: range) -> Iterator[Due]:
    """What is due on the wanted ones of the local dates that lie `days` from today, in their order."""
    wanted = {day for day in weekdays if 0 <= day <= 6}
    if not wanted:
        raise UsageError("The schedule names no weekday.", "Name at least one: mon, tue, wed, thu, fri, sat, sun.")
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date()
    for ahead in days:
        candidate: date = today + timedelta(days=ahead)
        if candidate.weekday() in wanted:
            instant = _instant(datetime.combine(candidate, at.replace(tzinfo=None)), tz)
            yield Due(instant, candidate.isoformat())


def _instant(local: datetime, tz: ZoneInfo) -> datetime:
    """A naive local time as UTC: the first of two, or the first instant after a gap."""
    first = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None, fold=0) == local:
        return first
    # In a gap fold=1 gives an instant before the change and fold=0 one after it (PEP 495): search the change between.
    before, after = local.replace(tzinfo=tz, fold=1).astimezone(UTC), first
    offset = after.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(tz).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local date (aware UTC)."""
    return _instant(datetime.combine(day, time()), ZoneInfo(zone))


def local_date(now: datetime, zone: str) -> str:
    """The ISO date that it is in `zone`."""
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


def schedule_words(at: time, zone: str, weekdays: Sequence[int], wording: Wording = ENGLISH) -> str:
    """A schedule as a person says it: "Monday to Friday at 07:00, Europe/London time"."""
    say = wording.say
    days = sorted({day for day in weekdays if 0 <= day <= 6})
    names = [wording.weekday(day) for day in days]
    if len(days) == 7:
        when = say("every day")
    elif len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        when = say("{first} to {last}", first=names[0], last=names[-1])
    elif days:
        when = say("every {day}", day=wording.list(names))
    else:
        when = say("on no day")
    return say("{when} at {hour}, {zone} time", when=when, hour=f"{at:%H:%M}", zone=zone.replace("_", " "))


def next_page_read(reads: int, now: datetime) -> datetime | None:
    """When an article page that was read `reads` times is read again: on days 1, 3 and 14 after the first, then no more."""
    if 1 <= reads <= len(PAGE_READS):
        return now + PAGE_READS[reads - 1]
    return None


def retry_in(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th failed attempt: 2 minutes, doubling, at most 6 hours."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(RETRY_FIRST * int(2**doublings), RETRY_MOST)
