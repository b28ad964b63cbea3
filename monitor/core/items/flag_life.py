"""What becomes of a mention's flags when its text is judged once more. Pure.

Flags are matched by fingerprint. One that still holds stays the same flag, with its reviews, at its new place. One that was
withdrawn and holds again is opened again; one that was fixed and is back is a new flag that takes over what a person decided
about the old one: what was decided about these words stays decided.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.mention import FlagState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.core.judgement import Flag


@dataclass(frozen=True, slots=True)
class HeldFlag:
    """A flag as it is stored: its number, what it is matched by, where it stands, whether a person decided about it."""

    id: int
    fingerprint: str
    state: FlagState = FlagState.ACTIVE
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class FlagPlan:
    """What to write. `kept`: (flag, number of the stored one that it is, which is active from now on); `raised`: (new flag,
    number of the closed one whose reviews it takes over, or None); `closed`: numbers of those that no longer hold.
    """

    kept: list[tuple[Flag, int]] = field(default_factory=list)
    raised: list[tuple[Flag, int | None]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)


def plan_flags(held: Iterable[HeldFlag], found: Iterable[tuple[str, Flag]]) -> FlagPlan:
    """`held` are all flags of the mention in the order of its text, `found` what judging finds now: (fingerprint, flag)."""
    active: dict[str, list[int]] = defaultdict(list)
    withdrawn: dict[str, list[int]] = defaultdict(list)
    closed: dict[str, list[int]] = defaultdict(list)
    for stored in held:
        if stored.state is FlagState.ACTIVE:
            active[stored.fingerprint].append(stored.id)
            continue
        closed[stored.fingerprint].append(stored.id)
        if stored.state is FlagState.WITHDRAWN:
            withdrawn[stored.fingerprint].append(stored.id)
    plan = FlagPlan()
    for key, flag in sorted(found, key=lambda pair: pair[1].span.start):
        if active[key]:
            plan.kept.append((flag, active[key].pop(0)))
        elif withdrawn[key]:
            again = withdrawn[key].pop(0)
            closed[key].remove(again)
            plan.kept.append((flag, again))
        else:
            plan.raised.append((flag, closed[key][-1] if closed[key] else None))
    plan.closed.extend(number for numbers in active.values() for number in numbers)
    return plan


def taken_over(gone: Iterable[HeldFlag], theirs: Iterable[HeldFlag]) -> Mapping[int, int]:
    """Two mentions become one: for each flag of the one that goes, the flag on the same words of the one that stays, by number.

    Of several on the same words the last given stands for them.
    """
    by_fingerprint = {flag.fingerprint: flag.id for flag in theirs}
    return {flag.id: by_fingerprint[flag.fingerprint] for flag in gone if flag.fingerprint in by_fingerprint}
