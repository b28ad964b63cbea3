"""Claim frames: what a sentence asserts about the study, in the terms that judging compares.

Rules flag words; a Claim says how those words are meant. The second reader sees its parts as features, and
`hypewatch check --format json` shows them, so a person can see how a sentence was understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.drift.attribution import Speaker, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.drift.context import Context
    from monitor.core.drift.features import Evidence
    from monitor.core.rules.matcher import Matcher
    from monitor.core.text.doc import Sentence


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
        """Its parts by name, for the second reader; what is usual is left out."""
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


def asserts(matcher: Matcher, sentence: Sentence, evidence: Evidence) -> bool:
    """Does the sentence claim anything the fact sheet or the rules know of?"""
    return bool(evidence.live or evidence.guarded or evidence.numbers_right or evidence.numbers_wrong) or any(
        sentence.index in matcher.sentences_with(name) for name in ("benefit-claim", "sheet-reached", "sheet-agrees")
    )


def claim(matcher: Matcher, context: Context, sentence: Sentence, evidence: Evidence) -> Claim:
    """The sentence as a claim. A denial or a hedge counts for the whole of it here; guards place them by clause."""
    at = sentence.index
    speaker = context.attribution.speaker(at)
    doubted = speaker is Speaker.CRITIC or bool(context.cues("refuted", at) or context.cues("doubts", at))
    reached = 0 if at in matcher.sentences_with("sheet-reached") else None
    start, end, _ = matcher.doc.span(sentence.start, sentence.end)
    return Claim(
        start=start,
        end=end,
        subject=context.attribution.subject(at),
        speaker=speaker,
        stance=Stance.DOUBTED if doubted else Stance.TOLD if speaker is Speaker.WRITER else Stance.REPORTED,
        denied=bool(context.cues("negated", at) or context.cues("denied", at)),
        certainty=_certainty(matcher, context, sentence),
        time=next((time for time in (Time.WILL, Time.COULD) if at in matcher.sentences_with(f"time-{time}")), Time.NOW),
        wider="population-generalisation" in evidence.live,
        distance=evidence.distance or reached,
        numbers=False if evidence.numbers_wrong else True if evidence.numbers_right else None,
    )


def _certainty(matcher: Matcher, context: Context, sentence: Sentence) -> Certainty:
    at = sentence.index
    if sentence.question:
        return Certainty.ASKED
    for name, certainty in (
        ("condition", Certainty.CONDITIONAL),
        ("aim", Certainty.HOPED),
        ("hedged", Certainty.HEDGED),
    ):
        if context.cues(name, at):
            return certainty
    return Certainty.BOOSTED if at in matcher.sentences_with("boosters") else Certainty.PLAIN
