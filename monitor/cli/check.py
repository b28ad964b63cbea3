"""`hypewatch check`: judge texts now, offline."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.check_shapes import SHAPES, Text
from monitor.core.json_lines import NoObjectError, read_object
from monitor.export.checked import check_row
from monitor.home_files import sqlite_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.entry import Page
    from monitor.core.study import Study
    from monitor.library.sheets import OwnSheets
    from monitor.pipeline.assess_text import Assessed
    from monitor.settings import Settings


@click.command()
@click.argument("sources", nargs=-1, metavar="[FILE|URL|-]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl", "github", "sarif"]),
    default="text",
    help="Shape of the output; github and sarif are read by other tools",
)
@click.option("--study", "study_id", help="Fact sheet to compare with; default: the first")
@click.option(
    "--assume-relevant", is_flag=True, help="Take every text as about the study (single sentences lack context)"
)
@click.option(
    "--rules",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of rules to add to those in use",
)
@click.option(
    "--date",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the texts were told: what was found later does not bind them",
)
@click.option(
    "--jsonl",
    "lines",
    is_flag=True,
    help='Read lines {"id", "text", "title"?, "kind"?, "date"?} instead of whole files',
)
def check(
    sources: tuple[str, ...],
    form: str,
    study_id: str | None,
    assume_relevant: bool,
    folder: Path | None,
    on: datetime | None,
    lines: bool,
) -> None:
    """Judge texts against the fact sheet. Exit 0: no drift, 1: drift found, 2: something could not be read.

    English, Japanese and Spanish are judged. A text in another language is told as "not judged (German)", with exit 0; in `json`
    and `jsonl` it has `"judged": false` and a `reason`.

    \b
    Example: hypewatch check article.txt
    Example: echo "A paralysed man walks again." | hypewatch check --assume-relevant
    """  # noqa: D301 - click wants the character, not the two signs
    # What is loaded here stays until the end: looking for garbage in it took an eighth of the time that a line needs.
    gc.disable()
    try:
        study, ruleset = library_in_use(folder, study_id)
    finally:
        gc.freeze()
        gc.enable()
    shown = SHAPES[form](study, ruleset)
    for item in _texts(sources or ("-",), lines):
        if isinstance(item, dict):
            shown.unread(item)
            continue
        dated = item if item.on or on is None else replace(item, on=on.date())
        shown.judged(item, *judge_text(dated, study, ruleset, assume_relevant=assume_relevant))
    shown.end()
    sys.exit(2 if shown.some_unread else 1 if shown.some_drift else 0)


def library_in_use(folder: Path | None, study_id: str | None) -> tuple[Study, RuleSet]:
    """The fact sheet and rules in use: shipped packs, your saved rules if there is a database, and an extra folder."""
    from monitor.library.load import Library
    from monitor.settings import load

    loaded = load()
    files, sheets = _own_library(loaded)
    library = Library(sheets, files, extra=(folder,) if folder else ())
    study = library.study(study_id) if study_id else library.default()
    return study, library.ruleset(study.id)


def _own_library(loaded: Settings) -> tuple[Mapping[str, str], OwnSheets]:
    """Your rules and fact sheets, as the database holds them."""
    from monitor.library.sheets import MEANT, OwnSheets
    from monitor.storage.peek import peek_library

    folder = loaded.home / "studies"
    if path := sqlite_path(loaded.database):
        if not path.exists():
            return {}, OwnSheets(folder=folder)
        if own := peek_library(path, meant=MEANT):
            return own.rules, OwnSheets(folder=folder, saved=own.sheets, known=own.known, meant=own.meant)
    from monitor.service import Service

    service = Service(loaded)
    newest = service.store.rules_history(limit=1)
    return newest[0].files if newest else {}, service.library.sheets()


def judge_text(text: Text, study: Study, ruleset: RuleSet, *, assume_relevant: bool) -> tuple[dict[str, Any], Assessed]:
    """One text as `check --format jsonl` answers it, and what was found."""
    from monitor.core.model import Kind
    from monitor.pipeline.assess_text import assess_text

    found = assess_text(
        text.title, text.text, study, ruleset, kind=Kind(text.kind), lang=text.lang, assume=assume_relevant, on=text.on
    )
    return check_row(text.id, found, ruleset.digest), found


# --- reading ---------------------------------------------------------------------------------------------------------


def _texts(sources: tuple[str, ...], lines: bool) -> Iterator[Text | dict[str, str]]:
    for source in sources:
        if source.startswith(("http://", "https://")):
            yield _page(source)
            continue
        try:
            with click.open_file(source, encoding="utf-8", errors="replace") as stream:
                if lines:
                    yield from _lines(stream, source)
                else:
                    yield _whole(source, stream.read())
        except OSError as error:
            yield {"id": source, "error": f"{source} cannot be read: {error.strerror}."}


def _whole(source: str, text: str) -> Text:
    """A file or standard input; HTML is read as the article in it."""
    name = "<stdin>" if source == "-" else source
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")):
        page = _article(text)
        if page is not None:
            return Text(id=name, text=page.text, title=page.title, lang=page.lang)
    return Text(id=name, text=text)


def _article(html: str) -> Page | None:
    """The article in a saved page; its quoted posts are left out, they are texts of their own."""
    from datetime import UTC, datetime

    from monitor.core.feed import Fetched
    from monitor.core.model import Outcome
    from monitor.sources.pages.page import read_page

    fetched = Fetched(
        url="file:",
        final_url="file:",
        outcome=Outcome.FETCHED,
        status=200,
        headers={"content-type": "text/html; charset=utf-8"},
        body=html.encode(),
        sentence="",
    )
    return read_page(fetched, now=datetime.now(UTC))[0]


def _page(url: str) -> Text | dict[str, str]:
    from monitor.cli.shared import open_service

    page, fetched = open_service().deps.pages.read(url)
    if page is None:
        return {"id": url, "error": f"{url} could not be read: {fetched.sentence}"}
    return Text(id=url, text=page.text, title=page.title, lang=page.lang)


def _lines(stream: Any, name: str) -> Iterator[Text | dict[str, str]]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        place = f"{'<stdin>' if name == '-' else name}:{number}"
        try:
            row = read_object(line)
        except NoObjectError as error:
            yield {"id": place, "error": f"{place}:{error.column}: {error.what}"}
            continue
        problem = _wrong_with(row)
        if problem:
            yield {"id": str(row.get("id") or place), "error": f"{place}:1: {problem}"}
            continue
        yield Text(
            id=str(row.get("id", place)),
            text=row["text"],
            title=row.get("title") or "",
            kind=row.get("kind") or "article",
            lang=row.get("lang") or "",
            on=date.fromisoformat(row["date"]) if row.get("date") else None,
        )


def _is_date(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _wrong_with(row: Mapping[str, Any]) -> str | None:
    if row.get("date") and not _is_date(row["date"]):
        return f"`date` is {row['date']!r}, which is no day as 2025-03-21 is"
    if not isinstance(row.get("text"), str):
        return 'has no "text"'
    if not isinstance(row.get("title") or "", str):
        return 'has a "title" that is no text'
    if (row.get("kind") or "article") not in {"article", "post"}:
        return '"kind" must be "article" or "post"'
    return None
