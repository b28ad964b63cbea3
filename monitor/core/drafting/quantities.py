"""Numbers of a text as quantities of a sheet: each with phrases by which others retell it, and what they may say instead.

A phrase that catches other numbers of the same text allows them too (`with_its_own_numbers`), so no sheet contradicts the
text that it came from.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.drafting.guesses import DULL
from monitor.core.drafting.listed import listed
from monitor.core.drafting.numbers import ANIMALS, KEPT, PEOPLE, Kind, Told
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import PhraseError, parse
from monitor.core.study import Quantity
from monitor.core.text.doc import is_cjk, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.text.doc import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A number that stays in its finding's sentence and is not checked, and why."""

    finding: str
    written: str
    why: str


_KINDS = (
    "(adult|older|elderly|young|younger|healthy|female|male|pregnant|obese|overweight|paralysed|paralyzed|sick|ill|infected"
    "|vaccinated|treated|postmenopausal|middle-aged|hospitalised|hospitalized|school|) (human|)"
)
#: Why a number of a kind that others retell is not checked.
NOT_TOLD = "no word beside it tells it from other numbers"
_PEOPLE = "(patients|participants|people|adults|volunteers|men|women|children|persons|individuals)"
_ANIMALS = "(mice|animals|rats|rodents|monkeys|pigs|dogs)"
_NEAR = "(about|only|just|nearly|almost|some|roughly|)"
#: Words beside a length of time that is not the study's.
_OTHER_TIMES = "(ago|career|previous*|earlier|next|until|plan*|will|later this|decade of work|old)"
_ANCHOR_LEAST = 4
_ANCHOR_REACH = 6
#: Words between a number and the word that tells what it is of which say nothing by themselves.
_SAYS_NOTHING = DULL | listed(
    "percent confidence interval ratio respectively versus number numbers difference significant significantly rate rates"
    " points point value values total about approximately least more less than relative absolute adjusted overall had"
    " were have having also which while whereas when where respectively number proportion percentage percentages had"
    " basis estimated increase increased decrease led given seen least only from with into and for not but one two three four five six seven eight nine ten eleven twelve"
)


def quantities_of(doc: Doc, numbers: Mapping[str, Sequence[Told]]) -> tuple[tuple[Quantity, ...], tuple[Kept, ...]]:
    """The quantities of the numbers of each finding, and the numbers that are kept in the sentence alone."""
    drafts: dict[tuple[str, ...], list[tuple[str, Told]]] = defaultdict(list)
    kept: list[Kept] = []
    for finding, found in numbers.items():
        told_by = [() if told.kind in KEPT else _phrases(doc, told) for told in found]
        for told, phrases in zip(found, _shared(found, told_by), strict=True):
            if phrases:
                drafts[phrases].append((finding, told))
            else:
                why = KEPT.get(told.kind) or NOT_TOLD
                kept.append(Kept(finding=finding, written=told.written, why=why))
    made = []
    used: set[str] = set()
    # A share of the text is a true number, beside whichever of its words another writer tells it.
    shares = [_allowed(told) for of in drafts.values() for _, told in of if told.kind is Kind.SHARE]
    for phrases, of in drafts.items():
        finding, first = of[0]
        name = _name(first, used)
        made.append(
            Quantity(
                id=name,
                says=phrases,
                allowed=_merged(shares if first.kind is Kind.SHARE else _all_allowed([told for _, told in of])),
                finding=finding,
                ignore=_ignored([told for _, told in of]),
                unless=(_OTHER_TIMES,) if first.kind is Kind.DURATION else (),
            )
        )
    return tuple(made), tuple(kept)


