"""Every command that reads lines of JSON tells a line that is none with its place, and never breaks on it."""

from __future__ import annotations

import pytest

DEEP, LONG, SHORT = "[" * 100_000, '{"text": ' + "9" * 5_000 + "}", '{"text": "a"'


@pytest.mark.parametrize("command", ["check --jsonl {}", "compare --jsonl {}", "accuracy {}", "reviews import {}"])
@pytest.mark.parametrize(("line", "place"), [(DEEP, ":1: "), (LONG, ":1: "), (SHORT, ":13: "), ("[1]", ":1: ")])
def test_a_line_that_is_none_is_told_with_its_place(cli, tmp_path, command: str, line: str, place: str):
    file = tmp_path / "lines.jsonl"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    ran = cli(*command.format(file).split())
    told = ran.out + ran.err
    assert (ran.code, "Traceback" in told) == (2, False)
    assert f"2{place}is n" in told


@pytest.mark.parametrize(("line", "place"), [(DEEP, 1), (LONG, 1), (SHORT, 13), ("[1]", 1), ('{"headers": {}}', 1)])
def test_files_that_are_named_by_lines(cli, line: str, place: int):
    ran = cli("feeds", "parse", "--jsonl", stdin=f"\n{line}\n")
    assert (ran.code, f"<stdin>:2:{place}: " in ran.told) == (2, True)
