"""Chips put a term into a search, or take it out, and mean the same whatever stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.core.errors import QueryError
from monitor.core.search.query import parse_query
from monitor.web.chips import RESULTS, choices_of, days_of, held_of, within

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("q", "leads"),
    [
        ("", "tier:confirmed"),
        ("cure", "cure tier:confirmed"),
        ("cure OR walk", "(cure OR walk) tier:confirmed"),
        ("(cure OR walk)", "(cure OR walk) tier:confirmed"),
        ("cure flagged:no", "cure tier:confirmed"),
        ("cure tier:confirmed", "cure"),
    ],
)
def test_a_choice_holds_for_all_that_is_searched(q, leads):
    label, query, on = choices_of(q, RESULTS)[0]
    assert (label, query) == ("Goes too far", leads)
    assert on == ("tier:confirmed" in q)


@pytest.mark.parametrize(
    ("q", "held"),
    [
        ("cure", []),
        ("cure lang:ja", [("lang:ja", "cure")]),
        ('-source:"The Daily" cure', [('-source:"The Daily"', "cure")]),
        ("cure tier:confirmed since:7d rule:x", [("rule:x", "cure tier:confirmed since:7d")]),
        ("lang:ja OR cure", []),
        ("score:>50", []),
    ],
)
def test_what_narrows_a_search_can_be_taken_out(q, held):
    assert held_of(q, parse_query(q, NOW)) == held


def test_a_search_that_cannot_be_read_has_no_chips_of_its_own():
    assert held_of("cure OR", None) == []


@pytest.mark.parametrize(
    ("q", "since", "until", "expected"),
    [
        ("cure", date(2025, 3, 20), date(2025, 3, 22), "cure since:2025-03-20 until:2025-03-22"),
        ("cure since:7d", date(2025, 3, 20), None, "cure since:2025-03-20"),
        ("cure since:7d until:2025-03-22", None, None, "cure"),
        ("cure OR walk", None, date(2025, 3, 22), "(cure OR walk) until:2025-03-22"),
        ("(cure OR walk) until:2025-03-22", None, date(2025, 3, 23), "(cure OR walk) until:2025-03-23"),
        ("", date(2025, 3, 20), None, "since:2025-03-20"),
    ],
)
def test_days_of_the_calendar_take_the_place_of_those_in_the_search(q, since, until, expected):
    assert within(q, since, until) == expected
    assert days_of(expected) == (str(since or ""), str(until or ""))


def test_a_bound_that_is_no_day_leaves_the_calendar_empty():
    assert days_of("cure since:7d until:nonsense") == ("", "")
    with pytest.raises(QueryError):
        parse_query("until:nonsense", NOW)
