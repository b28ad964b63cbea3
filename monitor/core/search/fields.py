"""The fields of the query language: which there are, what each finds, and which values it can have.

What the pages print can be typed: `drift:"outcome overstated"`, `network:"Hacker News"`, `lang:Japanese`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import QueryError
from monitor.core.judgement import Drift, Severity, Tier
from monitor.core.model import Network
from monitor.core.search.nodes import SCORE_MAX, SCORE_MIN, Field, Read, Score, Since, Until
from monitor.core.text.lang import language_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitor.core.search.nodes import Node

_AGO = re.compile(r"([0-9]{1,6})(h|d|w)")
_AGO_UNIT = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCORE = re.compile(r"(?P<sign>[<>]=?|=)?(?P<number>[0-9]{1,3})|(?P<least>[0-9]{1,3})\.\.(?P<most>[0-9]{1,3})")


def read_field(name: str, value: str, now: datetime) -> Node:
    """What `name:value` asks. Raises QueryError, without its place, for a field or value that there is not."""
    if name not in FIELDS:
        near = difflib.get_close_matches(name, FIELDS, n=1)
        meant = f"Did you mean {near[0]}:? " if near else ""
        raise QueryError(
            f"There is no field {name}: to search in.",
            f'{meant}There are: {", ".join(sorted(FIELDS))}. To search for the words, write them in quotes: "{name} ...".',
        )
    return FIELDS[name].read(name, value, now)


def read_moment(name: str, value: str, now: datetime, *, day_ends: bool) -> datetime:
    """A moment in UTC from `7d`, `24h`, `2w`, a UTC day, or an ISO time; with `day_ends` a day means its end."""
    try:
        ago = _AGO.fullmatch(value)
        if ago:
            return now.astimezone(UTC) - int(ago[1]) * _AGO_UNIT[ago[2]]
        if _DAY.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=UTC) + timedelta(days=int(day_ends))
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise QueryError(
            f"{name}:{value} is no time.", f"Write {name}:7d, {name}:24h, or a day: {name}:2025-03-24."
        ) from None


def _free(name: str, value: str, _now: datetime) -> Node:
    return Field(name, value)


def _folded(name: str, value: str, _now: datetime) -> Node:
    return Field(name, value.lower())


def _outlet(_name: str, value: str, _now: datetime) -> Node:
    return Field("source", value.lower())


def _number(name: str, value: str, _now: datetime) -> Node:
    # 18 digits always fit a 64-bit column.
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise QueryError(f"{name}:{value} is no number.", f"Write it as {name}:12.")
    return Field(name, value)


def _language(name: str, value: str, _now: datetime) -> Node:
    """A code as it is (`zh-Hant`), or what a reader calls the language."""
    code = language_code(value)
    if code is None:
        raise QueryError(
            f"{name}:{value} is no language.", f"Write its code or English name: {name}:ja, {name}:Japanese."
        )
    return Field(name, code)


def _score(name: str, value: str, _now: datetime) -> Node:
    read = _SCORE.fullmatch(value.replace(" ", ""))
    if read is None:
        raise QueryError(f"{name}:{value} is no score.", "Write score:>50, score:<=20, score:50..80, or score:0.")
    if read["least"]:
        return _between(int(read["least"]), int(read["most"]), value)
    number = int(read["number"])
    least, most = {
        ">": (number + 1, SCORE_MAX),
        ">=": (number, SCORE_MAX),
        "<": (SCORE_MIN, number - 1),
        "<=": (SCORE_MIN, number),
    }.get(read["sign"], (number, number))
    return _between(least, min(most, SCORE_MAX), value)


def _between(least: int, most: int, value: str) -> Score:
    if not SCORE_MIN <= least <= most <= SCORE_MAX:
        raise QueryError(f"No mention has score:{value}.", f"Scores go from {SCORE_MIN} to {SCORE_MAX}.")
    return Score(least, most)


def _one_of(allowed: Mapping[str, str]) -> Callable[[str, str, datetime], Node]:
    """A closed list: value -> what the pages print for it. Capitals, spaces and hyphens count in neither."""
    known = {_bare(printed): value for value, printed in allowed.items()} | {_bare(value): value for value in allowed}

    def read(name: str, value: str, _now: datetime) -> Node:
        if (meant := known.get(_bare(value))) is not None:
            return Field(name, meant)
        typed = _bare(value)
        near = [name for name in known if typed and name.startswith(typed)] or difflib.get_close_matches(
            typed, known, n=1
        )
        asked = f"Did you mean {name}:{known[near[0]]}? " if near else ""
        raise QueryError(f"{name}:{value} is not known.", f"{asked}There are: {', '.join(allowed)}.")

    return read


def _bare(value: str) -> str:
    return "".join(value.lower().replace("-", " ").split())


def _since(name: str, value: str, now: datetime) -> Node:
    return Since(read_moment(name, value, now, day_ends=False))


def _until(name: str, value: str, now: datetime) -> Node:
    return Until(read_moment(name, value, now, day_ends=True))


def _read(name: str, value: str, now: datetime) -> Node:
    return Read(read_moment(name, value, now, day_ends=False))


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """How a field's value is read, and what it finds, as the help page tells it."""

    read: Callable[[str, str, datetime], Node] = field(repr=False)
    finds: str


#: What `has:` can ask.
HAS = {
    "correction": "a suggested correction",
    "letter": "a letter that asks to correct it",
    "revision": "a text that was changed since it was first read",
}

FIELDS: Mapping[str, FieldHelp] = {
    "source": FieldHelp(_folded, "an outlet by its domain or name, an account by its handle"),
    "outlet": FieldHelp(_outlet, "the same as source:"),
    "network": FieldHelp(_one_of({network.value: network.label for network in Network}), "where it was said"),
    "lang": FieldHelp(_language, "language (en, ja, Japanese ...)"),
    "drift": FieldHelp(
        _one_of({drift.value: drift.words for drift in Drift}), "mentions with a standing flag of this drift type"
    ),
    "rule": FieldHelp(_folded, "mentions with a standing flag of this rule"),
    "severity": FieldHelp(
        _one_of({severity.value: severity.value for severity in Severity}), "mentions with a standing flag this severe"
    ),
    "flagged": FieldHelp(_one_of({"yes": "yes", "no": "no"}), "whether a flag that is drift stands"),
    "reviewed": FieldHelp(_one_of({"yes": "yes", "no": "no"}), "whether somebody reviewed one of its flags"),
    "tier": FieldHelp(
        _one_of({tier.value: tier.value for tier in Tier}),
        "mentions with a standing flag so sure: confirmed is mailed, drift is shown, look-here is worth a look",
    ),
    "score": FieldHelp(_score, "how far a text goes, 0 to 100 (>50, <=20, 50..80)"),
    "has": FieldHelp(_one_of({name: name for name in HAS}), ", ".join(f"{name}: {what}" for name, what in HAS.items())),
    "story": FieldHelp(_number, "the mentions of one story, by its number"),
    "study": FieldHelp(_folded, "the mentions of one study, by its id"),
    "author": FieldHelp(_free, "words of the author's name or handle, or how they begin"),
    "title": FieldHelp(_free, "words of the headline"),
    "since": FieldHelp(_since, "published then or later (7d, 24h, 2025-03-24)"),
    "read": FieldHelp(_read, "first read here then or later, whenever it was published (24h, 7d, 2025-03-24)"),
    "until": FieldHelp(_until, "published before then; a day is included"),
}
