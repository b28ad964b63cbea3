"""How a story spread: who told it first, who took it from whom, at which hop which drift came in and which caveat was lost. Pure.

Nobody writes down whom they copied. What can be seen: a post is quoted on a page, a text links to another, or its runs
of three words are found in one that was there before. Where nothing of it is copied, it retells the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.items.stories import copied_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.mention import Mention

#: With less of its words in another text, none of it need have been taken from there.
COPIED_LEAST = 0.25
#: With more, no closer text is looked for: a story of five hundred copies is read in one pass.
WHOLE = 0.98


class How(StrEnum):
    """How one telling came from another."""

    FIRST = "first"
    QUOTED = "quoted"  # the page that quotes a post took it from the post
    LINKS = "links"
    COPIES = "copies"
    RETELLS = "retells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One mention in its story's tree. `hop` counts from 0, the first; `copied` is the share (0 to 1) of its words, or of
    its parent's if that is the shorter, that both have; `new_drift` are drift types that no telling above it has;
    `dropped` are caveats that its parent names and a reader of it does not learn.
    """

    mention: Mention
    how: How
    parent: int | None = None
    hop: int = 0
    copied: float = 0.0
    new_drift: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def lineage(members: Sequence[Mention]) -> list[Telling]:
    """The tree of a story, every telling behind its parent. `members` are oldest first, as `Store.story_members` gives them."""
    tellings: dict[int, Telling] = {}
    above: dict[int, frozenset[str]] = {}
    for at, mention in enumerate(members):
        how, parent, share = _origin(mention, members[:at])
        drift = _drift(mention)
        inherited = above[parent] if parent is not None else frozenset()
        tellings[mention.id] = Telling(
            mention=mention,
            how=how,
            parent=parent,
            hop=tellings[parent].hop + 1 if parent is not None else 0,
            copied=round(share, 2),
            new_drift=tuple(sorted(drift - inherited)),
            dropped=_dropped(mention, tellings[parent].mention) if parent is not None else (),
        )
        above[mention.id] = inherited | drift
    return _in_tree_order(tellings)


def _origin(mention: Mention, before: Sequence[Mention]) -> tuple[How, int | None, float]:
    if not before:
        return How.FIRST, None, 0.0
    quoted = next((m for m in before if m.found_on_id == mention.id), None)
    if quoted is not None:
        return How.QUOTED, quoted.id, _share(mention, quoted)
    linked = next((m for m in before if m.url and m.url in mention.text), None)
    if linked is not None:
        return How.LINKS, linked.id, _share(mention, linked)
    # Of equals the earliest: a copy of a copy that changed nothing is a copy of the first.
    best, share = before[0], _share(mention, before[0])
    for other in before[1:]:
        if share >= WHOLE:
            break
        if (theirs := _share(mention, other)) > share:
            best, share = other, theirs
    if share >= COPIED_LEAST:
        return How.COPIES, best.id, share
    return How.RETELLS, before[0].id, share


def _share(one: Mention, other: Mention) -> float:
    return copied_share((one.title, one.text), (other.title, other.text))


def _dropped(mention: Mention, source: Mention) -> tuple[str, ...]:
    """Caveats that the source names and the retelling leaves out; what was not asked of it (a post, a language without rules) is
    not missing.
    """
    missing = frozenset(mention.caveats_missing)
    return tuple(caveat for caveat in source.caveats_present if caveat in missing)


def _drift(mention: Mention) -> frozenset[str]:
    return frozenset(stored.flag.drift.value for stored in mention.flags if stored.stands and stored.flag.is_drift)


def _in_tree_order(tellings: dict[int, Telling]) -> list[Telling]:
    children: dict[int | None, list[Telling]] = {}
    for telling in tellings.values():
        children.setdefault(telling.parent, []).append(telling)
    ordered: list[Telling] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        telling = waiting.pop()
        ordered.append(telling)
        waiting.extend(reversed(children.get(telling.mention.id, [])))
    return ordered
