"""Which search made an export: it stands inside each file, so that a table still tells what it is a table of a year later."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.core.errors import LibraryError
from monitor.export.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitor.ports import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The query as it was typed, when it was asked (UTC), how many mentions it found and how many of them the file holds, and by study
    the digest of the rules in use then. Each row of a mention has the digest of the rules that judged it beside this.
    """

    query: str
    at: datetime
    found: int
    held: int
    rulesets: Mapping[str, str]

    @property
    def ruleset(self) -> str:
        """The digests in one cell: of several studies each stands behind its name."""
        if len(self.rulesets) == 1:
            return next(iter(self.rulesets.values()))
        return ", ".join(f"{study} {digest}" for study, digest in sorted(self.rulesets.items()))

    @property
    def file_time(self) -> str:
        """The time in a file's name: no sign in it that a file system refuses."""
        return f"{self.at:%Y%m%dT%H%M%SZ}"

    def fields(self) -> dict[str, Any]:
        """As output holds it."""
        return {
            "query": self.query,
            "at": stamp(self.at),
            "found": self.found,
            "held": self.held,
            "ruleset": self.ruleset,
        }


def provenance(query: str, *, at: datetime, found: int, library: Library, held: int | None = None) -> Provenance:
    """What stands in an export. While rules or fact sheets cannot be read, it names no rules in use: what was stored is exported
    all the same. `held`: None for all.
    """
    rulesets: dict[str, str] = {}
    with suppress(LibraryError):
        current = library.current()
        rulesets = {study.id: current.ruleset(study.id).digest for study in current.studies()}
    return Provenance(query=query, at=at, found=found, held=found if held is None else held, rulesets=rulesets)
