"""An item's names, made once where it is met and carried with it from there: on the plan, on the draft, into the store.

What makes a name certain or a candidate is in `core/names.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.names import graves, item_of, likely_names, sure_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.model import Entry


@dataclass(frozen=True, slots=True)
class ItemNames:
    """What else than its identity an item is known by.

    Whoever has a `certain` name is the item; a `candidate` only brings two items together to be compared.
    """

    certain: tuple[str, ...] = ()
    candidate: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        """All of them, the certain ones first."""
        yield from self.certain
        yield from self.candidate


def names_of(entry: Entry, identity: str, *, text: str, canonical: str | None = None) -> ItemNames:
    """The names of an item met as this entry. `text` is the fullest that is known, `canonical` what its page calls itself."""
    return ItemNames(sure_names(entry), likely_names(entry, identity, text=text, canonical=canonical))


def graves_of(entry: Entry, identity: str, names: ItemNames, *, title: str, text: str) -> set[str]:
    """By what an item that is met now would be found among those that were withdrawn."""
    return graves(
        identity,
        names.certain,
        names.candidate,
        titles=(title, entry.title),
        published=item_of(entry, identity, title=title, text=text).published,
        leave=False,
    )
