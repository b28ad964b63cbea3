"""Which stored items is an item that is met now? Record linkage: certain names decide, candidates are compared. Pure.

The comparing of two candidates is in `core/items/aliases.py` (`is_same`). Each identity that is found comes with its reason.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.core.items.aliases import is_same
from monitor.core.items.identity import is_quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core.items.aliases import Item
    from monitor.core.model import ItemNames

#: How identities begin that are no network's own ids.
_MADE = ("url:", "title:", "guid:", "text:", "import:")
#: After everything that is stored.
LAST = (datetime.max.replace(tzinfo=UTC), math.inf)


@dataclass(slots=True)
class Known:
    """What is stored under the names of a batch, and the batch itself as far as it was gone through."""

    sure: dict[str, str] = field(default_factory=dict)
    likely: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, Item] = field(default_factory=dict)
    since: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    noted: set[tuple[str, str]] = field(default_factory=set)

    def note(self, name: str, identity: str, *, sure: bool) -> None:
        self.noted.add((name, identity))
        if sure:
            self.sure[name] = identity
        else:
            self.likely[name].append(identity)

    def rename(self, other: str, final: str) -> None:
        """Two stored items were made one."""
        self.sure = {name: final if identity == other else identity for name, identity in self.sure.items()}
        self.sure[other] = final
        self.sure.pop(final, None)
        for held in self.likely.values():
            held[:] = [final if identity == other else identity for identity in held]
        if other in self.items:
            self.items.setdefault(final, self.items.pop(other))


def stored_as(known: Known, me: Item, names: ItemNames) -> dict[str, str]:
    """Identities of the stored items that this one is, each with the reason for the log."""
    found: dict[str, str] = {}
    for name in (me.identity, *names.certain):
        if name in known.sure:
            found.setdefault(known.sure[name], f"its own name {name}")
        if name in known.items:
            found.setdefault(name, "stored under this very name")
    # An item that names ours as its canonical address is found by our identity.
    for name in (me.identity, *names.candidate):
        candidates = [*known.likely.get(name, ()), *((name,) if name in known.items else ())]
        for identity in dict.fromkeys(candidates):
            other = known.items.get(identity)
            if identity == me.identity or identity in found or other is None or not is_same(name, me, other):
                continue
            if is_quoted(me.identity) and not is_quoted(identity) and any(not is_quoted(one) for one in found):
                continue  # several posts say the same: the quoted one is one of them, not all
            found[identity] = f"the same words or headline, compared because of {name}"
    return found


def best(identities: Iterable[str], known: Known) -> str:
    """Under which of its identities an item is stored from now on.

    A network's own id is better than an address, that better than one we made; then what is stored, the first first; of
    equals the one that is named first.
    """
    return min(identities, key=lambda identity: _rank(identity, known))


def _rank(identity: str, known: Known) -> tuple[int, bool, tuple[datetime, float]]:
    quality = 2 if is_quoted(identity) else 1 if identity.startswith(_MADE) else 0
    return quality, identity not in known.items, known.since.get(identity, LAST)
