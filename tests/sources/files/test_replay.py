"""Replay: recorded answers instead of the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from monitor.core.errors import LibraryError
from monitor.core.model import Outcome
from monitor.sources.files.replay import Replay

if TYPE_CHECKING:
    from pathlib import Path


def recorded(folder: Path, *rows: dict[str, object]) -> Replay:
    (folder / "feed.xml").write_bytes(b"<rss/>")
    (folder / "index.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return Replay(folder)


def test_answers_are_those_recorded(tmp_path: Path):
    replay = recorded(
        tmp_path,
        {"url": "https://a.example/f", "file": "feed.xml", "headers": {"Content-Type": "text/xml"}},
        {"url": "https://a.example/gone", "file": "feed.xml", "status": 410},
        {"url": "https://a.example/lost", "file": "lost.xml"},
    )
    fetched = replay.fetch("https://a.example/f")
    assert (fetched.outcome, fetched.status, fetched.headers, fetched.body) == (
        Outcome.FETCHED,
        200,
        {"content-type": "text/xml"},
        b"<rss/>",
    )
    assert replay.fetch("https://a.example/gone").outcome is Outcome.GONE
    assert replay.fetch("https://a.example/lost").outcome is Outcome.TEMPORARY
    assert replay.fetch("https://b.example/").sentence == "https://b.example/ is not among the recorded answers."


@pytest.mark.parametrize(
    "row", [{"url": "x"}, {"url": "x", "file": "../../etc/passwd"}, ["x"], {"url": "x", "file": 3}]
)
def test_a_bad_line_is_told_with_its_place(tmp_path: Path, row: object):
    with pytest.raises(LibraryError, match=r"index.jsonl:1:1: is no line like"):
        recorded(tmp_path, row)  # type: ignore[arg-type]


def test_a_line_too_deep_is_told_with_its_place_too(tmp_path: Path):
    (tmp_path / "index.jsonl").write_text("[" * 200_000)
    with pytest.raises(LibraryError, match=r"index.jsonl:1:1: is no line like"):
        Replay(tmp_path)


def test_a_folder_without_an_index_is_told(tmp_path: Path):
    with pytest.raises(LibraryError, match=r"index.jsonl:1:1: cannot be read"):
        Replay(tmp_path)
