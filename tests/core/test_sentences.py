"""Small words of sentences for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.sentences import closed, duration


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=2, minutes=12, seconds=8.7), "2 hours 12 minutes"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(days=3, hours=1), "3 days 1 hour"),
        (timedelta(minutes=1, seconds=1), "1 minute 1 second"),
        (timedelta(seconds=40), "40 seconds"),
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=-5), "0 seconds"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(length, said):
    assert duration(length) == said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("a.yaml:1:1: is no fact sheet", "a.yaml:1:1: is no fact sheet."),
        ("Done. ", "Done."),
        ("", ""),
        ("終わり。", "終わり。"),
    ],
)
def test_a_sentence_ends_with_its_stop(said, told):
    assert closed(said) == told
