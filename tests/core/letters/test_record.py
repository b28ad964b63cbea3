"""What is known of an outlet: its share by month, and how long its corrections took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.core.letters.letter import Letter, LetterState
from monitor.core.letters.record import MONTHS, Month, months, time_to_correct

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def letter(state: LetterState, hours: int | None) -> Letter:
    closed = None if hours is None else NOW + timedelta(hours=hours)
    return Letter(
        id=1, study_id="s", mention_id=1, source_id=1, flag_ids=(1,), language="en", recipient="", subject="s", body="b",
        created_at=NOW, created_by="ada", state=state, asked_at=NOW, closed_at=closed,
    )  # fmt: skip


def test_the_median_counts_corrections_alone():
    corrected = [letter(LetterState.CORRECTED, hours) for hours in (2, 50, 4)]
    assert time_to_correct([*corrected, letter(LetterState.REFUSED, 900), letter(LetterState.ASKED, None)]) == timedelta(hours=4)  # fmt: skip
    assert time_to_correct([letter(LetterState.REFUSED, 1)]) is None
    assert time_to_correct([]) is None


def test_mentions_are_counted_by_month_and_the_last_of_them_are_told():
    told = [(NOW, True), (NOW - timedelta(days=1), False), (NOW - timedelta(days=40), True)]
    assert months(told) == (
        Month(month="2026-01", mentions=1, flagged=1),
        Month(month="2026-03", mentions=2, flagged=1),
    )
    assert months(told)[0].words == "January 2026"
    assert len(months((NOW - timedelta(days=31 * n), False) for n in range(30))) == MONTHS
