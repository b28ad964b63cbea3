"""Studies: on which day a finding can be contradicted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.library.load import Library

STUDY = Library(Path("/nowhere"), {}).study("keio-ips-sci")
DAY = timedelta(days=1)
SINCE, UNTIL = date(2025, 3, 21), date(2026, 2, 24)


@pytest.mark.parametrize(
    ("on", "holds"),
    [(SINCE - DAY, False), (SINCE, True), (UNTIL - DAY, True), (UNTIL, False), (None, True)],
)
def test_a_finding_is_in_force_from_its_first_day_up_to_the_first_it_no_longer_is(on, holds):
    finding = replace(STUDY.findings["walking"], since=SINCE, until=UNTIL)
    study = replace(STUDY, findings={"walking": finding})
    assert finding.in_force(on) is holds
    assert study.in_force("walking", on) is holds


def test_open_ends_hold_for_ever_and_what_has_no_finding_has_no_day():
    finding = replace(STUDY.findings["walking"], since=None, until=None)
    assert finding.in_force(date.min)
    assert finding.in_force(date.max)
    assert replace(finding, since=SINCE).in_force(date.max)
    assert replace(finding, until=UNTIL).in_force(date.min)
    assert STUDY.in_force(None, date.min)
    assert STUDY.in_force("no-such-finding", date.min)


@pytest.mark.parametrize(
    ("finding", "first"),
    [
        ("walking", date(2021, 12, 1)),  # "he walks" was false in 2023, too
        ("peer-review", date(2025, 3, 21)),  # the press conference
        ("plan", date(2026, 2, 24)),  # a trial in 2026 was the plan until then
        ("cells", None),  # the design was always so
        ("participants", None),
    ],
)
def test_the_keio_sheet_knows_from_when_on_it_can_be_contradicted(finding, first):
    assert STUDY.findings[finding].since == first
    assert STUDY.in_force(finding, date(2019, 2, 18)) is (first is None)
    assert STUDY.in_force(finding, date(2026, 2, 24))
