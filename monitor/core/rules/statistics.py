"""How a rule does on what is stored: how often it flags, on how many mentions, and with which other rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHits:
    """A rule's flags on the mentions of the last UTC days, also those that somebody called wrong. `days` counts flags by the day on which the mention was
    published, oldest first, today last. `mentions` of `of` hold one. `overlaps` counts, by the other rule, flags on the same words,
    which are then of another type of drift: of one type only the strongest stands.
    """

    rule: str
    days: tuple[int, ...]
    mentions: int
    of: int
    overlaps: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.days)

    @property
    def coverage(self) -> float:
        """The share of the mentions that it flags, 0 to 1."""
        return self.mentions / self.of if self.of else 0.0
