"""The score 0-100 that ranks texts. Its parts are shown, and its formula is in the docs (`hypewatch help rules`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.judgement import DRIFT_CONFIDENCE, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitor.core.judgement import Flag

#: Points of a flag that is certain. Chosen so that one high flag outranks two medium ones, and three low ones stay low.
POINTS: Mapping[Severity, float] = {Severity.LOW: 10.0, Severity.MEDIUM: 22.0, Severity.HIGH: 45.0}
#: Candidates ("look here") count less than their confidence: many of them in a long, careful text are no drift.
CANDIDATE_FACTOR = 0.3


def weight(flag: Flag) -> float:
    """Points of a flag, by severity and confidence."""
    points = POINTS[flag.severity] * flag.confidence
    return points if flag.confidence >= DRIFT_CONFIDENCE else points * CANDIDATE_FACTOR


def score(flags: Sequence[Flag]) -> tuple[int, Mapping[str, float]]:
    """The score and its parts by drift type.

    Each flag takes its share of what is left of 100 (its weight), worst first: ten small things never
    outweigh everything, and every further flag still counts.
    """
    left = 100.0
    parts: dict[str, float] = {}
    for flag in sorted(flags, key=lambda f: (-weight(f), f.rule, f.span.start)):
        share = left * weight(flag) / 100
        left -= share
        parts[flag.drift.value] = parts.get(flag.drift.value, 0.0) + share
    return round(100 - left), {name: round(value, 1) for name, value in sorted(parts.items())}
