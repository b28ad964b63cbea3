"""The numbers of a text that reports a study, each with what it counts: a share, a number of people, a length of time ...

Writers of abstracts put a unit or a name beside each number, so the words around it tell which it is. Some kinds are never
checked against what others write (`KEPT`): nobody retells a p-value, and a year stands beside everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.drafting.listed import listed
from monitor.core.text.numbers import days_at, number_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.text.doc import Doc, Sentence


class Kind(StrEnum):
    """What a number counts."""

    SHARE = "share"
    COUNT = "count"
    PART = "part"
    DURATION = "duration"
    AGE = "age"
    RATIO = "ratio"
    POINTS = "points"
    FOLD = "fold"
    UNIT = "unit"
    INTERVAL = "interval"
    P_VALUE = "p-value"
    SPREAD = "spread"
    YEAR = "year"
    NAME = "name"
    OTHER = "other"


#: The kinds that stay in their finding's sentence and are not checked, and why.
KEPT = {
    Kind.INTERVAL: "a bound of a confidence interval: nobody retells it, and any number could be meant",
    Kind.P_VALUE: "a p-value: it is no result by itself",
    Kind.SPREAD: "how far the values spread: it is no result by itself",
    Kind.YEAR: "a year: it stands beside too much else to be checked",
    Kind.NAME: "a part of a name or of a number in a registry",
    Kind.OTHER: "no word beside it tells what it counts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A number of a text: words [first, last) of the reading, its value, and what it counts. `unit` is the word that tells."""

    kind: Kind
    value: float
    first: int
    last: int
    sentence: int
    written: str
    unit: str = ""


PEOPLE = listed(
    "patients patient participants participant adults adult people persons person men women man woman children child"
    " infants volunteers subjects individuals adolescents teenagers pupils students residents survivors recipients"
    " pregnancies births newborns cases controls pairs nurses doctors workers veterans households families boys girls babies"
)
ANIMALS = listed(
    "mice mouse rats rat animals monkeys macaques pigs dogs rabbits zebrafish larvae flies worms fish hamsters"
)
THINGS = listed(
    "eyes cells samples studies trials articles hospitals centres centers sites countries deaths events strokes"
    " infections tumours tumors scans images records genes proteins variants schools wards clinics cycles doses"
    " visits admissions cores specimens isolates plots species births donors organoids cohorts reviews"
)
_COUNTED = PEOPLE | ANIMALS | THINGS
_UNITS = listed(
    "mg g kg mcg µg ug ng pg ml l dl cm mm nm km m mmhg mmol mol nmol pmol iu kcal kj hz khz mhz gy msv bpm"
    " litres liters metres meters kilograms grams milligrams millimetres calories steps degrees celsius minutes minute"
    " seconds letters cups units drinks portions servings decibels euros dollars pounds points point mins sec"
)
_TIME = listed("hour hours day days week weeks fortnight month months year years decade decades")
_RATIOS = listed("hr rr ahr aor arr irr ors hrs rrs smr ratio ratios")
_SPREAD = listed("sd iqr range interquartile")
_NAMES = listed("covid sars cov il phase type grade stage chapter table figure version h5n1 ph mir gpt nct")
_FEW = listed("one single both couple a zero un una uno")
#: How many words behind a number its noun may stand: "1,961 overweight adult patients".
REACH = 5
#: How far before a number with a decimal point the ratio may be named that it is.
RATIO_REACH = 24


def numbers_of(doc: Doc, sentence: Sentence) -> Iterator[Told]:
    """The numbers of a sentence in reading order. "One" and its likes are no numbers here: they are words of any sentence."""
    texts = [word.text for word in doc.words]
    at = sentence.first
    while at < sentence.last:
        found = number_at(texts, at, sentence.last)
        if found is None or texts[at] in _FEW:
            at += 1
            continue
        value, end = found
        kind, unit = _kind(doc, texts, sentence, at, end, value)
        if kind is Kind.DURATION:
            value = _days(texts, sentence, at, value, unit)
        written = doc.text[doc.words[at].start : doc.words[end - 1].end]
        yield Told(kind=kind, value=value, first=at, last=end, sentence=sentence.index, written=written, unit=unit)
        at = end


def _days(texts: Sequence[str], sentence: Sentence, at: int, value: float, unit: str) -> float:
    """A span of time in days: "68 weeks", and "week 68"."""
    if at > sentence.first and texts[at - 1] == unit:
        counted = days_at([f"{value:g}", unit], 0, 2)
    else:
        counted = days_at(texts, at, sentence.last)
    return counted[0] if counted else value


