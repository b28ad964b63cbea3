"""Slots: of whom or of what a match is told. "Approved" has something that is approved, "walks" somebody who walks.

After the cases of Fillmore ("The case for case", 1968) and the frame elements of FrameNet: a rule names the role that its
words must be told of, and the packs and the fact sheet name what can fill it. So a verb that joins the lexicon serves every
sentence, and none needs a list of what else can be approved or can walk. No parser is asked: the nearest filler of the
match's clause fills the slot, a pronoun by what the text spoke of before.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.core.drift.attribution import Attribution
    from monitor.core.rules.matcher import Match, Matcher
    from monitor.core.rules.rule import Slot


class Filler(StrEnum):
    """What fills a slot."""

    OWN = "own"  # the study's: its treatment, its patients
    ELSE = "else"  # something or somebody that it must not be taken for
    BACK = "back"  # a pronoun: whatever the text spoke of before
    ASIDE = "aside"  # somebody who only speaks here ("his wife says"); fills nothing


#: The word class of each filler of a slot, by the slot's name; of words of one length the first that is named here stands.
CLASS: Mapping[Filler, str] = {
    Filler.OWN: "slot-{}",
    Filler.ELSE: "slot-{}-else",
    Filler.BACK: "slot-{}-back",
    Filler.ASIDE: "slot-aside",
}
#: A pronoun is followed back over so many sentences: a paragraph on, something else is meant.
MOST_BACK = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """Words that can fill a slot, as characters of the text."""

    start: int
    end: int
    clause: int
    filler: Filler


class Slots:
    """The fillers of one text, by slot and sentence; each slot is looked up when first asked for."""

    def __init__(self, matcher: Matcher, attribution: Attribution) -> None:
        """Looks nothing up yet."""
        self._matcher, self._attribution = matcher, attribution
        self._places: dict[Slot, Mapping[int, Sequence[_Place]]] = {}
        self._owns: dict[tuple[Slot, int], int | None] = {}
        self._firsts: dict[tuple[Slot, int], _Place | None] = {}

    def filled(self, slot: Slot, found: Match) -> Filler | None:
        """Who fills the slot of a match: OWN, ELSE, or BACK for a pronoun that nothing before explains; None if nothing does."""
        near = self._near(slot, found)
        if near is not None:
            return self._meant(slot, found.sentence, near)
        return self._topic_before(slot, found.sentence) if self._attribution.goes_on(found.sentence) else None

    def words(self, slot: Slot, found: Match) -> tuple[int, int] | None:
        """The characters of the text that fill the slot of a match; None if they stand in a sentence before."""
        near = self._near(slot, found)
        return (near.start, near.end) if near else None

    def _near(self, slot: Slot, found: Match) -> _Place | None:
        """The filler in a match, of several the study's own; else the nearest one of its clause."""
        places = self._of(slot).get(found.sentence, ())
        low = bisect_left(places, found.start, key=lambda place: place.end - 1)
        high = bisect_left(places, found.end, low, key=lambda place: place.start)
        own = next((place for place in places[low:high] if place.filler is Filler.OWN), None)
        return own or _within(places[low:high], found, slot) or _nearest(places, low, high, found, slot)

    def _meant(self, slot: Slot, sentence: int, place: _Place) -> Filler:
        """What a filler stands for: a pronoun for what its sentence, or one before, spoke of first."""
        if place.filler is not Filler.BACK:
            return place.filler
        own, first = self._first_own(slot, sentence), self._first(slot, sentence)
        if own is not None and own < place.start:
            return Filler.OWN  # "my uncle saw the patients, and they walked": ours, whoever was named first
        if first is not None and first.filler is not Filler.BACK and first.start < place.start:
            return first.filler
        return self._topic_before(slot, sentence) or Filler.BACK

    def _topic_before(self, slot: Slot, sentence: int) -> Filler | None:
        """What the sentences before spoke of first, as far back as a pronoun is followed."""
        for before in range(sentence - 1, max(-1, sentence - 1 - MOST_BACK), -1):
            first = self._first(slot, before)
            if first is None:
                return None
            if first.filler is not Filler.BACK:
                return first.filler
        return None

    def _first(self, slot: Slot, sentence: int) -> _Place | None:
        """The first filler of a sentence that is no pronoun, or its first pronoun; worked out once."""
        key = (slot, sentence)
        if key not in self._firsts:
            places = self._of(slot).get(sentence, ())
            named = (place for place in places if place.filler is not Filler.BACK)
            self._firsts[key] = next(named, places[0] if places else None)
        return self._firsts[key]

    def _first_own(self, slot: Slot, sentence: int) -> int | None:
        """Where the first filler of a sentence stands that is the study's; worked out once."""
        key = (slot, sentence)
        if key not in self._owns:
            places = self._of(slot).get(sentence, ())
            self._owns[key] = next((place.start for place in places if place.filler is Filler.OWN), None)
        return self._owns[key]

    def _of(self, slot: Slot) -> Mapping[int, Sequence[_Place]]:
        """The slot's fillers by sentence, in reading order; of words that overlap the longest stand."""
        known = self._places.get(slot)
        if known is None:
            known = self._places[slot] = _by_sentence(sorted(self._matches(slot), key=_rank))
        return known

    def _matches(self, slot: Slot) -> Iterator[tuple[int, Match, Filler]]:
        for order, (filler, name) in enumerate(CLASS.items()):
            yield from ((order, found, filler) for found in self._matcher.class_found(name.format(slot)))


def _rank(one: tuple[int, Match, Filler]) -> tuple[int, int, int]:
    order, found, _ = one
    return found.start, -found.end, order


def _by_sentence(matches: Sequence[tuple[int, Match, Filler]]) -> dict[int, list[_Place]]:
    places: dict[int, list[_Place]] = {}
    behind = 0
    for _, found, filler in matches:
        if found.start < behind:
            continue
        behind = found.end
        if filler is not Filler.ASIDE:
            places.setdefault(found.sentence, []).append(_Place(found.start, found.end, found.clause, filler))
    return places


def _within(places: Sequence[_Place], found: Match, slot: Slot) -> _Place | None:
    """The filler that a match holds itself. Whoever does something is not what it ends with: "recognised his mother"."""
    return next((place for place in places if not (slot.is_subject and place.end >= found.end)), None)


def _nearest(places: Sequence[_Place], low: int, high: int, found: Match, slot: Slot) -> _Place | None:
    """The filler nearest to a match, in its clause. Whoever does something stands before the verb."""
    before = places[low - 1] if low and places[low - 1].clause == found.clause else None
    after = places[high] if high < len(places) and places[high].clause == found.clause else None
    if before is None or after is None or slot.is_subject:
        return before if before is not None or slot.is_subject else after
    return before if found.start - before.end <= after.start - found.end else after
