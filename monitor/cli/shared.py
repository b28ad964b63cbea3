"""What the commands share: opening the service, printing rows, and reading time and id arguments."""

from __future__ import annotations

import json
import re
import sys
import time
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from monitor.core.errors import UsageError
from monitor.export.rows import safe_cell, stamp, to_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from monitor.ports import Library
    from monitor.service import Service

__all__ = [
    "console",
    "emit",
    "format_option",
    "open_service",
    "refuse_list",
    "safe_cell",
    "stamp",
    "to_csv",
    "with_progress",
]

#: Columns that a narrow cell of a table keeps, and of a path or an address that stays whole.
NARROW, MOST_PLACE = 24, 300

#: A minus sign as typographers write it; and a word to be left out, which is not the option -h.
_MINUS = "\u2212"
_LEFT_OUT = re.compile(r"-[^-](?!$)|-[^-h]$")

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
    width = 0
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    for at, name in enumerate(columns):
        places = [len(word) for row in cells for word in row[at].split() if "/" in word]
        whole = max((length for length in places if length <= MOST_PLACE), default=0)
        if whole > NARROW:  # an address or a path that is broken in the middle cannot be copied
            for row in cells:
                row[at] = "\n".join(wrap(row[at], whole, break_on_hyphens=False))
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=whole > NARROW)
        width += whole if whole > NARROW else min(NARROW, max(len(name), *(len(row[at]) for row in cells)))
    for row in cells:
        table.add_row(*map(Text, row))
    console(at_least=width + 2 * len(columns)).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    # Control characters in a headline could move the cursor of a terminal.
    return "".join(char if char.isprintable() else " " for char in str(value))


def console(at_least: int = 0) -> Any:
    """A rich console as wide as the terminal, 100 columns where there is none, and wider only if it has to be."""
    from rich.console import Console

    screen = Console(width=None if sys.stdout.isatty() else 100, soft_wrap=False, highlight=False)
    if screen.width < at_least:
        screen = Console(width=at_least, soft_wrap=False, highlight=False)
    return screen


def refuse_list(words: Sequence[str], command: str) -> None:
    """`list` is a command of the other groups; here everything is listed without it, and the word alone is no search."""
    if words and words[0] == "list" and all(word.startswith("-") for word in words[1:2]):
        raise UsageError(
            f"There is no command 'list'; did you mean `hypewatch {command}`? It lists everything, newest first.",
            f"To search for the word: `hypewatch {command} '\"list\"'`.",
        )


def with_progress(label: str, items: Sequence[Any], act: Callable[[Any], None]) -> None:
    """Do `act` for each item behind a progress bar on standard error (no bar where that is no terminal)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task(label, total=len(items))
        for item in items:
            act(item)
            bar.advance(task)


#: What `--since` takes for "from the beginning".
SINCE_ALL = "all"


def begins(since: str, now: datetime) -> datetime | None:
    """The moment that `--since` names, as a search reads it (30d, 2025-03-24); None for SINCE_ALL. Raises QueryError."""
    from monitor.core.search.nodes import Since
    from monitor.core.search.query import parse_query

    if since == SINCE_ALL:
        return None
    root = parse_query(f"since:{since}", now).root
    if not isinstance(root, Since):
        raise UsageError(f"{since!r} is no moment.", "Write 30d, 12h, 2025-03-24, or all.")
    return root.moment


@contextmanager
def progress(label: str, *, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error with the time that is left (no bar where that is no terminal); to be told each number done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def reading(label: str, *, size: int | None, place: Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error for a file that is read (no bar where that is no terminal): lines, lines a second, and
    where its `size` in bytes is known the time that is left; to be told each number of lines done. `place` is where one reads.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    lines = TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} a second")
    begun, done = time.monotonic(), 0
    columns = (TextColumn("{task.description}"), BarColumn(), lines, TimeRemainingColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task(label, total=size, lines=0, rate=0)

        def told(count: int) -> None:
            nonlocal done
            done += count
            rate = done / max(time.monotonic() - begun, 1e-3)
            bar.update(task, completed=place() if size else None, lines=done, rate=rate)

        yield told


def the_study(library: Library) -> str:
    """The only study there is. With more of them nobody can guess which is meant."""
    studies = library.studies()
    if len(studies) > 1:
        names = ", ".join(study.id for study in studies)
        raise UsageError("There is more than one study.", f"Say which with --study: {names}.")
    return library.default().id


class SearchCommand(click.Command):
    """Takes `-word` as a word left out: no option of a search has one dash."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The query language knows the minus sign as well, and it is no dash for the reader of options."""
        return super().parse_args(ctx, [_MINUS + arg[1:] if _LEFT_OUT.match(arg) else arg for arg in args])


def typed(words: Sequence[str]) -> str:
    """The search that these words of a SearchCommand are."""
    return " ".join("-" + word[1:] if word.startswith(_MINUS) else word for word in words)
