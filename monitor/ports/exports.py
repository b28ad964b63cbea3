"""Reading all that a query finds, however much it is, without holding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from monitor.core.mention import Mention
    from monitor.core.search.nodes import Query


class Exports(Protocol):
    """What a query finds, whole: first its numbers, then the mentions in portions. Laws: see Store."""

    def found_ids(self, query: Query, *, most: int | None = None) -> array[int]:
        """Ids of everything the query finds, or of the newest so many, newest first, in one short read: eight bytes each."""
        ...

    def count_flags(self, ids: Sequence[int]) -> int:
        """How many flags that stand these mentions have."""
        ...

    def told_mentions(self, ids: Sequence[int]) -> Sequence[Mention]:
        """These mentions in this order, with active flags. One that was withdrawn meanwhile is left out."""
        ...
