"""How well the judge judges: precision, recall and F1 with bootstrap intervals, on labelled texts. Pure."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitor.core.judgement import Flag

#: Resamples of the bootstrap (Efron 1979), and the seed that makes them the same each time.
RESAMPLES, SEED = 1000, 20260224
CALIBRATION_BINS = ((0.0, 0.5), (0.5, 0.65), (0.65, 0.8), (0.8, 0.9), (0.9, 1.01))


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One labelled span of a text."""

    type: str
    start: int | None = None
    end: int | None = None
    severity: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One labelled text beside what the judge said of it. `about`: keio, other_sci, unrelated ... as labelled."""

    id: str
    drift: bool
    hard_negative: bool
    labels: tuple[Label, ...]
    flags: tuple[Flag, ...]
    score: int
    about: str = ""
    lang: str = ""
    kind: str = ""  # document class: faithful | mild | heavy | debunk, "" for sentences
    recognised: bool = False
    caveats: frozenset[str] = frozenset()
    caveats_found: frozenset[str] = frozenset()
    second: bool | None = None  # drift, as a second labeller judged it blind
    page: str = ""  # the page or whole piece that the sentence stands in
    register: str = ""  # agency, tabloid, forum ... as labelled
    phase: str = ""  # "before" or "after" the result was known
    alone: bool = False  # would the classifier take it for drift without any rule?
    level: str = ""  # of the sentence's whole piece: faithful | mild | heavy

    @property
    def said(self) -> bool:
        """Was it taken for drift?"""
        return any(flag.is_drift for flag in self.flags)

    @property
    def mailed(self) -> bool:
        """Would a flag of it be mailed?"""
        return any(flag.confirmed and flag.mailed for flag in self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number between 0 and 1 with its 95 % interval, and on how many texts it stands. None where it has no meaning."""

    value: float | None
    low: float | None
    high: float | None
    texts: int


@dataclass(slots=True, kw_only=True)
class Report:
    """All measures of one labelled set, by name; `types` by drift type."""

    texts: int
    measures: dict[str, Measure] = field(default_factory=dict)
    types: dict[str, dict[str, float | int | None]] = field(default_factory=dict)


def report(rows: Sequence[Judged]) -> Report:
    """Measure a labelled set. Interval: percentile bootstrap over texts."""
    found = Report(texts=len(rows))
    sentences = [row for row in rows if not row.kind]
    documents = [row for row in rows if row.kind]
    for name, (measure, chosen) in _sentence_measures(sentences).items():
        if chosen:
            found.measures[name] = interval(measure, chosen)
    for name, (measure, chosen) in _document_measures(documents).items():
        if chosen:
            found.measures[name] = interval(measure, chosen)
    found.types = _by_type(sentences)
    return found


def _sentence_measures(
    rows: Sequence[Judged],
) -> Mapping[str, tuple[Callable[[Sequence[Judged]], float | None], Sequence[Judged]]]:
    hard = [row for row in rows if row.hard_negative]
    faithful, drifting = [row for row in rows if not row.drift], [row for row in rows if row.drift]
    return {
        "share of drift": (lambda r: ratio(sum(x.drift for x in r), len(r)), rows),
        "false alarms per faithful sentence": (lambda r: ratio(sum(x.said for x in r), len(r)), faithful),
        "precision of mailed flags": (
            lambda r: ratio(sum(x.drift for x in r if x.mailed), sum(x.mailed for x in r)),
            rows,
        ),
        "recall of mailed flags": (lambda r: ratio(sum(x.mailed for x in r), len(r)), drifting),
        "precision": (lambda r: ratio(_count(r, said=True, drift=True), sum(x.said for x in r)), rows),
        "recall": (lambda r: ratio(_count(r, said=True, drift=True), sum(x.drift for x in r)), rows),
        "f1": (_f1, rows),
        "false alarms on hard negatives": (lambda r: ratio(sum(x.said for x in r), len(r)), hard),
        "precision of high-severity flags": (
            lambda r: _precision(r, lambda f: f.severity.rank == 3 and f.is_drift),
            rows,
        ),
        "type right": (_type_right, [row for row in rows if row.drift and row.said and row.labels]),
        "span overlaps": (_span_overlaps, [row for row in rows if row.drift and row.said and _spans(row)]),
        **{
            f"drift when confidence is {low:g}-{min(high, 1):g}": (_calibration(low, high), rows)
            for low, high in CALIBRATION_BINS
        },
        "two labellers agree (kappa)": (_kappa, [row for row in rows if row.second is not None]),
    }


def _document_measures(
    rows: Sequence[Judged],
) -> Mapping[str, tuple[Callable[[Sequence[Judged]], float | None], Sequence[Judged]]]:
    def pair(high: str, low: str) -> tuple[Callable[[Sequence[Judged]], float | None], Sequence[Judged]]:
        chosen = [row for row in rows if row.kind in {high, low}]
        return (lambda r: _auc([x.score for x in r if x.kind == high], [x.score for x in r if x.kind == low])), chosen

    return {
        "AUC heavy against faithful": pair("heavy", "faithful"),
        "AUC mild against faithful": pair("mild", "faithful"),
        "debunks outside the top third": (_debunks_low, rows if any(r.kind == "debunk" for r in rows) else []),
        "caveats found (F1)": (_caveat_f1, rows),
        "documents recognised": (lambda r: ratio(sum(x.recognised for x in r), len(r)), rows),
    }


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def _count(rows: Sequence[Judged], *, said: bool, drift: bool) -> int:
    return sum(row.said is said and row.drift is drift for row in rows)


