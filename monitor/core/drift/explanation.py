"""Why a rule flags a text, or does not: the steps in the order in which judging takes them, as values. Pure data.

Sentences are made of them where they are read (`export/explained.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.core.judgement import Flag, Span


class Check(StrEnum):
    """What is asked of a rule and a text. The first that does not hold stops the rule."""

    STATUS = "status"  # is the rule in use?
    STUDIES = "studies"  # is it for this study?
    BELOW = "below"  # has the study not reached the rung from which on the rule is silent?
    LANGUAGE = "language"  # is it for the language of the text?
    ABOUT = "about"  # is the text about the study?
    WHOLE = "whole"  # of a post, or of a part of a text, nobody can say what it leaves out
    LENGTH = "length"  # has the text room for caveats?
    BENEFIT = "benefit"  # does it assert a benefit?
    UNTOLD = "untold"  # does it leave out what the rule asks for?
    WORDS = "words"  # are the rule's words there?
    NUMBER = "number"  # does the number differ from the fact sheet's?
    NEEDS = "needs"  # does what the rule needs stand near?
    GUARD = "guard"  # do they mean what they say, or are they denied, asked, hoped ...?
    SLOT = "slot"  # are they told of the study's treatment or patients?
    UNLESS = "unless"  # does no exception of the rule hold?
    UNRULED = "unruled"  # the second reader speaks where no rule does
    SENTENCE = "sentence"  # and not of questions, of a few words, of what the fact sheet says itself
    QUOTED = "quoted"  # do they stand outside of quotation marks?
    READER = "reader"  # does the second reader take the sentence for drift?
    SPREADS = "spreads"  # does the text spread the claim, and not correct it?
    DATE = "date"  # was the finding in force on the day of the text?
    PLACE = "place"  # does no stronger flag stand on the same words?


class Aside(StrEnum):
    """How words that a guard turns into something else are taken back, beyond the guard's name."""

    BESIDE = "beside"  # by words in the same sentence
    LATER = "later"  # the next sentence takes it back
    BEFORE = "before"  # a sentence before says whose it is
    FORM = "form"  # the sentence's form says so: a question, a name, a cross before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One step. `passed` is False if the rule was stopped here, or, for QUOTED, READER and SPREADS, if its flag became one
    that is only worth a look.

    `spans` are the words in the text that decided; `phrase` is the rule's that was found, or came nearest, and `missing` what
    of it (or of the study's terms) is not there. `name` is the slug that the step is about: a status, a language, a guard,
    a slot, a rung, a finding, another rule, a place (`within`). `before` and `after` are confidences or, of the second reader alone,
    the probability that counts and the one it gives, 0 to 1.
    """

    check: Check
    passed: bool
    spans: tuple[Span, ...] = ()
    phrase: str = ""
    missing: tuple[str, ...] = ()
    name: str = ""
    aside: Aside | None = None
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one rule flags one text or does not. `flag` is what it raised; of several the surest, and None if there is none."""

    rule: str
    steps: tuple[Checked, ...]
    flag: Flag | None = None

    @property
    def stopped(self) -> Checked | None:
        """The step that stopped the rule; None if it flags."""
        return None if self.flag else next((step for step in self.steps if not step.passed), None)
