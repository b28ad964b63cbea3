"""Claim frames: what a sentence asserts about the study, in the terms that judging compares.

Rules flag words; a Claim says how those words are meant. The classifier sees its parts as features, and
`hypewatch check --format json` shows them, so a person can see how a sentence was understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Speaker, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from monitor.core.drift.evidence import Evidence


class Certainty(StrEnum):
    """How surely it is said; the first that holds."""

    ASKED = "asked"
    CONDITIONAL = "conditional"
    HOPED = "hoped"
    HEDGED = "hedged"
    BOOSTED = "boosted"
    PLAIN = "plain"


class Stance(StrEnum):
    """What whoever tells it thinks of it."""

    TOLD = "told"  # the writer's own voice
    REPORTED = "reported"  # attributed to somebody
    DOUBTED = "doubted"  # refuted, or told of by a critic


class Time(StrEnum):
    """When it is said to hold."""

    NOW = "now"  # did or does
    WILL = "will"
    COULD = "could"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence as a claim. `distance` is how many rungs above the study's own it claims: 0 the study's own or below,
    None if it names no rung. `numbers` is True if a number of the fact sheet is told rightly, False if it differs.
    """

    start: int
    end: int
    subject: Subject
    speaker: Speaker
    stance: Stance
    denied: bool
    certainty: Certainty
    time: Time
    wider: bool  # told of more people than were studied
    distance: int | None = None
    numbers: bool | None = None

    @property
    def parts(self) -> Iterator[str]:
        """Its parts by name, for the classifier; what is usual is left out."""
        if self.subject is not Subject.OPEN:
            yield f"subject:{self.subject}"
        if self.speaker is not Speaker.WRITER:
            yield f"speaker:{self.speaker}"
        if self.stance is not Stance.TOLD:
            yield f"stance:{self.stance}"
        if self.certainty is not Certainty.PLAIN:
            yield f"certainty:{self.certainty}"
        if self.time is not Time.NOW:
            yield f"time:{self.time}"


def asserts(classes: Collection[str], evidence: Evidence) -> bool:
    """Does a sentence that holds these word classes claim anything the fact sheet or the rules know of?"""
    return bool(evidence.asserted or evidence.negated or evidence.numbers_right or evidence.numbers_wrong) or any(
        name in classes for name in ("benefit-claim", "sheet-reached", "sheet-agrees")
    )


def claim(
    start: int,
    end: int,
    *,
    question: bool,
    cues: Collection[str],
    classes: Collection[str],
    speaker: Speaker,
    subject: Subject,
    evidence: Evidence,
) -> Claim:
    """A sentence as a claim, by the kinds of cues and the word classes in it. `start` and `end` are its offsets in the text.

    A denial or a hedge counts for the whole of it here; context places them by clause.
    """
    doubted = speaker is Speaker.CRITIC or "refuted" in cues or "doubts" in cues
    reached = 0 if "sheet-reached" in classes else None
    return Claim(
        start=start,
        end=end,
        subject=subject,
        speaker=speaker,
        stance=Stance.DOUBTED if doubted else Stance.TOLD if speaker is Speaker.WRITER else Stance.REPORTED,
        denied="negated" in cues or "denied" in cues,
        certainty=_certainty(question, cues, classes),
        time=next((time for time in (Time.WILL, Time.COULD) if f"time-{time}" in classes), Time.NOW),
        wider="population-generalisation" in evidence.asserted,
        distance=evidence.distance or reached,
        numbers=False if evidence.numbers_wrong else True if evidence.numbers_right else None,
    )


def _certainty(question: bool, cues: Collection[str], classes: Collection[str]) -> Certainty:
    if question:
        return Certainty.ASKED
    for kind, certainty in (
        ("condition", Certainty.CONDITIONAL),
        ("aim", Certainty.HOPED),
        ("hedged", Certainty.HEDGED),
    ):
        if kind in cues:
            return certainty
    return Certainty.BOOSTED if "boosters" in classes else Certainty.PLAIN
