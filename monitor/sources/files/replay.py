"""Replay: a Fetcher that answers from files instead of the network, to look again at what a source once said.

A folder holds `index.jsonl`, one line for each address: {"url", "file", "status"?, "headers"?}. What is not in it was
not recorded, and is answered as a host that cannot be reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.errors import LibraryError, Problem
from monitor.core.feed import Fetched, Validators
from monitor.core.json_lines import read_object
from monitor.core.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INDEX = "index.jsonl"


class Replay:
    """Implements ports.Fetcher over a folder of recorded answers. Nothing leaves this machine."""

    def __init__(self, folder: Path) -> None:
        """Read the index; raises LibraryError with every line that cannot be read."""
        self._answers: dict[str, tuple[Path, int, dict[str, str]]] = {}
        problems = []
        index = folder / INDEX
        try:
            lines = index.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise LibraryError([Problem(str(index), 1, 1, f"cannot be read: {error}")]) from None
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = read_object(line)
                path = folder / row["file"]
                path.resolve().relative_to(folder.resolve())
                headers = {str(name).lower(): str(value) for name, value in row.get("headers", {}).items()}
                self._answers[row["url"]] = (path, int(row.get("status", 200)), headers)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                problems.append(Problem(str(index), number, 1, f'is no line like {{"url", "file"}} ({error})'))
        if problems:
            raise LibraryError(problems)

    def fetch(
        self, url: str, validators: Validators | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """The recorded answer, always whole: validators and headers of the request change nothing."""
        del validators, headers
        if url not in self._answers:
            return _ended(url, Outcome.TEMPORARY, None, {}, b"", f"{url} is not among the recorded answers.")
        path, status, given = self._answers[url]
        try:
            body = path.read_bytes()
        except OSError as error:
            return _ended(url, Outcome.TEMPORARY, None, {}, b"", f"{path} cannot be read ({error.strerror}).")
        outcome = Outcome.FETCHED if status < 300 else Outcome.GONE if status == 410 else Outcome.HARD
        return _ended(url, outcome, status, given, body, f"Replayed from {path.name}.")


def _ended(
    url: str, outcome: Outcome, status: int | None, headers: dict[str, str], body: bytes, sentence: str
) -> Fetched:
    return Fetched(
        url=url, final_url=url, outcome=outcome, status=status, headers=headers, body=body, sentence=sentence
    )
