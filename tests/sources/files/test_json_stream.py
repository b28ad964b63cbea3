"""One long JSON list, value by value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.files.json_stream import CHUNK, JsonList


def values(text: str, size: int = CHUNK, most: int = 10_000) -> list[object]:
    """Every value of a list, and for one that is broken its error's words."""
    given_parts = [text[at : at + size] for at in range(0, len(text), size)]
    stream = JsonList(given_parts, most=most)
    assert stream.skip(" \n\ufeff") == "["
    stream.take(1)
    found: list[object] = []
    while stream.skip(" \n,") not in {"]", ""}:
        try:
            found.append(stream.value()[0])
        except json.JSONDecodeError as error:
            found.append(error.msg)
    return found


ROWS = st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers() | st.none(), max_size=4))


@given(ROWS, st.integers(min_value=1, max_value=50), st.sampled_from([None, 2]))
def test_it_is_read_the_same_however_it_is_cut(rows, size, indent):
    assert values(json.dumps(rows, indent=indent), size) == rows


def test_what_is_broken_costs_itself_alone():
    rows = [{"n": number, "text": "x" * 200} for number in range(4)]
    parts = [json.dumps(row) for row in rows]
    parts[1] = '{"n": oops, "text": "' + "x" * 200 + '"}'
    found = values("[" + ",\n".join(parts) + "]")
    assert [row for row in found if isinstance(row, dict)] == [rows[0], rows[2], rows[3]]
    assert len(found) == 4


def test_a_value_that_does_not_end_is_given_up():
    after = {"n": 2}
    found = values('[{"text": "' + "x" * 3 * CHUNK + '"},\n' + json.dumps(after) + "]", most=1000)
    assert found == [f"it does not end within {1000:,} characters", after]


def test_a_value_stands_where_it_is_said_to_stand():
    stream = JsonList(['[\n  {"a":\n 1},\n', '  {"b": 2}]'], most=100)
    stream.skip(" \n")
    stream.take(1)
    places = []
    while stream.skip(" \n,") == "{":
        places.append((stream.line, stream.column))
        stream.value()
    assert places == [(2, 3), (4, 3)]


def test_a_nest_without_end_is_an_error_and_not_the_end():
    stream = JsonList(["[" * 200_000, ',\n{"a": 1}]'], most=1_000_000)
    with pytest.raises(RecursionError):
        stream.value()
    assert stream.value()[0] == {"a": 1}
