"""One note for each finding, and marks that never overlap."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.items.notes import Mark, marks, notes
from monitor.core.judgement import Drift, Flag, Severity, Span
from monitor.core.mention import FlagState, StoredFlag, Verdict

NOW = datetime(2026, 2, 24, tzinfo=UTC)
TEXT = "He walks again. It restored his legs, and it is completely safe. He walks again."


def stored(
    number: int, start: int, end: int, *, sure: float = 0.9, finding: str | None = "walking", **more
) -> StoredFlag:
    flag = Flag(
        rule=more.pop("rule", "above-outcome"),
        drift=more.pop("drift", Drift.OVERSTATED_OUTCOME),
        severity=Severity.HIGH,
        confidence=sure,
        span=Span(start=start, end=end, quote=TEXT[start:end], where=more.pop("where", "text")),
        message="",
        finding=finding,
    )
    values = {"state": FlagState.ACTIVE, "review": None} | more
    return StoredFlag(id=number, mention_id=1, flag=flag, ruleset="", raised_at=NOW, raised_in=1, **values)


def test_flags_on_one_finding_are_one_note():
    found = notes(
        [stored(1, 3, 14), stored(2, 68, 79), stored(3, 48, 63, finding="safety", drift=Drift.SAFETY_OVERCLAIM)]
    )
    assert [(note.number, [s.id for s in note.flags], note.places) for note in found] == [(1, [1, 2], 2), (2, [3], 1)]
    assert found[0].others == ()  # the same words twice are said once


def test_what_goes_too_far_comes_before_what_is_worth_a_look():
    found = notes([stored(1, 3, 14, sure=0.3), stored(2, 48, 63, finding="safety")])
    assert [(note.number, note.lead.id, note.sure) for note in found] == [(1, 2, True), (2, 1, False)]


def test_rules_without_a_finding_are_grouped_by_their_kind():
    found = notes([stored(1, 3, 8, finding=None), stored(2, 48, 63, finding=None, drift=Drift.SENSATIONAL_LANGUAGE)])
    assert len(found) == 2


def test_a_note_is_decided_when_all_of_it_is():
    both = [stored(1, 3, 14, review=Verdict.UPHELD), stored(2, 19, 27)]
    assert notes(both)[0].verdict is None
    assert notes([both[0], stored(2, 19, 27, review=Verdict.UPHELD)])[0].verdict is Verdict.UPHELD


def test_closed_flags_are_no_notes_and_dismissed_ones_are_not_marked():
    found = notes([stored(1, 3, 14, state=FlagState.FIXED), stored(2, 48, 63, review=Verdict.DISMISSED)])
    assert [note.lead.id for note in found] == [2]
    assert marks(found, "text") == ()


def test_of_two_that_overlap_the_stronger_is_marked_and_carries_both():
    found = notes([stored(1, 3, 14), stored(2, 0, 14, sure=0.4, finding="x")])
    assert marks(found, "text") == (Mark(start=3, end=14, sure=True, numbers=(1, 2)),)


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(1, 9), st.floats(0, 1), st.sampled_from("abc"))))
def test_marks_stand_in_order_apart_and_name_every_note(spans):
    found = notes(stored(n, a, a + length, sure=sure, finding=f) for n, (a, length, sure, f) in enumerate(spans, 1))
    placed = marks(found, "text")
    assert all(one.end <= other.start for one, other in itertools.pairwise(placed))
    assert {number for mark in placed for number in mark.numbers} == {note.number for note in found}
