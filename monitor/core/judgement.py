"""What judging says of a text: drift types, flags with their spans, and the assessment of a whole text. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Drift(StrEnum):
    """The fourteen ways a text can drift from the study. The slugs are the API."""

    OVERSTATED_OUTCOME = "overstated-outcome"
    CAUSAL_OVERCLAIM = "causal-overclaim"
    INFLATED_CERTAINTY = "inflated-certainty"
    POPULATION_GENERALISATION = "population-generalisation"
    AVAILABILITY = "availability"
    SAFETY_OVERCLAIM = "safety-overclaim"
    MECHANISM_ERROR = "mechanism-error"
    NUMBER_ERROR = "number-error"
    STATUS_ERROR = "status-error"
    MISSING_CAVEAT = "missing-caveat"
    SENSATIONAL_LANGUAGE = "sensational-language"
    ATTRIBUTION_DISTORTION = "attribution-distortion"
    CHERRY_PICKING = "cherry-picking"
    FACT_ERROR = "fact-error"

    @property
    def words(self) -> str:
        """What a reader is told of it."""
        return _DRIFT_WORDS[self]


_DRIFT_WORDS: Mapping[Drift, str] = {
    Drift.OVERSTATED_OUTCOME: "outcome overstated",
    Drift.CAUSAL_OVERCLAIM: "cause not shown",
    Drift.INFLATED_CERTAINTY: "more certain than the study",
    Drift.POPULATION_GENERALISATION: "for more people than studied",
    Drift.AVAILABILITY: "not available yet",
    Drift.SAFETY_OVERCLAIM: "safety overstated",
    Drift.MECHANISM_ERROR: "wrong mechanism",
    Drift.NUMBER_ERROR: "wrong number",
    Drift.STATUS_ERROR: "wrong status",
    Drift.MISSING_CAVEAT: "what readers need is missing",
    Drift.SENSATIONAL_LANGUAGE: "sensational words",
    Drift.ATTRIBUTION_DISTORTION: "put into the wrong mouth",
    Drift.CHERRY_PICKING: "only the good half told",
    Drift.FACT_ERROR: "wrong fact",
}


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1, 2 or 3, as labels write it."""
        return _RANK[self]


_RANK: Mapping[Severity, int] = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}

#: From this confidence on a flag makes a text drift; below it is a "look here" candidate.
DRIFT_CONFIDENCE = 0.5
#: From this confidence on a flag is mailed as drift ("confirmed").
MAILED_CONFIDENCE = 0.8


class Tier(StrEnum):
    """How far a flag goes."""

    CONFIRMED = "confirmed"  # it is mailed
    DRIFT = "drift"  # it counts and is shown
    LOOK_HERE = "look-here"  # a candidate for a person to decide


def tier_of(confidence: float, *, mailed: bool) -> Tier:
    """The tier of a flag so sure, by a rule that is `mailed` or on trial: what a rule on trial is sure of is shown."""
    if confidence >= MAILED_CONFIDENCE and mailed:
        return Tier.CONFIRMED
    return Tier.DRIFT if confidence >= DRIFT_CONFIDENCE else Tier.LOOK_HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A source a reader can go to: a registry, a paper, the newsroom that spoke to the team. `url` is None if not known."""

    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where in the original text: character offsets and the very words. `text[start:end] == quote`, always."""

    start: int
    end: int
    quote: str
    where: str = "text"  # text | title


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Rule x text x span. `finding`, `source` and `correction` are None only for pure style rules.

    `message` is one sentence naming the words and what the study found; `why` is the rule's reason.
    A missing-caveat flag points at the sentence that asserts the benefit.
    """

    rule: str
    drift: Drift
    severity: Severity
    confidence: float
    span: Span
    message: str
    why: str = ""
    finding: str | None = None
    found: str | None = None  # the finding's sentence: "the study found ..."
    source: Reference | None = None
    correction: str | None = None
    mailed: bool = True  # False for rules on trial: shown, never mailed

    @property
    def fingerprint(self) -> str:
        """The same flag on a later reading: rule, place kind and folded words (offsets may shift when a text is edited)."""
        return f"{self.rule}|{self.span.where}|{' '.join(self.span.quote.casefold().split())}"

    @property
    def confirmed(self) -> bool:
        return self.confidence >= MAILED_CONFIDENCE

    @property
    def tier(self) -> Tier:
        return tier_of(self.confidence, mailed=self.mailed)

    @property
    def is_drift(self) -> bool:
        return self.confidence >= DRIFT_CONFIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The judgement of one text against one study with one ruleset. `score` 0-100 ranks; its parts add up to it."""

    flags: tuple[Flag, ...]
    caveats_present: tuple[str, ...]
    caveats_missing: tuple[str, ...]
    score: int
    ruleset: str  # digest, "sha256:..."
    score_parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def drift(self) -> bool:
        return any(flag.is_drift for flag in self.flags)


def flag_fields(flag: Flag) -> dict[str, object]:
    """A flag as output holds it; `tier` says how it is shown: confirmed (mailed), drift, or look-here."""
    return {
        "rule": flag.rule,
        "drift": flag.drift.value,
        "severity": flag.severity.value,
        "confidence": flag.confidence,
        "tier": flag.tier,
        "in": flag.span.where,
        "start": flag.span.start,
        "end": flag.span.end,
        "quote": flag.span.quote,
        "message": flag.message,
        "finding": flag.finding,
        "source": {"title": flag.source.title, "url": flag.source.url} if flag.source else None,
        "correction": flag.correction,
    }
