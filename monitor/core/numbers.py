"""Numbers as writers write them: digits, words, fractions, "half of the four", "2 million"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "both": 2, "single": 1, "couple": 2, "dozen": 12, "dozens": 24,
    "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "hundreds": 100, "thousand": 1_000, "thousands": 1_000, "million": 1_000_000, "millions": 1_000_000,
    "m": 1_000_000, "mn": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000, "k": 1_000, "mil": 1_000,
    "millón": 1_000_000, "millones": 1_000_000,
}  # fmt: skip


def number_at(words: Sequence[str], at: int, last: int) -> tuple[float, int] | None:
    """The number that begins at word `at` and the index behind it; None if none does. Looks no further than `last`."""
    value = _digits(words[at])
    if value is None:
        value = _UNITS.get(words[at])
        if value is None:
            scale = _SCALES.get(words[at]) if len(words[at]) > 2 else None
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
    while end < last and words[end] in _SCALES:
        value *= _SCALES[words[end]]
        end += 1
    return float(value), end


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
