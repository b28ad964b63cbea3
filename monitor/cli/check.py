"""`hypewatch check`: judge texts now, offline."""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor import __version__
from monitor.core.json_lines import NoObjectError, read_object
from monitor.core.judgement import Severity, Tier
from monitor.export.annotations import annotate, github_command, github_error, sarif
from monitor.export.checked import check_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.entry import Page
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
    shown = _SHAPES[form](study, ruleset)
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
    from monitor import settings
    from monitor.library.load import Library
    from monitor.library.sheets import OwnSheets
    from monitor.service import Service

    loaded = settings.load()
    files, sheets = {}, OwnSheets(folder=loaded.home / "studies")
    database = loaded.database
    if not database.startswith("sqlite:///") or Path(database.removeprefix("sqlite:///")).exists():
        service = Service(loaded)
        newest, sheets = service.store.rules_history(limit=1), service.library.sheets()
        files = dict(newest[0].files) if newest else {}
    library = Library(sheets, files, extra=(folder,) if folder else ())
    study = library.study(study_id) if study_id else library.default()
    return study, library.ruleset(study.id)


def judge_text(text: Text, study: Study, ruleset: RuleSet, *, assume_relevant: bool) -> tuple[dict[str, Any], Assessed]:
    """One text as `check --format jsonl` answers it, and what was found."""
    from monitor.core.model import Kind
    from monitor.pipeline.assess_text import assess_text

    found = assess_text(
        text.title, text.text, study, ruleset, kind=Kind(text.kind), lang=text.lang, assume=assume_relevant, on=text.on
    )
    return check_row(text.id, found, ruleset.digest), found


def _claims(text: Text, lang: str, study: Study, ruleset: RuleSet) -> list[dict[str, Any]]:
    """How each sentence that says anything of the study was understood."""
    from dataclasses import asdict

    from monitor.core.drift.judge import judge_for

    claims = judge_for(study, ruleset).claims(text.text, lang=lang)
    return [asdict(claim) | {"quote": text.text[claim.start : claim.end]} for claim in claims]


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


# --- printing --------------------------------------------------------------------------------------------------------


class _Shown:
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

    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        raise NotImplementedError

    def show_unread(self, item: dict[str, str]) -> None:
        click.echo(json.dumps(item, ensure_ascii=False))

    def end(self) -> None:
        """All texts were told."""


class _Jsonl(_Shown):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:  # noqa: ARG002 - as the others
        click.echo(json.dumps(row, ensure_ascii=False))


class _Json(_Shown):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        if found.assessment is not None:
            row["claims"] = _claims(text, found.lang, self.study, self.ruleset)
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))


class _Github(_Shown):
    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:  # noqa: ARG002 - as the others
        for one in annotate(text.id, text.text, found.assessment.flags if found.assessment else ()):
            click.echo(github_command(one))

    def show_unread(self, item: dict[str, str]) -> None:
        click.echo(github_error(item["id"], item["error"]))


class _Sarif(_Shown):
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


class _Lines(_Shown):
    """A line for each flag, as linters write them; behind several texts a summary."""

    def __init__(self, study: Study, ruleset: RuleSet) -> None:
        super().__init__(study, ruleset)
        self._texts: Counter[str] = Counter()
        self._flags: Counter[Severity] = Counter()

    def show(self, text: Text, row: dict[str, Any], found: Assessed) -> None:
        assessment = found.assessment
        if assessment is None:
            self._texts["not about the study"] += 1
            other = f"; it is about {row['confusable']}" if "confusable" in row else ""
            other += f"; {row['reason']}" if "reason" in row else ""
            click.echo(f"{text.id}: not about the study{other}. (--assume-relevant judges it all the same.)", err=True)
            return
        for one in annotate(text.id, text.text, assessment.flags):
            self._flags[one.flag.severity] += 1
            click.echo(_line(one))
        if not row["judged"]:
            self._texts["not judged"] += 1
            click.echo(f"{text.id}: {row['reason']}: there are no rules for this language.")
            return
        self._texts["too far" if row["drift"] else "fine"] += 1
        told = ", ".join(assessment.caveats_present) or "none"
        click.echo(
            f"{text.id}: score {assessment.score}, {len(assessment.flags)} flags; caveats told: {told}.", err=True
        )

    def show_unread(self, item: dict[str, str]) -> None:
        self._texts["not read"] += 1
        click.echo(item["error"], err=True)

    def end(self) -> None:
        """Many texts: how many go too far, and by what."""
        if self._texts.total() < 2:
            return
        told = {"too far": "go too far", "fine": "fine", "not judged": "not judged", "not read": "not read"}
        texts = ", ".join(
            f"{self._texts[kind]} {told.get(kind, kind)}"
            for kind in (*told, "not about the study")
            if self._texts[kind]
        )
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


_SHAPES = {"text": _Lines, "json": _Json, "jsonl": _Jsonl, "github": _Github, "sarif": _Sarif}
