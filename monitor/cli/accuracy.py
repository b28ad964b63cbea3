"""`hypewatch accuracy`: how well the judge judges, on folders of labelled texts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.core.errors import UsageError
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.mention import About

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.evaluation.metrics import Judged
    from monitor.core.study import Study

SCHEMA = "hypewatch.accuracy/1"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--study", "study_id", help="Fact sheet (its id, or a file); default: the first")
@click.option(
    "--studies",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of fact sheets, for texts that name their study",
)
@click.option("--contested", is_flag=True, help="Count texts that two annotators judge differently, too")
@click.option("--assume-relevant/--gate", default=True, help="Judge every text, or those recognised as about the study")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def accuracy(
    folder: Path | None, study_id: str | None, studies: Path | None, contested: bool, assume_relevant: bool, form: str
) -> None:
    r"""False alarms, precision and recall with 95 % intervals on labelled .jsonl files, always with the share of drift:
    in all, by page, register and phase, by rule, and for whole texts; without a folder, what was measured last.

    \b
    Each line: {"text", "drift": 0|1, "labels": [{"type", "start", "end", "severity"}], "hard_negative", "contested"},
    and where there is one "second": 0|1 (a second person labelled it blind), "study", "piece" and "at" (the whole text and
    the place in it), "register", "phase": before|after, "date" and "level": faithful|mild|heavy of the whole text.
    Example: hypewatch accuracy tests/data/labelled --format json
    """
    from monitor.core.evaluation.breakdown import DIVISIONS, parts, rule_records, story_measures
    from monitor.core.evaluation.metrics import report

    if folder is None:
        from importlib.resources import files

        text = (files("monitor.docs") / "accuracy.md").read_text(encoding="utf-8")
        click.echo(text if form == "text" else json.dumps({"schema": SCHEMA, "tables": measured(text)}, indent=2))
        return
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]
    if not paths:
        raise UsageError(f"There is no .jsonl file in {folder}.", "Name the folder that holds the labelled texts.")
    sheets = Sheets(study_id, studies)
    found: dict[str, dict[str, Any]] = {}
    for path in paths:
        rows = list(judged_rows(path, sheets, contested=contested, assume_relevant=assume_relevant))
        if rows:
            stories = story_measures(list(whole_texts(path, sheets)))
            found[path.name] = asdict(report(rows)) | {
                "stories": {name: asdict(measure) for name, measure in stories.items()},
                "parts": {name: [asdict(part) for part in parts(rows, of)] for name, of in DIVISIONS.items()},
                "rules": [asdict(record) for record in rule_records(rows)],
            }
    if form == "json":
        click.echo(json.dumps(found, indent=2))
    else:
        for name, told in found.items():
            click.echo(table(name, told))
    sys.exit(0)


class Sheets:
    """The fact sheets that labelled texts are judged by: the one that was asked for, or the one that a text names."""

    def __init__(self, study_id: str | None = None, folder: Path | None = None) -> None:
        """Loads nothing yet."""
        self._study_id, self._folder = study_id, folder
        self._known: dict[str, tuple[Study, RuleSet]] = {}

    def of(self, named: str) -> tuple[Study, RuleSet]:
        """The sheet and rules of a text that names this study, "" if none; raises LibraryError or NotFoundError."""
        named = named if self._folder else ""
        if named not in self._known:
            self._known[named] = self._load(named)
        return self._known[named]

    def _load(self, named: str) -> tuple[Study, RuleSet]:
        from monitor.cli.check import library_in_use
        from monitor.library.load import Library

        if named and self._folder:
            library = Library(self._folder, {})
            return library.study(named), library.ruleset(named)
        if self._study_id and self._study_id.endswith((".yaml", ".yml")):
            study = Library.single(Path(self._study_id))
            return study, Library(Path(self._study_id).parent, {}).ruleset(study.id)
        return library_in_use(None, self._study_id)


_LABELLED = "See `hypewatch accuracy --help`."


def labelled(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, labelled text) of a file; raises UsageError with the place of a line that is none."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                row = read_object(line)
                row["text"], row["drift"] = str(row["text"]), bool(row["drift"])
            except NoObjectError as error:
                raise UsageError(f"{path}:{number}:{error.column}: {error.what}.", _LABELLED) from None
            except (KeyError, TypeError) as error:
                raise _no_row(path, number, error) from None
            yield number, row


def _no_row(path: Path, number: int, error: Exception) -> Exception:
    return UsageError(f"{path}:{number}:1: is no labelled text ({error}).", _LABELLED)


def judged_rows(path: Path, sheets: Sheets, *, contested: bool, assume_relevant: bool) -> Iterator[Judged]:
    """Judge every line of a labelled file by itself; raises UsageError with the place of a line that is none."""
    for number, row in labelled(path):
        if row.get("contested") and not contested:
            continue
        study, ruleset = sheets.of(row.get("study") or "")
        try:
            yield _judge(row, study, ruleset, assume_relevant=assume_relevant)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_row(path, number, error) from None


def whole_texts(path: Path, sheets: Sheets) -> Iterator[Judged]:
    """Judge the whole texts of a file: the pieces whose sentences it holds, and texts with a level of their own."""
    pieces: dict[str, list[dict[str, Any]]] = {}
    for number, row in labelled(path):
        if row.get("class"):
            pieces[f"{path}:{number}"] = [row | {"level": row["class"]}]
        elif row.get("piece") and row.get("level"):
            pieces.setdefault(row["piece"], []).append(row)
    for rows in pieces.values():
        rows.sort(key=lambda row: row.get("at", 0))
        study, ruleset = sheets.of(rows[0].get("study") or "")
        title = rows[0].get("title") or (rows.pop(0)["text"] if rows[0].get("headline") else "")
        if rows:
            text = "\n".join(row["text"] for row in rows)
            whole = rows[0] | {"title": title, "text": text, "class": rows[0]["level"], "drift": False, "labels": []}
            yield _judge(whole, study, ruleset, assume_relevant=True)


def _judge(row: dict[str, Any], study: Study, ruleset: RuleSet, *, assume_relevant: bool) -> Judged:
    from monitor.core.drift.judge import judge_for
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
        on=date.fromisoformat(row["date"]) if row.get("date") else None,
    )
    assessment = found.assessment
    second = row.get("second")
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
        second=None if second is None else bool(second["drift"] if isinstance(second, dict) else second),
        page=str(row.get("piece") or (row.get("source") or {}).get("url") or ""),
        register=str(row.get("register") or "").partition(",")[0],
        phase=str(row.get("phase") or ""),
        alone=judge_for(study, ruleset).alone(row["text"], lang=found.lang),
        level=str(row.get("level") or row.get("class") or ""),
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


def table(name: str, found: dict[str, Any]) -> str:
    """One report as Markdown tables."""
    lines = [f"## {name}: {found['texts']} texts", "", *_measures(found["measures"])]
    if found["stories"]:
        lines += ["", "Whole texts, mailed or not:", "", *_measures(found["stories"])]
    for by, parts in found["parts"].items():
        if parts:
            lines += ["", *_grid((by, *PART), [[part["name"], *map(part.get, PART.values())] for part in parts])]
    if found["rules"]:
        lines += ["", *_grid(("rule", *RULE), [[row["rule"], *map(row.get, RULE.values())] for row in found["rules"]])]
    if found["types"]:
        columns = ("drift type", "texts", "caught", "with that type", "precision")
        keys = ("texts", "caught", "typed", "precision")
        lines += ["", *_grid(columns, [[slug, *map(row.get, keys)] for slug, row in found["types"].items()])]
    return "\n".join([*lines, ""])


#: The columns of the tables by page and by rule, and which values they hold.
PART = {
    "sentences": "sentences",
    "share of drift": "drift",
    "false alarms": "false_alarms",
    "mailed": "mailed",
    "mailed right": "mailed_precision",
    "mailed of the drift": "mailed_recall",
    "F1": "f1",
}
RULE = {
    "sentences": "sentences",
    "of the drift": "coverage",
    "right": "precision",
    "with another rule": "with_others",
    "the classifier alone too": "with_classifier",
}


def _measures(measures: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        [
            name,
            value["value"],
            f"{value['low']:.2f}-{value['high']:.2f}" if value["low"] is not None else None,
            value["texts"],
        ]
        for name, value in measures.items()
        if value["value"] is not None
    ]
    return _grid(("measure", "value", "95 % interval", "texts"), rows)


def _grid(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    return lines + [f"| {' | '.join(map(_cell, row))} |" for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return "-" if value is None else str(value).replace("|", "/")
