"""Which words turn a match into something else: what a person is told of a guard that holds (`context.py` decides)."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from monitor.core.drift.explanation import Aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.drift.annotation import Annotated
    from monitor.core.drift.cues import Cue
    from monitor.core.rules.matcher import Match

#: The kinds of cues by which a guard may hold in the sentence of the match; of others the kind of their own name.
KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "negated": ("negated", "denied", "none"),
    "refuted": ("refuted", "doubts", "critic"),
    "elsewhere": ("elsewhere", "apart"),
    "team": ("team", "says"),
    "aim": ("aim", "supposed"),
}
#: The guards that go by the form of a sentence.
BY_FORM = frozenset({"question", "asked", "name"})
#: Cues behind the sentence that take back what it says, and before it that say whose it is.
TAKES_BACK, SAYS_WHOSE = ("taken-back", "negated"), ("elsewhere", "apart")
#: So many sentences back the subject is looked for, as `attribution` carries it.
MOST_BACK = 3
#: Cues of a kind on either side of a match that are looked at: of two that begin one behind the other the first may end later.
NEAR = 4


def taken_back_by(guard: str, part: Annotated, found: Match) -> tuple[Aside, tuple[tuple[int, int], ...]]:
    """How the guard takes the match back, and the characters of the words that do, nearest first; of what goes by a
    sentence's form, that sentence.
    """
    sentence = part.doc.sentences[found.sentence]
    whole = ((sentence.start, sentence.end),)
    if guard in BY_FORM:
        return Aside.FORM, whole
    beside = _nearest(
        (cue for kind in KINDS_OF.get(guard, (guard,)) for cue in _at(part, kind, found.sentence, found)), found
    )
    if beside:
        return Aside.BESIDE, beside
    if guard == "refuted" and found.sentence + 1 < len(part.doc.sentences):
        later = [cue for kind in TAKES_BACK for cue in _at(part, kind, found.sentence + 1, found)]
        following = part.doc.sentences[found.sentence + 1]
        if later or following.last - following.first == 1:
            return Aside.LATER, _nearest(later, found) or ((following.start, following.end),)
    for before in range(found.sentence - 1, max(-1, found.sentence - 1 - MOST_BACK), -1):
        named = _nearest((cue for kind in SAYS_WHOSE for cue in _at(part, kind, before, found)), found)
        if guard == "elsewhere" and named:
            return Aside.BEFORE, named
    return Aside.FORM, whole


def _at(part: Annotated, kind: str, sentence: int, found: Match) -> Sequence[Cue]:
    """The cues of a kind in a sentence that are nearest to the match on either side; none of a kind that no pack knows.

    A sentence may hold a thousand of both: none is compared with all of the others.
    """
    cues = part.cues_at(kind, sentence) if f"guard-{kind}" in part.matcher.known else ()
    at = bisect_left(cues, found.start, key=lambda cue: cue.start)
    return cues[max(0, at - NEAR) : at + NEAR]


def _nearest(cues: Iterable[Cue], found: Match) -> tuple[tuple[int, int], ...]:
    """Where the cue nearest to the match stands; of those as near as each other the one that was given first."""
    near = min(cues, key=lambda cue: max(found.start - cue.end, cue.start - found.end, 0), default=None)
    return () if near is None else ((near.start, near.end),)
