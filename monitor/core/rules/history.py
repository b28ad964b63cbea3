"""The line of saved versions, and where on it the rules in use stand: what undo and redo go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.mention import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.mention import RuleSetVersion


@dataclass(frozen=True, slots=True)
class Line:
    """Saves that build on each other, oldest first; `at` is the one in use. The first place, None, is before any save.

    A save after an undo begins a new end of the line: what was undone stays in the history, but redo no longer leads there.
    """

    places: tuple[RuleSetVersion | None, ...]
    at: int

    @property
    def before(self) -> RuleSetVersion | None:
        """What undo goes to; None if that is the time before any save. Ask `can_undo` first."""
        return self.places[self.at - 1]

    @property
    def after(self) -> RuleSetVersion | None:
        """What redo goes to; None if nothing was undone."""
        return self.places[self.at + 1] if self.at + 1 < len(self.places) else None

    @property
    def can_undo(self) -> bool:
        return self.at > 0


def line_of(versions: Iterable[RuleSetVersion]) -> Line:
    """The line that the versions, oldest first, make."""
    places: list[RuleSetVersion | None] = [None]
    at = 0
    for version in versions:
        if version.step is Step.SAVE:
            at += 1
            places[at:] = [version]
        else:
            at += 1 if version.step is Step.REDO else -1
    return Line(tuple(places), at)
