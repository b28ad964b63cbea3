"""Numbers as writers write them, typed: counts ("two million"), shares ("half", "75 %", "two of the four") and spans of
time ("a year", "12 months", "a fortnight"). Equal quantities are equal numbers, whatever their words and units.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "both": 2, "single": 1, "couple": 2, "dozen": 12, "dozens": 24,
    "un": 1, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "doce": 12, "trece": 13, "quince": 15, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "ochenta": 80,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "hundreds": 100, "thousand": 1_000, "thousands": 1_000, "million": 1_000_000, "millions": 1_000_000,
    "m": 1_000_000, "mn": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000, "k": 1_000, "mil": 1_000,
    "millón": 1_000_000, "millon": 1_000_000, "millones": 1_000_000, "cien": 100, "ciento": 100, "cientos": 100, "miles": 1_000,
}  # fmt: skip

_COUNTING = frozenset({"couple", "dozen"})
#: Words that count, but are no part of a number: "a hundred dozen", "one hundred, both of them".
_COUNTED = frozenset({"zero", "both", "single", "couple", "dozen", "dozens"})
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
    "tercio": 3, "tercios": 3, "cuarto": 4, "cuartos": 4,
    "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip
#: Days; a month and a year are means of the Gregorian calendar.
_DAYS = {
    "hour": 1 / 24, "day": 1.0, "week": 7.0, "fortnight": 14.0, "month": 30.44, "year": 365.25, "decade": 3652.5,
}  # fmt: skip
_UNIT_OF = {form: days for unit, days in _DAYS.items() for form in (unit, f"{unit}s")} | {
    form: _DAYS[unit]
    for unit, forms in {
        "hour": ("hora", "horas"),
        "day": ("día", "días", "dia", "dias"),
        "week": ("semana", "semanas"),
        "month": ("mes", "meses"),
        "year": ("año", "años"),
    }.items()
    for form in forms
}
_ONE = frozenset({"a", "an", "one", "1", "single", "full", "whole"})
#: "two of the four": no share has its parts farther apart.
_OF = frozenset({"of", "in", "de", "entre"})
#: Nobody writes "three of 1,950"; four digits after "in" are a year.
MOST_OF = 1_000
#: Longer than any number, and any "of all the" or "one full", that somebody writes: so each costs the same to read.
MOST_WORDS, MOST_FILLERS = 6, 4
_FILLERS = frozenset(
    {"the", "its", "his", "these", "those", "all", "every", "each", "los", "las", "sus", "estos", "esos", "cada"}
)


def number_at(words: Sequence[str], at: int, last: int) -> tuple[float, int] | None:
    """The number that begins at word `at` and the index behind it; None if none does. Looks no further than `last`."""
    value = _digits(words[at])
    if value is None:
        value = _UNITS.get(words[at])
        if value is None:
            counted = at > 1 and words[at - 1] == "of" and words[at - 2] in _COUNTING
            scale = _SCALES.get(words[at]) if len(words[at]) > 2 and not counted else None
            # "hundreds of patients", "millions": a number without a count before it.
            return (float(scale), at + 1) if scale else None
    end = at + 1
    if (
        value is not None
        and value >= 20
        and value % 10 == 0
        and value < 100
        and end < last
        and 0 < _UNITS.get(words[end], 0) < 10
    ):
        value += _UNITS[words[end]]
        end += 1
    if words[at] in _COUNTING and end + 1 < last and words[end] == "of" and words[end + 1] in _SCALES:
        end += 1  # "a couple of million"
    while end < min(last, at + MOST_WORDS) and words[end] in _SCALES:
        value *= _SCALES[words[end]]
        end += 1
    return _with_rest(words, at, float(value), end, last)


def _with_rest(words: Sequence[str], at: int, value: float, end: int, last: int) -> tuple[float, int]:
    """What follows "hundred" and belongs to the number: "two hundred and forty", "one hundred eighty-two"."""
    if words[end - 1] != "hundred" or end - at > MOST_WORDS:
        return value, end
    joined = end + 1 if end < last and words[end] == "and" else end
    if joined >= last or words[joined] not in _UNITS or words[joined] in _COUNTED:
        return value, end
    rest, behind = number_at(words, joined, last) or (0.0, end)
    return (value + rest, behind) if 0 < rest < value and rest < 100 else (value, end)


def _digits(word: str) -> float | None:
    if not word[0].isdigit():
        return None
    text = word
    if text.count(",") and all(len(part) == 3 for part in text.split(",")[1:]):
        text = text.replace(",", "")
    elif text.count(".") > 1 and all(len(part) == 3 for part in text.split(".")[1:]):
        text = text.replace(".", "")
    text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def share_at(words: Sequence[str], at: int, last: int) -> tuple[float, int] | None:
    """The share (0 to 1 for a part of a whole) that begins at word `at`: "75 %", "two thirds", "half", "one in two",
    "two of the four", "every second".
    """
    following = words[at + 1] if at + 1 < last else ""
    if words[at] in {"half", "mitad"}:
        return 0.5, at + 1
    if words[at] == "every" and following in {"second", "other"}:
        return 0.5, at + 2
    # A part of which there is one: "a third of", but not "the third patient".
    if words[at] in {"a", "one", "un"} and following in _PARTS:
        return 1 / _PARTS[following], at + 2
    count = number_at(words, at, last)
    return _part_of(words, *count, last) if count else None


def _part_of(words: Sequence[str], value: float, end: int, last: int) -> tuple[float, int] | None:
    """What follows a count to make it a share: percent, thirds, or "of the four"."""
    following = words[end] if end < last else ""
    if following in {"percent", "pct"}:
        return value / 100, end + 1
    if following in {"per", "por"} and end + 1 < last and words[end + 1] in {"cent", "ciento"}:
        return value / 100, end + 2
    if following in _PARTS and following.endswith("s"):
        return value / _PARTS[following], end + 1
    return _of_whole(words, value, end, last)


def _of_whole(words: Sequence[str], value: float, end: int, last: int) -> tuple[float, int] | None:
    """The whole that a count is told of: "of the four", "out of 4", "in ten"."""
    if end < last and words[end] == "out":
        end += 1
    if end >= last or words[end] not in _OF:
        return None
    behind = end = end + 1
    while end < min(last, behind + MOST_FILLERS) and words[end] in _FILLERS:
        end += 1
    whole = number_at(words, end, last) if end < last else None
    # "four in 2021" is a date, "two in 1" none.
    if whole is None or not value <= whole[0] <= MOST_OF or whole[0] == 0:
        return None
    return value / whole[0], whole[1]


def days_at(words: Sequence[str], at: int, last: int) -> tuple[float, int] | None:
    """The span of time in days that begins at word `at`: "12 months", "a year", "half a year", "two and a half weeks",
    "14 to 28 days" (then the first of the two; the second is a span as well).
    """
    if words[at] == "half" and at + 2 < last and words[at + 1] in {"a", "an"} and words[at + 2] in _UNIT_OF:
        return _UNIT_OF[words[at + 2]] / 2, at + 3
    end = at
    while end < min(last, at + MOST_FILLERS) and words[end] in _ONE:
        end += 1
    if end > at and end < last and words[end] in _UNIT_OF:
        half = _and_a_half(words, end + 1, last)
        return _UNIT_OF[words[end]] * (1.5 if half else 1), end + 1 + half
    count = number_at(words, at, last)
    return _in_units(words, *count, last) if count else None


def _in_units(words: Sequence[str], value: float, end: int, last: int) -> tuple[float, int] | None:
    """The unit behind a count, or behind the second of two: "14 to 28 days", "two or three weeks"."""
    half = _and_a_half(words, end, last)
    value, end = value + half / 6, end + half
    if end < last and words[end] in _UNIT_OF:
        return value * _UNIT_OF[words[end]], end + 1
    if end + 1 < last and words[end] in {"to", "or", "and", "through"}:
        second = number_at(words, end + 1, last)
        if second and second[1] < last and words[second[1]] in _UNIT_OF:
            return value * _UNIT_OF[words[second[1]]], end
    return None


def _and_a_half(words: Sequence[str], at: int, last: int) -> int:
    """How many words "and a half" takes at `at`: three, or none if it does not stand there."""
    return 3 if at + 2 < last and list(words[at : at + 3]) == ["and", "a", "half"] else 0


#: The words that a number of each type can begin with, beside digits: at no other is one looked for.
BEGINNINGS: Mapping[str, frozenset[str]] = {
    "number": frozenset(_UNITS) | frozenset(_SCALES),
    "share": frozenset(_UNITS) | frozenset(_SCALES) | {"half", "mitad", "every", "a", "one", "un"},
    "days": frozenset(_UNITS) | frozenset(_SCALES) | _ONE | {"half"},
}
#: How a number of each type is read; the names are what a phrase writes behind the colon: `<n:share>`.
TYPES: Mapping[str, Callable[[Sequence[str], int, int], tuple[float, int] | None]] = {
    "number": number_at,
    "share": share_at,
    "days": days_at,
}


# --- in scripts without spaces ---------------------------------------------------------------------------------------

_KANJI_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_KANJI_PLACES = {"十": 10, "百": 100, "千": 1_000}
_KANJI_SCALES = {"万": 10_000, "億": 100_000_000}
_UNSPACED_NUMBER = re.compile(r"\d+(?:[.,]\d+)*[千百]?[万億]?|[〇一二三四五六七八九十百千]+[万億]?")
_UNSPACED_UNITS = {
    "日": 1.0,
    "週間": 7.0,
    "週": 7.0,
    "年": 365.25,
    "か月": 30.44,
    "カ月": 30.44,
    "ヶ月": 30.44,
    "ヵ月": 30.44,
    "ケ月": 30.44,
}
_UNSPACED_UNIT = re.compile("|".join(sorted(_UNSPACED_UNITS, key=len, reverse=True)))
_UNSPACED_PART = re.compile(r"%|パーセント|割")
_UNSPACED_OF = re.compile(r"[人例名](?:の患者)?(?:中|のうち|の中の?)、?")
_UNSPACED_HALF = re.compile(r"半数|半分")


def unspaced_numbers(text: str, kind: str) -> Iterator[tuple[int, int, float]]:
    """Where numbers of a type of TYPES stand in a Japanese or Chinese text, and their values: "200万", "四", "4週間"."""
    for found in _UNSPACED_NUMBER.finditer(text):
        value = _unspaced_value(found.group())
        if value is None:
            continue
        if kind == "number":
            yield found.start(), found.end(), value
        elif kind == "days":
            unit = _UNSPACED_UNIT.match(text, found.end())
            if unit:
                half = text.startswith("半", unit.end())
                yield found.start(), unit.end() + half, (value + half / 2) * _UNSPACED_UNITS[unit.group()]
        else:
            yield from _unspaced_share(text, found, value)
    if kind == "share":
        yield from ((found.start(), found.end(), 0.5) for found in _UNSPACED_HALF.finditer(text))


def _unspaced_share(text: str, found: re.Match[str], value: float) -> Iterator[tuple[int, int, float]]:
    """What follows a number to make it a share: "75%", "7割", "4人中3人", "4例のうち2例"."""
    part = _UNSPACED_PART.match(text, found.end())
    if part:
        yield found.start(), part.end(), value / (10 if part.group() == "割" else 100)
        return
    of = _UNSPACED_OF.match(text, found.end())
    count = _UNSPACED_NUMBER.match(text, of.end()) if of else None
    counted = _unspaced_value(count.group()) if count else None
    if count and counted is not None and 0 < value <= MOST_OF and counted <= value:
        yield found.start(), count.end() + text.startswith(("人", "例", "名"), count.end()), counted / value


def _unspaced_value(written: str) -> float | None:
    """The value of digits, kanji numerals, or both ("2千万")."""
    scale = _KANJI_SCALES.get(written[-1], 1)
    body = written if scale == 1 else written[:-1]
    if body[0].isdigit():
        place = _KANJI_PLACES.get(body[-1], 1)
        value = _digits(body if place == 1 else body[:-1])
        return None if value is None else value * place * scale
    total, digit = 0, None
    for char in body:
        if char in _KANJI_DIGITS:
            digit = (digit or 0) * 10 + _KANJI_DIGITS[char]
        else:
            total, digit = total + (1 if digit is None else digit) * _KANJI_PLACES[char], None
    return float((total + (digit or 0)) * scale)
