"""The states of a letter, and what leads from one to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import UsageError
from monitor.core.letters.letter import NEXT, Letter, LetterState, Standing, Step, check_step, check_undo, standing

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
DRAFT, ASKED, REMINDED, CORRECTED, REFUSED = LetterState


def steps(*done: LetterState, undone: int | None = None) -> tuple[Step, ...]:
    made = [Step(number=at + 1, to=to, at=NOW + timedelta(days=at), by="ada") for at, to in enumerate(done)]
    return tuple(replace(one, undone_at=NOW) if one.number == undone else one for one in made)


def letter(*done: LetterState, **changes) -> Letter:
    made = Letter(
        id=1, study_id="s", mention_id=1, source_id=1, flag_ids=(1,), language="en", recipient="", subject="s", body="b",
        created_at=NOW, created_by="ada", steps=steps(*done), state=standing(steps(*done), 7).state,
    )  # fmt: skip
    return replace(made, **changes)


def test_a_letter_stands_where_its_steps_lead():
    assert standing((), 7) == Standing(state=DRAFT)
    asked = standing(steps(ASKED), 7)
    assert asked == Standing(state=ASKED, asked_at=NOW, remind_at=NOW + timedelta(days=7))
    reminded = standing(steps(ASKED, REMINDED, REMINDED), 3)
    assert (reminded.reminded, reminded.remind_at, reminded.asked_at) == (2, NOW + timedelta(days=5), NOW)
    closed = standing(steps(ASKED, CORRECTED), 7)
    assert (closed.state, closed.closed_at, closed.remind_at) == (CORRECTED, NOW + timedelta(days=1), None)


def test_what_was_taken_back_counts_for_nothing():
    assert standing(steps(ASKED, REFUSED, undone=2), 7) == standing(steps(ASKED), 7)
    assert standing(steps(ASKED, undone=1), 7) == Standing(state=DRAFT)


@pytest.mark.parametrize("state", LetterState)
@pytest.mark.parametrize("to", LetterState)
def test_a_step_follows_only_what_it_can_follow_and_says_why_not(state, to):
    held = letter(state=state)
    if to in NEXT[state]:
        check_step(held, to)
        return
    with pytest.raises(UsageError) as refused:
        check_step(held, to)
    assert refused.value.message
    assert refused.value.hint


def test_a_withdrawn_letter_takes_no_step():
    with pytest.raises(UsageError, match="withdrawn"):
        check_step(letter(withdrawn=True), ASKED)


def test_an_undo_takes_the_newest_step_that_stands():
    assert check_undo(letter(ASKED, REMINDED)).number == 2
    with pytest.raises(UsageError, match="nothing to take back"):
        check_undo(letter())


def test_a_reminder_is_due_after_its_days_and_not_when_it_is_closed():
    waiting = letter(ASKED, remind_at=NOW + timedelta(days=7))
    assert not waiting.due(NOW + timedelta(days=6))
    assert waiting.due(NOW + timedelta(days=7))
    assert not letter(ASKED, REFUSED, remind_at=None).due(NOW + timedelta(days=99))
