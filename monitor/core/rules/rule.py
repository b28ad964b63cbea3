"""Rule and Pack: every judgement comes from a rule that can be read, tested, tuned and switched off."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.judgement import Drift, Severity


class Status(StrEnum):
    DRAFT = "draft"  # back-test only
    TRIAL = "trial"  # shown, not mailed
    ACTIVE = "active"
    RETIRED = "retired"


class RuleKind(StrEnum):
    PHRASE = "phrase"  # words
    NUMBER = "number"  # a caught number against a quantity of the fact sheet
    OMISSION = "omission"  # a whole text that leaves something out
    CLAIM = "claim"  # words of the fact sheet's ladders and lists, compared with its findings


class When(StrEnum):
    """How a claim is compared with the fact sheet."""

    ABOVE_LADDER = "above-ladder"
    DIFFERS = "differs"
    ON_NOT_LIST = "on-not-list"
    WIDER_THAN = "wider-than"
    CLASSIFIER = "unguarded"  # the second reader alone thinks so


class Slot(StrEnum):
    """Of what or whom a rule's words must be told (see `drift.slots`)."""

    TREATMENT = "treatment"
    PATIENTS = "patients"

    @property
    def is_subject(self) -> bool:
        """Does it stand before the verb? Patients walk and stand; a treatment is approved as often as somebody approves it."""
        return self is Slot.PATIENTS


#: The slot that goes without saying for what a claim rule compares.
IMPLIED: Mapping[str, Slot] = {"outcome": Slot.PATIENTS, "responders": Slot.PATIENTS, "approval": Slot.TREATMENT}


class Within(StrEnum):
    """Where an exception must stand."""

    PHRASE = "phrase"  # within the match
    SENTENCE = "sentence"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless:
    """What keeps a rule quiet: phrases within the match, its sentence, or the whole text."""

    within: Within
    any: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, always one YAML file. See monitor/docs/rules.md for what each key means."""

    id: str
    pack: str
    message: str
    why: str
    severity: Severity
    status: Status
    kind: RuleKind
    drift: Drift
    flags: tuple[str, ...]
    passes: tuple[str, ...]
    finding: str | None = None
    any: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # phrases of which one must stand in the sentence or the one before
    unless: tuple[Unless, ...] = ()
    of: Slot | None = None  # what the words must be told of; without it, what `about` implies
    about: str | None = None
    when: When | None = None
    correction: str | None = None
    mistaken_when: str = ""
    references: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    studies: tuple[str, ...] = ()  # fact sheets it is for; empty: every study
    below: tuple[str, str] | None = None  # (ladder, rung): silent for a study that reached it
    confidence: float = 0.75
    ignores: tuple[str, ...] = ()  # guards that this rule does not heed
    path: str = ""
    source: str = field(default="", repr=False)  # the YAML text
    severity_chosen: bool = False  # you changed it: it holds over what the fact sheet says of single words

    @property
    def slot(self) -> Slot | None:
        """What its words must be told of, as it says or as what it is about implies."""
        return self.of or IMPLIED.get(self.about or "")
