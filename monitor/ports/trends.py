"""Counts of what was said, over time and claim by claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Source
    from monitor.core.repetition import ClaimHistory, ClaimKey, RepeatedClaim
    from monitor.core.search.nodes import Query
    from monitor.core.trends import Count, Period, Told


class Trends(Protocol):
    """Counts over all that was said. Laws: see Store. What goes too far has a standing flag that is mailed."""

    def told(self, query: Query, period: Period) -> Told:
        """What a query finds among the mentions that were published in a period, counted by UTC day, language, network and kind."""
        ...

    def by_outlet(self, query: Query, period: Period, *, limit: int) -> Sequence[tuple[Source, Count]]:
        """The same by outlet and account: those that go too far most often first, then those that say most."""
        ...


class Claims(Protocol):
    """The same wrong claim over time. Laws: see Store."""

    def claims(self, *, limit: int = 200) -> Sequence[RepeatedClaim]:
        """Those that are made in the most mentions first."""
        ...

    def claim(self, key: ClaimKey) -> ClaimHistory:
        """One claim with everything that is told of it. Raises NotFoundError if nobody makes it."""
        ...
