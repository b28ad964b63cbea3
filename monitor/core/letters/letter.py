"""A Letter: it asks one outlet or account to correct one or several flags of one mention. Its states, and what leads from one to
the next. Pure.

What was done is kept as steps; where a letter stands follows from those that were not taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: After how many days a reminder is due, unless a person says otherwise; and the most one can say.
REMIND_DAYS, MOST_REMIND_DAYS = 7, 365


class LetterState(StrEnum):
    """Where a letter stands; all but DRAFT are also the steps that lead there."""

    DRAFT = "draft"  # written, and not sent
    ASKED = "asked"
    REMINDED = "reminded"
    CORRECTED = "corrected"
    REFUSED = "refused"

    @property
    def waits(self) -> bool:
        """Was the outlet asked, without anything having come of it yet?"""
        return self in {LetterState.ASKED, LetterState.REMINDED}

    @property
    def ended(self) -> bool:
        return self in {LetterState.CORRECTED, LetterState.REFUSED}

    @property
    def words(self) -> str:
        """What a reader is told."""
        return {
            LetterState.DRAFT: "draft",
            LetterState.ASKED: "asked, waiting",
            LetterState.REMINDED: "reminded, waiting",
        }.get(self, self.value)


#: What can be done in each state. An outlet that refused may still correct it.
NEXT: dict[LetterState, tuple[LetterState, ...]] = {
    LetterState.DRAFT: (LetterState.ASKED,),
    LetterState.ASKED: (LetterState.REMINDED, LetterState.CORRECTED, LetterState.REFUSED),
    LetterState.REMINDED: (LetterState.REMINDED, LetterState.CORRECTED, LetterState.REFUSED),
    LetterState.REFUSED: (LetterState.CORRECTED,),
    LetterState.CORRECTED: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that was done with a letter. `by` is "" where the page itself showed it; `undone_at`: it was taken back."""

    number: int  # from 1
    to: LetterState
    at: datetime
    by: str = ""
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def stands(self) -> bool:
        return self.undone_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a letter stands after its steps. `remind_at`: from then on a reminder is due; None if nothing waits."""

    state: LetterState
    asked_at: datetime | None = None
    remind_at: datetime | None = None
    reminded: int = 0
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as stored. `flag_ids` are the flags it asks to correct, in the order of its points.

    `mention_id` is None and the words are gone if the mention was withdrawn; so is `source_id` if that was all of an account. `edited`: a person changed its words, so that no
    draft goes over them. `before` and `after` are the words of the page that a correction took out and put in.
    """

    id: int
    study_id: str
    mention_id: int | None
    source_id: int | None
    flag_ids: tuple[int, ...]
    language: str  # one of core.wording.LANGUAGES
    recipient: str  # one address, or ""
    subject: str
    body: str
    created_at: datetime
    created_by: str
    state: LetterState = LetterState.DRAFT
    edited: bool = False
    remind_days: int = REMIND_DAYS
    asked_at: datetime | None = None
    remind_at: datetime | None = None
    reminded: int = 0
    closed_at: datetime | None = None
    before: str = ""
    after: str = ""
    message_id: str = ""  # of the mail, if our server sent it
    withdrawn: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def last(self) -> Step | None:
        """The newest step that was not taken back."""
        return next((step for step in reversed(self.steps) if step.stands), None)

    def due(self, now: datetime) -> bool:
        """May the outlet be reminded?"""
        return self.state.waits and self.remind_at is not None and self.remind_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDraft:
    """A letter to write; not yet stored."""

    study_id: str
    mention_id: int
    source_id: int
    flag_ids: tuple[int, ...]
    language: str
    recipient: str
    subject: str
    body: str


def standing(steps: Sequence[Step], remind_days: int) -> Standing:
    """Where a letter stands, told by the steps that were not taken back."""
    state, asked_at, remind_at, reminded, closed_at = LetterState.DRAFT, None, None, 0, None
    for step in steps:
        if not step.stands:
            continue
        state = step.to
        if state is LetterState.ASKED:
            asked_at = step.at
        reminded += state is LetterState.REMINDED
        remind_at = step.at + timedelta(days=remind_days) if state.waits else None
        closed_at = step.at if state.ended else None
    return Standing(state=state, asked_at=asked_at, remind_at=remind_at, reminded=reminded, closed_at=closed_at)


def check_step(letter: Letter, to: LetterState) -> None:
    """Raises UsageError, saying how the letter stands, unless this can be done with it now."""
    if letter.withdrawn:
        raise UsageError("What this letter was about was withdrawn.", "Nothing more can be done with it.")
    if to in NEXT[letter.state]:
        return
    if letter.state is LetterState.DRAFT:
        raise UsageError(
            "Nobody has asked the outlet yet.", "Send the letter first, then say on its page that they were asked."
        )
    if letter.state.ended:
        raise UsageError(
            f"This letter is closed already: {letter.state.words}.", "Take that back first, if it is not so."
        )
    raise UsageError("They were asked already.", "A reminder, a correction or a refusal can follow.")


def check_undo(letter: Letter) -> Step:
    """The step that an undo takes back; raises UsageError if there is none."""
    if letter.last is None:
        raise UsageError("There is nothing to take back: nothing was done with this letter yet.", "It is a draft.")
    return letter.last
