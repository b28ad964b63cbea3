"""The whole text: which caveats does it tell, in any wording, and what does an account of a benefit leave out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.drift.guards import Guards
from monitor.core.judgement import Drift, Flag
from monitor.core.rules.scan import Scan
from monitor.core.text import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.drift.judge import Judge
    from monitor.core.rules.phrase import Parts
    from monitor.core.study import Caveat

#: A text this long has room for caveats (guide: 120 words); shorter ones are passing mentions.
LONG_ENOUGH = 120
#: Fewer of the required caveats than this, and the account is not fair.
ENOUGH_CAVEATS = 2


def caveats_in(scan: Scan, caveats: Sequence[tuple[Caveat, tuple[Parts, ...]]]) -> tuple[str, ...]:
    """Slugs of the caveats that the text tells."""
    return tuple(
        caveat.slug for caveat, phrases in caveats if any(next(scan.find(p), None) is not None for p in phrases)
    )


def omissions(judge: Judge, text: str, *, present: Sequence[str], missing: Sequence[str], lang: str) -> Iterator[Flag]:
    """What omission rules say of a text that is long enough and asserts a benefit; points at the first such sentence."""
    from monitor.core.drift.judge import Pattern, fill, speaks

    rules = [rule for rule in judge.omission_rules if speaks(rule, lang)]
    if not rules:
        return
    scan = Scan(read(text), judge.lexicon)
    if not judge.everything and not long_enough(text, len(scan.reading.words)):
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


def long_enough(text: str, words: int) -> bool:
    """Has the text room for caveats? Japanese and Chinese have no spaces to count: two characters are about a word."""
    cjk = sum("\u3040" <= char <= "\u9fff" for char in text)
    return words + cjk // 2 >= LONG_ENOUGH
