"""Which of an entry's names are its own? A feed that gives one id or one address to all its entries names none of them.

Real feeds write "N/A" as the id of every item, or link them all to the newsroom's front page. Such a value is set aside,
and the title tells the items apart, so that none is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.items.aliases import certain_names
from monitor.core.items.identity import address_identity, entry_identity, normalise_title, title_identity
from monitor.core.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.entry import Entry

#: On so many items that say different things, a value is nobody's; on fewer only if it stands on all there are. One item
#: that is written twice, as before and after an edit, keeps its id.
MANY = 3


@dataclass(frozen=True, slots=True)
class Item:
    """An entry with the names that are its own, and the identity that follows from them.

    `own` is False if the feed gave its id or address to other items too; `own_page` if its address is such a one.
    """

    entry: Entry
    identity: str
    certain: tuple[str, ...] = ()  # its further names, by which it surely is this item (names.py)
    own: bool = True
    own_page: bool = True

    @property
    def looked_up(self) -> tuple[str, ...]:
        """Under which identities it may be stored."""
        return (self.identity, entry_identity(self.entry), title_identity(self.entry), *self.certain)


def told_apart(entries: Sequence[Entry]) -> list[Item]:
    """The entries of one answer in its order, each by the names that no other of them has."""
    articles = [entry for entry in entries if entry.kind is not Kind.POST and not entry.deleted]
    guids = _shared((entry.guid, _said(entry)) for entry in articles) | _two_addresses(entries)
    unnamed = [entry for entry in articles if not entry.guid or entry.guid in guids]
    addresses = _shared((address_identity(entry.url), _said(entry)) for entry in unnamed)
    return [_item(entry, guids, addresses) for entry in entries]


def _item(entry: Entry, guids: set[str], addresses: set[str]) -> Item:
    own_guid = entry.guid not in guids
    kept = entry if own_guid else replace(entry, guid=None)
    own_page = bool(kept.guid) or entry.kind is Kind.POST or address_identity(entry.url) not in addresses
    identity = entry_identity(kept if own_page else replace(kept, url=None))
    return Item(kept, identity, certain_names(entry), own=own_guid and own_page, own_page=own_page)


def _said(entry: Entry) -> str:
    return normalise_title(entry.title) or normalise_title(entry.text[:200])


def _shared(named: Iterable[tuple[str | None, str]]) -> set[str]:
    """Values that stand on different items: on MANY of them, or on all there are."""
    said: dict[str, set[str]] = {}
    everything = set()
    for value, words in named:
        everything.add(words)
        if value:
            said.setdefault(value, set()).add(words)
    return {value for value, words in said.items() if len(words) >= MANY or 1 < len(words) == len(everything)}


def _two_addresses(entries: Sequence[Entry]) -> set[str]:
    """Ids that entries at different addresses carry."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry.guid and entry.url:
            found.setdefault(entry.guid, set()).add(entry_identity(entry))
    return {guid for guid, identities in found.items() if len(identities) > 1}
