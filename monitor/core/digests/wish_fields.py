"""What a person asked for, as words in a command or a file, and back. Pure.

One spelling for all: what an export writes, an import, a command and a person can write too.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from babel import Locale

from monitor.core.digests.schedule import MOST_PAUSE, midnight
from monitor.core.errors import UsageError
from monitor.core.judgement import Drift, Severity
from monitor.core.model import Network
from monitor.core.text.excerpt import shortened
from monitor.core.text.lang import JUDGED
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum

    from monitor.core.digests.subscribers import WishChanges, Wishes

    Choice = TypeVar("Choice", bound=StrEnum)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NUMBERS = {name: day for day, short in enumerate(DAYS) for name in (short, f"{calendar.day_name[day].lower()}")}
#: What turns urgent mails off, and what stands for "no limit" where some of many can be named.
OFF, ALL = "off", "all"
_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off"})
#: What is longer is no count of mails or mentions.
MOST_DIGITS = 6
#: Letters of what was written that are shown again.
_SHOWN = 40


def wish_words(wishes: Wishes) -> dict[str, object]:
    """All wishes by the names of WISHES, as JSON holds them; `read_wish` reads each of them again."""
    return {
        "at": f"{wishes.at:%H:%M}",
        "zone": wishes.zone,
        "days": [DAYS[day] for day in wishes.weekdays],
        "threshold": wishes.threshold.value,
        "quiet_days": wishes.quiet,
        "language": wishes.language,
        "drifts": [drift.value for drift in wishes.drifts],
        "networks": [network.value for network in wishes.networks],
        "coverage_languages": list(wishes.languages),
        "weekly": wishes.weekly,
        "monthly": wishes.monthly,
        "urgent_from": OFF if wishes.urgent_from is None else wishes.urgent_from,
        "urgent_most": wishes.urgent_most,
        "hush": f"{wishes.hush_from:%H:%M}-{wishes.hush_until:%H:%M}",
    }


def read_wish(name: str, text: str) -> WishChanges:
    """What one wish is to be. Raises UsageError that says how it is written, or which there are. KeyError for no name of WISHES."""
    return WISHES[name](text.strip())


def read_time(text: str) -> time:
    """HH:MM; raises UsageError that shows the form."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - a local hour has no zone of its own
    except ValueError:
        raise UsageError(f"{_given(text)} is no time of day; write it as 07:00.") from None


def read_days(text: str) -> tuple[int, ...]:
    """Names of weekdays, or ranges of them (mon-fri), to numbers, Monday 0."""
    days: set[int] = set()
    for part in _parts(text):
        first, dash, last = (name.strip().lower() for name in part.partition("-"))
        ends = [_DAY_NUMBERS.get(name) for name in ((first, last) if dash else (first, first))]
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            raise UsageError(f"{_given(text)} are no weekdays; write them as mon,tue,fri or mon-fri.")
        days |= set(range(ends[0], ends[1] + 1))
    if not days:
        raise UsageError(f"{_given(text)} are no weekdays; write them as mon,tue,fri or mon-fri.")
    return tuple(sorted(days))


def read_pause(text: str, zone: str, now: datetime) -> datetime:
    """The moment (UTC) at which a day begins where the person lives: until then nothing comes. Raises UsageError for no day, or
    none that lies ahead within MOST_PAUSE.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{_given(text)} is no day; write it as 2027-03-24.") from None
    today = now.astimezone(ZoneInfo(zone)).date()
    if not today < day <= today + MOST_PAUSE:
        raise UsageError(f"A pause cannot end on {day}.", "Name a day from tomorrow on, within two years.")
    return midnight(day, zone)


def _given(text: str) -> str:
    return repr(shortened(text, _SHOWN))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _several(text: str, known: Mapping[str, Choice], what: str) -> tuple[Choice, ...]:
    names = [] if text.lower() == ALL else [part.lower() for part in _parts(text)]
    for name in names:
        if name not in known:
            raise UsageError(f"There is no {what} {_given(name)}.", f"There are: {', '.join(known)}; or {ALL}.")
    return tuple(dict.fromkeys(known[name] for name in names))


def _names(choices: Iterable[Choice]) -> dict[str, Choice]:
    return {choice.value: choice for choice in choices}


def _one(text: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    if text.lower() not in names:
        raise UsageError(f"There is no {what} {_given(text)}.", f"There are: {', '.join(names)}.")
    return text.lower()


def is_language(tag: str) -> bool:
    """Is it the primary tag (BCP 47) of a language that has a name?"""
    return "-" not in tag and "_" not in tag and tag in Locale("en").languages


def _languages(text: str) -> tuple[str, ...]:
    """Primary tags (BCP 47); any language that has a name."""
    tags = [] if text.lower() == ALL else [part.lower() for part in _parts(text)]
    for tag in tags:
        if not is_language(tag):
            rules = ", ".join(sorted(JUDGED))
            raise UsageError(
                f"There is no language {_given(tag)}.",
                f"Write its code of two or three letters, such as de or zh ({rules} have rules); or {ALL}.",
            )
    return tuple(dict.fromkeys(tags))


def _answer(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise UsageError(f"{_given(text)} is neither yes nor no.")
    return text.lower() in _YES


def read_number(text: str) -> int:
    """Digits alone: "1_0" and digits of other scripts are typed by nobody who means a number. Raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise UsageError(f"{_given(text)} is no number that can be.")
    return int(text)


def _hush(text: str) -> WishChanges:
    begin, dash, end = text.partition("-")
    if not dash:
        raise UsageError(f"{_given(text)} is no span of hours; write it as 21:00-07:00.")
    return {"hush_from": read_time(begin), "hush_until": read_time(end)}


#: The name of each wish in files and commands, and how it is read.
WISHES: Mapping[str, Callable[[str], WishChanges]] = {
    "at": lambda text: {"at": read_time(text)},
    "zone": lambda text: {"zone": text},
    "days": lambda text: {"weekdays": read_days(text)},
    "threshold": lambda text: {"threshold": Severity(_one(text, [level.value for level in Severity], "severity"))},
    "quiet_days": lambda text: {"quiet": _answer(text)},
    "language": lambda text: {"language": _one(text, LANGUAGES, "language of mails")},
    "drifts": lambda text: {"drifts": _several(text, _names(Drift), "kind of drift")},
    "networks": lambda text: {"networks": _several(text, _names(Network), "network")},
    "coverage_languages": lambda text: {"languages": _languages(text)},
    "weekly": lambda text: {"weekly": _answer(text)},
    "monthly": lambda text: {"monthly": _answer(text)},
    "urgent_from": lambda text: {"urgent_from": None if text.lower() == OFF else read_number(text)},
    "urgent_most": lambda text: {"urgent_most": read_number(text)},
    "hush": _hush,
}
