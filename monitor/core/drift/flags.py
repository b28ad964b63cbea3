"""The words of a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.core.study import Finding


def fill(template: str, match: str, finding: Finding | None) -> str:
    """A rule's template with its two names filled in; nothing else in it is special."""
    text = template.replace("{finding}", finding.sentence if finding else "")
    return " ".join(text.replace("{match}", match).split())
