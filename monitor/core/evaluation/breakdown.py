"""Where the judge is right and where it is not: by page, register and phase, by rule, and by whole story."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.evaluation.metrics import Measure, interval, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from monitor.core.evaluation.metrics import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Sentences of one page, register or phase. Shares are 0 to 1, None of nothing."""

    name: str
    sentences: int
    drift: float  # the share of them that drifts
    false_alarms: float | None  # per faithful sentence
    mailed: int
    mailed_precision: float | None
    mailed_recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """What one rule did on a labelled set. Shares are 0 to 1, None of nothing."""

    rule: str
    sentences: int  # that it flagged, whatever the confidence
    coverage: float | None  # of the drifting sentences, the share that it flagged
    precision: float | None  # of those that it flagged, the share that drifts
    with_others: float | None  # of those that it flagged, the share that another rule flagged too
    with_classifier: float | None  # and the share that the classifier would have raised by itself


#: How a set is divided: by what, and the name of a row's part ("" belongs to none).
DIVISIONS: Mapping[str, Callable[[Judged], str]] = {
    "page": lambda row: row.page,
    "register": lambda row: row.register,
    "before or after the result": lambda row: row.phase,
}


def parts(rows: Iterable[Judged], of: Callable[[Judged], str]) -> list[Part]:
    """The sentences by part, the largest first."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        if not row.kind and (name := of(row)):
            found[name].append(row)
    return [_part(name, chosen) for name, chosen in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))]


def _part(name: str, rows: Sequence[Judged]) -> Part:
    drifting, faithful = [row for row in rows if row.drift], [row for row in rows if not row.drift]
    right = sum(row.said for row in drifting)
    said = right + sum(row.said for row in faithful)
    mailed = [row for row in rows if row.mailed]
    return Part(
        name=name,
        sentences=len(rows),
        drift=len(drifting) / len(rows),
        false_alarms=ratio(sum(row.said for row in faithful), len(faithful)),
        mailed=len(mailed),
        mailed_precision=ratio(sum(row.drift for row in mailed), len(mailed)),
        mailed_recall=ratio(sum(row.mailed for row in drifting), len(drifting)),
        f1=ratio(2 * right, said + len(drifting)),
    )


def rule_records(rows: Iterable[Judged]) -> list[RuleRecord]:
    """Each rule that flagged anything, the most frequent first."""
    sentences = [row for row in rows if not row.kind]
    drifting = sum(row.drift for row in sentences)
    flagged: dict[str, list[Judged]] = defaultdict(list)
    for row in sentences:
        for rule in {flag.rule for flag in row.flags}:
            flagged[rule].append(row)
    return [
        RuleRecord(
            rule=rule,
            sentences=len(chosen),
            coverage=ratio(sum(row.drift for row in chosen), drifting),
            precision=ratio(sum(row.drift for row in chosen), len(chosen)),
            with_others=ratio(sum(any(flag.rule != rule for flag in row.flags) for row in chosen), len(chosen)),
            with_classifier=ratio(sum(row.alone for row in chosen), len(chosen)),
        )
        for rule, chosen in sorted(flagged.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def story_measures(stories: Sequence[Judged]) -> dict[str, Measure]:
    """Whole texts: is a story mailed that should be? It should if its level is mild or heavy; none if faithful or a debunk."""

    def should(row: Judged) -> bool:
        return row.level in {"mild", "heavy"}

    measures: dict[str, Callable[[Sequence[Judged]], float | None]] = {
        "share of stories that drift": lambda r: ratio(sum(map(should, r)), len(r)),
        "precision of mailed stories": lambda r: ratio(sum(should(x) for x in r if x.mailed), sum(x.mailed for x in r)),
        "recall of mailed stories": lambda r: ratio(sum(x.mailed for x in r if should(x)), sum(map(should, r))),
        "recall of heavy stories": lambda r: ratio(
            sum(x.mailed for x in r if x.level == "heavy"), sum(x.level == "heavy" for x in r)
        ),
        "stories recognised": lambda r: ratio(sum(x.recognised for x in r), len(r)),
    }
    return {name: interval(measure, stories) for name, measure in measures.items()} if stories else {}
