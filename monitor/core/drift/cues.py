"""Cues: the words that turn a claim into something else, or say who speaks. The first pass: it only looks them up.

The cues of a kind are the word class `guard-<kind>` of the packs; a class `mask-<kind>` takes back those that only look
like cues ("not only", "no doubt"). What a cue does to a claim is decided by the passes behind: attribution and context.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.text.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from monitor.core.rules.matcher import Match, Matcher


#: Kinds of cues that are noted of a sentence: its claim and the classifier's features are made of them.
NOTED = (
    *("negated", "denied", "refuted", "doubts", "elsewhere", "hedged", "aim", "before", "condition"),
    *("team", "says", "ours", "none"),
)
#: All kinds that a pass asks for; a pack that does not define one has none of its cues.
KINDS = (
    *(*NOTED, "taken-back", "critic", "apart"),
    *("goes-on", "points-back", "relative", "main-verb", "compared", "clause-end", "supposed"),
)
#: Word classes that are noted of a sentence beside its cues; those of the fact sheet begin with `sheet-`.
CLASSES = (
    *("patients", "treatment", "team", "credits", "thanks", "gained", "did-not", "regulators", "benefit-claim"),
    *("sheet-above", "sheet-reached", "sheet-agrees", "sheet-caveats", "boosters", "time-will", "time-could"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far a kind of cue reaches, as in ConText: to claims in its clause or its whole sentence, and in which direction.

    `forward` is how many words may stand between the cue and a claim behind it, `backward` how many from the claim's end
    to a cue that denies what stands before it; None: any number.
    """

    forward: int | None = None
    backward: int | None = 0
    clause: bool = True


#: The kinds that reach so; what else guards a claim goes by who speaks, by the sentence's form, or by what surrounds it.
SCOPES: Mapping[str, Scope] = {
    "negated": Scope(forward=8),  # "not walking again"; farther away it belongs to something else
    "denied": Scope(backward=3),  # "a cure it is not"
    "aim": Scope(forward=12),
    "hedged": Scope(backward=3),
    "doubts": Scope(),
    "before": Scope(backward=None),
    "condition": Scope(backward=None, clause=False),
}


#: In scripts without spaces a cue reaches by characters, and backwards: Japanese denies, hopes and doubts behind its verb.
#: Of each kind how many characters may stand between a claim and a cue behind it, with no end of a clause between;
#: None: anywhere in the sentence, before or behind.
UNSPACED_REACH: Mapping[str, int | None] = {
    "negated": 24,
    "hedged": 24,
    "aim": 24,
    "before": None,
    "condition": None,
    "elsewhere": None,
}


class Cue(NamedTuple):
    """One cue in a text, as a range of words and of characters."""

    first: int
    last: int
    sentence: int
    clause: int
    start: int
    end: int


class Placed:
    """The cues of one kind in one text, by sentence and by clause.

    A claim is asked about cues near it, not about all of its sentence: a sentence of ten thousand words holds thousands
    of both, and each claim would look at each cue.
    """

    def __init__(self, found: Iterable[Match], masks: Iterable[Match]) -> None:
        """Cues are matches of the kind's word class that do not lie within a match of its mask."""
        cues = [Cue(f.first, f.last, f.sentence, f.clause, f.start, f.end) for f in found]
        if cues:
            hidden = Ranges((mask.start, mask.end) for mask in masks)
            cues = [cue for cue in cues if not hidden.hold(cue.start, cue.end)]
        self._longest = max((cue.last - cue.first for cue in cues), default=0)
        self._sentences: dict[int, list[Cue]] = {}
        self._clauses: dict[int, list[Cue]] = {}
        for cue in sorted(cues, key=lambda cue: (cue.start, cue.end)):
            self._sentences.setdefault(cue.sentence, []).append(cue)
            self._clauses.setdefault(cue.clause, []).append(cue)

    @property
    def sentences(self) -> Collection[int]:
        """The sentences that hold some."""
        return self._sentences

    def of(self, sentence: int) -> Sequence[Cue]:
        """Those of a sentence, in reading order."""
        return self._sentences.get(sentence, ())

    def in_clause(self, clause: int) -> Sequence[Cue]:
        """Those of a clause, in reading order."""
        return self._clauses.get(clause, ())

    def over(self, sentence: int, first: int, last: int) -> Sequence[Cue]:
        """Those of a sentence that hold one of the words [first, last)."""
        cues = self.of(sentence)
        low = bisect_left(cues, first - self._longest, key=lambda cue: cue.first)
        high = bisect_left(cues, last, low, key=lambda cue: cue.first)
        return [cue for cue in cues[low:high] if cue.last > first]

    def begin(self, sentence: int, start: int, end: int) -> Sequence[Cue]:
        """Those of a sentence that begin at the characters [start, end)."""
        cues = self.of(sentence)
        return cues[
            bisect_left(cues, start, key=lambda cue: cue.start) : bisect_left(cues, end, key=lambda cue: cue.start)
        ]


#: Most kinds have no cue in most texts.
_NOWHERE = Placed((), ())


class Cues:
    """All cues of one text, by kind; each kind is looked up when first asked for."""

    def __init__(self, matcher: Matcher) -> None:
        """Looks nothing up yet."""
        self._matcher = matcher
        self._placed: dict[str, Placed] = {}

    def of(self, kind: str) -> Placed:
        """The cues of a kind, without the masked ones; raises PhraseError for a kind that no pack and no pass knows."""
        known = self._placed.get(kind)
        if known is None:
            found = self._matcher.class_found(f"guard-{kind}")
            masked = found and f"mask-{kind}" in self._matcher.known
            masks = self._matcher.class_found(f"mask-{kind}") if masked else ()
            known = self._placed[kind] = Placed(found, masks) if found else _NOWHERE
        return known

    def at(self, kind: str, sentence: int) -> Sequence[Cue]:
        """Those of a kind in a sentence, in reading order."""
        return self.of(kind).of(sentence)

    @cached_property
    def quotations(self) -> Ranges:
        """What stands between quotation marks, as offsets."""
        return Ranges(self._matcher.doc.quotations)