def _kind(  # noqa: C901, PLR0911, PLR0912 - one line for each sign, in the order in which they count
    doc: Doc, texts: Sequence[str], sentence: Sentence, at: int, end: int, value: float
) -> tuple[Kind, str]:
    before = [texts[i] for i in range(max(sentence.first, at - 4), at)]
    after = _after(doc, texts, sentence, end)
    last, following = (before[-1] if before else ""), (after[0] if after else "")
    glued = doc.folded[max(0, doc.words[at].start - 2) : doc.words[at].start]
    if glued.endswith("±") or "±" in glued:
        return Kind.SPREAD, ""
    if last == "p" or (before[-2:] and before[-2:] in (["p", "value"], ["p", "values"])):
        return Kind.P_VALUE, ""
    if following == "percent" and after[1:2] and after[1] in _INTERVAL:
        return Kind.INTERVAL, ""
    if _opened(texts, sentence, at, _INTERVAL):
        return Kind.INTERVAL, ""
    if last in {"i2", "sd", "se", "sem"} or _opened(texts, sentence, at, _SPREAD):
        return Kind.SPREAD, ""
    if last in _MONTHS or following in _MONTHS:
        return Kind.YEAR, ""
    if 1900 <= value <= 2100 and texts[at].isdigit() and last in _DATED:
        return Kind.YEAR, ""
    if after[:2] in (["person", "years"], ["patient", "years"]):
        return Kind.UNIT, " ".join(after[:2])
    if glued.endswith("-") and glued[:1].isalpha() and last in _NAMES:
        return Kind.NAME, ""
    if last in _NAMES or _in_name(doc, at, end):
        return Kind.NAME, ""
    if following == "percent" or after[:2] == ["per", "cent"] or _range_unit(after, {"percent"}):
        return (Kind.POINTS, "points") if "points" in after[:3] or "point" in after[:3] else (Kind.SHARE, "percent")
    if following == "percentage" or _range_unit(after, {"percentage"}):
        return Kind.POINTS, "points"
    if _of_age(before, after):
        return Kind.AGE, "mean" if {"mean", "median", "average"} & set(before) else "years"
    if last in _TIME and value == int(value) and following not in _TIME:
        return Kind.DURATION, last
    if following in _TIME or _range_unit(after, _TIME):
        return Kind.DURATION, next(word for word in after if word in _TIME)
    if after[:1] == ["fold"]:
        return Kind.FOLD, "fold"
    if whole := _whole(after, value):
        return Kind.PART, whole
    if 1900 <= value <= 2100 and texts[at].isdigit() and (last in _DATED or not _noun(after)):
        return Kind.YEAR, ""
    if following in _UNITS or _range_unit(after, _UNITS):
        unit = next(word for word in after if word in _UNITS)
        return (Kind.POINTS, "points") if unit in {"point", "points"} else (Kind.UNIT, unit)
    if value < 100 and _ratio(doc, texts, sentence, at):
        return Kind.RATIO, "ratio"
    if noun := _noun(after):
        return Kind.COUNT, noun
    if len(after) > 1 and after[0][0].isdigit() and after[1] == "percent" and _bracketed(doc, end):
        return Kind.COUNT, "participants"  # "182 [31.5%]"
    if last == "n" or before[-2:] == ["n", "of"]:
        return Kind.COUNT, _noun_before(texts, sentence, at) or "participants"
    return Kind.OTHER, ""


def _whole(after: Sequence[str], value: float) -> str:
    """The number that this one is a part of: "two of the five", "18 out of 24"."""
    rest = [word for word in after if word not in {"out", "the", "its", "all", "these"}]
    if len(rest) < 2 or rest[0] != "of":
        return ""
    found = number_at(rest, 1, len(rest))
    return f"{found[0]:g}" if found and value <= found[0] <= 1_000 else ""


_DATED = listed("in since from between until by during before after to and through early late mid")
_MONTHS = listed(
    "january february march april june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec may"
)
_INTERVAL = frozenset({"ci", "cri", "ui", "interval", "intervals", "confidence", "credible", "uncertainty"})


