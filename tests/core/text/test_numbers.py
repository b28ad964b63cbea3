"""Numbers in digits and words."""

from __future__ import annotations

import pytest

from monitor.core.text.doc import read
from monitor.core.text.numbers import days_at, number_at, share_at


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4), ("four", 4), ("2,000,000", 2_000_000), ("two million", 2_000_000), ("1.3 billion", 1.3e9),
        ("twenty-two", 22), ("2m", 2e6), ("15 mn", 15e6), ("hundreds", 100), ("both", 2), ("cuatro", 4),
        ("2.000.000", 2e6), ("1,5", 1.5), ("un millon", 1e6), ("veinte millones", 2e7), ("two hundred thousand", 200_000),
        ("couple of million", 2e6), ("one hundred and eighty-two", 182), ("two hundred forty", 240),
    ],
)  # fmt: skip
def test_value(text: str, value: float):
    words = [word.text for word in read(text).words]
    assert number_at(words, 0, len(words)) == (value, len(words))


@pytest.mark.parametrize(
    "text", ["one hundred and 5", "one hundred and two hundred", "one hundred and both", "one hundred and men"]
)
def test_not_every_number_behind_a_hundred_belongs_to_it(text: str):
    words = [word.text for word in read(text).words]
    assert number_at(words, 0, len(words)) == (100, 2)


@pytest.mark.parametrize("text", ["men", "m", "k", "1.2.3.4", "a"])
def test_no_number(text: str):
    words = [word.text for word in read(text).words]
    assert number_at(words, 0, len(words)) is None


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("75 %", 0.75), ("75 percent", 0.75), ("75 per cent", 0.75), ("half", 0.5), ("a half", 0.5), ("a third", 1 / 3),
        ("two thirds", 2 / 3), ("three-quarters", 0.75), ("two of the four", 0.5), ("2 out of 4", 0.5), ("one in ten", 0.1),
        ("every second", 0.5), ("3 in 4", 0.75), ("one of all four", 0.25), ("100%", 1.0),
    ],
)  # fmt: skip
def test_shares(text: str, share: float):
    words = [word.text for word in read(text).words]
    assert share_at(words, 0, len(words)) == (pytest.approx(share), len(words))


@pytest.mark.parametrize(
    "text", ["four", "the third", "four in 2021", "five of four", "two of them", "third", "quarter"]
)
def test_no_share(text: str):
    words = [word.text for word in read(text).words]
    assert share_at(words, 0, len(words)) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12 months", 365.28), ("a year", 365.25), ("one full year", 365.25), ("52 weeks", 364), ("a fortnight", 14),
        ("half a year", 182.625), ("two and a half weeks", 17.5), ("a year and a half", 547.875), ("48 hours", 2),
        ("18-month", 547.92), ("decade", None), ("year", None), ("four patients", None), ("half a patient", None),
        ("a", None), ("one patient and a half", None),
    ],
)  # fmt: skip
def test_days(text: str, days: float | None):
    words = [word.text for word in read(text).words]
    assert days_at(words, 0, len(words)) == (None if days is None else (pytest.approx(days), len(words)))


def test_a_unit_stands_behind_the_second_number():
    words = [word.text for word in read("14 to 28 days").words]
    assert days_at(words, 0, len(words)) == (14.0, 1)
    assert days_at(words, 2, len(words)) == (28.0, 4)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("la mitad", 0.5),
        ("tres de los cuatro", 0.75),
        ("75 por ciento", 0.75),
        ("dos tercios", 2 / 3),
        ("un tercio", 1 / 3),
    ],
)
def test_shares_in_spanish(text: str, share: float):
    words = [word.text for word in read(text.removeprefix("la ")).words]
    assert share_at(words, 0, len(words)) == (pytest.approx(share), len(words))


@pytest.mark.parametrize(("text", "days"), [("dos semanas", 14), ("14 días", 14), ("14 dias", 14), ("un año", 365.25)])
def test_spans_of_time_in_spanish(text: str, days: float):
    words = [word.text for word in read(text).words]
    assert days_at(words, 0, len(words)) == (days, len(words))