def _shared(found: Sequence[Told], told_by: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The phrases of each number; a share without any takes those of the nearest share of its sentence: "5% (86.4%), 10% (69.1%)"."""
    shares = [at for at, told in enumerate(found) if told.kind is Kind.SHARE and told_by[at]]
    given = list(told_by)
    for at, told in enumerate(found):
        if told.kind is Kind.SHARE and not given[at] and shares:
            given[at] = told_by[min(shares, key=lambda other: (abs(other - at), other))]
    return given


def with_its_own_numbers(quantities: Iterable[Quantity], texts: Iterable[str]) -> tuple[Quantity, ...]:
    """The quantities with every number allowed that their phrases catch in the sheet's own texts."""
    lexicon = Lexicon({})
    matchers = [Matcher(read(text), lexicon) for text in texts]
    made = []
    for quantity in quantities:
        caught = {
            number
            for phrase in quantity.says
            for matcher in matchers
            for match in matcher.find(lexicon.resolve(parse(phrase)))
            for number in match.numbers
        }
        allowed = _merged((*quantity.allowed, *((number, number) for number in caught)))
        made.append(replace(quantity, allowed=allowed))
    return tuple(made)


def _name(told: Told, used: set[str]) -> str:
    stem = {Kind.COUNT: told.unit, Kind.UNIT: told.unit}.get(told.kind, told.kind.value)
    stem = "".join(char for char in stem if char.isascii() and char.isalnum()) or told.kind.value
    name, at = stem, 2
    while name in used:
        name, at = f"{stem}-{at}", at + 1
    used.add(name)
    return name


def _phrases(doc: Doc, told: Told) -> tuple[str, ...]:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    """By which words others retell a number; none if nothing tells it from others."""
    if is_cjk(doc.text[doc.sentences[told.sentence].start : doc.sentences[told.sentence].end]):
        return ()
    match told.kind:
        case Kind.SHARE:
            return _share(doc, told)
        case Kind.PART:
            whole = "|".join(filter(None, (told.unit, _IN_WORDS.get(told.unit, ""))))
            return (f"<n:number> (of|out of) (the|its|these|all|) ({whole})",)
        case Kind.COUNT if told.unit in PEOPLE:
            return (f"<n:number> {_KINDS} {_PEOPLE}",)
        case Kind.COUNT if told.unit in ANIMALS:
            return (f"<n:number> (female|male|old|aged|young|treated|) {_ANIMALS}",)
        case Kind.COUNT:
            return (f"<n:number> {_forms(told.unit)}",)
        case Kind.DURATION:
            return (
                f"(followed|follow up|treated|treatment|lasted|observed|monitored|trial|study) .. (for|after|over|within|of|was) {_NEAR} <n:days>",
                "<n:days> (of|later|after) .. (treatment|therapy|trial|study|follow up|surgery|observation|injection|transplant)",
            )
        case Kind.AGE if told.unit == "mean":
            return ("(mean|average|median) age .. <n:number>",)
        case Kind.AGE:
            return ("(aged|ages) (about|between|from|) <n:number>", "<n:number> (years|year) (old|of age)")
        case Kind.RATIO:
            return ("(ratio|ratios|relative risk) .. <n:number>",)
        case Kind.POINTS:
            return ("<n:number> (percentage|) (points|point)",)
        case Kind.FOLD:
            return ("<n:number> fold",)
        case Kind.UNIT:
            return (f"<n:number> {told.unit}",) if told.unit.isascii() else ()
        case _:
            return ()


def _share(doc: Doc, told: Told) -> tuple[str, ...]:
    """A share is told by what it is of: the nearest word that says something, behind it or before it."""
    sentence = doc.sentences[told.sentence]
    behind = _anchor(doc, range(told.last, min(sentence.last, told.last + _ANCHOR_REACH)), told)
    before = _anchor(doc, range(told.first - 1, max(sentence.first, told.first - 2 * _ANCHOR_REACH) - 1, -1), told)
    phrases = []
    if behind:
        phrases.append(f"<n:number> (percent|per cent) ... {_forms(behind)}")
    if before:
        phrases.append(f"{_forms(before)} ... <n:number> (percent|per cent)")
    return tuple(phrases)


def _anchor(doc: Doc, places: Iterable[int], told: Told) -> str:
    part = doc.words[told.first].part
    for at in places:
        word = doc.words[at]
        if word.part != part:
            return ""
        if (
            len(word.text) >= _ANCHOR_LEAST
            and word.text.isascii()
            and word.text.isalpha()
            and word.text not in _SAYS_NOTHING
            and word.text not in _ANYBODY
        ):
            return word.text
    return ""


_IN_WORDS = dict(
    zip(
        map(str, range(2, 13)),
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        strict=True,
    )
)
_ANYBODY = listed(
    "patients patient participants participant people persons person adults volunteers individuals subjects"
)
_IRREGULAR = {"women": "woman", "men": "man", "children": "child", "mice": "mouse"}


def _forms(word: str) -> str:
    """A noun in both numbers: as far as an s goes. What is surely no noun stands alone."""
    if word in _IRREGULAR:
        return f"({word}|{_IRREGULAR[word]})"
    if word.endswith(("ed", "er", "ing", "ly", "al", "ive", "ous", "ic")):
        return word
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"({word}|{word[:-1]}ies)"
    if word.endswith("ies"):
        return f"({word}|{word[:-3]}y)"
    if word.endswith("s") and not word.endswith("ss"):
        return f"({word}|{word[:-1]})"
    return f"({word}|{word}s)"


def _all_allowed(told: Sequence[Told]) -> list[tuple[float, float]]:
    """What others may say for numbers that one phrase finds; somebody's age lies between the youngest and the oldest."""
    if told[0].kind is Kind.AGE and told[0].unit != "mean":
        return [(min(one.value for one in told), max(one.value for one in told))]
    return [_allowed(one) for one in told]


def _allowed(told: Told) -> tuple[float, float]:
    """What others may say for it: rounding is no error."""
    value = told.value
    if told.kind is Kind.DURATION:
        return round(value * 0.98, 2), round(value * 1.02, 2)
    if told.kind is Kind.COUNT and value >= 200:
        step = 10 ** (int(math.log10(value)) - 1)
        return float(math.floor(value / step) * step), float(math.ceil(value / step) * step)
    if value != int(value) and told.kind in {Kind.SHARE, Kind.POINTS, Kind.AGE, Kind.UNIT}:
        return float(math.floor(value)), float(math.ceil(value))
    return value, value


def _ignored(told: Sequence[Told]) -> tuple[tuple[float, float], ...]:
    """Numbers that are surely about something else: a few of the people, all who have the disease."""
    if told[0].kind is not Kind.COUNT:
        return ()
    most = max(one.value for one in told)
    few = (0.0, float(min(12, int(most) - 1))) if most > 1 else (0.0, 0.0)
    return (few, (1e6, 9e9)) if most < 2e5 else (few,)


def _merged(ranges: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The ranges in order, those that share a number joined."""
    joined: list[tuple[float, float]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def readable(phrase: str) -> bool:
    """Can it be read as a phrase?"""
    try:
        parse(phrase)
    except PhraseError:
        return False
    return True