def _opened(texts: Sequence[str], sentence: Sentence, at: int, signs: frozenset[str]) -> bool:
    """Does one of the signs stand before it, with nothing but numbers since? "95% CI, 0.62 to 0.98"."""
    for back in range(at - 1, max(sentence.first, at - 6) - 1, -1):
        word = texts[back]
        if word in signs:
            return True
        if not (word[0].isdigit() or word in {"to", "and", "percent", "from", "of"}):
            return False
    return False


def _after(doc: Doc, texts: Sequence[str], sentence: Sentence, end: int) -> list[str]:
    """The words behind a number, without the spread that stands in brackets before its unit: "4 (IQR 3-6) days"."""
    at = end
    if at < sentence.last and texts[at] in _SPREAD | {"sd", "se"}:
        while at < sentence.last and (texts[at] in _SPREAD | {"sd", "se", "to"} or texts[at][0].isdigit()):
            at += 1
    elif at < sentence.last and _dashed(doc, end) and texts[at][0].isdigit():
        return ["to", *(texts[i] for i in range(at, min(sentence.last, at + REACH)))]
    return [texts[i] for i in range(at, min(sentence.last, at + REACH))]


def _dashed(doc: Doc, end: int) -> bool:
    """Does nothing but a dash stand between this number and the next word: "24-36 weeks"?"""
    return end < len(doc.words) and doc.folded[doc.words[end - 1].end : doc.words[end].start].strip() == "-"


def _bracketed(doc: Doc, end: int) -> bool:
    """Does a bracket open behind this number?"""
    return doc.folded[doc.words[end - 1].end : doc.words[end].start].strip() in {"(", "["}


def _ratio(doc: Doc, texts: Sequence[str], sentence: Sentence, at: int) -> bool:
    """Is it told as a ratio? "OR" is one in capitals only."""
    for back in range(max(sentence.first, at - 3), at):
        written = doc.text[doc.words[back].start : doc.words[back].end]
        if texts[back] in _RATIOS or written in {"OR", "aOR"}:
            return True
    told = texts[max(sentence.first, at - RATIO_REACH) : at]
    return "." in texts[at] and ("ratio" in told or "ratios" in told)


def _in_name(doc: Doc, at: int, end: int) -> bool:
    """Is it glued to letters, as the 19 in COVID-19 and the 2 in BNT162b2?"""
    start, stop = doc.words[at].start, doc.words[end - 1].end
    behind, front = doc.text[stop : stop + 2], doc.text[max(0, start - 2) : start]
    return (len(behind) > 0 and behind[0].isalpha() and behind[:1].isascii()) or (
        len(front) == 2 and front[1] in "-_/" and front[0].isalpha() and front[0].isupper()
    )


def _range_unit(after: Sequence[str], units: frozenset[str] | set[str]) -> bool:
    """Is it the first of two with one unit: "24 to 36 weeks", "4-6 weeks"?"""
    two = len(after) > 2 and after[0] in {"to", "and", "or", "through"} and after[1][0].isdigit()
    return two and after[2] in units


def _of_age(before: Sequence[str], after: Sequence[str]) -> bool:  # noqa: PLR0911 - one line for each sign
    if after[:3] == ["years", "of", "age"] or after[:2] in (["years", "old"], ["year", "old"]):
        return True
    if _range_unit(after, {"years", "year"}) and {"age", "aged", "ages", "old"} & {*before, *after}:
        return True
    if after[:1] in (["years"], ["year"]) and {"younger", "older", "under", "over"} & {*before[-2:], *after[:3]}:
        return True
    if after and (after[0] in _COUNTED or after[0] in _TIME - {"years", "year", "months"}):
        return False
    for back, word in enumerate(reversed(before)):
        if word in {"aged", "age", "ages"}:
            return True
        if not (word[0].isdigit() or word in _OF_AGE) or back > 2:
            return False
    return False


_OF_AGE = listed("of was were is to and between from about than or mean median average the at")


def _noun(after: Sequence[str]) -> str:
    """The counted noun, if nothing but words that describe it stands between."""
    for word in after:
        if word in _COUNTED:
            return word
        if not word.isalpha() or word in _ENDS:
            return ""
    return ""


_ENDS = listed("of in and or to for with at by from on the a an were was had who than per vs versus is are as between")


def _noun_before(texts: Sequence[str], sentence: Sentence, at: int) -> str:
    return next(
        (texts[back] for back in range(at - 1, max(sentence.first, at - 6) - 1, -1) if texts[back] in _COUNTED), ""
    )
