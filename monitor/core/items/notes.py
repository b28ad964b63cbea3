"""The flags of one text as a reader is told of them: one note for each finding, numbered, with the words it is about. Pure.

Twelve cards that say the same twice help nobody: what the study found is told once, with all the words that go beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.mention import FlagState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.mention import StoredFlag, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One finding of the study and the flags whose words go beyond it; `flags` begins with the one that speaks for them."""

    number: int
    flags: tuple[StoredFlag, ...]

    @property
    def lead(self) -> StoredFlag:
        return self.flags[0]

    @property
    def sure(self) -> bool:
        """Does it go too far, rather than being worth a look?"""
        return self.lead.flag.confirmed

    @property
    def others(self) -> tuple[StoredFlag, ...]:
        """Those with other words than the lead's, each wording once."""
        first: dict[str, StoredFlag] = {}
        for stored in self.flags:
            first.setdefault(_folded(stored), stored)
        return tuple(stored for stored in first.values() if stored is not self.lead)

    @property
    def drifts(self) -> tuple[str, ...]:
        """The drift types of its flags, the lead's first."""
        return tuple(dict.fromkeys(stored.flag.drift.value for stored in self.flags))

    @property
    def places(self) -> int:
        """In how many places of the text its words stand."""
        return len({(s.flag.span.where, s.flag.span.start) for s in self.flags})

    @property
    def verdict(self) -> Verdict | None:
        """What was decided about all of its flags alike; None if they are not decided, or differ."""
        said = {stored.review for stored in self.flags}
        return next(iter(said)) if len(said) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of title or text that is marked, and the numbers of the notes about it, the strongest first."""

    start: int
    end: int
    sure: bool
    numbers: tuple[int, ...]


def notes(flags: Iterable[StoredFlag]) -> tuple[Note, ...]:
    """The active flags by finding (by drift type where a rule names none): first what goes too far, then what is worth a
    look, each in the order of the text.
    """
    groups: dict[str, list[StoredFlag]] = {}
    for stored in flags:
        if stored.state is FlagState.ACTIVE:
            groups.setdefault(stored.flag.finding or f"style:{stored.flag.drift.value}", []).append(stored)
    ordered = sorted((sorted(group, key=_weight) for group in groups.values()), key=_turn)
    return tuple(Note(number=number, flags=tuple(group)) for number, group in enumerate(ordered, start=1))


def marks(found: Sequence[Note], where: str) -> tuple[Mark, ...]:
    """What is marked in `title` or `text`, in order and without overlaps: the stronger wins, and carries both numbers."""
    spans = [
        (not stored.flag.confirmed, -stored.flag.confidence, stored.flag.span.start, note.number, stored)
        for note in found
        for stored in note.flags
        if stored.stands and stored.flag.span.where == where
    ]
    placed: list[Mark] = []
    for *_, number, stored in sorted(spans, key=lambda span: span[:4]):
        span = stored.flag.span
        over = next((at for at, mark in enumerate(placed) if mark.start < span.end and span.start < mark.end), None)
        if over is None:
            mark = Mark(start=span.start, end=span.end, sure=stored.flag.confirmed, numbers=(number,))
            placed.append(mark)
        elif number not in placed[over].numbers:
            won = placed[over]
            placed[over] = Mark(start=won.start, end=won.end, sure=won.sure, numbers=(*won.numbers, number))
    return tuple(sorted(placed, key=lambda mark: mark.start))


def _weight(stored: StoredFlag) -> tuple[bool, int, bool, float, int, int]:
    """The lead first: what stands, severest, with a correction, surest."""
    flag = stored.flag
    return (
        not flag.confirmed,
        -flag.severity.rank,
        flag.correction is None,
        -flag.confidence,
        flag.span.start,
        stored.id,
    )


def _turn(group: Sequence[StoredFlag]) -> tuple[bool, bool, int, int]:
    first = min(group, key=lambda stored: (stored.flag.span.where != "title", stored.flag.span.start))
    return not group[0].flag.confirmed, first.flag.span.where != "title", first.flag.span.start, group[0].id


def _folded(stored: StoredFlag) -> str:
    return " ".join(stored.flag.span.quote.casefold().split())
