"""`hypewatch accuracy`: how well the judge judges, on folders of labelled texts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.core.mention import About

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.evaluation.metrics import Judged, Report
    from monitor.core.study import Study

SCHEMA = "hypewatch.accuracy/1"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--study", "study_id", help="Fact sheet (its id, or a file); default: the first")
@click.option("--contested", is_flag=True, help="Count texts that two annotators judge differently, too")
@click.option("--assume-relevant/--gate", default=True, help="Judge every text, or those recognised as about the study")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def accuracy(folder: Path | None, study_id: str | None, contested: bool, assume_relevant: bool, form: str) -> None:
    r"""Precision, recall and F1 with 95 % intervals on labelled .jsonl files; without a folder, what was measured last.

    \b
    Each line: {"text", "drift": 0|1, "labels": [{"type", "start", "end", "severity"}], "hard_negative", "contested"},
    and "second": 0|1 where a second person labelled it blind.
    Example: hypewatch accuracy tests/data/labelled --format json
    """
    from monitor.core.errors import UsageError
    from monitor.core.evaluation.metrics import report

    if folder is None:
        from importlib.resources import files

        text = (files("monitor.docs") / "accuracy.md").read_text(encoding="utf-8")
        click.echo(text if form == "text" else json.dumps({"schema": SCHEMA, "tables": measured(text)}, indent=2))
        return
    study, ruleset = _study(study_id)
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]
    if not paths:
        raise UsageError(f"There is no .jsonl file in {folder}.", "Name the folder that holds the labelled texts.")
    reports = {}
    for path in paths:
        rows = list(judged_rows(path, study, ruleset, contested=contested, assume_relevant=assume_relevant))
        if rows:
            reports[path.name] = report(rows)
    if form == "json":
        click.echo(json.dumps({name: asdict(found) for name, found in reports.items()}, indent=2))
    else:
        for name, found in reports.items():
            click.echo(table(name, found))
    sys.exit(0)


def _study(study_id: str | None) -> tuple[Study, RuleSet]:
    from monitor.cli.check import library_in_use
    from monitor.library.load import Library

    if study_id and study_id.endswith((".yaml", ".yml")):
        study = Library.single(Path(study_id))
        return study, Library(Path(study_id).parent, {}).ruleset(study.id)
    return library_in_use(None, study_id)


def judged_rows(
    path: Path, study: Study, ruleset: RuleSet, *, contested: bool, assume_relevant: bool
) -> Iterator[Judged]:
    """Judge every line of a labelled file; raises UsageError with the place of a line that is none."""
    from monitor.core.errors import UsageError

    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if row.get("contested") and not contested:
                continue
            yield _judge(row, study, ruleset, assume_relevant=assume_relevant)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path}:{number}:1: is no labelled text ({error}).", "See `hypewatch accuracy --help`."
            ) from None


def _judge(row: dict[str, Any], study: Study, ruleset: RuleSet, *, assume_relevant: bool) -> Judged:
    from monitor.core.evaluation.metrics import Judged, Label
    from monitor.core.model import Kind
    from monitor.pipeline.assess_text import assess_text

    kind = Kind.ARTICLE if row.get("class") or row.get("kind") == "article" else Kind.POST
    found = assess_text(
        row.get("title") or "",
        row["text"],
        study,
        ruleset,
        kind=kind,
        lang=row.get("lang") or "",
        assume=assume_relevant,
    )
    assessment = found.assessment
    return Judged(
        id=str(row.get("id", "")),
        drift=bool(row["drift"]),
        hard_negative=bool(row.get("hard_negative")),
        labels=tuple(
            Label(type=x["type"], start=x.get("start"), end=x.get("end"), severity=x.get("severity", 2))
            for x in row.get("labels", [])
        )
        or tuple(Label(type=slug) for slug in row.get("types", [])),
        flags=assessment.flags if assessment else (),
        score=assessment.score if assessment else 0,
        about=row.get("about", ""),
        lang=found.lang,
        kind=row.get("class", ""),
        recognised=found.relevance.verdict is About.ABOUT,
        caveats=frozenset(row.get("caveats", ())),
        caveats_found=frozenset(assessment.caveats_present) if assessment else frozenset(),
        second=None if row.get("second") is None else bool(row["second"]),
    )


def measured(page: str) -> list[dict[str, Any]]:
    """The tables of a Markdown page: its heading, the paragraph before it (`of`), and its rows by column."""
    found: list[dict[str, Any]] = []
    section, paragraph, columns, open_ = "", "", list[str](), False
    for line in page.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not columns:
                columns = cells
                found.append({"section": section, "of": paragraph, "rows": []})
            elif not set(line) <= set("|-: "):
                found[-1]["rows"].append(dict(zip(columns, map(_value, cells), strict=True)))
            continue
        columns = []
        if line.startswith("#"):
            section, paragraph = line.lstrip("# "), ""
        elif line.strip():
            words = line.strip().replace("**", "")
            paragraph = f"{paragraph} {words}" if open_ else words
        open_ = bool(line.strip())
    return found


def _value(cell: str) -> float | str | None:
    if cell.isdecimal():
        return int(cell)
    try:
        return float(cell)
    except ValueError:
        return None if cell == "-" else cell


def table(name: str, found: Report) -> str:
    """One report as Markdown tables."""
    lines = [f"## {name}: {found.texts} texts", "", "| measure | value | 95 % interval | texts |", "|---|---|---|---|"]
    for measure, value in found.measures.items():
        if value.value is None:
            continue
        interval = f"{value.low:.2f}-{value.high:.2f}" if value.low is not None and value.high is not None else "-"
        lines.append(f"| {measure} | {value.value:.2f} | {interval} | {value.texts} |")
    if found.types:
        lines += ["", "| drift type | texts | caught | with that type | precision |", "|---|---|---|---|---|"]
        for slug, row in found.types.items():
            lines.append(
                f"| {slug} | {row['texts']} | {_two(row['caught'])} | {_two(row['typed'])} | {_two(row['precision'])} |"
            )
    return "\n".join([*lines, ""])


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
