"""Flags for other tools: their places, and that nothing in a text begins a command of its own."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.judgement import Drift, Flag, Reference, Severity, Span
from monitor.export.annotations import annotate, github_command, github_error, line_starts, place_of, sarif


def flag(text, quote, **changes):
    start = text.index(quote)
    given = {
        "rule": "walking-again",
        "drift": Drift.OVERSTATED_OUTCOME,
        "severity": Severity.HIGH,
        "confidence": 0.93,
        "span": Span(start=start, end=start + len(quote), quote=quote),
        "message": "“walking again” goes too far.",
        "why": "One of four stands.",
        "finding": "walking",
        "found": "One of four stands.",
        "source": Reference(title="Newsroom", url="https://example.org/n"),
        "correction": "one stands",
    }
    return Flag(**(given | changes))


TEXT = "First line.\n脊髄: he is walking\nagain, they say."


def one(path="a.txt", **changes):
    return annotate(path, TEXT, [flag(TEXT, "he is walking", **changes)])[0]


def test_a_flag_stands_at_its_line_and_column():
    found = one()
    assert (found.place.line, found.place.column, found.place.end_line, found.place.end_column) == (2, 5, 2, 18)
    assert github_command(found) == (
        "::error file=a.txt,title=walking-again,line=2,endLine=2,col=5,endColumn=18::"
        "“walking again” goes too far. Source: Newsroom. You could say: one stands"
    )


def test_words_over_two_lines_have_no_columns_at_github():
    (found,) = annotate("a.txt", TEXT, [flag(TEXT, "walking\nagain")])
    assert github_command(found).startswith("::error file=a.txt,title=walking-again,line=2,endLine=3::")


@pytest.mark.parametrize(
    ("changes", "level", "command"),
    [
        ({}, "error", "error"),
        ({"severity": Severity.MEDIUM}, "warning", "warning"),
        ({"severity": Severity.LOW}, "note", "notice"),
        ({"confidence": 0.3}, "note", "notice"),
    ],
)
def test_what_is_worth_a_look_never_fails_a_build(changes, level, command):
    found = one(**changes)
    assert found.level == level
    assert github_command(found).startswith(f"::{command} ")


def test_words_of_a_headline_stand_in_no_line():
    found = one(span=Span(start=0, end=4, quote="Cure", where="title"))
    assert found.place is None
    assert github_command(found).startswith("::error file=a.txt,title=walking-again::")
    (result,) = sarif([found], unread=[], version="1", ruleset="sha256:x")["runs"][0]["results"]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "a.txt"}}}]


@given(st.text(alphabet="a%\r\n:,;= \u2028é", max_size=20), st.text(alphabet="a%\r\n:,;é", max_size=20))
def test_no_text_begins_a_command_or_a_field_of_its_own(path, message):
    line = github_error(path, message)
    assert not set("\r\n") & set(line)
    fields, told = re.fullmatch(r"::error file=([^,:]*),title=not read::(.*)", line, re.DOTALL).groups()
    assert (unquote(fields), unquote(told)) == (path, message)


def test_a_log_names_its_rules_and_what_could_not_be_read():
    found = [one("my news/ä.txt"), one("https://example.org/a?b=c", rule="cure", severity=Severity.LOW)]
    log = sarif(found, unread=["b.txt cannot be read."], version="0.1", ruleset="sha256:x")
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["cure", "walking-again"]
    first, second = run["results"]
    assert (first["ruleIndex"], first["level"], first["rank"]) == (1, "error", 93.0)
    where = first["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "my%20news/%C3%A4.txt"
    assert where["region"] == {
        "startLine": 2,
        "startColumn": 5,
        "endLine": 2,
        "endColumn": 18,
        "snippet": {"text": "he is walking"},
    }
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "https://example.org/a?b=c"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "b.txt cannot be read."
    assert sarif([], unread=[], version="1", ruleset="x")["runs"][0]["invocations"][0]["executionSuccessful"] is True


@given(st.text(alphabet="a\n", max_size=30), st.integers(0, 30))
def test_an_offset_is_found_again_by_line_and_column(text, offset):
    offset = min(offset, len(text))
    line, column = place_of(line_starts(text), offset)
    lines = text.split("\n")
    assert sum(len(one) + 1 for one in lines[: line - 1]) + column - 1 == offset
