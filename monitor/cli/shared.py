"""What the commands share: opening the service, printing rows, and reading time and id arguments."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from monitor.export.rows import safe_cell, stamp, to_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from monitor.service import Service

__all__ = [
    "console",
    "emit",
    "format_option",
    "open_service",
    "safe_cell",
    "stamp",
    "to_csv",
    "with_progress",
]

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
