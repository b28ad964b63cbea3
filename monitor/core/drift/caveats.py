"""The whole text: which caveats does it tell, in any wording, and what does an account of a benefit leave out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.drift.guards import Guards
from monitor.core.judgement import Drift, Flag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.drift.judge import Judge
    from monitor.core.rules.scan import Scan
    from monitor.core.study import Caveat
    from monitor.core.text import Reading

#: A text this long has room for caveats (guide: 120 words); shorter ones are passing mentions.
LONG_ENOUGH = 120
#: Fewer of the required caveats than this, and the account is not fair.
ENOUGH_CAVEATS = 2


def caveats_in(scans: Iterable[Scan], caveats: Sequence[Caveat]) -> tuple[str, ...]:
    """Slugs of the caveats that a title or text tells."""
    told = list(scans)
    return tuple(
        caveat.slug for caveat in caveats if any(scan.sentences_with(f"sheet-caveat-{caveat.slug}") for scan in told)
    )


def omissions(judge: Judge, scan: Scan, *, present: Sequence[str], missing: Sequence[str], lang: str) -> Iterator[Flag]:
    """What omission rules say of a text that is long enough and asserts a benefit; points at the first such sentence."""
    from monitor.core.drift.judge import Pattern, fill, speaks

    rules = [rule for rule in judge.omission_rules if speaks(rule, lang)]
    if not rules:
        return
    if not judge.everything and not long_enough(scan.reading):
        return
    required = [caveat for caveat in judge.study.caveats if caveat.required]
    if sum(caveat.slug in present for caveat in required) >= ENOUGH_CAVEATS or not required:
        return
    guards = Guards(scan)
    benefit = next(
        (
            found
            for found in scan.class_found("benefit-claim")
            if not any(guards.hold(name, found) for name in ("negated", "refuted", "elsewhere", "question"))
        ),
        None,
    )
    if benefit is None:
        return
    lacking = [caveat for caveat in required if caveat.slug in missing]
    for rule in rules:
        if rule.drift is not Drift.MISSING_CAVEAT:
            continue
        flag = judge.flag(rule, scan, benefit, Pattern(parts=(), finding=lacking[0].finding), "text")
        told = " ".join(caveat.sentence for caveat in lacking)
        yield Flag(
            rule=flag.rule,
            drift=flag.drift,
            severity=flag.severity,
            confidence=flag.confidence,
            span=flag.span,
            message=fill(rule.message.replace("{missing}", told), flag.span.quote, judge.finding(flag.finding)),
            why=flag.why,
            finding=flag.finding,
            found=flag.found,
            source=flag.source,
            correction=f"Add: {told}",
            mailed=flag.mailed,
        )


def long_enough(reading: Reading) -> bool:
    """Has the text room for caveats? Japanese and Chinese have no spaces to count: two characters are about a word."""
    cjk = sum("\u3040" <= char <= "\u9fff" for char in reading.original)
    return len(reading.words) + cjk // 2 >= LONG_ENOUGH
