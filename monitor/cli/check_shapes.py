"""The shapes of what `hypewatch check` writes: lines for people, JSON for programs, annotations for other tools."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import click

from monitor import __version__
from monitor.core.judgement import Severity, Tier
from monitor.export.annotations import annotate, github_command, github_error, sarif

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.study import Study
    from monitor.export.annotations import Annotation
    from monitor.pipeline.assess_text import Assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text to judge."""

    id: str
    text: str
    title: str = ""
    kind: str = "article"
    lang: str = ""
    on: date | None = None


class Shape(ABC):
    """A shape of the output: is told of each text in order, then that it was the last."""

    def __init__(self, study: Study, ruleset: RuleSet) -> None:
        self.study, self.ruleset = study, ruleset
        self.some_drift = self.some_unread = False

    def judged(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        """A text that was read; `row` is what `check --format jsonl` says of it."""
        self.some_drift = self.some_drift or row["drift"]
        self.show(text, row, found)

    def unread(self, item: dict[str, str]) -> None:
        """One that was not, with its `id` and `error`."""
        self.some_unread = True
        self.show_unread(item)

    @abstractmethod
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        """Write what was found of a text, or keep it for the end."""

    def show_unread(self, item: dict[str, str]) -> None:
        click.echo(json.dumps(item, ensure_ascii=False))

    def end(self) -> None:  # noqa: B027 - most shapes have nothing to add
        """All texts were told."""


class _Jsonl(Shape):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:  # noqa: ARG002 - as the others
        click.echo(json.dumps(row, ensure_ascii=False))


class _Json(Shape):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        if found.assessment is not None:
            row["claims"] = _claims(text, found.lang, self.study, self.ruleset)
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))


class _Github(Shape):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:  # noqa: ARG002 - as the others
        for one in annotate(text.id, text.text, found.assessment.flags if found.assessment else ()):
            click.echo(github_command(one))

    def show_unread(self, item: dict[str, str]) -> None:
        click.echo(github_error(item["id"], item["error"]))


class _Sarif(Shape):
    """One document, written at the end."""

    def __init__(self, study: Study, ruleset: RuleSet) -> None:
        super().__init__(study, ruleset)
        self._found: list[Annotation] = []
        self._unread: list[str] = []

    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:  # noqa: ARG002 - as the others
        self._found += annotate(text.id, text.text, found.assessment.flags if found.assessment else ())

    def show_unread(self, item: dict[str, str]) -> None:
        self._unread.append(item["error"])

    def end(self) -> None:
        log = sarif(self._found, unread=self._unread, version=__version__, ruleset=self.ruleset.digest)
        click.echo(json.dumps(log, ensure_ascii=False, indent=2))


#: Colours of a terminal; elsewhere click leaves them out.
_COLOURS = {Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}


class _Ending(StrEnum):
    """What a text came to, as the summary says it behind a number."""

    TOO_FAR = "go too far"
    FINE = "fine"
    NOT_JUDGED = "not judged"
    NOT_READ = "not read"
    OTHER = "not about the study"


class _Lines(Shape):
    """A line for each flag, as linters write them; behind several texts a summary."""

    def __init__(self, study: Study, ruleset: RuleSet) -> None:
        super().__init__(study, ruleset)
        self._texts: Counter[_Ending] = Counter()
        self._flags: Counter[Severity] = Counter()

    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        assessment = found.assessment
        if assessment is None:
            self._texts[_Ending.OTHER] += 1
            other = f"; it is about {row['confusable']}" if "confusable" in row else ""
            other += f"; {row['reason']}" if "reason" in row else ""
            click.echo(f"{text.id}: not about the study{other}. (--assume-relevant judges it all the same.)", err=True)
            return
        for one in annotate(text.id, text.text, assessment.flags):
            self._flags[one.flag.severity] += 1
            click.echo(_line(one))
        if not row["judged"]:
            self._texts[_Ending.NOT_JUDGED] += 1
            click.echo(f"{text.id}: {row['reason']}: there are no rules for this language.")
            return
        self._texts[_Ending.TOO_FAR if row["drift"] else _Ending.FINE] += 1
        told = ", ".join(assessment.caveats_present) or "none"
        click.echo(
            f"{text.id}: score {assessment.score}, {len(assessment.flags)} flags; caveats told: {told}.", err=True
        )

    def show_unread(self, item: dict[str, str]) -> None:
        self._texts[_Ending.NOT_READ] += 1
        click.echo(item["error"], err=True)

    def end(self) -> None:
        """Many texts: how many go too far, and by what."""
        if self._texts.total() < 2:
            return
        texts = ", ".join(f"{count} {ending}" for ending in _Ending if (count := self._texts[ending]))
        flags = ", ".join(
            f"{count} {severity.value}" for severity in reversed(Severity) if (count := self._flags[severity])
        )
        click.echo(f"{self._texts.total()} texts: {texts}. Flags: {flags or 'none'}.", err=True)


def _line(found: Annotation) -> str:
    flag = found.flag
    at = f"{found.place.line}:{found.place.column}" if found.place else f"title:{flag.span.start + 1}"
    look = "(look here) " if flag.tier is Tier.LOOK_HERE else ""
    head = f"{click.style(f'{found.path}:{at}', bold=True)} {click.style(flag.severity.value, fg=_COLOURS[flag.severity])} {flag.rule}"
    return f"{head} {look}{found.message}"


#: By what --format names.
SHAPES: Mapping[str, type[Shape]] = {"text": _Lines, "json": _Json, "jsonl": _Jsonl, "github": _Github, "sarif": _Sarif}


def _claims(text: Text, lang: str, study: Study, ruleset: RuleSet) -> list[dict[str, Any]]:
    """How each sentence that says anything of the study was understood."""
    from dataclasses import asdict

    from monitor.core.drift.judge import judge_for

    claims = judge_for(study, ruleset).claims(text.text, lang=lang)
    return [asdict(claim) | {"quote": text.text[claim.start : claim.end]} for claim in claims]
