"""Numbers of mentions: newest first, and room for a date that is corrected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.items.mention_id import DATE_SLACK, corrected_before, first_id, mention_id

DAY = datetime(2025, 3, 24, 7, tzinfo=UTC)


def test_what_was_said_later_has_the_higher_number():
    early, late = (mention_id("s", "url:a.example", DAY + timedelta(seconds=n)) for n in (0, 1))
    assert early < late < 2**53


def test_the_same_item_of_two_studies_has_two_numbers_and_a_taken_one_is_passed_over():
    numbers = {mention_id(study, "i", DAY, step) for study in ("s", "t") for step in (0, 1)}
    assert len(numbers) == 4


def test_before_1970_all_is_said_in_the_first_second():
    assert 0 <= mention_id("s", "i", datetime(1950, 1, 1, tzinfo=UTC)) < 2**20


def test_numbers_stay_exact_in_javascript_until_2242():
    assert mention_id("s", "i", datetime(2242, 1, 1, tzinfo=UTC)) < 2**53


@pytest.mark.parametrize("corrected", [DAY, DAY + DATE_SLACK - timedelta(seconds=1), DAY - timedelta(days=400)])
def test_a_search_finds_what_was_given_another_date(corrected: datetime):
    number = mention_id("s", "i", DAY)
    assert corrected < corrected_before(number)
    assert first_id(corrected) <= number
