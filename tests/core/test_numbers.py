"""Numbers in digits and words."""

from __future__ import annotations

import pytest

from monitor.core.numbers import number_at
from monitor.core.text import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4), ("four", 4), ("2,000,000", 2_000_000), ("two million", 2_000_000), ("1.3 billion", 1.3e9),
        ("twenty-two", 22), ("2m", 2e6), ("15 mn", 15e6), ("hundreds", 100), ("both", 2), ("cuatro", 4),
        ("2.000.000", 2e6), ("1,5", 1.5), ("two hundred thousand", 200_000),
    ],
)  # fmt: skip
def test_value(text: str, value: float):
    words = [word.text for word in read(text).words]
    assert number_at(words, 0, len(words)) == (value, len(words))


@pytest.mark.parametrize("text", ["men", "m", "k", "1.2.3.4", "a"])
def test_no_number(text: str):
    words = [word.text for word in read(text).words]
    assert number_at(words, 0, len(words)) is None