def _f1(rows: Sequence[Judged]) -> float | None:
    right = _count(rows, said=True, drift=True)
    wrong = _count(rows, said=True, drift=False) + _count(rows, said=False, drift=True)
    return ratio(2 * right, 2 * right + wrong)


def _precision(rows: Sequence[Judged], wanted: Callable[[Flag], bool]) -> float | None:
    """Of the texts with such a flag, how many drift."""
    chosen = [row for row in rows if any(wanted(flag) for flag in row.flags)]
    return ratio(sum(row.drift for row in chosen), len(chosen))


def _type_right(rows: Sequence[Judged]) -> float | None:
    """Of the flags on drifting texts, how many have a type that the text is labelled with."""
    pairs = [(flag, row) for row in rows for flag in row.flags if flag.is_drift]
    return ratio(sum(flag.drift.value in {label.type for label in row.labels} for flag, row in pairs), len(pairs))


def _spans(row: Judged) -> list[tuple[int, int]]:
    return [(label.start, label.end) for label in row.labels if label.start is not None and label.end is not None]


def _span_overlaps(rows: Sequence[Judged]) -> float | None:
    """Of the drifting texts that were flagged, in how many does some flag overlap a labelled span."""
    evidence = sum(
        any(f.is_drift and f.span.start < end and start < f.span.end for f in row.flags for start, end in _spans(row))
        for row in rows
    )
    return ratio(evidence, len(rows))


def _kappa(rows: Sequence[Judged]) -> float | None:
    """Cohen's kappa of the two labellers (Cohen 1960): 0 is what chance gives, 1 is always alike."""
    first, second = mean(row.drift for row in rows), mean(bool(row.second) for row in rows)
    chance = first * second + (1 - first) * (1 - second)
    alike = mean(row.drift is row.second for row in rows)
    return (alike - chance) / (1 - chance) if chance < 1 else None


def _calibration(low: float, high: float) -> Callable[[Sequence[Judged]], float | None]:
    def measured(rows: Sequence[Judged]) -> float | None:
        pairs = [row.drift for row in rows for flag in row.flags if low <= flag.confidence < high]
        return mean(pairs) if pairs else None

    return measured


def _auc(high: Sequence[int], low: Sequence[int]) -> float | None:
    """The chance that one of `high` scores above one of `low`, ties counting half (Mann-Whitney)."""
    if not high or not low:
        return None
    return sum((a > b) + 0.5 * (a == b) for a in high for b in low) / (len(high) * len(low))


def _debunks_low(rows: Sequence[Judged]) -> float | None:
    scores = sorted((row.score for row in rows), reverse=True)
    bar = scores[max(0, len(scores) // 3 - 1)]
    debunks = [row for row in rows if row.kind == "debunk"]
    return ratio(sum(row.score < bar for row in debunks), len(debunks))


def _caveat_f1(rows: Sequence[Judged]) -> float | None:
    right = sum(len(row.caveats & row.caveats_found) for row in rows)
    wrong = sum(len(row.caveats ^ row.caveats_found) for row in rows)
    return ratio(2 * right, 2 * right + wrong)


def _by_type(rows: Sequence[Judged]) -> dict[str, dict[str, float | int | None]]:
    """For each labelled type: how many texts have it, how many were flagged at all, and with that very type."""
    caught, typed, texts = Counter[str](), Counter[str](), Counter[str]()
    claimed, right = Counter[str](), Counter[str]()
    for row in rows:
        types = {label.type for label in row.labels} if row.drift else set()
        said = {flag.drift.value for flag in row.flags if flag.is_drift}
        for slug in types:
            texts[slug] += 1
            caught[slug] += bool(said)
            typed[slug] += slug in said
        for slug in said:
            claimed[slug] += 1
            right[slug] += row.drift
    return {
        slug: {
            "texts": texts[slug],
            "caught": ratio(caught[slug], texts[slug]),
            "typed": ratio(typed[slug], texts[slug]),
            "precision": ratio(right[slug], claimed[slug]),
        }
        for slug in sorted({*texts, *claimed})
    }


def interval(measure: Callable[[Sequence[Judged]], float | None], rows: Sequence[Judged]) -> Measure:
    """A measure with its interval: percentile bootstrap over the rows, the same each time."""
    chance = random.Random(SEED)
    values = sorted(
        value
        for _ in range(RESAMPLES)
        if (value := measure([rows[chance.randrange(len(rows))] for _ in rows])) is not None
    )
    if not values:
        return Measure(value=measure(rows), low=None, high=None, texts=len(rows))
    return Measure(
        value=measure(rows),
        low=values[int(0.025 * len(values))],
        high=values[min(len(values) - 1, int(0.975 * len(values)))],
        texts=len(rows),
    )
