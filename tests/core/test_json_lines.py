"""A line of JSON that people hand in: an object, or a place and a sentence."""

from __future__ import annotations

import pytest

from monitor.core.json_lines import NoObjectError, read_object


def test_an_object_is_read_with_what_ends_its_line():
    assert read_object('{"text": "a\\u2028b"}\r\n') == {"text": "a\u2028b"}


@pytest.mark.parametrize(
    ("line", "column", "what"),
    [
        ('{"a": 1', 8, "is no JSON: Expecting ',' delimiter"),
        ('{"a"', 5, "is no JSON: Expecting ':' delimiter"),
        ("not json", 1, "is no JSON: Expecting value"),
        ("[1]", 1, "is no JSON object"),
        ("null", 1, "is no JSON object"),
        ("[" * 100_000, 1, "is nested too deeply, or holds a number that is too long"),
        ('{"a": ' + "9" * 5_000 + "}", 1, "is nested too deeply, or holds a number that is too long"),
    ],
)
def test_anything_else_is_told_with_its_place(line: str, column: int, what: str):
    with pytest.raises(NoObjectError) as told:
        read_object(line)
    assert (told.value.column, told.value.what) == (column, what)
