"""Which stored mentions two RuleSets can judge differently, as the database is asked for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.search.clue_query import candidates

if TYPE_CHECKING:
    from monitor.core.drift.difference import Difference, NearChange
    from monitor.core.search.nodes import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Mentions of a study that `found` finds (None: all of them), and those that `near` names. Other mentions are judged alike
    by both; of these most are, too: `Difference.reaches_text` and `near` tell which may not be.
    """

    study_id: str
    found: Node | None
    near: NearChange | None = None


def candidates_of(study_id: str, changed: Difference) -> Candidates:
    """The mentions of a study that a difference can reach."""
    if changed.everything:
        return Candidates(study_id=study_id, found=None)
    return Candidates(study_id=study_id, found=candidates(changed.clue), near=changed.near)
