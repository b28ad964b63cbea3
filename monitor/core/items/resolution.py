"""Which stored items is an item that is met now? Record linkage: certain names decide, candidates are compared. Pure.

The comparing of two candidates is in `core/items/aliases.py` (`is_same`). Each identity that is found comes with its reason.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.core.items.aliases import is_same
from monitor.core.items.identity import is_quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.core.entry import ItemNames
    from monitor.core.items.aliases import Item
    from monitor.core.mention import MentionDraft

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


# --- a batch of items ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Met:
    """An item that is met now, under the identity that it was met by."""

    item: Item
    names: ItemNames


@dataclass(frozen=True, slots=True)
class United:
    """What is stored as `other` is stored as `final` from now on, because of `why` (for the log)."""

    other: str
    final: str
    why: str


@dataclass(slots=True)
class Resolution:
    """What to write. `stored_as`: under which identity each item is stored, by the one it was met by; `united`: stored
    items that are one, in the order in which they are to be made one; `names`: (name, identity, certain) to note after that.
    """

    stored_as: dict[str, str] = field(default_factory=dict)
    united: list[United] = field(default_factory=list)
    names: list[tuple[str, str, bool]] = field(default_factory=list)


def resolve(batch: Iterable[Met], known: Known) -> Resolution:
    """Under which identity each of these items is stored from now on; each is known to those that come after it.

    If one tells that two stored items are one, they are made one. `known` is brought up to date with it.
    """
    result = Resolution()
    for met in batch:
        _resolve_one(met, known, result)
    return result


def _resolve_one(met: Met, known: Known, result: Resolution) -> None:
    own = met.item.identity
    found = stored_as(known, met.item, met.names)
    final = best((own, *sorted(found)), known)
    for other in sorted(set(found) - {final}):
        result.united.append(United(other, final, found[other]))
        known.rename(other, final)
        result.stored_as = {key: _renamed(identity, other, final) for key, identity in result.stored_as.items()}
        result.names = [(name, _renamed(identity, other, final), sure) for name, identity, sure in result.names]
    certain = met.names.certain
    if own != final:
        certain = (own, *certain)
        known.sure[own] = final
    result.stored_as[own] = final
    known.items.setdefault(final, met.item)
    for names, sure in ((certain, True), (met.names.candidate, False)):
        for name in names:
            if (name, final) not in known.noted:
                result.names.append((name, final, sure))
                known.note(name, final, sure=sure)


def _renamed(identity: str, other: str, final: str) -> str:
    return final if identity == other else identity


def one_of_each(drafts: Iterable[MentionDraft]) -> list[MentionDraft]:
    """One draft of each item, to resolve it by: the first, but rather one whose page names a canonical address."""
    chosen: dict[str, MentionDraft] = {}
    for draft in drafts:
        if draft.identity not in chosen or draft.canonical_url:
            chosen[draft.identity] = draft
    return list(chosen.values())


def under_one_name(drafts: Iterable[MentionDraft], same: Mapping[str, str]) -> list[MentionDraft]:
    """The drafts under the identities that their items are stored under (`same`); of several of one item the last tells most.

    A post that a page quotes tells less than the post itself, and an article under another address of it less than
    under the one it is known by.
    """

    def tells(draft: MentionDraft) -> tuple[bool, bool]:
        return draft.found_on is None, draft.identity == same[draft.identity]

    return [
        replace(
            draft,
            identity=same[draft.identity],
            found_on=same.get(draft.found_on, draft.found_on) if draft.found_on else None,
            alias=draft.identity != same[draft.identity],
        )
        for draft in sorted(drafts, key=tells)
    ]


# --- making one of two -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One of several stored mentions of a study that turn out to be one."""

    id: int
    identity: str
    first_seen: datetime
    entry_id: int | None = None
    found_on_id: int | None = None
    url: str | None = None
    story_id: int | None = None

    @property
    def since(self) -> tuple[datetime, float]:
        """Which was there first; of those of one poll, by their entries."""
        return since(self.first_seen, self.entry_id)


def since(first_seen: datetime, entry_id: int | None) -> tuple[datetime, float]:
    """What tells of two stored mentions which was there first."""
    return first_seen, math.inf if entry_id is None else entry_id


def which_stays(twins: Iterable[Twin]) -> tuple[Twin, list[Twin]]:
    """The one that stays, and those that go into it: rather a post than what a page quotes of it, then what was there first."""
    stays, *gone = sorted(twins, key=lambda twin: (is_quoted(twin.identity), *twin.since, twin.id))
    return stays, gone


def merged(stays: Twin, goes: Twin) -> Twin:
    """The one that stays, with what only the other one knew; neither is found on the other any more."""
    found_on = goes.found_on_id if stays.found_on_id is None else stays.found_on_id
    if found_on in {stays.id, goes.id}:
        found_on = None
    return replace(
        stays,
        first_seen=min(stays.first_seen, goes.first_seen),
        entry_id=goes.entry_id if stays.entry_id is None else stays.entry_id,
        found_on_id=found_on,
        url=goes.url if stays.url is None else stays.url,
    )
