"""What the commands share: opening the service, printing rows, and reading time and id arguments."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.service import Service

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    help="Shape of the output",
)


def open_service(**overrides: Any) -> Service:
    """The Service of this installation; `overrides` stand above the environment."""
    from monitor import settings
    from monitor.service import Service

    return Service(settings.load(**{name: value for name, value in overrides.items() if value is not None}))


def emit(rows: Iterable[Mapping[str, Any]], form: str, *, columns: Sequence[str], empty: str = "Nothing.") -> None:
    """Print rows. A table shows `columns`; the other shapes hold everything. `empty` says what to do next."""
    if form == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
    elif form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif form == "csv":
        click.echo(to_csv(list(rows)), nl=False)
    else:
        _table(list(rows), columns, empty)


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV (RFC 4180) that no spreadsheet runs as a formula."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def safe_cell(value: Any) -> str:
    """A cell that a spreadsheet shows as text: a leading `= + - @`, tab or return (also after spaces or quotes) gets a '."""
    text = (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, (dict, list))
        else ""
        if value is None
        else str(value)
    )
    if isinstance(value, (int, float)):
        return text
    bare = text.lstrip(" \"'\u00a0\ufeff")
    return f"'{text}" if bare.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
    from rich.table import Table
    from rich.text import Text

    if not rows:
        click.echo(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name))) for name in columns))
    console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    # Control characters in a headline could move the cursor of a terminal.
    return "".join(char if char.isprintable() else " " for char in str(value))


def console() -> Any:
    """A rich console as wide as the terminal, 100 columns where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 100, soft_wrap=False, highlight=False)


def stamp(moment: datetime | None) -> str | None:
    """A UTC time as JSON holds it (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def with_progress(label: str, items: Sequence[Any], act: Callable[[Any], None]) -> None:
    """Do `act` for each item behind a progress bar on standard error (no bar where that is no terminal)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=screen) as bar:
        task = bar.add_task(label, total=len(items))
        for item in items:
            act(item)
            bar.advance(task)
