"""The line of saved versions: what undo and redo go to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.mention import RuleSetVersion, Step
from monitor.core.rules.history import line_of


def versions(steps: str) -> list[RuleSetVersion]:
    kinds = {"s": Step.SAVE, "u": Step.UNDO, "r": Step.REDO}
    return [
        RuleSetVersion(
            id=at,
            parent=None,
            digest="",
            files={},
            author="",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            note="",
            step=kinds[step],
        )
        for at, step in enumerate(steps, start=1)
    ]


def ids(place: RuleSetVersion | None) -> int | None:
    return place.id if place else None


@pytest.mark.parametrize(
    ("steps", "places", "at", "can_undo", "after"),
    [
        ("", [None], 0, False, None),
        ("s", [None, 1], 1, True, None),
        ("su", [None, 1], 0, False, 1),
        ("ssu", [None, 1, 2], 1, True, 2),
        ("ssuu", [None, 1, 2], 0, False, 1),
        ("ssur", [None, 1, 2], 2, True, None),
        ("ssuus", [None, 5], 1, True, None),  # a save after an undo: redo no longer leads to what was undone
        ("ssus", [None, 1, 4], 2, True, None),
    ],
)
def test_the_line(steps: str, places: list[int | None], at: int, can_undo: bool, after: int | None):
    line = line_of(versions(steps))
    assert ([ids(place) for place in line.places], line.at) == (places, at)
    assert (line.can_undo, ids(line.after)) == (can_undo, after)


def test_undo_goes_back_one_by_one_to_the_time_before_any_save():
    assert ids(line_of(versions("ss")).before) == 1
    assert line_of(versions("ssu")).before is None
