"""Your change of a shipped rule: off, another severity, more exceptions, more sentences that it must leave alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.core.judgement import Severity
    from monitor.core.rules.rule import Rule, Status, Unless


@dataclass(frozen=True, slots=True)
class Written:
    """A phrase or sentence of a change, and where it stands in its file; lines and columns count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Change:
    """Your change of one rule. `passes` are checked as the rule's own; they change no judgement, so `source`, which the
    ruleset's digest covers, does not hold them.
    """

    rule: str
    status: Status | None
    severity: Severity | None
    unless: tuple[Unless, ...]
    passes: tuple[Written, ...]
    path: str
    line: int
    column: int
    source: str
    exceptions: tuple[Written, ...] = ()  # the phrases of `unless`, with their places

    def apply(self, rule: Rule) -> Rule:
        """The changed rule; its source holds the change, so that the digest tells the difference."""
        return replace(
            rule,
            status=self.status or rule.status,
            severity=self.severity or rule.severity,
            severity_chosen=rule.severity_chosen or self.severity is not None,
            unless=(*rule.unless, *self.unless),
            passes=(*rule.passes, *(example.text for example in self.passes)),
            source=f"{rule.source}\n# changed: {self.source}",
        )
