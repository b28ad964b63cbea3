"""Rules made ready to read: their phrases parsed, with what the fact sheet adds to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.judgement import Severity
    from monitor.core.rules.phrase import Parts
    from monitor.core.rules.rule import Rule
    from monitor.core.study import Quantity


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase of a rule, with what the fact sheet adds to it: how far above the ladder, whose words, which number."""

    parts: Parts
    distance: int = 0
    finding: str | None = None
    correction: str | None = None
    severity: Severity | None = None
    quantity: Quantity | None = None
    unless: tuple[Parts, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule, ready to read."""

    rule: Rule
    patterns: tuple[Pattern, ...]
    needs: tuple[Parts, ...]
    unless: Mapping[str, tuple[Parts, ...]]
    context: tuple[str, ...]


def speaks(rule: Rule, lang: str) -> bool:
    """Is the rule for this language? A text whose language is not known is read with the rules of all."""
    base = lang.partition("-")[0].lower()
    return base in {"", "und"} or base in rule.languages or "*" in rule.languages
