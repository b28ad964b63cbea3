"""Flags for other tools: workflow commands of GitHub Actions, and SARIF 2.1.0, which code scanning and editors read.

Sources: "Workflow commands for GitHub Actions" (docs.github.com); "Static Analysis Results Interchange Format (SARIF) Version
2.1.0" (OASIS, 2020). Lines and columns count from 1, columns in characters (Unicode code points).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from monitor.core.judgement import Severity, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.core.judgement import Flag

#: SARIF's levels: what fails, what warns, what is worth a look.
_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand in a file: from a line and column up to, and without, another."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """A flag at its place in a file; `place` is None for words of a headline, which stands in no line of its text."""

    path: str
    flag: Flag
    place: Place | None

    @property
    def level(self) -> str:
        """`error`, `warning` or `note`; what is only worth a look is never more than a note."""
        return "note" if self.flag.tier is Tier.LOOK_HERE else _LEVELS[self.flag.severity]

    @property
    def message(self) -> str:
        """What is wrong and what one could say."""
        flag = self.flag
        source = f"Source: {flag.source.title}." if flag.source else ""
        instead = f"You could say: {flag.correction}" if flag.correction else ""
        return " ".join(part for part in (flag.message, source, instead) if part)


def annotate(path: str, text: str, flags: Iterable[Flag]) -> list[Annotation]:
    """The flags of a text, with their places in it."""
    starts = line_starts(text)
    return [Annotation(path, flag, _place(starts, flag) if flag.span.where == "text" else None) for flag in flags]


def _place(starts: Sequence[int], flag: Flag) -> Place:
    return Place(*place_of(starts, flag.span.start), *place_of(starts, flag.span.end))


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of a text begin."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def place_of(starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Line and column of an offset in a text whose lines begin at `starts`, both from 1."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


# --- GitHub ----------------------------------------------------------------------------------------------------------


def github_command(found: Annotation) -> str:
    """A flag as a workflow command: it is shown beside its line in a pull request."""
    place = found.place
    where = {"file": found.path, "title": found.flag.rule}
    if place is not None:
        where |= {"line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:  # GitHub takes columns only within one line
            where |= {"col": str(place.column), "endColumn": str(place.end_column)}
    return _command("notice" if found.level == "note" else found.level, where, found.message)


def github_error(path: str, message: str) -> str:
    """A file that could not be read."""
    return _command("error", {"file": path, "title": "not read"}, message)


def _command(name: str, where: dict[str, str], message: str) -> str:
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in where.items())
    return f"::{name} {properties}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Signs that part a command's fields, and line ends: what stands in a text cannot begin a command of its own."""
    return re.sub(f"[%\r\n{more}]", lambda found: f"%{ord(found[0]):02X}", text)


# --- SARIF -----------------------------------------------------------------------------------------------------------


def sarif(found: Sequence[Annotation], *, unread: Sequence[str], version: str, ruleset: str) -> dict[str, Any]:
    """One run as a SARIF log. `unread` are sentences on what could not be read; `ruleset` is the digest of the rules."""
    rules = {annotation.flag.rule: annotation.flag for annotation in found}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Hypewatch",
                        "version": version,
                        "rules": [
                            {
                                "id": rule,
                                "shortDescription": {"text": flag.drift.words},
                                "fullDescription": {"text": flag.why or flag.message},
                                "defaultConfiguration": {"level": _LEVELS[flag.severity]},
                            }
                            for rule, flag in sorted(rules.items())
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "properties": {"ruleset": ruleset},
                "invocations": [
                    {
                        "executionSuccessful": not unread,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": sentence}} for sentence in unread
                        ],
                    }
                ],
                "results": [_result(annotation, sorted(rules)) for annotation in found],
            }
        ],
    }


def _result(found: Annotation, rules: Sequence[str]) -> dict[str, Any]:
    flag, location = found.flag, {"artifactLocation": {"uri": _uri(found.path)}}
    region = (
        {}
        if found.place is None
        else {
            "region": {
                "startLine": found.place.line,
                "startColumn": found.place.column,
                "endLine": found.place.end_line,
                "endColumn": found.place.end_column,
                "snippet": {"text": flag.span.quote},
            }
        }
    )
    return {
        "ruleId": flag.rule,
        "ruleIndex": rules.index(flag.rule),
        "level": found.level,
        "message": {"text": found.message},
        "locations": [{"physicalLocation": location | region}],
        "rank": round(100 * flag.confidence, 1),
        "properties": {
            "drift": flag.drift.value,
            "severity": flag.severity.value,
            "tier": flag.tier.value,
            "quote": flag.span.quote,
            "in": flag.span.where,
            "finding": flag.finding,
            "source": flag.source.url if flag.source else None,
        },
    }


def _uri(path: str) -> str:
    """A path or address as a URI reference; an address stays as it is."""
    return path if path.startswith(("http://", "https://")) else quote(path, safe="/")
